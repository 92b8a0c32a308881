//! What a mapping page asks: the tables of a file, what a mapping makes of its first rows, and writing it down.

use std::path::{Path, PathBuf};

use super::connect::Link;
use super::layouts::{self, Mapping, ROWS_LOOKED_AT};
use super::reader::SqliteLog;
use super::schema::Schema;
use crate::error::{Error, Result};
use crate::locator::Locator;

pub use super::layouts::{MapPart, PartCheck, Verdict};

/// A table of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableInfo {
    /// Its name.
    pub name: String,
    /// About how many rows it has: the number of its newest row, where rows have one.
    pub rows: u64,
    /// Its columns: name and declared type, which may be empty.
    pub columns: Vec<(String, String)>,
    /// Values inside of its columns' JSON that nearly every row has, as paths.
    pub paths: Vec<String>,
}

/// The tables of a file, and what can be said of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Survey {
    /// The tables, by name.
    pub tables: Vec<TableInfo>,
    /// The guesses, the surest first: from 0 to 100 how sure each is, and what it rests on.
    pub guesses: Vec<(Mapping, u8, Vec<String>)>,
    /// The mapping that the workspace file holds now, as far as that can be read.
    pub kept: Option<Mapping>,
    /// Where the mapping is kept.
    pub workspace: PathBuf,
    /// True where that file is there already: other parts of it stay.
    pub workspace_exists: bool,
}

/// Looks at the tables of a file.
///
/// # Errors
/// `Open` where it cannot be opened, or is no database.
pub fn survey(locator: &str) -> Result<Survey> {
    let place = Locator::parse(locator);
    let workspace = place.workspace.clone().unwrap_or_else(|| place.file().with_file_name("eventscope.toml"));
    let mut link = Link::open(place.file())?;
    link.call("look at its tables", |connection| {
        let schema = Schema::read(connection)?;
        let mut tables = Vec::new();
        for table in &schema.tables {
            tables.push(TableInfo {
                name: table.name.clone(),
                rows: u64::try_from(layouts::rows(connection, &schema, &table.name)?).unwrap_or_default(),
                columns: table.columns.iter().map(|column| (column.name.clone(), column.declared.clone())).collect(),
                paths: layouts::paths(connection, table)?,
            });
        }
        Ok(Survey {
            tables,
            guesses: layouts::guesses(&schema, connection)?,
            kept: Mapping::in_file(&workspace).ok().and_then(|kept| kept.into_iter().next()),
            workspace_exists: workspace.is_file(),
            workspace: workspace.clone(),
        })
    })
}

/// What each part of a mapping finds in the first rows of its table.
///
/// # Errors
/// `Open` where the file cannot be opened or the table is not there.
pub fn check(locator: &str, mapping: &Mapping) -> Result<Vec<PartCheck>> {
    let mut link = Link::open(Locator::parse(locator).file())?;
    link.call("look at its rows", |connection| {
        let schema = Schema::read(connection)?;
        layouts::check(&schema, connection, mapping)
    })
}

/// Opens a file with a mapping that no file holds yet.
///
/// # Errors
/// `Open` where the file has no such table or column.
pub fn open_mapped(locator: &str, mapping: &Mapping) -> Result<SqliteLog> {
    SqliteLog::open_as(locator, Some(mapping))
}

/// How many rows are looked at.
pub const CHECKED_ROWS: usize = ROWS_LOOKED_AT;

/// Writes a mapping into a workspace file: in place of the mapping of the same table, or of the only one; everything
/// else in it stays as it is. A file that is not there is made.
///
/// # Errors
/// `Input` where the file holds its mapping in another form than `[mapping]`; `Other` where it cannot be written.
pub fn save(mapping: &Mapping, file: &Path) -> Result<()> {
    let before = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Error::Other(format!("cannot read {}: {error}", file.display()))),
    };
    let text = merged(&before, mapping, file)?;
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let failed = |error: std::io::Error| Error::Other(format!("cannot write {}: {error}", file.display()));
    std::fs::write(&part, text).map_err(failed)?;
    std::fs::rename(&part, file).map_err(failed)
}

fn joined(lines: &[&str]) -> String {
    lines.iter().flat_map(|line| [*line, "\n"]).collect()
}

