//! Parquet: a row for each event, in columns that every tool for tables reads.
//!
//! All texts are kept byte by byte; `time` is a timestamp in microseconds, UTC. `hash` is BLAKE3 of the event, and is
//! checked where it is there. A file of others needs flat columns `stream`, `type` and `data`, and may have the rest.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnDescriptor, ColumnPath, Type};

use super::{ReadRecords, Record, WriteRecords, time_of};
use crate::error::{Error, Result};
use crate::event::Time;
use crate::limits::{PAGE_BYTES_MAX, PAGE_EVENTS_MAX, PARQUET_GROUP_BYTES, PARQUET_GROUP_ROWS};

/// The columns, in the order in which they are written.
const COLUMNS: [&str; 9] = ["position", "stream", "version", "type", "time", "id", "data", "metadata", "hash"];

/// Takes what the library writes, until it is handed on.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Sink {
    fn hand_on(&self, to: &mut dyn Write) -> Result<()> {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        to.write_all(&bytes)?;
        bytes.clear();
        Ok(())
    }
}

/// Writes one row group after the other; a group is held until it is full.
pub(super) struct Writer {
    sink: Sink,
    file: SerializedFileWriter<Sink>,
    rows: Vec<Record>,
    bytes: usize,
}

impl Writer {
    pub(super) fn new() -> Result<Self> {
        let schema = schema().map_err(cannot_write)?;
        let level = ZstdLevel::try_new(3).map_err(cannot_write)?;
        let mut properties = WriterProperties::builder()
            .set_created_by(format!("eventscope version {}", env!("CARGO_PKG_VERSION")))
            .set_compression(Compression::ZSTD(level));
        // Texts that hardly repeat: a dictionary of them, or the smallest one, would help nobody.
        for name in ["id", "data", "metadata", "hash"] {
            let path = ColumnPath::from(name);
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_statistics_enabled(path, EnabledStatistics::None);
        }
        let sink = Sink::default();
        let file =
            SerializedFileWriter::new(sink.clone(), schema, Arc::new(properties.build())).map_err(cannot_write)?;
        Ok(Self { sink, file, rows: Vec::new(), bytes: 0 })
    }

    fn end_group(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        let mut group = self.file.next_row_group().map_err(cannot_write)?;
        let written = numbers(&mut group, &rows, |row| row.position)
            .and_then(|()| texts(&mut group, &rows, |row| Some(row.stream.as_bytes())))
            .and_then(|()| numbers(&mut group, &rows, |row| row.version))
            .and_then(|()| texts(&mut group, &rows, |row| Some(row.event_type.as_bytes())))
            .and_then(|()| numbers(&mut group, &rows, |row| row.time.map(|time| time.0)))
            .and_then(|()| texts(&mut group, &rows, |row| row.id.as_deref().map(str::as_bytes)))
            .and_then(|()| texts(&mut group, &rows, |row| Some(&row.data)))
            .and_then(|()| texts(&mut group, &rows, |row| row.metadata.as_deref()))
            .and_then(|()| {
                let hashes: Vec<ByteArray> = rows.iter().map(|row| row.hash().to_vec().into()).collect();
                column::<ByteArrayType>(&mut group, &hashes, &vec![1; rows.len()])
            });
        written.and_then(|()| group.close()).map_err(cannot_write)?;
        Ok(())
    }
}

impl WriteRecords for Writer {
    fn write(&mut self, record: &Record, to: &mut dyn Write) -> Result<()> {
        for (name, text) in [("data", Some(&record.data)), ("metadata", record.metadata.as_ref())] {
            if let Some(Err(error)) = text.map(|text| std::str::from_utf8(text)) {
                return Err(Error::Corrupt(format!("the {name} is not UTF-8: {error}")));
            }
        }
        self.bytes += record.data.len() + record.metadata.as_ref().map_or(0, Vec::len) + record.stream.len();
        self.rows.push(record.clone());
        if self.rows.len() >= PARQUET_GROUP_ROWS || self.bytes >= PARQUET_GROUP_BYTES {
            self.end_group()?;
            self.sink.hand_on(to)?;
        }
        Ok(())
    }

