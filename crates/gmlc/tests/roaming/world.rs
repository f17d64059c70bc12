//! Three networks with a gateway each, and what becomes of a request in all of them.

use crate::{
    disk::Disk,
    executor::Executor,
    network::{Mode, Networks, NodeAsked, Phone, Port, Road, Site, code_of, identities, realm_of, salt},
    people::{Asked, N, Plain, Who},
};
use gmlc::{Answer, Ask, Gateway, Territory, immediate, overriding};
use lcs::{Address, Digits, Duration, Failure, Fix, LcsClientType, Pseudonym, Target, Timestamp};
use privacy::{
    Checks, HomeNetwork, OverrideClient, Policy, Ppr, Profile, Provisioned, PseudoExternalTable, Register, RemotePpr,
    Subscriber,
    disclosure::{
        Bounds, Content, Entry, Facts, LogKeys, LogUnavailable, MasterKey, Origin, Recorded, RequestId, Sealer,
        SigningKey, Step, Subject, Via, Writer, walk,
    },
};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc, sync::Arc};

/// Wednesday, 2026-11-25, 10:00 UTC.
pub(crate) const START: Timestamp = Timestamp::from_secs(1_795_600_800);
/// The three networks.
pub(crate) const ALL: [usize; 3] = [0, 1, 2];

pub(crate) type End = Result<Result<Fix, Failure>, LogUnavailable>;

pub(crate) struct World {
    pub(crate) networks: Arc<Networks>,
    writers: Vec<Writer<Disk>>,
    disks: Vec<Disk>,
    executor: Executor,
    ends: Rc<RefCell<BTreeMap<usize, End>>>,
    phones: usize,
}

fn keys(site: usize) -> LogKeys {
    let origin = Origin::new(&format!("gmlc{site}.example.net/disclosure")).unwrap();
    LogKeys { signing: SigningKey::from_seed(origin, [7; 32]).unwrap(), master: MasterKey::from_octets([9; 32]) }
}

/// The numbers that a network's registers know as pseudo-external identities: others do not know what they stand for.
pub(crate) fn table(site: usize) -> PseudoExternalTable {
    let number = |at: usize| Address::international(&format!("+{}90000000{:02}", code_of(site), at + 1)).unwrap();
    PseudoExternalTable::new(core::array::from_fn(number), Provisioned::Fourteen).unwrap()
}

fn policy(site: usize, mode: &Mode) -> Policy {
    let mut policy = Policy::new(HomeNetwork {
        country_codes: vec![Digits::parse(&code_of(site).to_string()).unwrap()],
        realms: vec![realm_of(site)],
        node_numbers: vec![Digits::parse(&format!("{}170777", code_of(site))).unwrap()],
    });
    policy.pseudo_external = Some(table(site));
    policy.own_subscribers = mode.knows_own.then(|| vec![crate::network::plmn_of(site)]);
    policy.default_profile = mode.default_profile.then(|| Plain::listed(N).profile().compile().unwrap());
    policy
}

pub(crate) fn name_of(task: usize) -> RequestId {
    let mut octets = [0; 16];
    octets[..8].copy_from_slice(&(task as u64).to_be_bytes());
    RequestId(octets)
}

impl World {
    /// Phones, each by its home network and the network where it is, under the same rules.
    pub(crate) fn new(mode: Mode, phones: &[(usize, usize)]) -> Self {
        let (mut writers, mut disks, mut sites) = (Vec::new(), Vec::new(), Vec::new());
        for site in ALL {
            let disk = Disk::default();
            let (writer, log) = Writer::open(disk.clone(), keys(site), Bounds::default()).unwrap();
            let register = Arc::new(Register::new());
            let ppr = Ppr::new(Arc::clone(&register), policy(site, &mode));
            let ppr = match mode.elsewhere {
                false => Checks::Here(ppr),
                true => Checks::Elsewhere(RemotePpr::new(
                    Road(ppr),
                    Policy { default_profile: None, ..policy(site, &mode) },
                )),
            };
            sites.push(Site { ppr, register, log });
            writers.push(writer);
            disks.push(disk);
        }
        let phone = |(number, (home, at)): (usize, &(usize, usize))| Phone::new(number, *home, *at);
        let phones: Vec<Phone> = phones.iter().enumerate().map(phone).collect();
        let count = phones.len();
        let networks = Arc::new(Networks::new(START, mode, phones, sites));
        Self { networks, writers, disks, executor: Executor::default(), ends: Rc::default(), phones: count }
    }