/// The text of a workspace file with this mapping in it.
fn merged(before: &str, mapping: &Mapping, file: &Path) -> Result<String> {
    let known = if before.trim().is_empty() { Vec::new() } else { Mapping::in_text(before, file)? };
    let is_header = |line: &str| line.trim_start().starts_with('[');
    let is_mapping =
        |line: &str| matches!(line.split('#').next().unwrap_or_default().trim(), "[mapping]" | "[[mapping]]");
    let lines: Vec<&str> = before.lines().collect();
    // Each mapping from its header up to the next one.
    let mut sections: Vec<std::ops::Range<usize>> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if is_mapping(line) {
            let end =
                lines[index + 1..].iter().position(|line| is_header(line)).map_or(lines.len(), |at| index + 1 + at);
            sections.push(index..end);
        }
    }
    if sections.len() != known.len() {
        return Err(Error::Input(format!(
            "{} writes its mapping in another form than [mapping]: change it there",
            file.display()
        )));
    }
    let own = mapping.to_toml();
    let same = known.iter().position(|other| other.table.eq_ignore_ascii_case(&mapping.table));
    let replaced = same.or_else(|| (known.len() == 1 && !before.contains("[[mapping]]")).then_some(0));
    let text = match replaced.and_then(|index| sections.get(index)) {
        Some(section) => {
            let header = lines[section.start];
            let body = own.strip_prefix("[mapping]\n").unwrap_or(&own);
            let head = joined(&lines[..section.start]);
            // What stands between the mapping and the next header, comments above all, is kept with that.
            let kept =
                lines[section.clone()].iter().rev().take_while(|line| line.trim().is_empty() || line.starts_with('#'));
            let tail = joined(&lines[section.end - kept.count()..]);
            format!("{head}{header}\n{body}{tail}")
        }
        None if known.is_empty() => {
            let gap = if before.trim().is_empty() { "" } else { "\n" };
            format!(
                "{}{gap}{own}",
                if before.is_empty() || before.ends_with('\n') { before.to_owned() } else { format!("{before}\n") }
            )
        }
        None => format!("{}\n{}", before.trim_end(), own.replacen("[mapping]", "\n[[mapping]]", 1)),
    };
    // What was written must read as what was meant.
    let read = Mapping::in_text(&text, file)?;
    if read.iter().any(|read| read == mapping) {
        Ok(text)
    } else {
        Err(Error::Input(format!("{} cannot be changed by hand of a program: write the mapping there", file.display())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::Columns;

    fn mapping(table: &str, version: &str) -> Mapping {
        Mapping {
            table: table.to_owned(),
            stream: Columns::One("thing".to_owned()),
            version: Some(version.to_owned()),
            ..Mapping::default()
        }
    }

    #[test]
    fn a_mapping_takes_the_place_of_the_one_before_and_the_rest_stays() {
        let file = Path::new("eventscope.toml");
        let before = "# ours\n[mask]\nkeys = [\"mail\"]\n\n[mapping] # old\ntable = \"a\"\nversion = \"x\"\n\n# reducers\n[[reducer]]\nstreams = \"*\"\nname = \"auto\"\n";
        let text = merged(before, &mapping("b", "rev"), file).unwrap();
        assert_eq!(
            text,
            "# ours\n[mask]\nkeys = [\"mail\"]\n\n[mapping] # old\ntable = \"b\"\nstream = \"thing\"\nversion = \"rev\"\n\n# reducers\n[[reducer]]\nstreams = \"*\"\nname = \"auto\"\n"
        );
        assert_eq!(merged(&text, &mapping("b", "rev"), file).unwrap(), text);
        let new = merged("", &mapping("a", "n"), file).unwrap();
        assert_eq!(new, "[mapping]\ntable = \"a\"\nstream = \"thing\"\nversion = \"n\"\n");
        let added = merged("[mask]\nkeys = []", &mapping("a", "n"), file).unwrap();
        assert!(added.starts_with("[mask]\nkeys = []\n\n[mapping]\n"), "{added}");
    }

    #[test]
    fn of_several_mappings_the_one_of_the_table_is_replaced() {
        let file = Path::new("eventscope.toml");
        let before = "[[mapping]]\ntable = \"a\"\n\n[[mapping]]\ntable = \"b\"\n";
        let text = merged(before, &mapping("b", "rev"), file).unwrap();
        assert_eq!(Mapping::in_text(&text, file).unwrap().len(), 2);
        let text = merged(before, &mapping("c", "rev"), file).unwrap();
        assert_eq!(Mapping::in_text(&text, file).unwrap()[2], mapping("c", "rev"));
    }

    #[test]
    fn a_mapping_in_another_form_is_left_to_a_person() {
        let file = Path::new("eventscope.toml");
        assert!(merged("mapping = { table = \"a\" }\n", &mapping("a", "n"), file).is_err());
    }
}
