//! The types of S1AP that activate a trace, in the order and with the constraints of TS 36.413 clause 9.3.4. Values of an ENUMERATED are
//! their places.
//!
//! SEQUENCEs have an extension mark and no additions: what later releases added stands in a container of extensions.
#![allow(unreachable_pub, missing_docs, reason = "the descriptions make public types, and this module is private")]

use super::aper::{Address, Aligned, Enumerated, Many, Name, Open, Wide};
use crate::uper::{As, Int, List, Reader, Same, Uper, UperError, Writer, choice, sequence};

sequence! {
    /// ProtocolExtensionField. The value is an open type.
    pub struct Extension {
        must id: u32 as Wide<16>,
        must criticality: u8 as Int<0, 2>,
        must value: Vec<u8> as Open,
    }
}

/// criticality reject: who does not know the element may not go on.
pub(super) const REJECT: u8 = 0;
/// criticality ignore.
pub(super) const IGNORE: u8 = 1;

/// ProtocolExtensionContainer.
pub(super) type Extensions = Vec<Extension>;

sequence! {
    pub struct TraceActivation {
        must trace_id: [u8; 8] as Aligned,
        must interfaces: u8 as Int<0, 255>,
        must depth: u8 as Enumerated<6, 0>,
        must collector: Vec<u8> as Address,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

sequence! {
    pub struct MdtConfiguration {
        must activation: u8 as Enumerated<3, 1>,
        must area: Area as Same,
        must mode: Mode as Same,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

/// AreaScopeOfMDT, whose fourth alternative lies behind the mark.
pub enum Area {
    Cells(CellBased),
    TrackingAreaCodes(CodeBased),
    Everywhere,
    TrackingAreas(AreaBased),
}

impl Uper for Area {
    fn read(reader: &mut Reader<'_>) -> Result<Self, UperError> {
        if reader.take(1)? != 0 {
            // The first behind the mark, in an open type.
            if reader.take(7)? != 0 {
                return Err(reader.out_of_range());
            }
            reader.align();
            let length = reader.take_length()?;
            let mut inside = reader.window(length);
            reader.check()?;
            return AreaBased::read(&mut inside).map(Self::TrackingAreas);
        }
        Ok(match reader.take(2)? {
            0 => Self::Cells(CellBased::read(reader)?),
            1 => Self::TrackingAreaCodes(CodeBased::read(reader)?),
            2 => Self::Everywhere,
            _ => return Err(reader.out_of_range()),
        })
    }

    fn write(&self, writer: &mut Writer) -> Result<(), UperError> {
        match self {
            Self::Cells(cells) => {
                writer.bits(3, 0);
                cells.write(writer)
            }
            Self::TrackingAreaCodes(codes) => {
                writer.bits(3, 1);
                codes.write(writer)
            }
            Self::Everywhere => {
                writer.bits(3, 2);
                Ok(())
            }
            Self::TrackingAreas(areas) => {
                writer.bits(8, 0x80);
                writer.align();
                writer.open(|writer| areas.write(writer))
            }
        }
    }
}

sequence! {
    pub struct CellBased {
        must cells: Vec<Cgi> as List<Same, 1, 32>,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

sequence! {
    pub struct Cgi {
        must plmn: [u8; 3] as Aligned,
        must cell: u32 as Wide<28>,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

sequence! {
    pub struct CodeBased {
        must codes: Vec<[u8; 2]> as List<Same, 1, 8>,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

sequence! {
    pub struct AreaBased {
        must areas: Vec<Tai> as List<Same, 1, 8>,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

sequence! {
    pub struct Tai {
        must plmn: [u8; 3] as Aligned,
        must code: [u8; 2] as Same,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

choice! {
    pub enum Mode {
        Immediate(Immediate as Same) = 0,
        Logged(Logged as Same) = 1,
    }
    extensible {}
}

sequence! {
    pub struct Logged {
        must interval: u8 as Int<0, 7>,
        must duration: u8 as Int<0, 5>,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

/// NULL.
pub struct Null;

impl As<()> for Null {
    fn read(_: &mut Reader<'_>) -> Result<(), UperError> {
        Ok(())
    }

    fn write((): &(), _: &mut Writer) -> Result<(), UperError> {
        Ok(())
    }
}

choice! {
    pub enum LoggedTrigger {
        Periodical(() as Null) = 0,
        Event(Event as Same) = 1,
    }
    extensible {}
}

/// ENUMERATED {true, ...}.
pub(super) type True = Enumerated<1, 0>;

choice! {
    /// The third alternative is a container that nothing is in yet.
    pub enum Event {
        OutOfCoverage(u8 as True) = 0,
        L1(L1 as Same) = 1,
        Later(Extension as Same) = 2,
    }
}

sequence! {
    pub struct L1 {
        must threshold: L1Threshold as Same,
        must hysteresis: u8 as Int<0, 30>,
        must time_to_trigger: u8 as Int<0, 15>,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

choice! {
    pub enum L1Threshold {
        Rsrp(u8 as Int<0, 97>) = 0,
        Rsrq(u8 as Int<0, 34>) = 1,
        Later(Extension as Same) = 2,
    }
}

sequence! {
    pub struct Sensors {
        must config: u8 as True,
        may names: Vec<SensorItem> as List<Same, 1, 3>,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

sequence! {
    pub struct SensorItem {
        must name: SensorName as Same,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

choice! {
    pub enum SensorName {
        Barometer(u8 as True) = 0,
        Later(Extension as Same) = 1,
    }
}

sequence! {
    pub struct Immediate {
        must measurements: u8 as Int<0, 255>,
        must m1_trigger: u8 as Enumerated<2, 1>,
        may m1_threshold: M1Threshold as Same,
        may m1_periodic: M1Periodic as Same,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

sequence! {
    pub struct M1Threshold {
        must threshold: A2Threshold as Same,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

choice! {
    pub enum A2Threshold {
        Rsrp(u8 as Int<0, 97>) = 0,
        Rsrq(u8 as Int<0, 34>) = 1,
    }
    extensible {}
}

sequence! {
    pub struct M1Periodic {
        must interval: u8 as Int<0, 12>,
        must amount: u8 as Int<0, 7>,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

sequence! {
    pub struct M3 {
        must period: u8 as Enumerated<3, 7>,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

sequence! {
    /// M4Configuration and M5Configuration, which are alike.
    pub struct M4 {
        must period: u8 as Enumerated<5, 0>,
        must links: u8 as Enumerated<3, 0>,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

sequence! {
    pub struct M6 {
        must interval: u8 as Enumerated<4, 0>,
        may delay: u8 as Enumerated<12, 0>,
        must links: u8 as Enumerated<3, 0>,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

sequence! {
    pub struct M7 {
        /// The mark of the extension of INTEGER (1..60, ...).
        must beyond: bool as Same,
        must period: u8 as Int<1, 60>,
        must links: u8 as Enumerated<3, 0>,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

/// M4ReportAmountMDT to M7ReportAmountMDT, which may grow.
pub(super) type Amount = Enumerated<8, 0>;
/// MDT-Location-Info.
pub(super) type Location = Int<0, 255>;
/// MDTPLMNList.
pub(super) type Plmns = List<Aligned, 1, 16>;

sequence! {
    pub struct Bluetooth {
        must config: u8 as True,
        may names: Vec<Vec<u8>> as List<Name<248>, 1, 4>,
        may rssi: u8 as True,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}

sequence! {
    pub struct Wlan {
        must config: u8 as True,
        may names: Vec<Vec<u8>> as List<Name<32>, 1, 4>,
        may rssi: u8 as True,
        may rtt: u8 as True,
        may extensions: Extensions as Many<Same>,
    }
    extensible {}
}
