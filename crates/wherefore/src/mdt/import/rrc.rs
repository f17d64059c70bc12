//! RRC messages of captures and of lines.

use super::{ImportError, Importer, Prepared, note};
use lcs::Timestamp;
use mdt::capture::{
    CaptureFault, CaptureReport, Channel, Found, Holds, Mode, Place, UserLinkTypes, read_lines, read_packets,
};
use mdt::rrc::{LogColumns, UperError};
use mdt_store::Told;
use std::collections::HashSet;

/// How files of RRC messages are to be read.
#[derive(Debug, Clone)]
pub struct RrcOptions {
    /// What to do with what is not as it should be.
    pub mode: Mode,
    /// Of which channel lines are that name none.
    pub channel: Option<Channel>,
    /// What link types of users mean.
    pub users: UserLinkTypes,
    /// When messages came that say no time.
    pub received: Timestamp,
}

/// An option is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RrcOptionError {
    /// Nothing is read of such a channel.
    #[error("no such channel; there are {}", Channel::ALL.map(Channel::name).join(", "))]
    Channel,
    /// A link type of users is not told as one.
    #[error("a link type of users and its channel are as 147=lte-rrc.ul.dcch")]
    LinkType,
    /// The number is none of users.
    #[error("link types of users are 147 to 162")]
    LinkTypeNumber,
}

impl RrcOptions {
    /// From words: the channel of lines that name none, and link types of users as `147=lte-rrc.ul.dcch`.
    ///
    /// # Errors
    /// Which word is none.
    pub fn new(
        mode: Mode,
        channel: Option<&str>,
        link_types: &[String],
        received: Timestamp,
    ) -> Result<Self, RrcOptionError> {
        let named = |name: &str| Channel::from_name(name).ok_or(RrcOptionError::Channel);
        let mut users = UserLinkTypes::default();
        for text in link_types {
            let (link, name) = text.split_once('=').ok_or(RrcOptionError::LinkType)?;
            let link = link.parse().map_err(|_| RrcOptionError::LinkTypeNumber)?;
            users = users.with(link, named(name)?).ok_or(RrcOptionError::LinkTypeNumber)?;
        }
        Ok(Self { mode, channel: channel.map(named).transpose()?, users, received })
    }
}

/// The first octets of captures: pcap in both orders, in micro- and nanoseconds and as Kuznetzov's version; pcapng.
const CAPTURES: [[u8; 4]; 7] = [
    [0xA1, 0xB2, 0xC3, 0xD4],
    [0xD4, 0xC3, 0xB2, 0xA1],
    [0xA1, 0xB2, 0x3C, 0x4D],
    [0x4D, 0x3C, 0xB2, 0xA1],
    [0xA1, 0xB2, 0xCD, 0x34],
    [0x34, 0xCD, 0xB2, 0xA1],
    [0x0A, 0x0D, 0x0D, 0x0A],
];

pub(super) fn read(importer: &Importer, file: &[u8], options: &RrcOptions) -> Result<Prepared, ImportError> {
    let capture = CAPTURES.iter().any(|magic| file.starts_with(magic));
    let (found, mut report) = if capture {
        read_packets(file, &options.users, options.mode)?
    } else {
        read_lines(file, options.channel, options.mode)?
    };
    let (mut prepared, mut log, mut seen) = (Prepared::default(), LogColumns::default(), HashSet::new());
    for message in &found {
        log.clear();
        match message.decode_into(&mut log) {
            Err(UperError::OtherMessage) => report.other += 1,
            Err(_) => report.fault(options.mode, CaptureFault::Message { place: message.place })?,
            // A message that two interfaces saw is one message.
            Ok(holds) if holds.response && !seen.insert(message.octets.as_ref()) => {
                prepared.counts.messages += 1;
                prepared.counts.repeated += 1;
            }
            Ok(holds) => {
                let received = received(message, options);
                count(&mut prepared, &holds);
                importer.anonymise(&mut prepared, &log, Told::Nothing, received);
                let beside = log.heads.first().map(|head| head.trace.trace_reference);
                importer.failures(&mut prepared, &holds.failures, (None, beside), Told::Nothing, received)?;
            }
        }
    }
    finish(&mut prepared, report);
    Ok(prepared)
}

fn received(message: &Found<'_>, options: &RrcOptions) -> Timestamp {
    match message.place {
        Place::Packet(_) => message.at.unwrap_or(options.received),
        Place::Line(_) => options.received,
    }
}

pub(super) fn count(prepared: &mut Prepared, holds: &Holds) {
    let counts = &mut prepared.counts;
    counts.messages += 1;
    counts.configurations += u64::from(holds.configuration);
    counts.requests += u64::from(holds.request);
    counts.responses += u64::from(holds.response);
    counts.radio_link_failures += u64::from(holds.rlf);
    counts.connection_failures += u64::from(holds.connection_failure);
    counts.unreadable_failures += u64::from(holds.unreadable_failure);
    counts.mobility_histories += u64::from(holds.mobility_history);
    if let Some(log) = holds.log {
        counts.unreadable_positions += u64::from(log.unreadable_locations);
        counts.dropped_results += u64::from(log.dropped_results);
    }
}

fn finish(prepared: &mut Prepared, report: CaptureReport) {
    let counts = &mut prepared.counts;
    (counts.read, counts.other, counts.faults) = (report.read, report.other, report.faults);
    report.first.iter().for_each(|fault| note(&mut prepared.faults, fault));
}
