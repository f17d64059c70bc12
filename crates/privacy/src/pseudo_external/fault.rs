//! What is wrong with the data of a home register, in words for whoever provisions it.

use super::Misread;
use lcs::{
    Address, PlmnClient, PrivacySetting, PseudoExternalIdentity,
    slpp::{MoLrCode, NotificationToUser, PrivacyClassCode},
};

/// Something in the data of a home register that makes an old node do other than the gateway means. Positions count from 1, in the
/// list and then the extended list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlppFault {
    /// The number of a registered client could pass for an identity.
    #[error(
        "client number {client}: it or the number of pseudo-external identity {} begins with the other, so that an entry for one matches the other; give the client or the fourteen other numbers (TS 23.271 clause 9.5.3.6)",
        .identity.number()
    )]
    ClientNumber {
        /// The identity.
        identity: PseudoExternalIdentity,
        /// The client's number.
        client: Address,
    },
    /// A class that the data must have is not in it.
    #[error("{} class: not there; provision it, pseudo-external identities are looked up in it (TS 23.271 Annex C)", class_name(*.0))]
    ClassMissing(PrivacyClassCode),
    /// A class is there and does not count.
    #[error(
        "{} class: its status {status:04b} is not \"provisioned, active and operative\", nodes pass over it; write 0101 (TS 23.271 Table 10.1)",
        class_name(*.class)
    )]
    ClassNotActive {
        /// The class.
        class: PrivacyClassCode,
        /// Bits Q, P, R and A.
        status: u8,
    },
    /// A class is there twice.
    #[error("{} class: there twice; nodes refuse such data, write one (TS 29.002 clause 17.7.1, LCSInformation)", class_name(*.0))]
    ClassTwice(PrivacyClassCode),
    /// More classes than the first list takes.
    #[error(
        "{0} privacy classes: the list takes four, and a fifth goes where old nodes do not look; leave out universal class and service types (TS 29.002 clause 17.7.1, LCS-PrivacyExceptionList)"
    )]
    TooManyClasses(usize),
    /// The universal class is there.
    #[error(
        "universal class: a node tries it first and would serve every client unasked, whatever identity it is sent; remove it (TS 23.271 clauses 10.1 and A.2)"
    )]
    UniversalClass,
    /// The service type class is there.
    #[error(
        "service type class: a listed type loosens what an identity stands for; remove it, service types are checked by the gateway (TS 23.271 clauses 10.1 and A.2)"
    )]
    ServiceTypeClass,
    /// The related class is there, though nodes of set 1 are to be served.
    #[error(
        "call/session related class: the home register withholds both classes from nodes of capability set 1 if a subscriber has it; remove it while only identities 1 to 4 are provisioned (TS 23.271 clause 10.5.2)"
    )]
    RelatedClassForSetOne,
    /// The related class leaves clients that are not listed open.
    #[error(
        "call/session related class: clients not listed are {}, so that a call loosens identities 2 to 4 and lets unknown clients in; provision \"not allowed\" (NotificationToMSUser 3) for the class (TS 23.271 clause 9.5.3.2, Table 10.2)",
        not_listed_words(*.0, PrivacySetting::AllowedWithoutNotification)
    )]
    RelatedNotListed(Option<NotificationToUser>),
    /// The unrelated class leaves clients that are not listed open.
    #[error(
        "call/session unrelated class: clients not listed are {}, and with them identities 5, 6, 8 and 11; leave the option out, its default is \"not allowed\" (TS 23.271 clause 9.5.3.3, Table 10.2)",
        not_listed_words(Some(*.0), PrivacySetting::NotAllowed)
    )]
    UnrelatedNotListed(NotificationToUser),
    /// Identities 2 to 4 rest on the option for clients not listed alone.
    #[error(
        "call/session related class: pseudo-external identity {} is not listed; a node that does not know \"not allowed\" for the class takes its default and would serve it unasked while a call is up; list it as {} (TS 23.271 clause 9.5.3.2, Annex C)",
        .0.number(), entry_words(.0.settings().1)
    )]
    RelatedEntryMissing(PseudoExternalIdentity),
    /// An entry is missing.
    #[error(
        "{} class: pseudo-external identity {} is not listed; list it as {} (TS 23.271 Tables C.2 and C.3)",
        class_name(*.class), .identity.number(), entry_words(*.expected)
    )]
    EntryMissing {
        /// Class.
        class: PrivacyClassCode,
        /// Identity.
        identity: PseudoExternalIdentity,
        /// Its option.
        expected: PrivacySetting,
    },
    /// An entry says "not allowed".
    #[error(
        "{} class, entry {position}: \"not allowed\" (NotificationToMSUser 3) in an entry is read as \"allowed\" by a node that does not know the value; remove the entry, clients not listed are not allowed (TS 23.271 Table 10.2, TS 29.002 clause 17.7.1)",
        class_name(*.class)
    )]
    EntryNotAllowed {
        /// Class.
        class: PrivacyClassCode,
        /// Place in the list.
        position: usize,
    },
    /// An entry has another option than its identity stands for.
    #[error(
        "{} class, entry {position}: pseudo-external identity {} is {} and must be {} (TS 23.271 Tables C.2 and C.3)",
        class_name(*.class), .identity.number(), entry_words(*.found), entry_words(*.expected)
    )]
    EntryOption {
        /// Class.
        class: PrivacyClassCode,
        /// Place in the list.
        position: usize,
        /// Identity.
        identity: PseudoExternalIdentity,
        /// What it has.
        found: PrivacySetting,
        /// What it must have.
        expected: PrivacySetting,
    },
    /// An identity has an entry where it must have none.
    #[error(
        "{} class, entry {position}: pseudo-external identity {} must not be listed here; remove the entry (TS 23.271 Tables C.2 and C.3, clause 10.5.2)",
        class_name(*.class), .identity.number()
    )]
    EntrySurplus {
        /// Class.
        class: PrivacyClassCode,
        /// Place in the list.
        position: usize,
        /// Identity.
        identity: PseudoExternalIdentity,
    },
    /// An identity has two entries.
    #[error(
        "{} class, entry {position}: pseudo-external identity {} is listed before, and the standard does not say which counts; keep one (TS 23.271 clause 9.5.3.6)",
        class_name(*.class), .identity.number()
    )]
    EntryTwice {
        /// Class.
        class: PrivacyClassCode,
        /// Place in the list.
        position: usize,
        /// Identity.
        identity: PseudoExternalIdentity,
    },
    /// An entry for somebody else, who would be served past the gateway.
    #[error(
        "{} class, entry {position}: {client} is no pseudo-external identity{}; a node would serve such clients past this gateway; remove the entry (TS 23.271 clauses 10.1 and 9.5.3.6)",
        class_name(*.class), shadow_words(*.shadows)
    )]
    EntryUnknown {
        /// Class.
        class: PrivacyClassCode,
        /// Place in the list.
        position: usize,
        /// The number.
        client: Address,
        /// An identity that the entry matches too, or whose entry matches its client.
        shadows: Option<PseudoExternalIdentity>,
    },
    /// An entry whose client is no number.
    #[error("{} class, entry {position}: its client is no number; remove the entry (TS 23.271 Table 10.2)", class_name(*.class))]
    EntryWithoutNumber {
        /// Class.
        class: PrivacyClassCode,
        /// Place in the list.
        position: usize,
    },
    /// An entry shuts out a gateway that asks.
    #[error(
        "{} class, entry {position}: its restriction to {} shuts out gateway {gateway}, which asks for this subscriber; remove the restriction (TS 23.271 clause 9.5.3.2)",
        class_name(*.class), restriction_words(*.home_country)
    )]
    EntryGateway {
        /// Class.
        class: PrivacyClassCode,
        /// Place in the list.
        position: usize,
        /// Restricted to gateways of the home country; else to those of the list.
        home_country: bool,
        /// The gateway shut out.
        gateway: Address,
    },
    /// More entries than both lists take.
    #[error(
        "{} class: {count} entries, the list takes 5 and the extended list 35; remove those that are no pseudo-external identities (TS 29.002 clause 17.7.1, ExternalClientList)",
        class_name(*.class)
    )]
    TooManyEntries {
        /// Class.
        class: PrivacyClassCode,
        /// Entries.
        count: usize,
    },
    /// More entries than a node of set 1 sees, though such nodes are to be served.
    #[error(
        "call/session unrelated class: {0} entries, a node of capability set 1 sees five; keep identities 1 to 4 (TS 23.271 clause 10.5.2)"
    )]
    BeyondSetOne(usize),
    /// The PLMN operator class lists nobody.
    #[error("PLMN operator class: lists no client type; list at least one or remove the class (TS 23.271 Table 10.2)")]
    PlmnEmpty,
    /// The PLMN operator class is not what the subscriber's profile makes it.
    #[error(
        "PLMN operator class: allows {}, and by the subscriber's profile must allow {}; nodes serve these clients by it alone (TS 23.271 clause 9.5.3.4)",
        plmn_words(.found), plmn_words(.expected)
    )]
    PlmnClients {
        /// What the data allows.
        found: Vec<PlmnClient>,
        /// What it must allow.
        expected: Vec<PlmnClient>,
    },
    /// More gateways than the list takes.
    #[error("GMLC list: {0} gateways, it takes five (TS 29.002 clause 17.7.1, GMLC-List)")]
    TooManyGateways(usize),
    /// A self location service is there twice.
    #[error("self location {0:?}: there twice; write one (TS 29.002 clause 17.7.1, MOLR-List)")]
    MoLrTwice(MoLrCode),
    /// A node would do other than it should.
    #[error("{}", misread_words(.0))]
    Action(Misread),
}