    /// One phone, with this profile at home.
    pub(crate) fn one(mode: Mode, home: usize, at: usize, plain: Plain) -> Self {
        let world = Self::new(mode, &[(home, at)]);
        world.subscribe(0, plain);
        world
    }

    pub(crate) fn subscribe(&self, phone: usize, plain: Plain) {
        self.subscribe_with(phone, plain.profile());
    }

    pub(crate) fn subscribe_with(&self, phone: usize, profile: Profile) {
        let home = self.networks.phone(phone, |phone| phone.home);
        let Identities { imsi, msisdn, .. } = identities(phone, home);
        let subscriber = Subscriber { imsi, msisdn, salt: salt(phone) };
        let register = Arc::clone(&self.networks.site(home).register);
        register.put(&subscriber, &profile.compile().unwrap()).unwrap();
    }

    pub(crate) fn facts(&self, asked: &Asked, task: usize, via: Via) -> Facts {
        let request = asked.request();
        Facts {
            time: self.networks.now(),
            request: name_of(task),
            via,
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

    /// A client of gateway `site` asks; gives the number of the task, which has not run yet.
    pub(crate) fn ask(&mut self, site: usize, asked: &Asked) -> usize {
        let task = self.executor.next();
        let facts = self.facts(asked, task, Via::Mlp);
        let deadline = self.networks.now().after(Duration::from_secs(asked.deadline_s));
        let ask = Ask { request: asked.request(), deadline, emergency_key: None };
        let may = matches!(asked.by, Who::Emergency { overrides: true } | Who::Lawful);
        let overrides = OverrideClient::from_record(asked.by.client_type(), may);
        let (networks, ends) = (Arc::clone(&self.networks), Rc::clone(&self.ends));
        self.executor.spawn(async move {
            let ticket = networks.open(site, facts);
            let port = Port { networks: Arc::clone(&networks), site, request: name_of(task) };
            let gateway = port.gateway(&networks);
            let territory = networks.territory(site);
            let recorded: Result<Recorded<Answer>, _> = match overrides {
                Some(client) => overriding(&gateway, client, &territory, &ask, ticket).await,
                None => immediate(&gateway, &ask, ticket).await,
            };
            ends.borrow_mut().insert(task, recorded.map(Recorded::release));
        })
    }

    /// Anything else that runs in these networks.
    pub(crate) fn spawn(&mut self, future: impl Future<Output = ()> + 'static) -> usize {
        self.executor.spawn(future)
    }

    pub(crate) fn next(&self) -> usize {
        self.executor.next()
    }

    /// The client goes away.
    pub(crate) fn drop_task(&mut self, task: usize) {
        self.executor.drop_task(task);
    }

    pub(crate) fn live(&self) -> Vec<usize> {
        self.executor.live()
    }

    /// Runs what can run, and writes what waits; whether anything was written.
    pub(crate) fn step(&mut self) -> bool {
        self.executor.run(|_| ());
        let committed = self.writers.iter_mut().map(|writer| matches!(writer.step(), Step::Committed(_)));
        committed.fold(false, |any, one| any | one)
    }

    /// Runs everything to its end, moving the clock only when nothing else can go on.
    pub(crate) fn settle(&mut self) {
        while self.step() || self.networks.advance() {}
    }

    /// Asks, waits for the end, and gives all about it.
    pub(crate) fn answer(&mut self, site: usize, asked: &Asked) -> Answered {
        let task = self.ask(site, asked);
        self.settle();
        self.answered(task)
    }

    pub(crate) fn answered(&self, task: usize) -> Answered {
        Answered {
            end: self.ends.borrow().get(&task).cloned(),
            entries: ALL.map(|site| self.entries(site, task)),
            nodes: self.networks.nodes_asked(name_of(task)),
            registers: self.networks.registers_asked(name_of(task)),
            referred: self.networks.referred(name_of(task)),
        }
    }

    /// The durable entries of one gateway about one request.
    pub(crate) fn entries(&self, site: usize, task: usize) -> Vec<(Subject, Entry)> {
        let sealer = Sealer::new(&keys(site).master, keys(site).origin()).unwrap();
        let salted = (0..self.phones).map(|phone| Subject::Subscriber(salt(phone)));
        let subjects: Vec<_> = salted.chain([Subject::Operator]).map(|s| (s, sealer.subject(&s))).collect();
        let mut found = Vec::new();
        walk(&mut self.disks[site].durable(), 0, |_, record| {
            let opened = subjects.iter().find_map(|(s, keys)| sealer.open(record, keys).ok().map(|c| (*s, c)));
            if let (subject, Content::Request(entry)) = opened.unwrap()
                && entry.facts.request == name_of(task)
            {
                found.push((subject, *entry));
            }
            true
        })
        .unwrap();
        found
    }
}

/// All about a request that has ended.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) end: Option<End>,
    /// Entries of each gateway.
    pub(crate) entries: [Vec<(Subject, Entry)>; 3],
    pub(crate) nodes: Vec<NodeAsked>,
    /// Which gateways asked a home register.
    pub(crate) registers: Vec<usize>,
    /// From where to where a request was referred.
    pub(crate) referred: Vec<(usize, usize)>,
}

impl Answered {
    pub(crate) fn fix(&self) -> Option<&Fix> {
        self.end.as_ref().and_then(|end| end.as_ref().ok()).and_then(|end| end.as_ref().ok())
    }

