//! The crate to audit: decides whether a subscriber may be located, and lets no position out but by its own types.
//!
//! ```text
//!            Register (profiles)      Policy (operator)
//!                      \              /
//!  request ──> Ppr::authorise ──> Permit<Authorised>            step 5 of TS 23.271 clause 9.1.1
//!                                      │ Ppr::confirm           step 8: what the serving node can do
//!                                 Permit<Confirmed>  ──> what the node is told, step 9
//!                                      │ Ppr::recheck           step 11: rules on where; notify after positioning
//!              Permit<NotificationOnly> ──> Cleared             steps 12-14
//!                                             │
//!                                  disclosure::Ticket::record ──> Recorded ──> release
//!
//!  at home elsewhere:  Ppr::refer ──> Referral ──> the home gateway checks ──> Ppr::clear_referred ──> Cleared    steps 4, 15
//!  at home elsewhere, served here:  HomeAuthority, HomeWord ──> Ppr::authorise_instructed ──> Permit<Authorised>  step 8
//! ```
//!
//! Three laws, held by types. *No location without a permit*: a [`Permit`] is made here alone, and a position that comes back
//! becomes [`Cleared`] here alone. *No answer without a record*: a [`Cleared`] position opens only
//! through [`disclosure::Recorded::release`]. *Fail closed*: whatever cannot be read, known or judged is refused.
//!
//! ```compile_fail,E0451
//! // A stage of a permit cannot be made outside.
//! let stage = privacy::Authorised { made_here: () };
//! ```
//! ```compile_fail,E0451
//! fn forge(permit: privacy::Permit<privacy::Authorised>, stage: privacy::Confirmed) -> privacy::Permit<privacy::Confirmed> {
//!     privacy::Permit { stage, ..unimplemented!() }
//! }
//! ```
//! ```compile_fail,E0451
//! fn forge(fix: lcs::Fix) -> privacy::Cleared {
//!     privacy::Cleared { fix, ..unimplemented!() }
//! }
//! ```
//! ```compile_fail,E0451
//! // Nor does anybody refer a request to another gateway without leave, and so clear what comes back.
//! fn forge(named: lcs::Named, referral: privacy::Referral) -> privacy::Referral {
//!     privacy::Referral { named, ..referral }
//! }
//! ```
//! ```compile_fail,E0616
//! fn peek(cleared: privacy::Cleared) -> lcs::Fix {
//!     cleared.fix
//! }
//! ```
//! ```compile_fail,E0423
//! // The key that opens a cleared position is not to be had.
//! let key = privacy::ReleaseKey(());
//! ```
//! ```compile_fail,E0277
//! // What is released beside a record is known to this crate: no other value can carry a position past the log.
//! struct Both(privacy::Cleared, privacy::Cleared);
//! impl privacy::Releasable for Both {
//!     type Released = (lcs::Fix, lcs::Fix);
//!     fn release(self, key: &privacy::ReleaseKey) -> Self::Released { (self.0.release(key), self.1.release(key)) }
//! }
//! ```
//! ```compile_fail,E0451
//! // What an assertion is made from comes out of the log alone.
//! fn forge(account: std::sync::Arc<str>) -> privacy::RecordedIntroduction { privacy::RecordedIntroduction { account } }
//! ```
//! ```compile_fail,E0277
//! // There is no permit by default.
//! fn by_default() -> privacy::Permit<privacy::Confirmed> { Default::default() }
//! ```

pub mod consent;
mod decide;
pub mod disclosure;
mod introduction;
mod lpp;
mod override_path;
mod own_request;
mod permit;
mod pmd;
mod ppr;
mod profile;
mod pseudo_external;
mod referral;
mod register;
#[cfg(test)]
mod testing;
mod visited;

pub use decide::{Conclusion, Explanation, HomeNetwork, OperatorFloor, Policy, Refusal, RuleId, RuleResult, Step};
pub use disclosure::SubjectSalt;
pub use introduction::{Consent, Introduced, Introduction, RecordedIntroduction};
pub use lpp::{
    Allowed, Authorisation, Barred, Checks, Lpp, LppFault, LppId, PrivacyCheck, PseudoExternalOffer, RemotePpr,
    Stage as LppStage, Standing as LppStanding, Stands, Verdict,
};
pub use override_path::{Jurisdiction, OverrideClient, clear_emergency_report};
pub use permit::{
    Authorised, Basis, Checked, Cleared, Confirmed, ForCard, Instructing, NodeInstruction, NotificationOnly,
    NotificationOutcome, Permit, Releasable, ReleaseKey, SessionIdentity,
};
pub use pmd::{
    AssignError, AuditCause, Home, PSEUDONYM_MAX, Pmd, PmdError, PseudonymKey, PseudonymMaster, Realm, RealmError,
    RevocationRecord, RevocationScope, Revocations, RevokeError, Term, Unresolved, home_of,
};
pub use ppr::Ppr;
pub use profile::{
    AreaEffect, AreaRule, ClassRules, CodewordHandling, Codewords, CompiledProfile, Conditions, GmlcRestriction, Hours,
    ListedClient, ListedService, Place, Profile, ProfileError, Rules, ServiceTypes, Standing, Window,
};
pub use pseudo_external::{
    HomeRegisterData, Misread, PlmnClass, Provisioned, PseudoExternalTable, SlppContext, SlppData, SlppFault,
    TableError, WhyWithheld, check_slpp, walk_slpp,
};
pub use referral::{Referral, ReferralError};
pub use register::{Memory, Register, RegisterError, Subscriber};
pub use visited::{HomeAuthority, HomeWord, VisitedAnswer};
