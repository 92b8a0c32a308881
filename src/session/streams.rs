//! The streams list: categories that open, and the answer of the filter.

use crate::event::Scope;
use crate::log::{CategoryInfo, StreamInfo};

/// One category in the list.
#[derive(Clone, Debug)]
pub struct Category {
    /// Its totals.
    pub info: CategoryInfo,
    /// True where its streams are shown.
    pub open: bool,
    /// The streams that are known, by name.
    pub streams: Vec<StreamInfo>,
    /// True while more are on their way.
    pub loading: bool,
    /// True where all are known.
    pub complete: bool,
    /// The events that the category held when its streams were listed last.
    pub(super) listed_events: Option<u64>,
}

/// The streams that the filter found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// They, by name.
    pub streams: Vec<StreamInfo>,
    /// True while the answer, or more of it, is on its way.
    pub loading: bool,
    /// True where all are known.
    pub complete: bool,
}

/// One row of the list, as it is drawn and as the keys walk it.
#[derive(Clone, Copy, Debug)]
pub enum StreamRow<'a> {
    /// The whole log.
    Log,
    /// A category.
    Category(&'a Category),
    /// A stream: below its category (`true`) or at the top level.
    Stream(&'a StreamInfo, bool),
    /// More streams are there: of this category, or of the filter's answer.
    More(Option<&'a Category>),
}

impl StreamRow<'_> {
    /// True where this row stands for the scope.
    #[must_use]
    pub fn shows(&self, scope: &Scope) -> bool {
        match (self, scope) {
            (Self::Log, Scope::Log) => true,
            (Self::Category(category), Scope::Category(name)) => category.info.category == *name,
            (Self::Stream(info, _), Scope::Stream(stream)) => info.stream == *stream,
            _ => false,
        }
    }
}

/// The streams list.
#[derive(Clone, Debug, Default)]
pub struct StreamsPane {
    /// The filter's text.
    pub filter: String,
    /// The categories, by name.
    pub categories: Vec<Category>,
    /// The filter's answer, while there is a filter.
    pub found: Option<Found>,
    /// The row that the keys stand on.
    pub highlighted: usize,
}

impl StreamsPane {
    /// The rows as they are shown.
    #[must_use]
    pub fn rows(&self) -> Vec<StreamRow<'_>> {
        let mut rows = vec![StreamRow::Log];
        if let Some(found) = &self.found {
            rows.extend(found.streams.iter().map(|stream| StreamRow::Stream(stream, false)));
            if !found.complete && !found.streams.is_empty() {
                rows.push(StreamRow::More(None));
            }
            return rows;
        }
        for category in &self.categories {
            rows.push(StreamRow::Category(category));
            if category.open {
                rows.extend(category.streams.iter().map(|stream| StreamRow::Stream(stream, true)));
                if !category.complete && !category.streams.is_empty() {
                    rows.push(StreamRow::More(Some(category)));
                }
            }
        }
        rows
    }

    /// Puts the keys on the first row that is wanted, where there is one.
    pub fn highlight(&mut self, wanted: impl Fn(&StreamRow<'_>) -> bool) {
        let found = self.rows().iter().position(wanted);
        self.highlighted = found.unwrap_or(self.highlighted);
    }

    /// The category of this name.
    pub fn category_mut(&mut self, name: &str) -> Option<&mut Category> {
        self.categories.iter_mut().find(|category| &*category.info.category == name)
    }

    /// Takes new totals; what was open stays open.
    pub fn absorb_categories(&mut self, infos: Vec<CategoryInfo>) {
        let mut old = std::mem::take(&mut self.categories);
        self.categories = infos
            .into_iter()
            .map(|info| match old.iter().position(|category| category.info.category == info.category) {
                Some(index) => {
                    let mut category = old.swap_remove(index);
                    category.complete = category.complete && category.info.streams == info.streams;
                    category.info = info;
                    category
                }
                None => Category {
                    info,
                    open: false,
                    streams: Vec::new(),
                    loading: false,
                    complete: false,
                    listed_events: None,
                },
            })
            .collect();
    }
}