    pub(crate) fn failure(&self) -> Option<Failure> {
        match self.end.as_ref()? {
            Ok(Ok(_)) => None,
            Ok(Err(failure)) => Some(*failure),
            Err(unavailable) => Some((*unavailable).into()),
        }
    }

    /// The one entry of a gateway, if it took part.
    pub(crate) fn entry(&self, site: usize) -> Option<&Entry> {
        assert!(self.entries[site].len() <= 1, "one entry at most");
        self.entries[site].first().map(|(_, entry)| entry)
    }

    /// How many entries each gateway has.
    pub(crate) fn counts(&self) -> [usize; 3] {
        [0, 1, 2].map(|site| self.entries[site].len())
    }
}

/// A request about a phone by the listed client, by number.
pub(crate) fn by_number(phone: usize, home: usize) -> Asked {
    let target = Target::Msisdn(identities(phone, home).msisdn.unwrap());
    Asked { target, ..Asked::by(Who::Listed, phone) }
}

/// The same under a pseudonym that tells the home gateway, or none.
pub(crate) fn by_pseudonym(phone: usize, home: Option<usize>) -> Asked {
    let home = home.map_or("none".to_owned(), |home| home.to_string());
    let pseudonym = Pseudonym::new(format!("{home}/fleet/{phone}")).unwrap();
    Asked { target: Target::Pseudonym(pseudonym), ..Asked::by(Who::Listed, phone) }
}

/// The override of a client type, as records of other gateways allow it in these networks.
pub(crate) fn override_of(client_type: LcsClientType) -> Option<OverrideClient> {
    OverrideClient::from_record(client_type, true)
}

use lcs::Identities;
pub(crate) use std::future::Future;

impl Port {
    pub(crate) fn gateway<'a>(&'a self, networks: &'a Networks) -> Gateway<'a, Port> {
        Gateway {
            ppr: &networks.site(self.site).ppr,
            network: self,
            number: crate::network::gmlc_number(self.site),
            keeps_coordinates: false,
            domains: &[],
        }
    }
}

impl Networks {
    /// Where the override holds for the gateway of a network: in its country, and where there are agreements.
    pub(crate) fn territory(&self, site: usize) -> Territory {
        let agreements = ALL.into_iter().filter(|other| self.mode.agreements[site][*other]).map(code_of).collect();
        Territory { home: vec![code_of(site)], agreements, realms: Vec::new() }
    }
}