    fn finish(&mut self, to: &mut dyn Write) -> Result<()> {
        if !self.rows.is_empty() {
            self.end_group()?;
        }
        self.file.finish().map_err(cannot_write)?;
        self.sink.hand_on(to)
    }
}

fn schema() -> parquet::errors::Result<Arc<Type>> {
    let column = |name: &&str| {
        let is_number = matches!(*name, "position" | "version" | "time");
        let is_required = matches!(*name, "stream" | "type" | "data");
        let logical = match *name {
            "time" => Some(LogicalType::timestamp(true, TimeUnit::MICROS)),
            "position" | "version" | "hash" => None,
            _ => Some(LogicalType::String),
        };
        Type::primitive_type_builder(name, if is_number { Physical::INT64 } else { Physical::BYTE_ARRAY })
            .with_repetition(if is_required { Repetition::REQUIRED } else { Repetition::OPTIONAL })
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    };
    let columns = COLUMNS.iter().map(column).collect::<parquet::errors::Result<Vec<_>>>()?;
    Type::group_type_builder("event").with_fields(columns).build().map(Arc::new)
}

fn numbers(
    group: &mut SerializedRowGroupWriter<'_, Sink>,
    rows: &[Record],
    of: impl Fn(&Record) -> Option<i64>,
) -> parquet::errors::Result<()> {
    let values: Vec<i64> = rows.iter().filter_map(&of).collect();
    let levels: Vec<i16> = rows.iter().map(|row| i16::from(of(row).is_some())).collect();
    column::<Int64Type>(group, &values, &levels)
}

fn texts<'a>(
    group: &mut SerializedRowGroupWriter<'_, Sink>,
    rows: &'a [Record],
    of: impl Fn(&'a Record) -> Option<&'a [u8]>,
) -> parquet::errors::Result<()> {
    let values: Vec<ByteArray> = rows.iter().filter_map(&of).map(|text| text.to_vec().into()).collect();
    let levels: Vec<i16> = rows.iter().map(|row| i16::from(of(row).is_some())).collect();
    column::<ByteArrayType>(group, &values, &levels)
}

/// Writes the next column; the levels of one that is required are not asked for.
fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Sink>,
    values: &[T::T],
    levels: &[i16],
) -> parquet::errors::Result<()> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("there is no such column".to_owned()));
    };
    column.typed::<T>().write_batch(values, Some(levels), None)?;
    column.close()
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn cannot_write(error: ParquetError) -> Error {
    Error::Other(format!("cannot write Parquet: {error}"))
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Texts,
    Numbers,
    /// Numbers that are this many nanoseconds each.
    Times(i64),
}

