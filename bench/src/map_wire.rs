//! The share of goal P1 that MAP takes on Lg: a request read, and one written, beside a bare walk over the tags and lengths of the same
//! octets.

use crate::Settings;
use crate::measure::{pin_thread, thread_cpu_s};
use anyhow::{Context, Result, ensure};
use lcs::gad::ShapeSet;
use lcs::{
    Address, ClientName, FormatIndicator, Identities, Imsi, LcsCapabilitySets, LcsClientId, LcsClientType,
    LocationType, Priority, PrivacyIndicators, PrivacySetting, Qos,
};
use ss7::map::{PrivacyInstruction, Psl, ReceivedPsl};
use std::hint::black_box;

const REQUESTS: u32 = 50_000;
const ROUNDS: usize = 7;

/// Runs floor and product in turns.
pub(crate) fn run(_settings: &Settings) -> Result<()> {
    pin_thread(0)?;
    let client = client()?;
    let octets = request(&client)?.encode();
    let mut best = [f64::MAX; 4];
    for _ in 0..ROUNDS {
        let mut time = |at: usize, work: &mut dyn FnMut() -> Result<()>| -> Result<()> {
            let start = thread_cpu_s();
            for _ in 0..REQUESTS {
                work()?;
            }
            best[at] = best[at].min((thread_cpu_s() - start) * 1e9 / f64::from(REQUESTS));
            Ok(())
        };
        time(0, &mut || {
            ensure!(black_box(walk(black_box(&octets))) == Some(ELEMENTS), "the request has other elements");
            Ok(())
        })?;
        time(1, &mut || {
            black_box(ReceivedPsl::decode(black_box(&octets))?);
            Ok(())
        })?;
        time(2, &mut || {
            let mut out = Vec::with_capacity(192);
            copy(black_box(&octets), &mut out);
            black_box(out);
            Ok(())
        })?;
        time(3, &mut || {
            black_box(request(black_box(&client))?.encode());
            Ok(())
        })?;
    }
    let [walked, read, copied, written] = best;
    println!("ProvideSubscriberLocation-Arg of {} octets, ns each, thread time, best of {ROUNDS} rounds", octets.len());
    println!("floor, walk over {ELEMENTS} elements  {walked:>6.0}");
    println!("read                      {read:>6.0}  {:.1}x", read / walked);
    println!("floor, copy of elements   {copied:>6.0}");
    println!("made and written          {written:>6.0}  {:.1}x", written / copied);
    Ok(())
}

fn client() -> Result<LcsClientId> {
    Ok(LcsClientId {
        client_type: LcsClientType::ValueAdded,
        external: Some(Address::international("4930123456")?),
        internal: None,
        dialled: None,
        apn: None,
        name: Some(ClientName::new("fleet-tracker", FormatIndicator::LogicalName)?),
        requestor: None,
        call_session_related: false,
    })
}

fn request(client: &LcsClientId) -> Result<Psl> {
    let indicators = PrivacyIndicators::new(PrivacySetting::AllowedWithNotification, None)?;
    let target = Identities { imsi: Some(Imsi::parse("001010123456789")?), ..Identities::default() };
    let gateway = Address::international("499500001")?;
    let sets = LcsCapabilitySets::ALL_FIVE;
    let instruction = PrivacyInstruction::Indicators(indicators);
    let psl = Psl::new(gateway, LocationType::Current, target, client, instruction, sets).context("no request")?;
    Ok(psl
        .priority(Priority::Normal)
        .qos(Qos { horizontal_m: Some(50), ..Qos::BEST_EFFORT }, false)
        .shapes(ShapeSet::ALL))
}

/// Elements of the request, at every depth.
const ELEMENTS: usize = 19;

/// Walks tags of one octet and short or one-octet long lengths, with their bounds, and counts; `None` for broken octets.
fn walk(octets: &[u8]) -> Option<usize> {
    let (mut rest, mut count) = (octets, 0);
    while let [tag, length, after @ ..] = rest {
        let (length, after) = match (*length, after) {
            (0x81, [long, after @ ..]) => (usize::from(*long), after),
            (short, after) if short < 0x80 => (usize::from(short), after),
            _ => return None,
        };
        let (content, behind) = after.split_at_checked(length)?;
        count += 1;
        if tag & 0x20 != 0 {
            count += walk(content)?;
        }
        rest = behind;
    }
    rest.is_empty().then_some(count)
}

/// Copies the request element by element, as one who writes them does, without making any value.
fn copy(octets: &[u8], out: &mut Vec<u8>) {
    let mut rest = octets;
    while let [tag, length, after @ ..] = rest {
        let head = if *length == 0x81 { 3 } else { 2 };
        let length = if head == 3 { after.first().copied().unwrap_or_default() } else { *length };
        let whole = rest.split_at_checked(head + usize::from(length));
        let Some((element, behind)) = whole else { return };
        let (header, content) = element.split_at(head);
        out.extend_from_slice(header);
        if tag & 0x20 == 0 {
            out.extend_from_slice(content);
        } else {
            copy(content, out);
        }
        rest = behind;
    }
}
