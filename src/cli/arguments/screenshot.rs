//! A picture of the window.

use clap::{Args, ValueEnum};

/// `screenshot`.
#[derive(Args, Debug)]
pub struct ScreenshotArguments {
    /// Path of the log; not needed for the view `welcome`
    #[arg(required_unless_present = "view")]
    pub log: Option<String>,
    /// The workspace file [default: eventscope.toml beside the log]
    #[arg(long, value_name = "FILE", requires = "log")]
    pub workspace: Option<std::path::PathBuf>,
    /// The PNG file to write; with --all the folder
    #[arg(long, value_name = "PNG")]
    pub out: std::path::PathBuf,
    /// Draw every screen in every theme, size and scale, into a folder
    #[arg(long, requires = "log", conflicts_with_all = ["view", "size", "scale", "theme", "tab", "run", "watch"])]
    pub all: bool,
    /// Size of the window in points
    #[arg(long, value_name = "WxH", default_value = "1440x900", value_parser = size)]
    pub size: (u32, u32),
    /// Pixels a point
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = scale)]
    pub scale: f32,
    /// Fill in for what the bundled fonts lack (Chinese, Arabic, emoji) with the fonts of this machine
    #[arg(long)]
    pub system_fonts: bool,
    /// The theme
    #[arg(long, value_enum, default_value_t = Theme::Dark)]
    pub theme: Theme,
    /// The view [default: replay, or welcome without a log]
    #[arg(long, value_enum)]
    pub view: Option<View>,
    /// The tab of the inspector
    #[arg(long, value_enum, default_value_t = Tab::State)]
    pub tab: Tab,
    /// The stream to show
    #[arg(long, value_name = "STREAM")]
    pub stream: Option<String>,
    /// Run a command of the window before, such as `keys`, or with what is typed into its field, such as
    /// `find=state.balance < 0`; may be given several times, in order
    #[arg(long, value_name = "COMMAND[=TEXT]")]
    pub run: Vec<String>,
    /// Watch the log for so many seconds before [default: 0, what arrives is left out]
    #[arg(long, value_name = "SECONDS", default_value_t = 0, hide_default_value = true,
          value_parser = clap::value_parser!(u64).range(0..=3_600))]
    pub watch: u64,
    /// The cursor stands after this version of the stream
    #[arg(long, value_name = "VERSION", requires = "stream", allow_negative_numbers = true)]
    pub version: Option<i64>,
}

impl ScreenshotArguments {
    /// The log, and how it is to be opened.
    #[must_use]
    pub fn locator(&self) -> Option<String> {
        self.log.as_ref().map(|log| super::locator(log, self.workspace.as_deref()))
    }
}

/// The look of a screenshot.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Theme {
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}

/// What the window shows.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum View {
    /// The page without a log.
    Welcome,
    /// Streams, events, inspector and time.
    Replay,
    /// How fast the log is written to.
    Live,
    /// The page on which the tables of an unknown file are mapped.
    Mapping,
    /// The palette over them.
    Palette,
    /// The settings over them.
    Settings,
}

/// What the inspector shows.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tab {
    /// The state at the cursor.
    State,
    /// What changed since before the first event.
    Diff,
    /// The event at the cursor.
    Event,
    /// Who set the value that the event at the cursor changed.
    Blame,
    /// The stream's snapshots.
    Snapshots,
    /// What caused the event at the cursor, and what it caused.
    Causation,
}

/// Reads `1440x900`; each side is 1 to 16,384 points.
fn size(text: &str) -> Result<(u32, u32), String> {
    let side = |text: &str| text.parse::<u32>().ok().filter(|side| (1..=16_384).contains(side));
    text.split_once('x')
        .and_then(|(width, height)| Some((side(width)?, side(height)?)))
        .ok_or_else(|| "give width and height in points, 1 to 16384 each, as in 1440x900".to_owned())
}

/// Reads a factor of 0.5 to 4.
fn scale(text: &str) -> Result<f32, String> {
    text.parse::<f32>()
        .ok()
        .filter(|factor| (0.5..=4.0).contains(factor))
        .ok_or_else(|| "give a factor of 0.5 to 4".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_two_sides() {
        assert_eq!(size("1440x900"), Ok((1440, 900)));
        for wrong in ["1440", "0x9", "1440x", "1440x900x2", "-1x5", "99999x1"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
