//! What is kept about a log from one look to the next: the view, and how large the cache is.

/// Edges that the person has dragged, in points; `None` where the design's measure holds.
#[derive(Clone, Copy, PartialEq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Panes {
    /// Width of the streams.
    pub streams: Option<f32>,
    /// Width of the inspector.
    pub inspector: Option<f32>,
    /// Height of the time strip.
    pub time: Option<f32>,
}

/// Where one was in a log.
#[derive(Clone, PartialEq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct KeptView {
    /// The stream that is looked at.
    pub stream: Option<String>,
    /// The category that is looked at; with neither it is the whole log.
    pub category: Option<String>,
    /// How many events of it are folded; `None`: the newest.
    pub cursor: Option<u64>,
    /// The version that the cursor stands after, where a command line says so.
    pub version: Option<i64>,
    /// The inspector's tab, by the name of its command.
    pub tab: Option<String>,
    /// True for the throughput view.
    pub throughput: bool,
    /// The stream filter.
    pub stream_filter: String,
    /// The path filter of the state.
    pub path_filter: String,
    /// True where only changed paths are shown.
    pub only_changed: bool,
    /// Categories that are open.
    pub open_categories: Vec<String>,
    /// The edges.
    pub panes: Panes,
    /// Steps a second while playing.
    pub speed: Option<u32>,
    /// The pinned paths, as JSON pointers.
    pub pins: Vec<String>,
    /// The range that the list is limited to, in positions of what is looked at.
    pub range: Option<(u64, u64)>,
}

/// The cache folder.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CacheInfo {
    /// Its path; empty where this user has none.
    pub folder: String,
    /// Files in it.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}
