//! Failures into Parquet and out of it, by one list of columns. They are few, so a row is a struct and a column a pair of functions.

use super::Failure;
use crate::schema::{ParquetError, job_name, job_of, plmn_of, rat_name, rat_of};
use crate::{Model, SubjectId};
use bytes::Bytes;
use core::fmt::Write as _;
use mdt::rrc::{FailureCause, FailureKind, FailureRecord, NamedCell};
use parquet::basic::{Compression, ZstdLevel};
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{
    ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, RowGroupReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::TypePtr;
use std::sync::Arc;

/// Kinds of columns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Int32,
    Int64,
    Text,
    Octets(usize),
}

/// A value of any kind.
enum Value {
    Number(i64),
    Octets(Vec<u8>),
}

/// A column: its name and type in the schema, and the two ways.
struct Column {
    name: &'static str,
    kind: Kind,
    annotation: &'static str,
    required: bool,
    get: fn(&Failure) -> Option<Value>,
    set: fn(&mut Failure, Value) -> Option<()>,
}

fn number(value: impl Into<i64>) -> Option<Value> {
    Some(Value::Number(value.into()))
}

fn text(text: &str) -> Option<Value> {
    Some(Value::Octets(text.as_bytes().to_vec()))
}

/// Puts a value where a closure may give up with `?` before it.
fn set<T>(at: &mut T, value: T) -> Option<()> {
    *at = value;
    Some(())
}