/// A class by its name in TS 23.271 clause 9.5.3.
fn class_name(class: PrivacyClassCode) -> &'static str {
    match class {
        PrivacyClassCode::Universal => "universal",
        PrivacyClassCode::CallSessionRelated => "call/session related",
        PrivacyClassCode::CallSessionUnrelated => "call/session unrelated",
        PrivacyClassCode::PlmnOperator => "PLMN operator",
        PrivacyClassCode::ServiceType => "service type",
    }
}

fn entry_words(setting: PrivacySetting) -> &'static str {
    match setting {
        PrivacySetting::AllowedWithoutNotification => "\"allowed without notification\" (no option)",
        PrivacySetting::AllowedWithNotification => "\"allowed with notification\" (0)",
        PrivacySetting::AllowedIfNoResponse => "\"verified, allowed if no response\" (1)",
        PrivacySetting::RestrictedIfNoResponse => "\"verified, restricted if no response\" (2)",
        PrivacySetting::NotAllowed => "\"not allowed\" (3)",
    }
}

fn not_listed_words(found: Option<NotificationToUser>, default: PrivacySetting) -> String {
    match found {
        Some(found) => entry_words(found.setting()).to_owned(),
        None => format!("{} by default", action_words(default)),
    }
}

fn action_words(setting: PrivacySetting) -> &'static str {
    match setting {
        PrivacySetting::AllowedWithoutNotification => "allowed without notification",
        PrivacySetting::AllowedWithNotification => "allowed with notification",
        PrivacySetting::AllowedIfNoResponse => "verified and allowed if no response",
        PrivacySetting::RestrictedIfNoResponse => "verified and restricted if no response",
        PrivacySetting::NotAllowed => "not allowed",
    }
}

