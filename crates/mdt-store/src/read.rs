//! Rows out of Parquet. What was written went through an anonymiser, so what is read is anonymised.

use crate::rows::{AnonymisedRows, Neighbour, Origin, Row};
use crate::schema::{ParquetError, job_of, plmn_of, rat_of, schema};
use crate::{Model, SubjectId};
use bytes::Bytes;
use mdt::rrc::NeighbourRat;
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FixedLenByteArrayType, Int32Type, Int64Type};
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use std::collections::HashMap;

/// All rows of a file.
pub(crate) fn read(file: Bytes) -> Result<AnonymisedRows, ParquetError> {
    let reader = SerializedFileReader::new(file)?;
    if reader.metadata().file_metadata().schema() != schema()?.as_ref() {
        return Err(ParquetError::Schema);
    }
    let (mut rows, mut origins) = (AnonymisedRows::default(), HashMap::new());
    for number in 0..reader.num_row_groups() {
        let group = reader.get_row_group(number)?;
        Group { reader: group.as_ref(), number }.read(&mut rows, &mut origins)?;
    }
    Ok(rows)
}

/// One row group.
struct Group<'a> {
    reader: &'a dyn RowGroupReader,
    number: usize,
}

/// Values and levels of a column.
struct Column<T> {
    values: Vec<T>,
    definition: Vec<i16>,
    repetition: Vec<i16>,
}

