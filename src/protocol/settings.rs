//! What is kept from one start to the next.

/// Light or dark.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// As the system has it.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// A log that was opened before.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct RecentLog {
    /// Path or address.
    pub locator: String,
    /// What it was: `eventsourcing 9.x layout`.
    pub layout: String,
    /// Events when it was open last.
    pub events: u64,
    /// Bytes then.
    pub bytes: u64,
    /// When: microseconds since 1970.
    pub opened_us: i64,
}

/// What is kept from one start to the next.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light or dark.
    pub theme: ThemeChoice,
    /// Newest first.
    pub recent: Vec<RecentLog>,
}
