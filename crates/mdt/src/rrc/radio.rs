//! What LTE and NR have in common below the head: results of Bluetooth and WLAN, time to trigger, durations.

use crate::uper::{As, Int, Octets, Reader, Same, Uper, UperError, Writer, enumerated, sequence};
use core::fmt;

/// A type that prints its name and nothing of what is in it.
macro_rules! hidden {
    ($($name:ident)*) => {$(
        /// Prints nothing of what is inside.
        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )*};
}
pub(crate) use hidden;

sequence! {
    /// LogMeasResultBT: a Bluetooth beacon that was heard. Says where a third party's device is, and prints nothing.
    #[derive(Clone, PartialEq, Eq)]
    pub struct BluetoothResult {
        /// Its address.
        must address: [u8; 6] as Same,
        /// Its strength, dBm.
        may rssi_dbm: i8 as Int<-128, 127>,
    }
    extensible {}
}

sequence! {
    /// WLAN-Identifiers.
    #[derive(Clone, PartialEq, Eq)]
    pub struct WlanIdentifiers {
        /// SSID, 1 to 32 octets.
        may ssid: Vec<u8> as Octets<1, 32>,
        /// BSSID.
        may bssid: [u8; 6] as Same,
        /// HESSID.
        may hessid: [u8; 6] as Same,
    }
    extensible {}
}

sequence! {
    /// WLAN-RTT.
    #[derive(Clone, PartialEq, Eq)]
    pub struct WlanRtt {
        /// Round trip time, in units.
        must value: u32 as Int<0, 16_777_215>,
        /// Unit: 10^-6, -7, -8, -9 and -10 s are 0 to 4.
        must unit: u8 as OpenEnum<5>,
        /// Accuracy, in the same units.
        may accuracy: u8 as Int<0, 255>,
    }
    extensible {}
}

sequence! {
    /// LogMeasResultWLAN: an access point that was heard. Says where a third party's device is, and prints nothing.
    #[derive(Clone, PartialEq, Eq)]
    pub struct WlanResult {
        /// Which.
        must identifiers: WlanIdentifiers as Same,
        /// Its strength, 0..141, where n is n - 128 dBm (TS 36.331 clause 6.3.5).
        may rssi: u8 as Int<0, 141>,
        /// Round trip time.
        may rtt: WlanRtt as Same,
    }
    extensible {}
}

hidden!(BluetoothResult WlanIdentifiers WlanRtt WlanResult);

/// ENUMERATED with an extension mark and N root values, as a number: the root from 0, the extension from N on.
pub(crate) struct OpenEnum<const N: i64>;

impl<const N: i64> As<u8> for OpenEnum<N> {
    fn read(reader: &mut Reader<'_>) -> Result<u8, UperError> {
        if !bool::read(reader)? {
            return Self::root(reader);
        }
        if reader.take(1)? != 0 {
            return Err(reader.out_of_range());
        }
        Ok(reader.take(6)? as u8 + N as u8)
    }

    fn write(value: &u8, writer: &mut Writer) -> Result<(), UperError> {
        let later = i64::from(*value) - N;
        if later < 0 {
            writer.bit(false);
            let root = (N - 1) as u64;
            writer.bits(64 - root.leading_zeros(), u64::from(*value));
            return Ok(());
        }
        writer.bit(true);
        // Normally small: a zero and six bits (X.691 clause 11.6).
        Int::<0, 127>::write(&(later as u8).min(64), writer)?;
        if later > 63 { Err(UperError::Unencodable("enumeration far beyond its extension")) } else { Ok(()) }
    }
}

impl<const N: i64> OpenEnum<N> {
    fn root(reader: &mut Reader<'_>) -> Result<u8, UperError> {
        let last = (N - 1) as u64;
        let value = reader.take(64 - last.leading_zeros())?;
        if value > last { Err(reader.out_of_range()) } else { Ok(value as u8) }
    }
}

enumerated! {
    /// LoggingDuration: how long is logged (TS 32.422 clause 5.10.9).
    pub enum LoggingDuration of 8 {
        /// 10 minutes.
        Min10 = 0,
        /// 20 minutes.
        Min20 = 1,
        /// 40 minutes.
        Min40 = 2,
        /// 60 minutes.
        Min60 = 3,
        /// 90 minutes.
        Min90 = 4,
        /// 120 minutes.
        Min120 = 5,
    }
}

impl LoggingDuration {
    /// Seconds.
    #[must_use]
    pub const fn seconds(self) -> u16 {
        [600, 1200, 2400, 3600, 5400, 7200][self as usize]
    }
}

enumerated! {
    /// TimeToTrigger: how long a condition holds before it counts.
    pub enum TimeToTrigger of 16 {
        /// 0 ms.
        Ms0 = 0,
        /// 40 ms.
        Ms40 = 1,
        /// 64 ms.
        Ms64 = 2,
        /// 80 ms.
        Ms80 = 3,
        /// 100 ms.
        Ms100 = 4,
        /// 128 ms.
        Ms128 = 5,
        /// 160 ms.
        Ms160 = 6,
        /// 256 ms.
        Ms256 = 7,
        /// 320 ms.
        Ms320 = 8,
        /// 480 ms.
        Ms480 = 9,
        /// 512 ms.
        Ms512 = 10,
        /// 640 ms.
        Ms640 = 11,
        /// 1024 ms.
        Ms1024 = 12,
        /// 1280 ms.
        Ms1280 = 13,
        /// 2560 ms.
        Ms2560 = 14,
        /// 5120 ms.
        Ms5120 = 15,
    }
}

impl TimeToTrigger {
    /// Milliseconds.
    #[must_use]
    pub const fn ms(self) -> u16 {
        [0, 40, 64, 80, 100, 128, 160, 256, 320, 480, 512, 640, 1024, 1280, 2560, 5120][self as usize]
    }
}

/// Why a phone lost its connection, the same two in LTE and NR.
impl fmt::Display for ConnectionFailureType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rlf => "rlf",
            Self::Hof => "hof",
        })
    }
}

enumerated! {
    /// connectionFailureType.
    pub enum ConnectionFailureType of 2 {
        /// Radio link failure.
        Rlf = 0,
        /// Handover failure.
        Hof = 1,
    }
}
