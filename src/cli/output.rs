//! Printing: JSON lines or aligned tables, always through one buffered writer, and never a panic on a closed pipe.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};

use serde_json::Value;

use crate::error::Error;

/// Rows that a table collects before it prints, so that its columns are as wide as they need to be.
const ROWS_ALIGNED_MAX: usize = 256;
/// Characters of one cell; the rest is left out with `…`.
const CELL_CHARS_MAX: usize = 120;

/// Why a command ended early.
#[derive(Debug)]
pub enum Halt {
    /// The reader of our output went away: end quietly.
    PipeClosed,
    /// Something failed.
    Failed(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::PipeClosed
        } else {
            Self::Failed(Error::Other(format!("cannot write the output: {error}")))
        }
    }
}

/// What a command answered, for the exit code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Fine.
    Yes,
    /// The answer is no: drift, findings.
    No,
}

/// How printing ends.
pub type Printed = Result<(), Halt>;

/// How a command ends.
pub type Ending = Result<Answer, Halt>;

/// Where a command prints.
pub struct Output {
    writer: BufWriter<Box<dyn Write>>,
    json: bool,
}

impl Output {
    /// Standard output: JSON lines, or text for people.
    #[must_use]
    pub fn standard(json: bool) -> Self {
        Self::to(Box::new(io::stdout()), json)
    }

    /// Any writer.
    #[must_use]
    pub fn to(writer: Box<dyn Write>, json: bool) -> Self {
        Self { writer: BufWriter::with_capacity(64 << 10, writer), json }
    }

    /// True where JSON is asked for.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Prints one JSON object on a line.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn object(&mut self, value: &Value) -> Printed {
        serde_json::to_writer(&mut self.writer, value).map_err(io::Error::from)?;
        self.writer.write_all(b"\n")?;
        Ok(())
    }

    /// Prints one line of text.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn line(&mut self, text: impl AsRef<str>) -> Printed {
        self.writer.write_all(text.as_ref().as_bytes())?;
        self.writer.write_all(b"\n")?;
        Ok(())
    }

    /// Hands all that was printed to the reader.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn flush(&mut self) -> Printed {
        self.writer.flush()?;
        Ok(())
    }
}

/// How a column stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A table whose columns are aligned. It prints as it goes, so memory stays flat however long it is.
pub struct Table {
    aligns: Vec<Align>,
    widths: Vec<usize>,
    waiting: Vec<Vec<String>>,
    rows: u64,
}

impl Table {
    /// A table with these columns.
    #[must_use]
    pub fn new(columns: &[(&str, Align)]) -> Self {
        let titles = columns.iter().map(|(title, _)| (*title).to_owned()).collect();
        let mut table = Self {
            aligns: columns.iter().map(|(_, align)| *align).collect(),
            widths: vec![0; columns.len()],
            waiting: Vec::new(),
            rows: 0,
        };
        table.measure(titles);
        table
    }

    /// Adds a row.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn row(&mut self, output: &mut Output, cells: &[String]) -> Printed {
        self.rows += 1;
        self.measure(cells.iter().map(|cell| crate::visible::start(cell, CELL_CHARS_MAX).into_owned()).collect());
        if self.waiting.len() > ROWS_ALIGNED_MAX { self.print(output) } else { Ok(()) }
    }

    /// Prints what waits. A table without rows prints nothing, not even its titles.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn end(&mut self, output: &mut Output) -> Printed {
        if self.rows == 0 { Ok(()) } else { self.print(output) }
    }

    fn measure(&mut self, cells: Vec<String>) {
        for (width, cell) in self.widths.iter_mut().zip(&cells) {
            *width = (*width).max(cell.chars().count());
        }
        self.waiting.push(cells);
    }

    fn print(&mut self, output: &mut Output) -> Printed {
        for cells in std::mem::take(&mut self.waiting) {
            let mut line = String::new();
            for ((cell, width), align) in cells.iter().zip(&self.widths).zip(&self.aligns) {
                if !line.is_empty() {
                    line.push_str("  ");
                }
                let _ = match align {
                    Align::Left => write!(line, "{cell:<width$}"),
                    Align::Right => write!(line, "{cell:>width$}"),
                };
            }
            output.line(line.trim_end())?;
        }
        Ok(())
    }
}

/// A number with thousands separators: `1,234,567`.
#[must_use]
pub fn thousands(number: impl Into<i128>) -> String {
    let number: i128 = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 event`, `2,000 events`: the noun gets an `s` unless there is exactly one.
#[must_use]
pub fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{} {noun}s", thousands(count)) }
}

/// Bytes for people: `312 B`, `1.4 MB`.
#[must_use]
pub fn bytes(count: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let count_f = count as f64;
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.1} kB", count_f / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", count_f / 1e6),
        _ => format!("{:.1} GB", count_f / 1e9),
    }
}

/// Text that cannot steer a terminal: control characters, and what hides or turns text, are written as escapes.
#[must_use]
pub fn plain(text: &str) -> String {
    crate::visible::text(text).into_owned()
}

/// At most this many characters, the last one `…` where something was left out.
#[must_use]
pub fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        text.to_owned()
    } else {
        text.chars().take(chars_max.saturating_sub(1)).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn thousands_are_separated() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_000), "1,000");
        assert_eq!(thousands(-1_234_567), "-1,234,567");
        assert_eq!(thousands(i64::MIN), "-9,223,372,036,854,775,808");
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(counted(1, "event"), "1 event");
        assert_eq!(counted(0, "event"), "0 events");
        assert_eq!(counted(50_000, "event"), "50,000 events");
    }

    #[test]
    fn a_terminal_cannot_be_steered_by_a_name() {
        assert_eq!(plain("a\u{1b}[2Jb\n"), "a⟨U+001B⟩[2Jb⟨U+000A⟩");
        assert_eq!(plain("käufer-1"), "käufer-1");
    }

    #[test]
    fn a_table_is_as_wide_as_its_widest_cell() {
        let sink = Sink::default();
        let mut output = Output::to(Box::new(sink.clone()), false);
        let mut table = Table::new(&[("stream", Align::Left), ("events", Align::Right)]);
        table.row(&mut output, &["account-1".into(), "12".into()]).unwrap();
        table.row(&mut output, &["a".into(), "1,200".into()]).unwrap();
        table.end(&mut output).unwrap();
        output.flush().unwrap();
        let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text, "stream     events\naccount-1      12\na           1,200\n");
    }

    #[test]
    fn a_table_without_rows_prints_nothing() {
        let sink = Sink::default();
        let mut output = Output::to(Box::new(sink.clone()), false);
        Table::new(&[("stream", Align::Left)]).end(&mut output).unwrap();
        output.flush().unwrap();
        assert!(sink.0.lock().unwrap().is_empty());
    }

    #[test]
    fn a_closed_pipe_is_not_a_failure() {
        assert!(matches!(Halt::from(io::Error::from(io::ErrorKind::BrokenPipe)), Halt::PipeClosed));
        assert!(matches!(Halt::from(io::Error::from(io::ErrorKind::StorageFull)), Halt::Failed(_)));
    }
}
