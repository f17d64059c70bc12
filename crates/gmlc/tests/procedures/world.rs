//! One gateway over the simulated network, with the real register and the real disclosure log.

use crate::{
    disk::Disk,
    executor::Executor,
    lpp::{self, InProcess},
    network::{HOME, Node, Sent, Simulated},
    people::{self, Asked, Plain, Who},
};
use gmlc::{Answer, Ask, EmergencyReport, Gateway, Network, Territory, emergency_report, immediate, mo_lr, overriding};
use lcs::{Address, Digits, Duration, Failure, Fix, LcsClientType, Target, Timestamp};
use privacy::{
    Checks, HomeNetwork, OverrideClient, Policy, Ppr, Register,
    disclosure::{
        Bounds, Content, Entry, Facts, Log, LogKeys, LogUnavailable, MasterKey, Origin, Recorded, RequestId, Sealer,
        SigningKey, Step, Subject, Via, Writer, walk,
    },
};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc, sync::Arc};

/// Wednesday, 2026-11-25, 10:00 UTC.
pub(crate) const START: Timestamp = Timestamp::from_secs(1_795_600_800);

/// How a request ended for its client.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum End {
    /// A position was released under the entry of this index.
    Released { fix: Fix, index: u64 },
    /// None was; there is an entry all the same.
    Failed { failure: Failure, index: u64 },
    /// The log could not write.
    Unrecorded(LogUnavailable),
}

impl End {
    fn of(recorded: Result<Recorded<Answer>, LogUnavailable>) -> Self {
        let recorded = match recorded {
            Ok(recorded) => recorded,
            Err(reason) => return Self::Unrecorded(reason),
        };
        let index = recorded.receipt().index;
        match recorded.release() {
            Ok(fix) => Self::Released { fix, index },
            Err(failure) => Self::Failed { failure, index },
        }
    }

    pub(crate) fn failure(&self) -> Option<Failure> {
        match self {
            Self::Released { .. } => None,
            Self::Failed { failure, .. } => Some(*failure),
            Self::Unrecorded(reason) => Some((*reason).into()),
        }
    }

    pub(crate) fn fix(&self) -> Option<&Fix> {
        match self {
            Self::Released { fix, .. } => Some(fix),
            Self::Failed { .. } | Self::Unrecorded(_) => None,
        }
    }
}

/// What was released or failed, under the number of its task.
pub(crate) type Ends = Rc<RefCell<BTreeMap<usize, End>>>;

pub(crate) struct World {
    pub(crate) network: Arc<Simulated>,
    pub(crate) ppr: Arc<Ppr>,
    /// Whom the gateway asks: that register, in this process or over Lpp.
    pub(crate) checks: Arc<Checks<InProcess>>,
    pub(crate) log: Log,
    pub(crate) writer: Writer<Disk>,
    pub(crate) disk: Disk,
    pub(crate) executor: Executor,
    pub(crate) ends: Ends,
    pub(crate) territory: Territory,
    pub(crate) keeps_coordinates: bool,
    phones: usize,
}

fn keys() -> LogKeys {
    let origin = Origin::new("gmlc1.example.net/disclosure").unwrap();
    LogKeys { signing: SigningKey::from_seed(origin, [7; 32]).unwrap(), master: MasterKey::from_octets([9; 32]) }
}

pub(crate) fn policy() -> Policy {
    Policy::new(HomeNetwork {
        country_codes: vec![Digits::parse("49").unwrap()],
        realms: vec![HOME.to_owned()],
        node_numbers: Vec::new(),
    })
}

pub(crate) fn gmlc_number() -> Address {
    Address::international("+491700999").unwrap()
}

/// Name of the request that a task runs.
pub(crate) fn name_of(task: usize) -> RequestId {
    let mut octets = [0; 16];
    octets[..8].copy_from_slice(&(task as u64).to_be_bytes());
    RequestId(octets)
}

impl World {
    pub(crate) fn new(phones: usize) -> Self {
        Self::under(phones, policy())
    }

    pub(crate) fn under(phones: usize, policy: Policy) -> Self {
        let disk = Disk::default();
        let (writer, log) = Writer::open(disk.clone(), keys(), Bounds::default()).unwrap();
        let network = Arc::new(Simulated::new(START, phones));
        let ppr = Arc::new(Ppr::new(Arc::new(Register::new()), policy.clone()));
        let checks = lpp::checks(&network, &ppr, policy);
        Self {
            network,
            ppr,
            checks: Arc::new(checks),
            log,
            writer,
            disk,
            executor: Executor::default(),
            ends: Ends::default(),
            territory: Territory { home: vec![49], agreements: Vec::new(), realms: Vec::new() },
            keeps_coordinates: false,
            phones,
        }
    }