impl Group<'_> {
    fn column<T: DataType>(&self, at: usize) -> Result<Column<T::T>, ParquetError> {
        let rows = usize::try_from(self.reader.metadata().num_rows()).map_err(|_| ParquetError::Schema)?;
        let mut reader = get_typed_column_reader::<T>(self.reader.get_column_reader(at)?);
        let mut column = Column { values: Vec::new(), definition: Vec::new(), repetition: Vec::new() };
        let (definition, repetition) = (Some(&mut column.definition), Some(&mut column.repetition));
        let (read, ..) = reader.read_records(rows, definition, repetition, &mut column.values)?;
        if read == rows { Ok(column) } else { Err(self.unsound("of fewer rows")) }
    }

    fn required<T: DataType>(&self, at: usize) -> Result<std::vec::IntoIter<T::T>, ParquetError> {
        Ok(self.column::<T>(at)?.values.into_iter())
    }

    fn optional<T: DataType>(&self, at: usize) -> Result<impl Iterator<Item = Option<T::T>>, ParquetError> {
        let Column { values, definition, .. } = self.column::<T>(at)?;
        let mut values = values.into_iter();
        Ok(definition.into_iter().map(move |level| if level == 1 { values.next() } else { None }))
    }

    fn unsound(&self, column: &'static str) -> ParquetError {
        ParquetError::Value { group: self.number, column }
    }

    fn narrow<T: TryFrom<i32>>(&self, value: Option<i32>, column: &'static str) -> Result<Option<T>, ParquetError> {
        value.map(|value| T::try_from(value).map_err(|_| self.unsound(column))).transpose()
    }

    fn read(&self, rows: &mut AnonymisedRows, origins: &mut HashMap<Origin, u32>) -> Result<(), ParquetError> {
        let times = self.required::<Int64Type>(0)?;
        let mut from = self.origins()?;
        let (mut latitudes, mut longitudes) = (self.optional::<Int32Type>(7)?, self.optional::<Int32Type>(8)?);
        let mut uncertainties = self.optional::<Int32Type>(9)?;
        let mut networks = self.optional::<ByteArrayType>(10)?;
        let (mut cells, mut areas) = (self.optional::<Int64Type>(11)?, self.optional::<Int32Type>(12)?);
        let mut rsrp = self.optional::<Int32Type>(13)?;
        let (mut rsrq, mut sinr) = (self.optional::<Int32Type>(14)?, self.optional::<Int32Type>(15)?);
        let mut flags = self.required::<Int32Type>(16)?;
        let mut lists = self.neighbours()?;
        for time_ms in times {
            let origin = from.next().ok_or(self.unsound("job"))?;
            let network = match networks.next().flatten() {
                None => None,
                Some(name) => Some(plmn_of(name.data()).ok_or(self.unsound("network"))?),
            };
            let cell =
                cells.next().flatten().map(|c| u64::try_from(c).map_err(|_| self.unsound("cell"))).transpose()?;
            let row = Row {
                time_ms,
                origin,
                position: latitudes.next().flatten().zip(longitudes.next().flatten()),
                uncertainty: self.narrow(uncertainties.next().flatten(), "uncertainty")?,
                network,
                cell,
                tracking_area: self.narrow(areas.next().flatten(), "tracking_area")?,
                rsrp: self.narrow(rsrp.next().flatten(), "rsrp")?,
                rsrq: self.narrow(rsrq.next().flatten(), "rsrq")?,
                sinr: self.narrow(sinr.next().flatten(), "sinr")?,
                flags: self.narrow(flags.next(), "flags")?.ok_or(self.unsound("flags"))?,
            };
            for neighbour in lists.next().ok_or(self.unsound("neighbours"))? {
                rows.push_neighbour(&neighbour);
            }
            let number = *origins.entry(origin).or_insert_with(|| {
                rows.origins.push(origin);
                (rows.origins.len() - 1) as u32
            });
            rows.push(number, &row);
        }
        Ok(())
    }

    fn origins(&self) -> Result<std::vec::IntoIter<Origin>, ParquetError> {
        let (jobs, mut sessions) = (self.required::<ByteArrayType>(1)?, self.required::<Int64Type>(2)?);
        let mut erasures = self.optional::<FixedLenByteArrayType>(3)?;
        let mut subjects = self.optional::<FixedLenByteArrayType>(4)?;
        let mut models = self.optional::<ByteArrayType>(5)?;
        let mut rats = self.required::<ByteArrayType>(6)?;
        let mut origins = Vec::with_capacity(jobs.len());
        for job in jobs {
            let erasure = match erasures.next().flatten() {
                None => None,
                Some(octets) => Some(octets.data().try_into().map_err(|_| self.unsound("erasure"))?),
            };
            let subject = match subjects.next().flatten() {
                None => None,
                Some(octets) => Some(SubjectId(octets.data().try_into().map_err(|_| self.unsound("subject"))?)),
            };
            let model = match models.next().flatten() {
                None => None,
                Some(name) => {
                    Some(core::str::from_utf8(name.data()).ok().and_then(Model::parse).ok_or(self.unsound("model"))?)
                }
            };
            let rat = rats.next();
            origins.push(Origin {
                job: job_of(job.data()).ok_or(self.unsound("job"))?,
                rat: rat.as_ref().and_then(|rat| rat_of(rat.data())).ok_or(self.unsound("rat"))?,
                session: sessions.next().ok_or(self.unsound("session"))? as u64,
                erasure,
                subject,
                model,
            });
        }
        Ok(origins.into_iter())
    }

    /// The neighbours of each row.
    fn neighbours(&self) -> Result<std::vec::IntoIter<Vec<Neighbour>>, ParquetError> {
        let Column { values, definition, repetition } = self.column::<ByteArrayType>(17)?;
        let (mut rats, mut pcis) = (values.into_iter(), self.required::<Int32Type>(19)?);
        let element = |at: usize| -> Result<_, ParquetError> {
            let Column { values, definition, .. } = self.column::<Int32Type>(at)?;
            let mut values = values.into_iter();
            // Level 0 is an empty list, 1 an element without value.
            let present = definition.into_iter().filter(|level| *level > 0);
            Ok(present.map(move |level| if level == 2 { values.next() } else { None }))
        };
        let (mut carriers, mut rsrp, mut rsrq, mut sinr) = (element(18)?, element(20)?, element(21)?, element(22)?);
        let mut lists: Vec<Vec<Neighbour>> = Vec::new();
        for (present, within) in definition.into_iter().zip(repetition) {
            if within == 0 {
                lists.push(Vec::new());
            }
            if present == 0 {
                continue;
            }
            let name = rats.next();
            let name = name.as_ref().map(ByteArray::data).unwrap_or_default();
            let known = NeighbourRat::WORDS.iter().find(|(_, known)| known.as_bytes() == name);
            let neighbour = Neighbour {
                rat: known.ok_or(self.unsound("neighbours.rat"))?.0,
                carrier: self.narrow(carriers.next().flatten(), "neighbours.carrier")?,
                pci: self.narrow(pcis.next(), "neighbours.pci")?.ok_or(self.unsound("neighbours.pci"))?,
                rsrp: self.narrow(rsrp.next().flatten(), "neighbours.rsrp")?,
                rsrq: self.narrow(rsrq.next().flatten(), "neighbours.rsrq")?,
                sinr: self.narrow(sinr.next().flatten(), "neighbours.sinr")?,
            };
            lists.last_mut().ok_or(self.unsound("neighbours"))?.push(neighbour);
        }
        Ok(lists.into_iter())
    }
}
