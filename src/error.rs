//! The one error of the program: what was being done, to what, and what to do about it.
//!
//! Messages are lowercase, without a full stop. An error is passed on or shown, exactly once.

use std::fmt::Display;

/// The result of everything that can fail because of the world.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, by what the caller can do about it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The log cannot be opened: it is missing, unreadable, or not an event log.
    #[error("cannot open log: {0}")]
    Open(String),
    /// The stream does not stand where the writer expected it; nothing was kept.
    #[error("{0}")]
    Conflict(String),
    /// Somebody else holds a lock for longer than we wait.
    #[error("{0}")]
    Busy(String),
    /// The data contradicts itself: a damaged file, a broken checkpoint.
    #[error("{0}")]
    Corrupt(String),
    /// This engine, layout or file cannot do what was asked.
    #[error("{0}")]
    Unsupported(String),
    /// What the caller gave cannot be understood.
    #[error("{0}")]
    Input(String),
    /// The work was stopped because nobody waits for it any more.
    #[error("stopped")]
    Stopped,
    /// Everything else that the world does: a full disk, a lost file.
    #[error("{0}")]
    Other(String),
}

impl Error {
    /// Puts what was being done in front of the message.
    #[must_use]
    pub fn context(self, doing: impl Display) -> Self {
        match self {
            Self::Open(text) => Self::Open(format!("{doing}: {text}")),
            Self::Conflict(text) => Self::Conflict(format!("{doing}: {text}")),
            Self::Busy(text) => Self::Busy(format!("{doing}: {text}")),
            Self::Corrupt(text) => Self::Corrupt(format!("{doing}: {text}")),
            Self::Unsupported(text) => Self::Unsupported(format!("{doing}: {text}")),
            Self::Input(text) => Self::Input(format!("{doing}: {text}")),
            Self::Stopped => Self::Stopped,
            Self::Other(text) => Self::Other(format!("{doing}: {text}")),
        }
    }

    /// True where trying again later can help.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Busy(_))
    }

    /// True where the stored data contradicts itself.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        matches!(self, Self::Corrupt(_))
    }

    /// True where what was asked is not offered here.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        matches!(self, Self::Unsupported(_))
    }

    /// True where the caller stopped the work.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self, Self::Stopped)
    }

    /// The exit code of the command line: 2 usage, 3 cannot open, 4 conflict, 5 other failure.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Input(_) => 2,
            Self::Open(_) => 3,
            Self::Conflict(_) => 4,
            Self::Busy(_) | Self::Corrupt(_) | Self::Unsupported(_) | Self::Stopped | Self::Other(_) => 5,
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Other(error.to_string())
    }
}
