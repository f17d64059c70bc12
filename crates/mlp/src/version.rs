//! Protocol versions.

/// Version of the protocol (OMA MLP section 5.3.112.2). An answer speaks the version of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Version {
    /// 3.2: 3GPP Release 6.
    V3_2,
    /// 3.3: 3GPP Release 7; civic location, historic and intermediate positions.
    V3_3,
    /// 3.4: 3GPP Release 10.
    V3_4,
    /// 3.5: supported shapes, 5G. Taken when a request names no version, and named when it names one that is not spoken.
    #[default]
    V3_5,
}

/// Why a version text is not a version that is spoken here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VersionError {
    /// Not three numbers with dots between.
    Malformed,
    /// Well-formed, another version.
    Unsupported,
}

impl Version {
    /// All four, oldest first.
    pub const ALL: [Self; 4] = [Self::V3_2, Self::V3_3, Self::V3_4, Self::V3_5];

    /// The text of the `ver` attribute in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V3_2 => "3.2.0",
            Self::V3_3 => "3.3.0",
            Self::V3_4 => "3.4.0",
            Self::V3_5 => "3.5.0",
        }
    }

    /// Reads a `ver` attribute. Any service indicator (third number) is taken, and it may be left out.
    pub(crate) fn parse(text: &str) -> Result<Self, VersionError> {
        let number = |part: Option<&str>| match part {
            Some(p) if !p.is_empty() && p.len() <= 4 && p.bytes().all(|b| b.is_ascii_digit()) => {
                p.parse::<u16>().map_err(|_| VersionError::Malformed)
            }
            _ => Err(VersionError::Malformed),
        };
        let mut parts = text.trim().split('.');
        let (major, minor) = (number(parts.next())?, number(parts.next())?);
        if let Some(service_indicator) = parts.next() {
            number(Some(service_indicator))?;
        }
        if parts.next().is_some() {
            return Err(VersionError::Malformed);
        }
        match (major, minor) {
            (3, 2) => Ok(Self::V3_2),
            (3, 3) => Ok(Self::V3_3),
            (3, 4) => Ok(Self::V3_4),
            (3, 5) => Ok(Self::V3_5),
            _ => Err(VersionError::Unsupported),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_3_2_to_3_5_are_spoken_and_no_other() {
        for v in Version::ALL {
            assert_eq!(Version::parse(v.as_str()), Ok(v));
        }
        assert_eq!(Version::parse("3.4.17"), Ok(Version::V3_4));
        assert_eq!(Version::parse("3.2"), Ok(Version::V3_2));
        for other in ["3.0.0", "3.1.0", "3.6.0", "9.9.9", "2.5.0", "4.0.0", "35.0.0"] {
            assert_eq!(Version::parse(other), Err(VersionError::Unsupported), "{other}");
        }
        for bad in ["", "3", "3.", "3.5.", "3.5.0.1", "x", "3.5.x", "-3.5.0", "99999.1.1", "3,5,0"] {
            assert_eq!(Version::parse(bad), Err(VersionError::Malformed), "{bad}");
        }
    }
}
