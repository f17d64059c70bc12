//! Synthetic subscribers: many people, a thousand distinct sets of rules, one client that asks.

use anyhow::{Context, Result};
use lcs::gad::{ShapeSet, geometry::Area};
use lcs::{
    Address, ClientName, Codeword, Digits, FormatIndicator, Identities, Imsi, LcsClientId, LcsClientType,
    LocationRequest, LocationType, Msisdn, Priority, PrivacySetting, Qos, Requestor, ServiceType, Target, Timestamp,
};
use privacy::{
    AreaEffect, AreaRule, ClassRules, CodewordHandling, Codewords, CompiledProfile, Conditions, GmlcRestriction,
    HomeNetwork, Hours, ListedClient, ListedService, Place, Policy, Profile, Register, Rules, ServiceTypes,
    SubjectSalt, Subscriber, Window,
};

/// Distinct sets of rules.
pub(crate) const SETS: u64 = 1000;
/// Wednesday, 2026-11-25, 10:00 UTC.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_795_600_800);
const CODEWORD: &str = "open sesame";
const FLEET: u32 = 16;

/// Digits of a number of a fixed length, the first ones given.
fn digits(prefix: &[u8], n: u64, length: usize) -> Result<Digits> {
    let tail = length - prefix.len();
    let decimals = (0..tail).map(|at| (n / 10u64.pow((tail - 1 - at) as u32) % 10) as u8);
    Ok(Digits::from_digits(prefix.iter().copied().chain(decimals))?)
}

/// MSISDN of subscriber `n`.
pub(crate) fn msisdn(n: u64) -> Result<Msisdn> {
    Ok(Msisdn::new(digits(&[4, 9, 1, 7, 0], n, 13)?)?)
}

/// IMSI of subscriber `n`.
pub(crate) fn imsi(n: u64) -> Result<Imsi> {
    Ok(Imsi::new(digits(&[2, 6, 2, 0, 1], n, 15)?)?)
}

fn address(text: &str) -> Result<Address> {
    Ok(Address::international(text)?)
}

/// The gateway's own number, at home.
pub(crate) fn gmlc() -> Result<Address> {
    address("+49170999")
}

/// The operator's policy.
pub(crate) fn policy() -> Result<Policy> {
    let realms = vec!["floor.example".to_owned()];
    Ok(Policy::new(HomeNetwork { country_codes: vec![Digits::parse("49")?], realms, node_numbers: Vec::new() }))
}

/// What the client asks, of whomever.
pub(crate) fn request() -> Result<LocationRequest> {
    Ok(LocationRequest {
        account: "fleet".into(),
        client: LcsClientId {
            client_type: LcsClientType::ValueAdded,
            external: Some(address("+4930123456")?),
            internal: None,
            dialled: None,
            apn: None,
            name: Some(ClientName::new("Fleet control", FormatIndicator::LogicalName)?),
            requestor: Some(Requestor { text: "dispatcher".to_owned(), format: FormatIndicator::LogicalName }),
            call_session_related: false,
        },
        target: Target::Msisdn(msisdn(0)?),
        service_type: ServiceType::new(FLEET),
        codeword: Codeword::new(CODEWORD.to_owned()),
        location_type: LocationType::Current,
        max_age_s: None,
        qos: Qos::BEST_EFFORT,
        velocity: false,
        priority: Priority::Normal,
        service_coverage: Vec::new(),
        shapes: ShapeSet::ALL,
        least_privacy: lcs::LeastPrivacy::NONE,
    })
}