fn shadow_words(shadows: Option<PseudoExternalIdentity>) -> String {
    shadows.map_or_else(String::new, |identity| format!(" and cannot be told from identity {}", identity.number()))
}

fn restriction_words(home_country: bool) -> &'static str {
    if home_country { "gateways in the home country" } else { "the gateways of the GMLC list" }
}

fn plmn_words(clients: &[PlmnClient]) -> String {
    let name = |client: &PlmnClient| match client {
        PlmnClient::Broadcast => "broadcast",
        PlmnClient::OmHplmn => "O&M of the home PLMN",
        PlmnClient::OmVplmn => "O&M of the visited PLMN",
        PlmnClient::AnonymousLocation => "anonymous location",
        PlmnClient::TargetSubscribed => "services of the target",
    };
    if clients.is_empty() { "nobody".to_owned() } else { clients.iter().map(name).collect::<Vec<_>>().join(", ") }
}

fn misread_words(misread: &Misread) -> String {
    let Misread { identity, client, call, node, service_type, gateway, expected, read } = misread;
    let who = match (identity, client) {
        (Some(identity), _) => format!("pseudo-external identity {}", identity.number()),
        (None, Some(client)) => format!("client {client}"),
        (None, None) => "a client that is not listed".to_owned(),
    };
    let call = if *call { "with a call or session up" } else { "with no call or session" };
    let knows = if node.knows_not_allowed { "" } else { " that does not know \"not allowed\"" };
    let service = service_type.map_or_else(String::new, |service| format!(" and service type {}", service.code()));
    let leak = if misread.leaks() { "a leak" } else { "refused more than it should be" };
    format!(
        "{who} {call}: a node of capability set {}{knows}, asked through {gateway}{service}, comes to \"{}\" instead of \"{}\", {leak} (TS 23.271 Fig. A.1)",
        node.capability_set,
        action_words(*read),
        action_words(*expected),
    )
}
