//! Quality of service of a position.

/// LCS QoS class (TS 29.172 clause 7.4.1, LCS-QoS-Class).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum QosClass {
    /// Only a position that meets the accuracy may be delivered.
    Assured = 0,
    /// Any position may be delivered, marked if the accuracy is not met.
    BestEffort = 1,
}

/// Response time category (TS 29.172 clause 7.4.1, Response-Time).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ResponseTime {
    /// As soon as possible.
    LowDelay = 0,
    /// Accuracy first.
    DelayTolerant = 1,
}

/// LCS priority (TS 29.172 clause 7.4.1, LCS-Priority).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Priority {
    /// Highest.
    Highest = 0,
    /// Normal.
    Normal = 1,
}

/// What accuracy and haste a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Qos {
    /// Assured or best effort.
    pub class: QosClass,
    /// Wanted horizontal accuracy, metres.
    pub horizontal_m: Option<u32>,
    /// Wanted vertical accuracy, metres; its presence asks for altitude.
    pub vertical_m: Option<u32>,
    /// Response time category.
    pub response_time: Option<ResponseTime>,
}

impl Qos {
    /// Best effort without any figure.
    pub const BEST_EFFORT: Self =
        Self { class: QosClass::BestEffort, horizontal_m: None, vertical_m: None, response_time: None };
}
