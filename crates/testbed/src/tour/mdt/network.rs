//! What register, planner and network are told before and between the steps.

use super::{DriveTestError, DriveTests, Measured, Stands, Steps};
use crate::mdt_core::JobOutcome;
use crate::mdt_phone::plmn_octets;
use crate::scenario::{DriveTestsSpec, SubscriberSpec};
use crate::tour::run::{Tour, identity};
use mdt::job::TraceJob;
use mdt::rrc::Plmn;
use mdt_log::{CollectorKey, KeyId, KeyList, ReceiptKey, Suite};
use reqwest::Method;
use serde_json::{Map, Value, json};

/// How long the key list of the tour counts, s.
const KEYS_S: u64 = 86_400;
/// Stands for evidence that is kept elsewhere.
const EVIDENCE: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What the planner chose.
pub(super) struct Selected {
    pub(super) labels: Vec<String>,
    pub(super) reasons: Map<String, Value>,
}

fn text<'v>(of: &'v Value, member: &str) -> Result<&'v str, DriveTestError> {
    of.get(member).and_then(Value::as_str).ok_or(DriveTestError::Odd("an answer of the admin API lacks a member"))
}

fn octets<const N: usize>(hex: &str) -> Option<[u8; N]> {
    crate::control::octets(hex)?.try_into().ok()
}

impl<'a, 's> Steps<'a, 's> {
    pub(super) fn new(
        tour: &'a Tour<'s>,
        lab: &'a DriveTests,
        spec: &'s DriveTestsSpec,
    ) -> Result<Self, DriveTestError> {
        let home = tour.of_operator(None).ok_or(DriveTestError::Odd("no gateway of the first operator"))?;
        let own = crate::mdt_phone::plmn_of(crate::wire::plmn(&tour.scenario.network.realm));
        let own = own.ok_or(DriveTestError::Odd("the realm names no network"))?;
        let (mcc, mnc) = digits(own);
        // A reference names one job for ever, and a tour may be made again.
        let mut id = [0; 3];
        aws_lc_rs::rand::fill(&mut id).map_err(|_| DriveTestError::Odd("no random octets"))?;
        let hex: String = id.iter().map(|octet| format!("{octet:02x}")).collect();
        let json = json!({
            "jobType": "LOGGED_MDT_ONLY",
            "traceReference": {"mcc": mcc, "mnc": mnc, "traceId": hex},
            "traceCollectionEntityIpAddress": "127.0.0.1",
            "mdtConfig": {"loggedMDTConfig": {
                "traceCollectionEntityId": 1, "loggingDuration": "3600s", "loggingInterval": {"LTE": ["5.12s"]},
                "plmnList": [{"mcc": mcc, "mnc": mnc}],
            }},
        });
        let job = TraceJob::from_json(json.to_string().as_bytes()).map_err(|_| DriveTestError::Odd("the job"))?;
        let ([a, b, c], [d, e, f]) = (plmn_octets(own), id);
        let plmn = format!("{mcc}-{mnc}");
        let name = format!("{plmn}-{hex}");
        Ok(Self { tour, lab, home, spec, json, job, trace: [a, b, c, d, e, f], plmn, name })
    }

    async fn admin(
        &self,
        method: Method,
        path: &str,
        of: Option<&SubscriberSpec>,
        body: Option<&Value>,
    ) -> Result<Value, DriveTestError> {
        Ok(self.home.admin.ask(method, path, of.map(identity).as_deref(), body).await?)
    }

    /// The phones know the collector; a notice is out; two of three were told and agreed; the job is known, and the network as well.
    pub(super) async fn prepare(&self) -> Result<(), DriveTestError> {
        let keys = self.admin(Method::GET, "/v1/mdt/keys", None, None).await?;
        self.lab.mdt.trust(&key_list(&keys)?)?;
        let notice = self.trace.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
        let notice = format!("drive-tests-{notice}");
        let published = json!({
            "name": notice, "version": 1, "not_before": "2020-01-01T00:00:00Z", "wait_s": 0,
            "purposes": ["logged-mdt"], "recipients": ["the operator's radio planning"],
            "data": ["cells and signal strengths with time and place"], "retention_days": 30,
            "texts": [{"language": "en", "sha256": EVIDENCE}],
        });
        self.admin(Method::POST, "/v1/consent/notices", None, Some(&published)).await?;
        for label in [&self.spec.logs, &self.spec.leaves] {
            let who = Some(self.subscriber(label)?);
            let informed = json!({"notice": notice, "version": 1, "language": "en", "channel": "app",
                "evidence_sha256": EVIDENCE, "source": "customer-care"});
            self.admin(Method::POST, "/v1/consent/informed", who, Some(&informed)).await?;
            if self.person(self.subscriber(label)?).await?.get("opted_out").is_some_and(Value::is_string) {
                // By an earlier tour over the same files.
                let lift = json!({"demanded_by_person": true, "evidence_sha256": EVIDENCE});
                self.admin(Method::POST, "/v1/consent/lift", who, Some(&lift)).await?;
            }
            let yes = json!({"purpose": "logged-mdt", "given": true, "plmns": [self.plmn], "precision": "exact",
                "identified": false, "notice": notice, "version": 1, "source": "person", "evidence_sha256": EVIDENCE});
            self.admin(Method::POST, "/v1/consent/decision", who, Some(&yes)).await?;
        }
        self.admin(Method::POST, "/v1/mdt/jobs", None, Some(&self.json)).await?;
        self.pass_on().await
    }

