//! Versions of the protocol.

/// Version of RLP. An answer speaks the version of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Version {
    /// 1.0.
    V1_0,
    /// 1.1. Taken when a request names no version, and named when it names one that is not spoken.
    #[default]
    V1_1,
}

impl Version {
    /// Both, the older first.
    pub const ALL: [Self; 2] = [Self::V1_0, Self::V1_1];

    /// The text of the `ver` attribute.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0.0",
            Self::V1_1 => "1.1.0",
        }
    }

    /// Reads a `ver` attribute: `None` for a version that is not spoken, or none at all. Any service indicator (third number)
    /// is taken, and it may be left out.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let version = match (parts.next(), parts.next()) {
            (Some("1"), Some("0")) => Self::V1_0,
            (Some("1"), Some("1")) => Self::V1_1,
            _ => return None,
        };
        let sound = |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        (parts.next().is_none_or(sound) && parts.next().is_none()).then_some(version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_1_0_and_1_1_are_spoken_and_no_other() {
        for version in Version::ALL {
            assert_eq!(Version::parse(version.as_str()), Some(version));
        }
        assert_eq!(Version::parse("1.0"), Some(Version::V1_0));
        assert_eq!(Version::parse("1.1.17"), Some(Version::V1_1));
        for other in
            ["", "1", "1.", "1.2.0", "2.0.0", "3.5.0", "1.0.", "1.0.0.0", "1.0.x", "01.0.0", "1.0.12345", " 1.0"]
        {
            assert_eq!(Version::parse(other), None, "{other}");
        }
    }
}