    /// A world of one phone with this profile.
    pub(crate) fn with(plain: Plain) -> Self {
        let world = Self::new(1);
        world.subscribe(0, plain);
        world
    }

    pub(crate) fn subscribe(&self, phone: usize, plain: Plain) {
        let profile = plain.profile().compile().unwrap();
        self.ppr.register().put(&people::subscriber(phone), &profile).unwrap();
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.network.now()
    }

    pub(crate) fn facts(&self, asked: &Asked, task: usize) -> Facts {
        let request = asked.request();
        Facts {
            time: self.now(),
            request: name_of(task),
            via: Via::Mlp,
            account: request.account,
            client_type: request.client.client_type,
            external: request.client.external,
            requestor: None,
            service_type: request.service_type,
            location_type: request.location_type,
            qos: request.qos,
            target: request.target,
        }
    }

    /// A client asks; gives the number of the task, which has not run yet.
    pub(crate) fn ask(&mut self, asked: &Asked) -> usize {
        let task = self.executor.next();
        let ticket = self.log.open(self.facts(asked, task));
        let deadline = self.now().after(Duration::from_secs(asked.deadline_s));
        let ask = Ask { request: asked.request(), deadline, emergency_key: None };
        // As the operator's records say; there is no such client for value added and operator services.
        let may = matches!(asked.by, Who::Emergency { overrides: true } | Who::Lawful);
        let overrides = OverrideClient::from_record(asked.by.client_type(), may);
        let (network, ppr, ends) = (Arc::clone(&self.network), Arc::clone(&self.checks), Rc::clone(&self.ends));
        let (territory, keeps) = (self.territory.clone(), self.keeps_coordinates);
        self.executor.spawn(async move {
            let gateway = Gateway {
                ppr: &*ppr,
                network: &*network,
                number: gmlc_number(),
                keeps_coordinates: keeps,
                domains: &[],
            };
            let end = End::of(match overrides {
                Some(client) => overriding(&gateway, client, &territory, &ask, ticket).await,
                None => immediate(&gateway, &ask, ticket).await,
            });
            ends.borrow_mut().insert(task, end);
        })
    }

    /// A serving node reports an emergency call; gives the number of the task. `door` and client type go into the ticket.
    pub(crate) fn report(&mut self, report: EmergencyReport, door: Via, client_type: LcsClientType) -> usize {
        let task = self.executor.next();
        let identities = report.identities;
        let target = identities.msisdn.map(Target::Msisdn).or(identities.imei.map(Target::Imei)).unwrap();
        let facts = self.facts(&Asked { target, ..Asked::by(Who::Emergency { overrides: true }, 0) }, task);
        let ticket = self.log.open(Facts { via: door, client_type, ..facts });
        let (network, ppr, ends) = (Arc::clone(&self.network), Arc::clone(&self.checks), Rc::clone(&self.ends));
        self.executor.spawn(async move {
            let gateway = Gateway {
                ppr: &*ppr,
                network: &*network,
                number: gmlc_number(),
                keeps_coordinates: false,
                domains: &[],
            };
            let end = End::of(emergency_report(&gateway, report, ticket).await);
            ends.borrow_mut().insert(task, end);
        })
    }

    /// A serving node reports that a subscriber sends the own position to the client; as [`World::report`].
    pub(crate) fn own_report(
        &mut self,
        phone: usize,
        fix: Option<Fix>,
        door: Via,
        client_type: LcsClientType,
    ) -> usize {
        let task = self.executor.next();
        let facts = self.facts(&Asked::by(Who::Listed, phone), task);
        let ticket = self.log.open(Facts { via: door, client_type, ..facts });
        let (network, ppr, ends) = (Arc::clone(&self.network), Arc::clone(&self.checks), Rc::clone(&self.ends));
        self.executor.spawn(async move {
            let (network, number) = (&*network, gmlc_number());
            let gateway = Gateway { ppr: &*ppr, network, number, keeps_coordinates: false, domains: &[] };
            let end = End::of(mo_lr(&gateway, people::both(phone), fix, ticket).await);
            ends.borrow_mut().insert(task, end);
        })
    }

    /// Runs all that can run without time going on.
    pub(crate) fn run(&mut self) {
        let network = Arc::clone(&self.network);
        self.executor.run(|task| network.task(task));
    }

