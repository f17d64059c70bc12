//! What the door keeps with a deferred request to write its reports by. Sealed where the request is kept.

use mlp::{Hidden, MlpShape, Msid, MsidEncoding, MsidType, PushAddress, SupportedShapes, TriggerWord, Version};
use serde::{Deserialize, Serialize};

/// What reports are written by. Has no printable form: it names whom and where to.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Context {
    version: u8,
    url: String,
    push_id: Option<String>,
    push_password: Option<String>,
    kind: Option<String>,
    encrypted: Option<bool>,
    msid: String,
    shapes: Option<([f32; 6], bool)>,
    trigger: u8,
    /// The request has no other target.
    pub(super) alone: bool,
}

impl Context {
    /// Of a request about this target, whose reports go to `url`.
    pub(super) fn new(
        version: Version,
        url: String,
        push: Option<&PushAddress>,
        msid: &Msid,
        shapes: Option<&SupportedShapes>,
    ) -> Self {
        let at = |found: Option<usize>| found.and_then(|at| u8::try_from(at).ok()).unwrap_or_default();
        Self {
            version: at(Version::ALL.iter().position(|known| *known == version)),
            url,
            push_id: push.and_then(|push| push.id.clone()),
            push_password: push.and_then(|push| push.password.as_ref()).map(|text| text.expose().to_owned()),
            kind: msid.kind.map(|kind| kind.as_str().to_owned()),
            encrypted: msid.encoding.map(|encoding| encoding == MsidEncoding::Crp),
            msid: msid.text.expose().to_owned(),
            shapes: shapes.map(|shapes| (MlpShape::ALL.map(|shape| shapes.preference(shape)), shapes.altitude)),
            trigger: 0,
            alone: true,
        }
    }

    /// The same for another trigger.
    pub(super) fn waiting_for(mut self, trigger: TriggerWord) -> Self {
        let at = TriggerWord::ALL.iter().position(|known| *known == trigger);
        self.trigger = at.and_then(|at| u8::try_from(at).ok()).unwrap_or_default();
        self
    }

    pub(super) fn octets(&self) -> Option<Vec<u8>> {
        serde_json::to_vec(self).ok()
    }

    /// `None`: not written by [`Context::octets`].
    pub(super) fn from_octets(octets: &[u8]) -> Option<Self> {
        serde_json::from_slice(octets).ok()
    }

    pub(super) fn version(&self) -> Version {
        Version::ALL.get(usize::from(self.version)).copied().unwrap_or_default()
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn push_address(&self) -> PushAddress {
        let password = self.push_password.as_deref().map(Hidden::new);
        PushAddress { url: Hidden::new(self.url.as_str()), id: self.push_id.clone(), password }
    }

    pub(super) fn msid(&self) -> Msid {
        let encoding = self.encrypted.map(|crp| if crp { MsidEncoding::Crp } else { MsidEncoding::Asc });
        let kind = self.kind.as_deref().and_then(MsidType::from_text);
        Msid { kind, encoding, text: Hidden::new(self.msid.as_str()) }
    }

    pub(super) fn shapes(&self) -> Option<SupportedShapes> {
        self.shapes.map(|(preferences, altitude)| SupportedShapes::new(preferences, altitude))
    }

    pub(super) fn trigger(&self) -> TriggerWord {
        TriggerWord::ALL.get(usize::from(self.trigger)).copied().unwrap_or(TriggerWord::Periodic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_comes_back_from_the_octets() {
        let push = PushAddress { url: Hidden::new("x"), id: Some("id".into()), password: Some(Hidden::new("pw")) };
        let shapes = SupportedShapes::new([0.0, 0.25, 0.5, 0.75, 1.0, 0.1], true);
        for version in Version::ALL {
            for trigger in TriggerWord::ALL {
                for encoding in [None, Some(MsidEncoding::Asc), Some(MsidEncoding::Crp)] {
                    let msid = Msid { kind: Some(MsidType::Asid), encoding, text: Hidden::new("zq7") };
                    let context = Context::new(version, "https://c.example/".into(), Some(&push), &msid, Some(&shapes));
                    let context = context.waiting_for(trigger);
                    let back = Context::from_octets(&context.octets().unwrap()).unwrap();
                    assert_eq!((back.version(), back.trigger(), back.alone), (version, trigger, true));
                    assert_eq!((back.msid(), back.shapes()), (msid, Some(shapes)));
                    assert_eq!(back.push_address().password.unwrap().expose(), "pw");
                    assert_eq!(back.url(), "https://c.example/");
                }
            }
        }
        assert!(Context::from_octets(b"{}").is_none());
    }
}
