//! The data as a person reads it: class by class, who gets what, and why it is so.

use super::body::{SlppBody, plmn_word};
use super::wire::{avp_hex, map_hex};
use super::{HomeRegisters, Whose, WireError};
use crate::config::ProvisionedWord;
use crate::forms::Setting;
use lcs::slpp::{ExternalClientEntry, LcsInformation, NotificationToUser, PrivacyClass, PrivacyClassCode};
use lcs::{Address, PrivacySetting, PseudoExternalIdentity, Timestamp};
use privacy::{
    CompiledProfile, PlmnClass, ProfileError, Provisioned, PseudoExternalTable, SlppData, SlppFault, Standing,
    WhyWithheld,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One thing that a home register holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineView {
    /// Class of TS 23.271 clause 9.5.3, or self location.
    pub class: String,
    /// Who.
    pub who: String,
    /// The pseudo-external identity that it is, 1-14.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<u8>,
    /// What they get.
    pub option: String,
    /// Why.
    pub why: String,
}

/// What a home register must hold of a subscriber, in place of all that it holds of LCS now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlppView {
    /// How many of the fourteen identities are held.
    pub provisioned: ProvisionedWord,
    /// What to know when writing it.
    pub remarks: Vec<String>,
    /// Line by line.
    pub lines: Vec<LineView>,
    /// As JSON, in the form that a check takes.
    pub data: SlppBody,
    /// As MAP InsertSubscriberDataArg without the subscriber, hexadecimal.
    pub map: String,
    /// As the LCS-Info AVP of S6a and S6d, hexadecimal.
    pub avp: String,
}

/// What is wrong with the data that a home register holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlppCheckView {
    /// Whether nothing is.
    pub sound: bool,
    /// In how many cases an old node would give away more than it should.
    pub leaks: usize,
    /// What is wrong, where, and what to do.
    pub faults: Vec<String>,
    /// What is held, line by line.
    pub lines: Vec<LineView>,
    /// The same as JSON.
    pub data: SlppBody,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The data cannot be written, or what was given cannot be read.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The empty profile is not sound, which it is.
    #[error(transparent)]
    Profile(#[from] ProfileError),
}

impl HomeRegisters {
    /// What to write for a subscriber with this profile of their own, or without one.
    ///
    /// # Errors
    /// The data does not fit into a message, which it does.
    pub fn report(&self, own: Option<&CompiledProfile>, now: Timestamp) -> Result<SlppView, ReportError> {
        let (SlppData { information, plmn }, whose) = self.provision(own, now)?;
        let table = &self.data.table;
        let profile = own.or(self.default_profile.as_ref());
        let standing = profile.map(CompiledProfile::standing).unwrap_or_default();
        Ok(SlppView {
            provisioned: match table.provisioned() {
                Provisioned::Fourteen => ProvisionedWord::Fourteen,
                Provisioned::FirstFour => ProvisionedWord::FirstFour,
            },
            remarks: remarks(table.provisioned(), whose, standing, plmn, now),
            lines: lines(&information, table, Some(plmn)),
            data: SlppBody::from(&information),
            map: map_hex(&information)?,
            avp: avp_hex(&information)?,
        })
    }

    /// What is wrong with what a home register holds of that subscriber. `clients` are the numbers of all registered clients.
    ///
    /// # Errors
    /// The empty profile is not sound, which it is.
    pub fn check(
        &self,
        held: &LcsInformation,
        own: Option<&CompiledProfile>,
        clients: &[Address],
        now: Timestamp,
    ) -> Result<SlppCheckView, ReportError> {
        let (expected, _) = self.provision(own, now)?;
        let plmn = expected.information.class(PrivacyClassCode::PlmnOperator);
        let plmn = plmn.map_or(&[][..], |class| &class.plmn_clients);
        let faults = self.faults(held, Some(plmn), clients);
        let leaks = faults.iter().filter(|fault| matches!(fault, SlppFault::Action(misread) if misread.leaks()));
        Ok(SlppCheckView {
            sound: faults.is_empty(),
            leaks: leaks.count(),
            faults: faults.iter().map(ToString::to_string).collect(),
            lines: lines(held, &self.data.table, None),
            data: SlppBody::from(held),
        })
    }
}

fn remarks(provisioned: Provisioned, whose: Whose, standing: Standing, plmn: PlmnClass, now: Timestamp) -> Vec<String> {
    let mut remarks =
        vec!["write it in place of all LCS data that the home register holds of the subscriber".to_owned()];
    let mut remark = |text: &str| remarks.push(text.to_owned());
    match whose {
        Whose::Own => {}
        Whose::Default => remark("the subscriber has no profile, the operator's default profile counts"),
        Whose::Nobody => remark("the subscriber has no profile, so this gateway refuses every request"),
    }
    if standing.opted_out || standing.switched_off || standing.paused_until.is_some_and(|until| now < until) {
        remark(
            "the subscriber may not be located and this gateway refuses every request; the identities stay, as they name no client",
        );
    }
    match provisioned {
        Provisioned::Fourteen => remark("nodes of capability set 1 are not asked (TS 23.271 clause 10.5.2)"),
        Provisioned::FirstFour => {
            remark(
                "what depends on a call or session is refused to nodes below capability set 4 (TS 23.271 clause 10.5.2)",
            );
        }
    }
    if let PlmnClass::Withheld(why) = plmn {
        let because = match why {
            WhyWithheld::OptedOut => "the subscriber opted out",
            WhyWithheld::SwitchedOff => "the subscriber's switch is on",
            WhyWithheld::PausedUntil(_) => "the subscriber paused; write the data again when the pause is over",
            WhyWithheld::Hours => "the profile allows certain hours only, which a node does not know",
            WhyWithheld::Areas => "the profile has rules on where the subscriber is, which a node does not know",
            WhyWithheld::Floor => "the operator's floor refuses such clients",
        };
        remark(&format!(
            "the PLMN operator class is left out, because nodes serve its clients without asking this gateway and {because}"
        ));
    }
    remarks
}

