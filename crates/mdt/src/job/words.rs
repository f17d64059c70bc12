//! The closed sets of strings of TS 28.623, each with the spellings that other interfaces have for the same.

/// An enumeration of strings: the first spelling is written, all are read, and an unknown one is refused without being repeated.
macro_rules! words {
    ($( $(#[$doc:meta])* $name:ident { $( $(#[$vdoc:meta])* $variant:ident = $word:literal $(| $also:literal)* ),+ $(,)? } )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $( $(#[$vdoc])* $variant, )+ }

        impl $name {
            /// Every value, in the order of the standard.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As TS 28.623 spells it.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $( Self::$variant => $word, )+ }
            }

            /// From any spelling; `None` for an unknown one.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $( $word $(| $also)* => Some(Self::$variant), )+ _ => None }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::from_word(&word).ok_or_else(|| serde::de::Error::custom(concat!("no value of ", stringify!($name))))
            }
        }
    )*};
}

words! {
    /// jobType (TS 32.422 clause 5.9a), with the spellings of TS 29.571.
    JobType {
        /// Immediate MDT.
        ImmediateMdtOnly = "IMMEDIATE_MDT_ONLY",
        /// Logged MDT.
        LoggedMdtOnly = "LOGGED_MDT_ONLY",
        /// No MDT.
        TraceOnly = "TRACE_ONLY",
        /// Immediate MDT and trace.
        ImmediateMdtAndTrace = "IMMEDIATE_MDT AND TRACE" | "IMMEDIATE_MDT_AND_TRACE",
        /// Radio link failures.
        RlfReportOnly = "RLF_REPORT_ONLY" | "RLF_REPORTS_ONLY",
        /// Connection failures.
        RcefReportOnly = "RCEF_REPORT_ONLY" | "RCEF_REPORTS_ONLY",
        /// Logged MBSFN MDT.
        LoggedMbsfnMdt = "LOGGED_MBSFN_MDT",
    }

    /// anonymizationOfMdtData (TS 32.422 clause 5.10.12).
    Anonymization {
        /// Nothing about who.
        NoIdentity = "NO_IDENTITY",
        /// The model of the phone.
        TacOfImei = "TAC_OF_IMEI",
    }

    /// traceReportingFormat (TS 32.422 clause 5.11).
    ReportingFormat {
        /// Files.
        FileBased = "FILE-BASED",
        /// A stream.
        Streaming = "STREAMING",
    }

    /// loggingDuration (TS 32.422 clause 5.10.9).
    Duration {
        /// 10 minutes.
        S600 = "600s",
        /// 20 minutes.
        S1200 = "1200s",
        /// 40 minutes.
        S2400 = "2400s",
        /// 60 minutes.
        S3600 = "3600s",
        /// 90 minutes.
        S5400 = "5400s",
        /// 120 minutes.
        S7200 = "7200s",
    }

    /// loggingInterval of NR, and of LTE but the first two and the last (TS 32.422 clause 5.10.8).
    Interval {
        /// 0.32 s, NR alone.
        Ms320 = "0.32s",
        /// 0.64 s, NR alone.
        Ms640 = "0.64s",
        /// 1.28 s.
        Ms1280 = "1.28s",
        /// 2.56 s.
        Ms2560 = "2.56s",
        /// 5.12 s.
        Ms5120 = "5.12s",
        /// 10.24 s.
        Ms10240 = "10.24s",
        /// 20.48 s.
        Ms20480 = "20.48s",
        /// 30.72 s.
        Ms30720 = "30.72s",
        /// 40.96 s.
        Ms40960 = "40.96s",
        /// 61.44 s.
        Ms61440 = "61.44s",
        /// Once for each event, NR alone.
        Infinity = "INFINITY",
    }

    /// timeToTriggerL1.
    TimeToTriggerL1 {
        /// 0 ms.
        Ms0 = "0ms",
        /// 40 ms.
        Ms40 = "40ms",
        /// 64 ms.
        Ms64 = "64ms",
        /// 80 ms.
        Ms80 = "80ms",
        /// 100 ms.
        Ms100 = "100ms",
        /// 128 ms.
        Ms128 = "128ms",
        /// 160 ms.
        Ms160 = "160ms",
        /// 256 ms.
        Ms256 = "256ms",
        /// 320 ms.
        Ms320 = "320ms",
        /// 480 ms.
        Ms480 = "480ms",
        /// 512 ms.
        Ms512 = "512ms",
        /// 640 ms.
        Ms640 = "640ms",
        /// 1024 ms.
        Ms1024 = "1024ms",
        /// 1280 ms.
        Ms1280 = "1280ms",
        /// 2560 ms.
        Ms2560 = "2560ms",
        /// 5120 ms.
        Ms5120 = "5120ms",
    }

    /// reportType (TS 32.422 clause 5.10.27), with the spelling of TS 29.571.
    ReportTypeWord {
        /// Always.
        Periodical = "PERIODICAL",
        /// On an event.
        EventTriggered = "EVENT_TRIGGERED" | "EVENT_TRIGGED",
    }

    /// eventListForEventTriggeredMeasurement (TS 32.422 clause 5.10.28), with the spelling of TS 29.571.
    EventWord {
        /// While out of coverage.
        OutOfCoverage = "OUT_OF_COVERAGE" | "OUT_OF_COVERAG",
        /// While the serving cell is bad.
        A2Event = "A2_EVENT",
    }

    /// sensorInformation (TS 32.422 clause 5.10.29).
    Sensor {
        /// Barometer.
        BarometricPressure = "BAROMETRIC_PRESSURE",
        /// Speed.
        UeSpeed = "UE_SPEED",
        /// Orientation.
        UeOrientation = "UE_ORIENTATION",
    }

    /// TargetIdType of traceTarget.
    TargetIdType {
        /// A subscriber.
        Imsi = "IMSI",
        /// A phone.
        Imei = "IMEI",
        /// A phone and its software.
        Imeisv = "IMEISV",
        /// A subscriber of 5G.
        Supi = "SUPI",
        /// A subscriber of IMS.
        PublicId = "PUBLIC_ID",
        /// A cell of UTRAN.
        UtranCell = "UTRAN_CELL",
        /// A cell of LTE.
        EutranCell = "E-UTRAN_CELL",
        /// A cell of NG-RAN.
        NgRanCell = "NG-RAN_CELL",
        /// A node of LTE.
        Enb = "eNB",
        /// A node of UTRAN.
        Rnc = "RNC",
        /// A node of NR.
        Gnb = "gNB",
    }
}