/// Reads some rows of a row group at a time.
pub(super) struct Reader {
    file: SerializedFileReader<File>,
    /// The place of each column in the file, and what it holds.
    places: [Option<(usize, Holds)>; 9],
    /// The row group that is read next.
    group: usize,
    /// The columns of the one that is being read, and how many rows of it are left.
    columns: [Option<ColumnReader>; 9],
    rows_left: usize,
    rows_at_once: usize,
    read: VecDeque<Record>,
    /// Rows that were read so far.
    number: u64,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::Open(format!("{error}: {}", path.display())))?;
        guarded(|| {
            let file = SerializedFileReader::new(file).map_err(damaged)?;
            let places = places(file.metadata().file_metadata().schema_descr().columns())?;
            Ok(Self {
                file,
                places,
                group: 0,
                columns: Default::default(),
                rows_left: 0,
                rows_at_once: 1,
                read: VecDeque::new(),
                number: 0,
            })
        })
    }

    /// Reads more rows; false at the end.
    fn read_more(&mut self) -> Result<bool> {
        while self.rows_left == 0 {
            if self.group == self.file.num_row_groups() {
                return Ok(false);
            }
            self.begin_group()?;
        }
        let rows = self.rows_left.min(self.rows_at_once);
        let mut fields: [Vec<Option<Field>>; 9] = Default::default();
        for ((name, column), fields) in COLUMNS.iter().zip(&mut self.columns).zip(&mut fields) {
            if let Some(column) = column {
                *fields = read_column(column, rows, name)?;
            }
        }
        let holds = self.places.map(|place| place.map(|(_, holds)| holds));
        for row in 0..rows {
            let mut take = |column: usize| {
                let field = fields.get_mut(column).and_then(|fields| fields.get_mut(row)).and_then(Option::take);
                field.zip(holds.get(column).copied().flatten())
            };
            self.number += 1;
            let record = record(&mut take).map_err(|error| error.context(format!("row {}", self.number)))?;
            self.read.push_back(record);
        }
        self.rows_left -= rows;
        Ok(true)
    }

    fn begin_group(&mut self) -> Result<()> {
        let group = self.file.get_row_group(self.group).map_err(damaged)?;
        let bad = |what: &str| Error::Corrupt(format!("the Parquet file is damaged: {what}"));
        let metadata = group.metadata();
        self.rows_left = usize::try_from(metadata.num_rows()).map_err(|_| bad("a row group has less than no rows"))?;
        let bytes = usize::try_from(metadata.total_byte_size()).unwrap_or(usize::MAX);
        let row_bytes = bytes / self.rows_left.max(1) + 1;
        self.rows_at_once = (PAGE_BYTES_MAX / row_bytes).clamp(1, PAGE_EVENTS_MAX as usize);
        for (place, column) in self.places.iter().zip(&mut self.columns) {
            *column = place.map(|(index, _)| group.get_column_reader(index)).transpose().map_err(damaged)?;
        }
        self.group += 1;
        Ok(())
    }
}

impl ReadRecords for Reader {
    fn next(&mut self) -> Result<Option<Record>> {
        while self.read.is_empty() {
            if !guarded(|| self.read_more())? {
                return Ok(None);
            }
        }
        Ok(self.read.pop_front())
    }
}

/// What one column has in one row.
enum Field {
    Text(ByteArray),
    Number(i64),
}

fn places(columns: &[Arc<ColumnDescriptor>]) -> Result<[Option<(usize, Holds)>; 9]> {
    let mut places = [None; 9];
    for (name, place) in COLUMNS.iter().zip(&mut places) {
        let found = columns.iter().position(|column| matches!(column.path().parts(), [only] if only == name));
        let Some((index, column)) = found.and_then(|index| columns.get(index).map(|column| (index, column))) else {
            continue;
        };
        let holds = holds(column);
        let fits = match *name {
            "position" | "version" => holds == Some(Holds::Numbers),
            "time" => holds.is_some(),
            _ => holds == Some(Holds::Texts),
        };
        let is_flat = column.max_rep_level() == 0 && column.max_def_level() <= 1;
        let Some(holds) = holds.filter(|_| fits && is_flat) else {
            return Err(Error::Input(format!(
                "the column \"{name}\" of the Parquet file holds {}, which is not understood there",
                column.physical_type()
            )));
        };
        *place = Some((index, holds));
    }
    let missing = COLUMNS
        .iter()
        .zip(&places)
        .find(|(name, place)| place.is_none() && matches!(**name, "stream" | "type" | "data"));
    match missing {
        Some((name, _)) => {
            Err(Error::Input(format!("the Parquet file has no column \"{name}\" (there are {})", COLUMNS.join(", "))))
        }
        None => Ok(places),
    }
}

fn holds(column: &ColumnDescriptor) -> Option<Holds> {
    let unit = match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Timestamp(timestamp)), _) => match timestamp.unit {
            TimeUnit::MILLIS => 1_000_000,
            TimeUnit::MICROS => 1_000,
            TimeUnit::NANOS => 1,
        },
        (_, ConvertedType::TIMESTAMP_MILLIS) => 1_000_000,
        (_, ConvertedType::TIMESTAMP_MICROS) => 1_000,
        _ => 0,
    };
    match column.physical_type() {
        Physical::INT64 if unit > 0 => Some(Holds::Times(unit)),
        Physical::INT64 | Physical::INT32 => Some(Holds::Numbers),
        Physical::BYTE_ARRAY => Some(Holds::Texts),
        _ => None,
    }
}

