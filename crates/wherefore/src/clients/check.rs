//! What a client record may not say (TS 23.271 Table 10.7 and Annex B).

use super::record::{CallSessionIdentity, ClientRecord, ClientType};
use crate::config::Problem;

impl ClientRecord {
    /// Everything that keeps this record from being used.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut unless = |sound: bool, key: &str, what: &str, remedy: &str| {
            if !sound {
                found.push(Problem { key: key.into(), what: what.into(), remedy: remedy.into() });
            }
        };
        unless(is_account(&self.id), "id", "must be 1-64 letters, digits and .-_@", "choose a plain account name");
        self.type_problems(&mut unless);
        let names = self.name.iter().map(|name| &name.text);
        let names = names.chain(self.external_identities.iter().filter_map(|identity| identity.name.as_ref()));
        let names = names.chain(self.call_session_identities.iter().filter_map(|identity| identity.name.as_ref()));
        for name in names {
            let sound = (1..=128).contains(&name.len()) && !name.contains("==") && !name.chars().any(char::is_control);
            unless(
                sound,
                "name",
                "must be 1-128 bytes without \"==\" (TS 23.271 clause 10.7 NOTE 2)",
                "shorten or reword it",
            );
        }
        for CallSessionIdentity { number, apn, external_identity, .. } in &self.call_session_identities {
            let one = number.is_some() != apn.is_some();
            unless(one, "call_session_identities", "needs either number or apn", "give exactly one of the two");
            let apn_sound = apn.as_deref().is_none_or(|apn| lcs::ApnNi::new(apn).is_ok());
            unless(
                apn_sound,
                "call_session_identities.apn",
                "not an APN network identifier",
                "write it as internet.example",
            );
            let known = external_identity.is_none_or(|n| self.external_identities.iter().any(|e| e.number == n));
            unless(known, "call_session_identities.external_identity", "not among external_identities", "add it there");
        }
        self.service_problems(&mut unless);
        let positive = [self.max_targets, self.rate_per_s, self.burst];
        unless(
            !positive.contains(&Some(0)),
            "max_targets, rate_per_s, burst",
            "must not be 0",
            "set enabled to false to stop a client",
        );
        let fingerprint = |text: &String| crate::forms::from_hex(text).is_some_and(|bytes| bytes.len() == 32);
        let sound = self.certificate_sha256.iter().all(fingerprint);
        unless(
            sound,
            "certificate_sha256",
            "must be 64 hexadecimal digits",
            "take it from openssl x509 -fingerprint -sha256, without colons",
        );
        let http = |url: &String| {
            reqwest::Url::parse(url).is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host())
        };
        let sound = self.push_urls.iter().all(http);
        unless(sound, "push_urls", "must be http or https URLs", "write them whole, ending in a slash");
        let under = |url: &String| super::push::allowed(&self.push_urls, url);
        unless(
            self.own_location_url.as_ref().is_none_or(under),
            "own_location_url",
            "lies under none of push_urls",
            "add its beginning to push_urls",
        );
        found
    }

    /// Which components a client of this type has (TS 23.271 Annex B).
    fn type_problems(&self, unless: &mut impl FnMut(bool, &str, &str, &str)) {
        let kind = self.client_type;
        let value_added = kind == ClientType::ValueAdded;
        unless(
            !value_added || self.name.is_some(),
            "name",
            "missing, and a value added client must have one (TS 23.271 Annex B)",
            "give the name that users shall see",
        );
        unless(
            !value_added || !self.external_identities.is_empty(),
            "external_identities",
            "empty, and a value added client must have one (TS 23.271 Annex B)",
            "give the E.164 number under which subscribers list this client",
        );
        unless(
            value_added || self.name.is_none(),
            "name",
            "not applicable to this client type (TS 23.271 Annex B)",
            "leave it out",
        );
        let internal = kind == ClientType::PlmnOperator;
        unless(
            internal == self.internal_identity.is_some(),
            "internal_identity",
            "a PLMN operator client must have one, any other must not (TS 23.271 Annex B)",
            "give one of broadcast, om_hplmn, om_vplmn, anonymous_location, target_subscribed, or leave it out",
        );
        let external_allowed = matches!(kind, ClientType::ValueAdded | ClientType::Emergency);
        unless(
            external_allowed || self.external_identities.is_empty(),
            "external_identities",
            "not applicable to this client type (TS 23.271 Annex B)",
            "leave it out",
        );
        unless(
            value_added || self.call_session_identities.is_empty(),
            "call_session_identities",
            "only for value added clients (TS 23.271 Annex B)",
            "leave it out",
        );
        unless(
            matches!(kind, ClientType::Emergency | ClientType::LawfulIntercept) || !self.override_capability,
            "override_capability",
            "only for emergency and lawful clients (TS 23.271 clause 9.5.1)",
            "set it to false",
        );
    }

    fn service_problems(&self, unless: &mut impl FnMut(bool, &str, &str, &str)) {
        for (at, service) in self.services.iter().enumerate() {
            let sound = (1..=64).contains(&service.id.len()) && !service.id.chars().any(char::is_control);
            unless(sound, "services.id", "must be 1-64 bytes", "shorten it");
            unless(service.service_type < 128, "services.service_type", "must be 0-127", "see TS 29.002 clause 17.7.8");
            let twice = self.services.iter().take(at).any(|other| other.id == service.id);
            unless(!twice, "services.id", "given twice", "name each service once");
            unless(
                service.max_targets != Some(0),
                "services.max_targets",
                "must not be 0",
                "take the service out instead",
            );
        }
    }
}

fn is_account(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_@".contains(&b))
}
