//! Rows into Parquet.

use crate::rows::{AnonymisedRows, NO_UNCERTAINTY};
use crate::schema::{MEANING, ParquetError, ROW_GROUP, job_name, rat_name, schema};
use bytes::Bytes;
use mdt::rrc::{NONE_COORDINATE, NONE_INDEX, NONE_NUMBER, NeighbourRat, Plmn};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::data_type::{
    ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type,
};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::ColumnPath;
use std::sync::Arc;

type Group<'a> = SerializedRowGroupWriter<'a, Vec<u8>>;

fn properties() -> Result<WriterPropertiesPtr, ParquetError> {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_created_by("wherefore mdt-store".to_owned())
        .set_key_value_metadata(Some(
            MEANING.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned())).collect(),
        ));
    // Neighbouring rows are near each other: differences are small, and repeat less than what a dictionary is good for. What is measured takes
    // as few bits by differences, and a dictionary would look up every value.
    let of_rows = ["time", "latitude", "longitude", "rsrp", "rsrq", "sinr"].map(ColumnPath::from);
    let of_neighbours = ["carrier", "pci", "rsrp", "rsrq", "sinr"];
    let of_neighbours =
        of_neighbours.map(|c| ColumnPath::from(["neighbours", "list", "element", c].map(str::to_owned).to_vec()));
    for path in of_rows.into_iter().chain(of_neighbours) {
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
    }
    Ok(Arc::new(properties.build()))
}

/// The rows of these numbers, in this order, as one file.
pub(crate) fn write(rows: &AnonymisedRows, order: &[u32]) -> Result<Vec<u8>, ParquetError> {
    let mut file = SerializedFileWriter::new(Vec::with_capacity(order.len() * 24), schema()?, properties()?)?;
    for part in order.chunks(ROW_GROUP) {
        let mut group = file.next_row_group()?;
        origins(&mut group, rows, part)?;
        entries(&mut group, rows, part)?;
        neighbours(&mut group, rows, part)?;
        group.close()?;
    }
    Ok(file.into_inner()?)
}

fn column<T: DataType>(
    group: &mut Group<'_>,
    values: &[T::T],
    definition: Option<&[i16]>,
    repetition: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let mut column = group.next_column()?.ok_or(ParquetError::Schema)?;
    column.typed::<T>().write_batch(values, definition, repetition)?;
    Ok(column.close()?)
}

fn required<T: DataType>(group: &mut Group<'_>, values: impl Iterator<Item = T::T>) -> Result<(), ParquetError> {
    column::<T>(group, &values.collect::<Vec<_>>(), None, None)
}

fn optional<T: DataType>(group: &mut Group<'_>, rows: impl Iterator<Item = Option<T::T>>) -> Result<(), ParquetError> {
    let (mut values, mut definition) = (Vec::with_capacity(rows.size_hint().0), Vec::with_capacity(rows.size_hint().0));
    for value in rows {
        definition.push(i16::from(value.is_some()));
        values.extend(value);
    }
    column::<T>(group, &values, Some(&definition), None)
}

/// Values of a column by the numbers of rows.
fn each<'a, T: Copy>(values: &'a [T], order: &'a [u32]) -> impl Iterator<Item = T> + 'a {
    order.iter().filter_map(|at| values.get(*at as usize).copied())
}

fn text(text: &str) -> ByteArray {
    ByteArray::from(text.as_bytes().to_vec())
}

fn origins(group: &mut Group<'_>, rows: &AnonymisedRows, order: &[u32]) -> Result<(), ParquetError> {
    required::<Int64Type>(group, each(&rows.time_ms, order))?;
    let of = |order| each(&rows.origin, order).map(|origin| origin as usize);
    let jobs: Vec<ByteArray> = rows.origins.iter().map(|origin| text(&job_name(origin.job))).collect();
    required::<ByteArrayType>(group, of(order).filter_map(|origin| jobs.get(origin).cloned()))?;
    let origin = |at: usize| rows.origins.get(at);
    required::<Int64Type>(group, of(order).filter_map(|at| origin(at).map(|o| o.session as i64)))?;
    let fixed = |octets: &[u8]| FixedLenByteArray::from(octets.to_vec());
    let erasures: Vec<_> = rows.origins.iter().map(|o| o.erasure.map(|e| fixed(&e))).collect();
    optional::<FixedLenByteArrayType>(group, of(order).map(|at| erasures.get(at).cloned().flatten()))?;
    let subjects: Vec<_> = rows.origins.iter().map(|o| o.subject.map(|s| fixed(&s.0))).collect();
    optional::<FixedLenByteArrayType>(group, of(order).map(|at| subjects.get(at).cloned().flatten()))?;
    let models: Vec<_> = rows.origins.iter().map(|o| o.model.map(|m| ByteArray::from(m.octets().to_vec()))).collect();
    optional::<ByteArrayType>(group, of(order).map(|at| models.get(at).cloned().flatten()))?;
    let rats: Vec<ByteArray> = rows.origins.iter().map(|o| text(rat_name(o.rat))).collect();
    required::<ByteArrayType>(group, of(order).filter_map(|origin| rats.get(origin).cloned()))
}