fn read_column(column: &mut ColumnReader, rows: usize, name: &str) -> Result<Vec<Option<Field>>> {
    match column {
        ColumnReader::ByteArrayColumnReader(column) => fields(column, rows, name, Field::Text),
        ColumnReader::Int64ColumnReader(column) => fields(column, rows, name, Field::Number),
        ColumnReader::Int32ColumnReader(column) => fields(column, rows, name, |number| Field::Number(number.into())),
        _ => Err(Error::Corrupt(format!("the Parquet file is damaged: column \"{name}\" is of another type"))),
    }
}

fn fields<T: DataType>(
    column: &mut ColumnReaderImpl<T>,
    rows: usize,
    name: &str,
    field: impl Fn(T::T) -> Field,
) -> Result<Vec<Option<Field>>> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    let (records, _, _) = column.read_records(rows, Some(&mut levels), None, &mut values).map_err(damaged)?;
    let is_whole = records == rows && (levels.is_empty() || levels.len() == rows);
    let has = |level: &i16| *level > 0;
    let held = if levels.is_empty() { rows } else { levels.iter().filter(|level| has(level)).count() };
    if !is_whole || values.len() != held {
        return Err(Error::Corrupt(format!("the Parquet file is damaged: column \"{name}\" ends early")));
    }
    let mut values = values.into_iter().map(field);
    if levels.is_empty() {
        return Ok(values.map(Some).collect());
    }
    Ok(levels.iter().map(|level| if has(level) { values.next() } else { None }).collect())
}

/// A row of the file; `take` gives the field of a column, and what such a column holds.
fn record(take: &mut dyn FnMut(usize) -> Option<(Field, Holds)>) -> Result<Record> {
    let number = |field: Option<(Field, Holds)>| match field {
        Some((Field::Number(number), _)) => Some(number),
        _ => None,
    };
    let position = number(take(0));
    let stream = text(take(1), "stream")?.ok_or_else(|| missing("stream"))?;
    let version = number(take(2));
    let event_type = text(take(3), "type")?.ok_or_else(|| missing("type"))?;
    let time = match take(4) {
        Some((Field::Number(number), Holds::Times(unit))) => {
            Some(Time(i64::try_from(i128::from(number) * i128::from(unit) / 1_000).map_err(|_| no_time(number))?))
        }
        Some((Field::Number(number), _)) => Some(Time(number)),
        field @ Some((Field::Text(_), _)) => text(field, "time")?.map(|text| time_of(&text)).transpose()?,
        None => None,
    };
    let record = Record {
        position,
        stream,
        version,
        event_type,
        time,
        id: text(take(5), "id")?,
        data: text(take(6), "data")?.ok_or_else(|| missing("data"))?.into_bytes(),
        metadata: text(take(7), "metadata")?.map(String::into_bytes),
    };
    if let Some((Field::Text(hash), _)) = take(8)
        && hash.data() != record.hash()
    {
        return Err(Error::Input("its hash does not hold: it is not what was exported".to_owned()));
    }
    Ok(record)
}

fn text(field: Option<(Field, Holds)>, name: &str) -> Result<Option<String>> {
    let Some((Field::Text(text), _)) = field else { return Ok(None) };
    let text = String::from_utf8(text.data().to_vec());
    text.map(Some).map_err(|error| Error::Input(format!("the {name} is not UTF-8: {error}")))
}

fn missing(name: &str) -> Error {
    Error::Input(format!("it has no {name}"))
}

fn no_time(number: i64) -> Error {
    Error::Input(format!("{number} is no time that can be kept"))
}

fn damaged(error: ParquetError) -> Error {
    match error {
        ParquetError::NYI(what) => Error::Unsupported(format!("the Parquet file uses what is not supported: {what}")),
        other => Error::Corrupt(format!("the Parquet file is damaged: {other}")),
    }
}

/// The library checks most of what a hostile file may say, and panics at the rest: that is an error too.
fn guarded<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(Error::Corrupt("the Parquet file is damaged: it contradicts itself".to_owned())))
}
