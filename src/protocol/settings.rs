//! What is kept from one start to the next.

use std::collections::BTreeMap;

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
    /// How things are shown.
    pub preferences: Preferences,
    /// The keys of the commands whose keys are not the table's, by the command's name.
    pub keys: BTreeMap<String, Vec<String>>,
}

/// In what words a time is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Times {
    /// In Coordinated Universal Time.
    #[default]
    Utc,
    /// In the zone of this machine.
    Local,
    /// As long ago as it is.
    Relative,
}

/// How things are shown.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// The size of text and of all that holds it, in percent: 90 to 200.
    pub text_percent: u16,
    /// In what words times are shown.
    pub times: Times,
    /// True where outlines are drawn with at least 3 : 1 of contrast.
    pub stronger_outlines: bool,
    /// Columns of the event list that are not shown.
    pub hidden_columns: Vec<String>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { text_percent: 100, times: Times::Utc, stronger_outlines: false, hidden_columns: Vec::new() }
    }
}