/// The data line by line; `plmn` tells where the PLMN operator class comes from, if the data is this gateway's own.
fn lines(information: &LcsInformation, table: &PseudoExternalTable, plmn: Option<PlmnClass>) -> Vec<LineView> {
    let mut lines = Vec::new();
    for class in &information.privacy_classes {
        class_lines(class, table, plmn, &mut lines);
    }
    for service in &information.mo_lr {
        let option = if service.status.counts() { "allowed" } else { "not provisioned" };
        let who = crate::config::MoLrWord::from(service.code);
        let why = if plmn.is_some() { "pseudo_external.mo_lr" } else { "" };
        lines.push(line("self location", word(&who), None, option, why));
    }
    for gmlc in &information.gmlc_list {
        lines.push(line("GMLC list", gmlc.to_string(), None, "", ""));
    }
    lines
}

fn class_lines(class: &PrivacyClass, table: &PseudoExternalTable, plmn: Option<PlmnClass>, lines: &mut Vec<LineView>) {
    let name = match class.code {
        PrivacyClassCode::Universal => "universal",
        PrivacyClassCode::CallSessionRelated => "call/session related",
        PrivacyClassCode::CallSessionUnrelated => "call/session unrelated",
        PrivacyClassCode::PlmnOperator => "PLMN operator",
        PrivacyClassCode::ServiceType => "service type",
    };
    if !class.status.counts() {
        lines.push(line(name, "everybody".into(), None, "class not active", ""));
    }
    match class.code {
        PrivacyClassCode::Universal => lines.push(line(name, "everybody".into(), None, "allowed", "")),
        PrivacyClassCode::CallSessionRelated | PrivacyClassCode::CallSessionUnrelated => {
            let setting = class.not_listed.map_or(class.code.not_listed_default(), NotificationToUser::setting);
            let why = not_listed_why(class, plmn.is_some());
            lines.push(line(name, "clients not listed".into(), None, &option(setting), why));
        }
        PrivacyClassCode::PlmnOperator | PrivacyClassCode::ServiceType => {}
    }
    lines.extend(class.external_clients.iter().map(|entry| entry_line(name, class.code, entry, table)));
    let why = match plmn {
        Some(PlmnClass::Universal) => "the profile has the universal class, which a node must not see",
        Some(_) => "the profile lists it; nodes serve it without asking this gateway",
        None => "",
    };
    lines.extend(class.plmn_clients.iter().map(|client| line(name, word(&plmn_word(*client)), None, "allowed", why)));
    lines.extend(class.service_types.iter().map(|entry| {
        let setting =
            entry.notification.map_or(PrivacySetting::AllowedWithoutNotification, NotificationToUser::setting);
        line(name, format!("service type {}", entry.service_type.code()), None, &option(setting), "")
    }));
}

fn not_listed_why(class: &PrivacyClass, own: bool) -> &'static str {
    match (class.code, class.not_listed) {
        (_, None) if !own => "by default, not said",
        (_, None) => "the default; identities 5, 6, 8 and 11 need no entry",
        (PrivacyClassCode::CallSessionRelated, Some(NotificationToUser::LocationNotAllowed)) => {
            "said outright, as the default of this class allows"
        }
        (_, Some(_)) => "",
    }
}

fn entry_line(
    name: &str,
    class: PrivacyClassCode,
    entry: &ExternalClientEntry,
    table: &PseudoExternalTable,
) -> LineView {
    let setting = entry.notification.map_or(PrivacySetting::AllowedWithoutNotification, NotificationToUser::setting);
    let identity = entry.client.and_then(|client| table.identity_of(client));
    let who = entry.client.map_or_else(|| "no number".to_owned(), |client| client.to_string());
    let why = identity.map_or_else(|| "no pseudo-external identity".to_owned(), |identity| entry_why(class, identity));
    line(name, who, identity, &option(setting), &why)
}

/// What an entry is for.
fn entry_why(class: PrivacyClassCode, identity: PseudoExternalIdentity) -> String {
    let (related, unrelated) = identity.settings();
    match (class, related) {
        (PrivacyClassCode::CallSessionRelated, None) => {
            "a call or session changes nothing; listed for nodes that take the default of this class".into()
        }
        (PrivacyClassCode::CallSessionRelated, Some(_)) => {
            format!("with a call or session; without one {}", option(unrelated))
        }
        (_, None) => "with a call or session and without".into(),
        (_, Some(related)) => format!("without a call or session; with one {}", option(related)),
    }
}

fn line(class: &str, who: String, identity: Option<PseudoExternalIdentity>, option: &str, why: &str) -> LineView {
    LineView {
        class: class.into(),
        who,
        identity: identity.map(PseudoExternalIdentity::number),
        option: option.into(),
        why: why.into(),
    }
}

fn option(setting: PrivacySetting) -> String {
    Setting::from(setting).to_string()
}

/// The word of an enumeration, as the API writes it.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => String::new(),
    }
}
