//! Looking for events.

use clap::Args;

use super::{EventsArguments, LogArguments, ReducerArguments};

/// Which events, by their content.
#[derive(Args, Debug, Default)]
pub struct PickArguments {
    /// Only events that pass this filter: `type:Order* data.total>100 -has:meta.test "free words"`
    ///
    /// Terms stand side by side and all must hold; `-` turns one round. type:, stream:, category:, id: take patterns (`*`
    /// any text, `?` one character, `,` alternatives); version, position, size compare numbers; after:, before: take
    /// times; data.PATH and meta.PATH compare by = != < <= > >=, fit a pattern by `:`, contain a text by `~`; has:PATH;
    /// is:undecodable; words and "text in quotes" are looked for in the keys and values of the payload.
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// Only events for which this holds: a JavaScript expression over `event`, `state` and `before` (the state before it)
    #[arg(long = "where", value_name = "EXPR", allow_hyphen_values = true)]
    pub condition: Option<String>,
    /// How events become the state that --where looks at, or that an export takes along.
    #[command(flatten)]
    pub reducer: ReducerArguments,
}

/// `search`.
#[derive(Args, Debug)]
pub struct SearchArguments {
    /// Which events of which log.
    #[command(flatten)]
    pub events: EventsArguments,
    /// What to look for: words, and terms as --filter takes them; behind `--`, also terms that begin with `-`
    #[arg(value_name = "TERM", required = true)]
    pub terms: Vec<String>,
}

/// `facets`.
#[derive(Args, Debug)]
pub struct FacetsArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
    /// Count by this: type, category, stream, month, or a path (data.kind, meta.user); may be given more than once
    #[arg(long, value_name = "FACET", default_values_t = ["type".to_owned()])]
    pub by: Vec<String>,
    /// Which events.
    #[command(flatten)]
    pub pick: PickArguments,
    /// At most this many values of each facet, the most frequent
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    pub limit: usize,
}