impl Duration {
    /// Seconds.
    #[must_use]
    pub const fn secs(self) -> u32 {
        match self {
            Self::S600 => 600,
            Self::S1200 => 1200,
            Self::S2400 => 2400,
            Self::S3600 => 3600,
            Self::S5400 => 5400,
            Self::S7200 => 7200,
        }
    }
}

impl Interval {
    /// From a string of TS 29.571 (LoggingIntervalMdt; LoggingIntervalNrMdt with `nr`). NR has the strings of LTE, which count 10 ms, and two
    /// that count milliseconds, so the tables are closed and nothing is computed: "512" is 5.12 s, "640" is 0.64 s.
    #[must_use]
    pub fn from_29571(word: &str, nr: bool) -> Option<Self> {
        Some(match (word, nr) {
            ("128", _) => Self::Ms1280,
            ("256", _) => Self::Ms2560,
            ("512", _) => Self::Ms5120,
            ("1024", _) => Self::Ms10240,
            ("2048", _) => Self::Ms20480,
            ("3072", _) => Self::Ms30720,
            ("4096", _) => Self::Ms40960,
            ("6144", _) => Self::Ms61440,
            ("320", true) => Self::Ms320,
            ("640", true) => Self::Ms640,
            ("infinity", true) => Self::Infinity,
            _ => return None,
        })
    }
}
