//! What a projection's script defines: its sources, its handlers, its options.

use crate::event::Value;

/// The definition of a projection, as plain data.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts of one definition")]
pub struct Definition {
    /// `fromAll()`.
    pub all: bool,
    /// The streams of `fromStream` and `fromStreams`, and `$ce-C` for each category of a list.
    pub streams: Vec<String>,
    /// Those of them that the log holds itself: the others with `$ce-` and `$et-` are derived.
    pub held: Vec<String>,
    /// The category of the single form of `fromCategory`.
    pub category: Option<String>,
    /// `foreachStream()`: the stream is the partition.
    pub by_stream: bool,
    /// `partitionBy(fn)`.
    pub partition_by: bool,
    /// Every type is handled: `$any`, or no handler of a type at all.
    pub all_events: bool,
    /// The types with a handler.
    pub types: Vec<String>,
    /// `$any` is declared.
    pub any: bool,
    /// `$any` stands before a named handler: it never runs.
    pub any_before_named: bool,
    /// `$any` stands after the named handlers: KurrentDB refuses that.
    pub any_after_named: bool,
    /// Properties of `when` that are no handlers.
    pub ignored: Vec<String>,
    /// `$created` is declared.
    pub created: bool,
    /// `$deleted` is declared.
    pub deleted: bool,
    /// The state is a pair of the partition's own and one that all share.
    pub bi_state: bool,
    /// Transforms and filters in the chain.
    pub transforms: u64,
    /// Results would be written to a result stream.
    pub output: bool,
    /// `$includeLinks`.
    pub include_links: bool,
    /// `reorderEvents`.
    pub reorder_events: bool,
}

impl Definition {
    pub(super) fn of(made: &Value) -> Self {
        let flag = |name: &str| made.get(name).and_then(Value::as_bool).unwrap_or(false);
        let list = |name: &str| {
            let items = made.get(name).and_then(Value::as_array);
            items.map(|items| items.iter().filter_map(Value::as_str).map(str::to_owned).collect()).unwrap_or_default()
        };
        let categories: Vec<String> = list("categories");
        Self {
            all: flag("all"),
            streams: list("streams"),
            held: Vec::new(),
            category: categories.into_iter().next(),
            by_stream: flag("byStream"),
            partition_by: flag("partitionBy"),
            all_events: flag("allEvents"),
            types: list("named"),
            any: flag("any"),
            any_before_named: flag("anyBeforeNamed") && !flag("allEvents"),
            any_after_named: flag("anyAfterNamed") && flag("allEvents"),
            ignored: list("ignored"),
            created: flag("created"),
            deleted: flag("deleted"),
            bi_state: flag("biState"),
            transforms: made.get("transforms").and_then(Value::as_u64).unwrap_or(0),
            output: flag("output"),
            include_links: flag("includeLinks"),
            reorder_events: flag("reorderEvents"),
        }
    }

    /// True where an event of this stream, category and type comes out of the sources. Streams are compared by name:
    /// links and the streams that KurrentDB derives (`$ce-`, `$et-`) are resolved by whoever reads the log.
    #[must_use]
    pub fn source_has(&self, stream: &str, category: Option<&str>, event_type: &str) -> bool {
        if self.all {
            let link = event_type == "$>";
            if !stream.starts_with('$') {
                return !link || (self.include_links && self.all_events);
            }
            let of_user = stream.strip_prefix("$$").is_some_and(|of| !of.starts_with('$'));
            return of_user && event_type == "$metadata" && self.all_events;
        }
        if let Some(wanted) = &self.category {
            return category == Some(wanted.as_str()) && event_type != "$>";
        }
        self.streams.iter().any(|wanted| {
            if wanted == stream {
                return true;
            }
            if event_type == "$>" || self.held.contains(wanted) {
                return false;
            }
            wanted.strip_prefix("$ce-").is_some_and(|wanted| category == Some(wanted))
                || wanted.strip_prefix("$et-") == Some(event_type)
        })
    }

    /// True where a stream as a whole belongs to the sources: its deletion is told to `$deleted`.
    #[must_use]
    pub fn covers(&self, stream: &str, category: Option<&str>) -> bool {
        if stream.starts_with('$') {
            return false;
        }
        self.all || (self.category.is_some() && self.category.as_deref() == category)
    }

    /// True where the type has a handler, or every type is handled.
    #[must_use]
    pub fn handles(&self, event_type: &str) -> bool {
        self.all_events || self.types.iter().any(|name| name == event_type)
    }
}

/// The category of a stream as KurrentDB's `$by_category` sees it: what stands before the first `-`. None for system
/// streams, for names without a `-`, and for those that begin with one.
#[must_use]
pub fn category_of(stream: &str) -> Option<&str> {
    if stream.starts_with('$') {
        return None;
    }
    stream.split_once('-').map(|(category, _)| category).filter(|category| !category.is_empty())
}