fn entries(group: &mut Group<'_>, rows: &AnonymisedRows, order: &[u32]) -> Result<(), ParquetError> {
    let coordinate = |code: i32| (code != NONE_COORDINATE).then_some(code);
    optional::<Int32Type>(group, each(&rows.latitude, order).map(coordinate))?;
    optional::<Int32Type>(group, each(&rows.longitude, order).map(coordinate))?;
    let code = |code: u8| (code != NO_UNCERTAINTY).then_some(i32::from(code));
    optional::<Int32Type>(group, each(&rows.uncertainty, order).map(code))?;
    let mut networks: Vec<(u32, ByteArray)> = Vec::new();
    let network = |packed: u32| {
        if let Some((_, name)) = networks.iter().find(|(known, _)| *known == packed) {
            return Some(name.clone());
        }
        let name = text(&Plmn::from_packed(packed).filter(|_| packed != NONE_NUMBER)?.to_string());
        networks.push((packed, name.clone()));
        Some(name)
    };
    optional::<ByteArrayType>(group, each(&rows.network, order).map(network))?;
    let cell = |cell: u64| i64::try_from(cell).ok();
    optional::<Int64Type>(group, each(&rows.cell, order).map(cell))?;
    let number = |number: u32| i32::try_from(number).ok();
    optional::<Int32Type>(group, each(&rows.tracking_area, order).map(number))?;
    for quantity in [&rows.rsrp, &rows.rsrq, &rows.sinr] {
        optional::<Int32Type>(group, each(quantity, order).map(index))?;
    }
    required::<Int32Type>(group, each(&rows.flags, order).map(i32::from))
}

fn index(index: i8) -> Option<i32> {
    (index != NONE_INDEX).then_some(i32::from(index))
}

/// Where lists begin and which are empty, for a column of their elements (levels of Dremel, as Parquet has them).
struct Lists {
    /// Rows of neighbours, in order.
    elements: Vec<u32>,
    /// 0 where a list begins, 1 within it.
    repetition: Vec<i16>,
    /// Whether there is an element.
    present: Vec<bool>,
}

impl Lists {
    fn of(rows: &AnonymisedRows, order: &[u32]) -> Self {
        let mut lists = Self { elements: Vec::new(), repetition: Vec::new(), present: Vec::new() };
        for row in order {
            let elements = rows.neighbour_rows(*row as usize);
            if elements.is_empty() {
                lists.repetition.push(0);
                lists.present.push(false);
            }
            for (nth, element) in elements.enumerate() {
                lists.elements.push(element as u32);
                lists.repetition.push(i16::from(nth > 0));
                lists.present.push(true);
            }
        }
        lists
    }

    fn required<T: DataType>(
        &self,
        group: &mut Group<'_>,
        values: impl Iterator<Item = T::T>,
    ) -> Result<(), ParquetError> {
        let definition: Vec<i16> = self.present.iter().map(|present| i16::from(*present)).collect();
        column::<T>(group, &values.collect::<Vec<_>>(), Some(&definition), Some(&self.repetition))
    }

    fn optional(&self, group: &mut Group<'_>, values: impl Iterator<Item = Option<i32>>) -> Result<(), ParquetError> {
        let (mut taken, mut values) = (Vec::with_capacity(self.elements.len()), values);
        let level = |present: &bool| match present.then(|| values.next().flatten()) {
            None => 0,
            Some(value) => {
                taken.extend(value);
                1 + i16::from(value.is_some())
            }
        };
        let definition: Vec<i16> = self.present.iter().map(level).collect();
        column::<Int32Type>(group, &taken, Some(&definition), Some(&self.repetition))
    }
}

fn neighbours(group: &mut Group<'_>, rows: &AnonymisedRows, order: &[u32]) -> Result<(), ParquetError> {
    let (lists, n) = (Lists::of(rows, order), &rows.neighbours);
    // Names that are there for good are given away without being counted.
    let word = |rat| NeighbourRat::WORDS.iter().find(|(known, _)| *known == rat).map(|(_, word)| word.as_bytes());
    let name = |rat| word(rat).map(|word| ByteArray::from(Bytes::from_static(word)));
    lists.required::<ByteArrayType>(group, each(&n.rat, &lists.elements).filter_map(name))?;
    let carrier = |number: u32| i32::try_from(number).ok();
    lists.optional(group, each(&n.carrier, &lists.elements).map(carrier))?;
    lists.required::<Int32Type>(group, each(&n.pci, &lists.elements).map(i32::from))?;
    for quantity in [&n.rsrp, &n.rsrq, &n.sinr] {
        lists.optional(group, each(quantity, &lists.elements).map(index))?;
    }
    Ok(())
}