/// Set `n` of the rules. All list the client; beside it each has up to eight others, service types, hours, codewords and
/// area rules in a mix of its own.
pub(crate) fn rules(n: u64) -> Result<Rules> {
    let settings = [
        PrivacySetting::AllowedWithoutNotification,
        PrivacySetting::AllowedWithNotification,
        PrivacySetting::AllowedIfNoResponse,
        PrivacySetting::RestrictedIfNoResponse,
    ];
    let setting = settings[(n % 4) as usize];
    let office =
        Hours { windows: (0..5).map(|d| Window { start_min: d * 1440 + 480, end_min: d * 1440 + 1080 }).collect() };
    let conditions = Conditions {
        requestors: n
            .is_multiple_of(5)
            .then(|| vec![Requestor { text: "dispatcher".to_owned(), format: FormatIndicator::LogicalName }]),
        hours: n.is_multiple_of(3).then(|| office.clone()),
        areas: if n.is_multiple_of(8) { vec![area(n)?] } else { Vec::new() },
        notify_after_positioning: false,
    };
    let mut clients = (0..n % 8)
        .map(|at| {
            let address = Address { digits: digits(&[4, 9, 3, 0], 700_000 + n * 8 + at, 11)?, ..address("+49")? };
            Ok(ListedClient { setting: settings[(at % 4) as usize], ..ListedClient::new(address) })
        })
        .collect::<Result<Vec<_>>>()?;
    let own = ListedClient::new(address(if n.is_multiple_of(6) { "+493012" } else { "+4930123456" })?);
    let gmlc = if n.is_multiple_of(2) { GmlcRestriction::HomeCountry } else { GmlcRestriction::Any };
    clients.push(ListedClient { setting, gmlc, conditions, ..own });
    let listed = |code: u32| {
        let service_type = ServiceType::new(code).context("a service type is below 128")?;
        Ok(ListedService { setting, ..ListedService::new(service_type) })
    };
    let service_types = ServiceTypes {
        not_listed: PrivacySetting::NotAllowed,
        listed: [FLEET, 17 + (n % 40) as u32].into_iter().map(listed).collect::<Result<_>>()?,
    };
    let word = Codeword::new(CODEWORD.to_owned()).context("a codeword is not empty")?;
    Ok(Rules {
        unrelated: Some(ClassRules::unrelated(clients)),
        service_types: (n % 4 == 1).then_some(service_types),
        codewords: (n % 10 == 3).then(|| Codewords::new(CodewordHandling::Network, [&word])),
        ..Rules::default()
    })
}

fn area(n: u64) -> Result<AreaRule> {
    let centre = lcs::gad::geometry::Position::new(48.0 + (n % 100) as f64 / 50.0, 11.5)?;
    Ok(AreaRule {
        area: Area::circle(centre, 500.0 + n as f64)?,
        when: Place::Inside,
        effect: AreaEffect::Coarsen { radius_m: 2_000 },
    })
}

/// Every set of rules, proved sound.
pub(crate) fn compiled() -> Result<Vec<CompiledProfile>> {
    (0..SETS).map(|n| Ok(Profile { rules: rules(n)?, ..Profile::default() }.compile()?)).collect()
}

/// Puts subscribers of these numbers into a register, each with the set of its number.
pub(crate) fn fill(register: &Register, sets: &[CompiledProfile], numbers: core::ops::Range<u64>) -> Result<()> {
    for n in numbers {
        register.put(&subscriber(n)?, &sets[(n % SETS) as usize])?;
    }
    Ok(())
}

/// Subscriber `n`.
pub(crate) fn subscriber(n: u64) -> Result<Subscriber> {
    let salt = u128::from(n).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
    Ok(Subscriber {
        imsi: Some(imsi(n)?),
        msisdn: Some(msisdn(n)?),
        salt: SubjectSalt::from_octets(salt.to_be_bytes()),
    })
}

/// Pseudorandom numbers below `below` (xorshift).
pub(crate) fn random_numbers(below: u64, seed: u64) -> impl Iterator<Item = u64> {
    let mut state = seed | 1;
    core::iter::from_fn(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Some(((u128::from(state) * u128::from(below)) >> 64) as u64)
    })
}

/// How a client names somebody: by number, or by IMSI.
pub(crate) fn asked_by(n: u64, by_imsi: bool) -> Result<Identities> {
    Ok(if by_imsi {
        Identities { imsi: Some(imsi(n)?), ..Identities::default() }
    } else {
        Identities { msisdn: Some(msisdn(n)?), ..Identities::default() }
    })
}