    /// Runs everything to its end, moving the clock only when nothing else can go on.
    pub(crate) fn settle(&mut self) {
        loop {
            self.run();
            match self.writer.step() {
                Step::Committed(_) | Step::Resumed(_) | Step::Failed(_) => {}
                Step::Idle | Step::Ended if !self.network.advance() => return,
                Step::Idle | Step::Ended => {}
            }
        }
    }

    /// Asks and waits for the end.
    pub(crate) fn answer(&mut self, asked: &Asked) -> Answered {
        let task = self.ask(asked);
        self.settle();
        self.answered(task)
    }

    /// All about a request that has ended.
    pub(crate) fn answered(&self, task: usize) -> Answered {
        let end = self.ends.borrow().get(&task).cloned();
        let mut entries = self.entries();
        entries.retain(|(_, _, entry)| entry.facts.request == name_of(task));
        Answered { end, entries, sent: self.network.sent(task) }
    }

    /// Contents in the durable log from one index on, with index and subject, as long as `more` says.
    fn read(&self, from: u64, mut each: impl FnMut(u64, Subject, Content) -> bool) {
        let sealer = Sealer::new(&keys().master, keys().origin()).unwrap();
        let salted = (0..self.phones).map(|phone| Subject::Subscriber(people::salt(phone)));
        let subjects: Vec<_> = salted.chain([Subject::Operator]).map(|s| (s, sealer.subject(&s))).collect();
        walk(&mut self.disk.durable(), from, |index, record| {
            let opened =
                subjects.iter().find_map(|(s, keys)| sealer.open(record, keys).ok().map(|content| (*s, content)));
            let (subject, content) = opened.unwrap();
            each(index, subject, content)
        })
        .unwrap();
    }

    /// Every content in the durable log.
    pub(crate) fn contents(&self) -> Vec<(u64, Subject, Content)> {
        let mut found = Vec::new();
        self.read(0, |index, subject, content| {
            found.push((index, subject, content));
            true
        });
        found
    }

    /// The durable entry of this index, if there is one.
    pub(crate) fn entry_at(&self, index: u64) -> Option<Entry> {
        let mut found = None;
        self.read(index, |at, _, content| {
            if let (true, Content::Request(entry)) = (at == index, content) {
                found = Some(*entry);
            }
            false
        });
        found
    }

    /// Every entry in the durable log.
    pub(crate) fn entries(&self) -> Vec<(u64, Subject, Entry)> {
        let entry = |(index, subject, content)| match content {
            Content::Request(entry) => Some((index, subject, *entry)),
            Content::Gap { .. } | Content::Consent(_) => None,
        };
        self.contents().into_iter().filter_map(entry).collect()
    }
}

/// All about a request that has ended.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) end: Option<End>,
    pub(crate) entries: Vec<(u64, Subject, Entry)>,
    pub(crate) sent: Vec<Sent>,
}

impl Answered {
    pub(crate) fn failure(&self) -> Option<Failure> {
        self.end.as_ref().and_then(End::failure)
    }

    pub(crate) fn fix(&self) -> Option<&Fix> {
        self.end.as_ref().and_then(End::fix)
    }

    /// The one entry.
    pub(crate) fn entry(&self) -> &Entry {
        assert_eq!(self.entries.len(), 1, "exactly one entry");
        &self.entries[0].2
    }

    /// Requests to the HSS, requests for a position, and requests to notify.
    pub(crate) fn counts(&self) -> (usize, usize, usize) {
        let count = |is: fn(&Sent) -> bool| self.sent.iter().filter(|sent| is(sent)).count();
        (
            count(|sent| matches!(sent, Sent::Routing { kept: false })),
            count(|sent| matches!(sent, Sent::Positioning(_))),
            count(|sent| matches!(sent, Sent::Notification(_))),
        )
    }

    /// Requests to serving nodes in order.
    pub(crate) fn plrs(&self) -> Vec<&crate::network::Plr> {
        let plr = |sent: &'_ Sent| matches!(sent, Sent::Positioning(_) | Sent::Notification(_));
        self.sent
            .iter()
            .filter(|sent| plr(sent))
            .map(|sent| match sent {
                Sent::Positioning(plr) | Sent::Notification(plr) => plr,
                Sent::Routing { .. } => unreachable!(),
            })
            .collect()
    }
}

/// Whether a node is one that answers as it should.
pub(crate) fn is_sound(node: Node) -> bool {
    matches!(node, Node::Answers | Node::Slow(0..=2))
}
