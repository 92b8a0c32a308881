//! Made-up events and measurements.

use clap::{Args, ValueEnum};

use super::OwnLogArguments;
use crate::lab::bench::Section;

/// `bench`.
#[derive(Args, Debug)]
pub struct BenchArguments {
    /// A small run of some seconds: to see that it works
    #[arg(long)]
    pub quick: bool,
    /// Events of the large log [default: 10,000,000; quick: 100,000]
    #[arg(long, value_name = "COUNT")]
    pub events: Option<u64>,
    /// Only this part, or these [default: all of them]
    #[arg(long, value_name = "PART")]
    pub only: Vec<BenchPart>,
    /// The folder to measure in: the disk that counts [default: the system's folder for temporary files]
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<std::path::PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// A part of the bench.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum BenchPart {
    /// Batched appends
    Append,
    /// Many threads
    Group,
    /// A large log: growth, reading, opening, memory
    Large,
    /// Many streams
    Streams,
    /// The replay: folding, seeking, stepping, a large state
    Replay,
    /// The window: time of a frame, memory, rest, first frame
    Window,
}

impl BenchPart {
    /// The same word of the lab; the replay and the window are none of its parts.
    #[must_use]
    pub fn section(self) -> Option<Section> {
        match self {
            Self::Append => Some(Section::Append),
            Self::Group => Some(Section::Group),
            Self::Large => Some(Section::Large),
            Self::Streams => Some(Section::Streams),
            Self::Replay | Self::Window => None,
        }
    }
}

/// `generate`.
#[derive(Args, Debug)]
pub struct GenerateArguments {
    /// The log.
    #[command(flatten)]
    pub log: OwnLogArguments,
    /// How many events
    #[arg(long, value_name = "COUNT", default_value_t = 100_000)]
    pub events: u64,
    /// Over how many streams
    #[arg(long, value_name = "COUNT", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub streams: u64,
    /// About how many bytes a payload has
    #[arg(long, value_name = "BYTES", default_value_t = 160)]
    pub payload_bytes: usize,
    /// The same seed gives the same events
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// The wallet ledger of the demo instead: nine months, 50,000 events, three planted bugs
    #[arg(long, conflicts_with_all = ["events", "streams", "payload_bytes", "seed"])]
    pub wallet: bool,
}

/// `window-figures`: what the bench asks of the window, in a process of its own.
#[derive(Args, Debug)]
pub struct WindowFiguresArguments {
    /// Path of the log
    pub log: String,
    /// How many frames are drawn
    #[arg(long, default_value_t = 600)]
    pub frames: u64,
}

/// `window-first-frame`: opens a window and says when it is there.
#[derive(Args, Debug)]
pub struct FirstFrameArguments {
    /// An empty window, to compare ours with
    #[arg(long)]
    pub empty: bool,
}