fn word<T: Copy + PartialEq>(words: &[(T, &'static str)], of: T) -> Option<Value> {
    crate::schema::word(words, of).and_then(text)
}

impl Value {
    fn number<T: TryFrom<i64>>(self) -> Option<T> {
        if let Self::Number(number) = self { T::try_from(number).ok() } else { None }
    }

    fn octets(self) -> Option<Vec<u8>> {
        if let Self::Octets(octets) = self { Some(octets) } else { None }
    }

    fn word<T: Copy>(self, words: &[(T, &'static str)]) -> Option<T> {
        let octets = self.octets()?;
        words.iter().find(|(_, word)| word.as_bytes() == octets).map(|(known, _)| *known)
    }
}

const fn column(
    name: &'static str,
    kind: Kind,
    get: fn(&Failure) -> Option<Value>,
    set: fn(&mut Failure, Value) -> Option<()>,
) -> Column {
    let annotation = if matches!(kind, Kind::Text) { "(STRING)" } else { "" };
    Column { name, kind, annotation, required: false, get, set }
}

/// A number of the record.
macro_rules! of_record {
    ($name:literal, $($field:tt)+) => {
        column(
            $name,
            Kind::Int32,
            |f| f.record.$($field)+.and_then(number),
            |f, v| set(&mut f.record.$($field)+, Some(v.number()?)),
        )
    };
}

/// A cell of the record: network, identity, tracking area.
macro_rules! cell {
    ($field:ident) => {
        [
            column(
                concat!(stringify!($field), "_network"),
                Kind::Text,
                |f| f.record.$field.and_then(|cell| text(&cell.network.to_string())),
                |f, v| {
                    let network = plmn_of(&v.octets()?)?;
                    f.record.$field = Some(NamedCell { network, cell: 0, tracking_area: None });
                    Some(())
                },
            ),
            column(
                concat!(stringify!($field), "_cell"),
                Kind::Int64,
                |f| i64::try_from(f.record.$field?.cell).ok().and_then(number),
                |f, v| set(&mut f.record.$field.as_mut()?.cell, v.number()?),
            ),
            column(
                concat!(stringify!($field), "_tracking_area"),
                Kind::Int32,
                |f| f.record.$field?.tracking_area.and_then(number),
                |f, v| set(&mut f.record.$field.as_mut()?.tracking_area, Some(v.number()?)),
            ),
        ]
    };
}

/// Columns in the order of the schema. That of a cell's network stands before its others.
fn columns() -> Vec<Column> {
    let required = |column: Column| Column { required: true, ..column };
    let mut columns = vec![
        required(Column {
            annotation: "(TIMESTAMP(MILLIS,true))",
            ..column("time", Kind::Int64, |f| number(f.time_ms), |f, v| set(&mut f.time_ms, v.number()?))
        }),
        required(column("job", Kind::Text, |f| text(&job_name(f.job)), |f, v| set(&mut f.job, job_of(&v.octets()?)?))),
        column(
            "erasure",
            Kind::Octets(32),
            |f| f.erasure.map(|e| Value::Octets(e.to_vec())),
            |f, v| set(&mut f.erasure, Some(v.octets()?.try_into().ok()?)),
        ),
        column(
            "subject",
            Kind::Octets(16),
            |f| f.subject.map(|s| Value::Octets(s.0.to_vec())),
            |f, v| set(&mut f.subject, Some(SubjectId(v.octets()?.try_into().ok()?))),
        ),
        column(
            "model",
            Kind::Text,
            |f| f.model.and_then(|model| text(model.as_str())),
            |f, v| set(&mut f.model, Some(Model::parse(core::str::from_utf8(&v.octets()?).ok()?)?)),
        ),
        required(column(
            "rat",
            Kind::Text,
            |f| text(rat_name(f.record.rat)),
            |f, v| set(&mut f.record.rat, rat_of(&v.octets()?)?),
        )),
        required(column(
            "kind",
            Kind::Text,
            |f| word(&FailureKind::WORDS, f.record.kind),
            |f, v| set(&mut f.record.kind, v.word(&FailureKind::WORDS)?),
        )),
        column(
            "cause",
            Kind::Text,
            |f| word(&FailureCause::WORDS, f.record.cause?),
            |f, v| set(&mut f.record.cause, Some(v.word(&FailureCause::WORDS)?)),
        ),
        column(
            "latitude",
            Kind::Int32,
            |f| number(f.record.position?.0),
            |f, v| set(&mut f.record.position, Some((v.number()?, 0))),
        ),
        column(
            "longitude",
            Kind::Int32,
            |f| number(f.record.position?.1),
            |f, v| set(&mut f.record.position.as_mut()?.1, v.number()?),
        ),
        of_record!("uncertainty", uncertainty),
    ];
    columns.extend(cell!(failed));
    columns.extend([of_record!("carrier", carrier), of_record!("pci", pci)]);
    columns.extend([of_record!("rsrp", results[0]), of_record!("rsrq", results[1]), of_record!("sinr", results[2])]);
    columns.extend(cell!(previous));
    columns.extend(cell!(reestablishment));
    columns.extend(cell!(reconnection));
    columns.extend([
        of_record!("until_reconnection_s", until_reconnection_s),
        of_record!("since_handover_100ms", since_handover_100ms),
        of_record!("preambles", preambles),
        of_record!("failures", failures),
        required(column(
            "flags",
            Kind::Int32,
            |f| number(f.record.flags),
            |f, v| set(&mut f.record.flags, v.number()?),
        )),
    ]);
    columns
}

fn schema(columns: &[Column]) -> Result<TypePtr, ParquetError> {
    let mut text = "message mdt_failures {".to_owned();
    for column in columns {
        let repetition = if column.required { "required" } else { "optional" };
        let of = match column.kind {
            Kind::Int32 => "int32".to_owned(),
            Kind::Int64 => "int64".to_owned(),
            Kind::Text => "binary".to_owned(),
            Kind::Octets(octets) => format!("fixed_len_byte_array({octets})"),
        };
        // Writing to a String cannot fail.
        write!(text, " {repetition} {of} {} {};", column.name, column.annotation).ok();
    }
    text.push_str(" }");
    Ok(Arc::new(parse_message_type(&text)?))
}

/// These failures, in this order, as one file.
pub(super) fn write(failures: &[Failure]) -> Result<Vec<u8>, ParquetError> {
    let columns = columns();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_created_by("wherefore mdt-store".to_owned())
        .build();
    let mut file = SerializedFileWriter::new(Vec::new(), schema(&columns)?, Arc::new(properties))?;
    if !failures.is_empty() {
        let mut group = file.next_row_group()?;
        for column in &columns {
            match column.kind {
                Kind::Int32 => put::<Int32Type>(&mut group, column, failures, |v| v.number())?,
                Kind::Int64 => put::<Int64Type>(&mut group, column, failures, |v| v.number())?,
                Kind::Text => put::<ByteArrayType>(&mut group, column, failures, |v| v.octets().map(ByteArray::from))?,
                Kind::Octets(_) => put::<FixedLenByteArrayType>(&mut group, column, failures, |v| {
                    v.octets().map(|octets| FixedLenByteArray::from(ByteArray::from(octets)))
                })?,
            }
        }
        group.close()?;
    }
    Ok(file.into_inner()?)
}

fn put<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    column: &Column,
    failures: &[Failure],
    of: impl Fn(Value) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let values: Vec<Option<T::T>> = failures.iter().map(|failure| (column.get)(failure).and_then(&of)).collect();
    let definition: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let present: Vec<T::T> = values.into_iter().flatten().collect();
    let mut to = group.next_column()?.ok_or(ParquetError::Schema)?;
    to.typed::<T>().write_batch(&present, (!column.required).then_some(&definition), None)?;
    Ok(to.close()?)
}

/// All failures of a file.
pub(super) fn read(file: Bytes) -> Result<Vec<Failure>, ParquetError> {
    let columns = columns();
    let reader = SerializedFileReader::new(file)?;
    if reader.metadata().file_metadata().schema() != schema(&columns)?.as_ref() {
        return Err(ParquetError::Schema);
    }
    // Before its columns are set.
    let job = job_of(b"001-01-000000").ok_or(ParquetError::Schema)?;
    let empty = Failure { time_ms: 0, job, erasure: None, subject: None, model: None, record: FailureRecord::EMPTY };
    let mut failures = Vec::new();
    for number in 0..reader.num_row_groups() {
        let group = reader.get_row_group(number)?;
        let rows = usize::try_from(group.metadata().num_rows()).map_err(|_| ParquetError::Schema)?;
        let mut part = vec![empty; rows];
        for (at, column) in columns.iter().enumerate() {
            let unsound = || ParquetError::Value { group: number, column: column.name };
            let values = match column.kind {
                Kind::Int32 => take::<Int32Type>(group.as_ref(), at, column, rows, |v| Value::Number(v.into()))?,
                Kind::Int64 => take::<Int64Type>(group.as_ref(), at, column, rows, Value::Number)?,
                Kind::Text => {
                    take::<ByteArrayType>(group.as_ref(), at, column, rows, |v| Value::Octets(v.data().to_vec()))?
                }
                Kind::Octets(_) => take::<FixedLenByteArrayType>(group.as_ref(), at, column, rows, |v| {
                    Value::Octets(v.data().to_vec())
                })?,
            };
            if values.len() != rows {
                return Err(unsound());
            }
            for (failure, value) in part.iter_mut().zip(values) {
                if let Some(value) = value {
                    (column.set)(failure, value).ok_or_else(unsound)?;
                }
            }
        }
        failures.append(&mut part);
    }
    Ok(failures)
}

fn take<T: DataType>(
    group: &dyn RowGroupReader,
    at: usize,
    column: &Column,
    rows: usize,
    of: impl Fn(T::T) -> Value,
) -> Result<Vec<Option<Value>>, ParquetError> {
    let mut reader = get_typed_column_reader::<T>(group.get_column_reader(at)?);
    let (mut values, mut definition) = (Vec::new(), Vec::new());
    let levels = (!column.required).then_some(&mut definition);
    reader.read_records(rows, levels, None, &mut values)?;
    let mut values = values.into_iter();
    if column.required {
        return Ok(values.map(|value| Some(of(value))).collect());
    }
    Ok(definition.into_iter().map(|level| if level == 1 { values.next().map(&of) } else { None }).collect())
}