    /// What the register says of each subscriber with a phone of MDT goes to the home network, as its operator would have it go.
    pub(super) async fn pass_on(&self) -> Result<(), DriveTestError> {
        let own = crate::ran::plmn(&self.plmn).ok_or(DriveTestError::Odd("the network"))?;
        for subscriber in self.tour.scenario.subscribers.iter().filter(|of| of.mdt.is_some()) {
            let path = format!("/v1/consent/am-data/{}", self.plmn);
            let word = self.admin(Method::GET, &path, Some(subscriber), None).await?;
            let given = text(&word, "mdtUserConsent")? == "CONSENT_GIVEN";
            self.lab.mdt.consent(&subscriber.label, given, Some(vec![own])).await?;
        }
        Ok(())
    }

    /// The planner asks the register about the three; whoever is chosen gets the reference that the log brings back.
    pub(super) async fn selected(&self) -> Result<Selected, DriveTestError> {
        let labels = [&self.spec.not_informed, &self.spec.logs, &self.spec.leaves];
        let mut candidates = Vec::new();
        for label in labels {
            candidates.push(json!({"subscriber": identity(self.subscriber(label)?), "registered": self.plmn}));
        }
        let body = json!({"job": self.name, "candidates": candidates});
        let told = self.admin(Method::POST, "/v1/mdt/selection", None, Some(&body)).await?;
        let mut chosen = Vec::new();
        for of in told.get("chosen").and_then(Value::as_array).into_iter().flatten() {
            let at = of.get("candidate").and_then(Value::as_u64).and_then(|at| usize::try_from(at).ok());
            let label = at.and_then(|at| labels.get(at)).ok_or(DriveTestError::Odd("an unknown candidate"))?;
            let reference = of.get("reference").and_then(Value::as_str).and_then(crate::control::octets);
            let reference = reference.ok_or(DriveTestError::Odd("no reference"))?;
            self.lab.mdt.refer(label, self.trace, reference).await?;
            chosen.push((at, (*label).clone()));
        }
        // The lot decided their order.
        chosen.sort_unstable();
        let reasons = told.get("not_chosen").and_then(Value::as_object).cloned().unwrap_or_default();
        Ok(Selected { labels: chosen.into_iter().map(|(_, label)| label).collect(), reasons })
    }

    /// The network gives the job to whoever its MMEs let it.
    pub(super) async fn give(&self) -> Result<Vec<(String, JobOutcome)>, DriveTestError> {
        Ok(self.lab.mdt.job(&self.job, true).await?)
    }

    pub(super) async fn person(&self, of: &SubscriberSpec) -> Result<Value, DriveTestError> {
        self.admin(Method::GET, "/v1/consent", Some(of), None).await
    }

    /// The phones' clock goes on.
    pub(super) async fn pass(&self, seconds: u64) -> Result<(), DriveTestError> {
        let moved = self.tour.post_to("clock", &json!({ "advance_s": seconds })).await;
        moved.map(drop).map_err(|_| DriveTestError::Odd("the phones' clock cannot be moved"))
    }

    pub(super) async fn stands(&self, label: &str) -> Result<Stands, DriveTestError> {
        let of = |phone: &mut crate::mdt_phone::MdtPhone, _: &crate::ran::Ran| Stands {
            phase: phone.overview().phase,
            entries: phone.truths().len(),
            files: phone.flash().image().len(),
        };
        Ok(self.lab.mdt.phone(label, of).await?)
    }

    /// What was true of the log, in the order in which it was logged.
    pub(super) async fn measured(&self, label: &str) -> Result<Measured, DriveTestError> {
        let measured = self.lab.mdt.phone(label, |phone, ran| {
            let of = |truth: &crate::mdt_phone::Truth| {
                let serving = truth.serving?;
                let (rsrp, rsrq) = truth.survey.of(serving)?.lte();
                Some((ran.cells().get(serving)?.cell, rsrp, rsrq))
            };
            phone.truths().iter().filter_map(of).collect()
        });
        Ok(measured.await?)
    }
}

/// MCC and MNC in digits.
fn digits(plmn: Plmn) -> (String, String) {
    let mcc = format!("{:03}", plmn.mcc().unwrap_or_default());
    (mcc, format!("{:0width$}", plmn.mnc(), width = plmn.mnc_digits()))
}

/// The keys of the collector, as a root would sign them.
fn key_list(told: &Value) -> Result<KeyList, DriveTestError> {
    let now_s = crate::network::now_us() / 1_000_000;
    let (from_s, until_s) = (now_s.saturating_sub(KEYS_S), now_s + KEYS_S);
    let mut list = KeyList { version: 1, issued_s: from_s, expires_s: until_s, keys: Vec::new(), receipts: Vec::new() };
    for key in told.get("keys").and_then(Value::as_array).into_iter().flatten() {
        let odd = || DriveTestError::Odd("a key of the collector cannot be read");
        let id = KeyId(octets(text(key, "id")?).ok_or_else(odd)?);
        let public = text(key, "public")?;
        let suite = match text(key, "suite")? {
            "small" => Suite::Small,
            "hybrid" => Suite::Hybrid,
            _ => {
                list.receipts.push(ReceiptKey { id, from_s, until_s, public: octets(public).ok_or_else(odd)? });
                continue;
            }
        };
        let public = crate::control::octets(public).ok_or_else(odd)?;
        list.keys.push(CollectorKey::new(id, 1, suite, from_s, until_s, public).ok_or_else(odd)?);
    }
    Ok(list)
}
