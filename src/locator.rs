//! Where a log is and how it is to be opened, as one line: a path, and behind a `?` what else was chosen.
//!
//! `shop.db?table=stored_events&workspace=team/eventscope.toml`. A file whose whole name is such a line is meant where
//! there is one. In a value, `%`, `&` and `?` are written `%25`, `%26` and `%3F`.

use std::fmt;
use std::path::{Path, PathBuf};

/// A locator taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Locator {
    /// The file, or the address of a server.
    pub path: String,
    /// Which of the logs in it: the table of its events.
    pub table: Option<String>,
    /// The workspace file, where it is not the one beside the log.
    pub workspace: Option<PathBuf>,
}

impl Locator {
    /// Takes a locator apart.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let whole = Self { path: text.to_owned(), table: None, workspace: None };
        let Some((path, choices)) = text.rsplit_once('?') else { return whole };
        if Path::new(text).exists() {
            return whole;
        }
        let mut parsed = Self { path: path.to_owned(), ..whole.clone() };
        for choice in choices.split('&') {
            match choice.split_once('=') {
                Some(("table", value)) => parsed.table = Some(plain(value)),
                Some(("workspace", value)) => parsed.workspace = Some(plain(value).into()),
                _ => return whole,
            }
        }
        parsed
    }

    /// The same with another workspace file, if one is named.
    #[must_use]
    pub fn with_workspace(mut self, file: Option<&Path>) -> Self {
        if let Some(file) = file {
            self.workspace = Some(file.to_owned());
        }
        self
    }

    /// The same, asking for the log in this table.
    #[must_use]
    pub fn with_table(mut self, table: &str) -> Self {
        self.table = Some(table.to_owned());
        self
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &Path {
        Path::new(&self.path)
    }
}

impl fmt::Display for Locator {
    /// The line that [`Locator::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        let workspace = self.workspace.as_ref().map(|file| file.to_string_lossy().into_owned());
        let mut sign = '?';
        for (name, value) in [("table", &self.table), ("workspace", &workspace)] {
            if let Some(value) = value {
                write!(f, "{sign}{name}={}", escaped(value))?;
                sign = '&';
            }
        }
        Ok(())
    }
}

fn escaped(value: &str) -> String {
    value.replace('%', "%25").replace('&', "%26").replace('?', "%3F")
}

fn plain(value: &str) -> String {
    value.replace("%3F", "?").replace("%26", "&").replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locator_reads_as_it_is_written() {
        for (path, table, workspace) in [
            ("a/shop.db", None, None),
            ("shop.db", Some("stored events"), None),
            ("shop.db", None, Some("team/eventscope.toml")),
            ("what?.db", Some("a&b=c%26?"), Some("/x y/%3F.toml")),
        ] {
            let locator = Locator {
                path: path.to_owned(),
                table: table.map(str::to_owned),
                workspace: workspace.map(PathBuf::from),
            };
            assert_eq!(Locator::parse(&locator.to_string()), locator);
        }
    }

    #[test]
    fn what_is_no_choice_belongs_to_the_name() {
        for text in ["what?.db", "a?b=c", "?", "postgres://host/db?sslmode=require"] {
            assert_eq!(Locator::parse(text).path, text);
        }
    }
}
