//! Dialogues of one operation in the machine of `ss7::tcap`: each step, one at a time and in a table of a hundred thousand.

use crate::Settings;
use crate::measure::{pin_thread, thread_cpu_s};
use anyhow::{Result, bail, ensure};
use ss7::tcap::{ApplicationContext, DialogueId, Dialogues, Indication, Output, Request, TcapLimits};
use std::time::Duration;

const DIALOGUES: u32 = 100_000;
const GMLC: &str = "gmlc";
const HLR: &str = "hlr";
const NOW: Duration = Duration::from_secs(1_000);

type Party = Dialogues<&'static str>;

/// A side of the dialogues, with the argument that it asks with and answers.
struct Side<'a> {
    party: Party,
    argument: &'a [u8],
}

impl<'a> Side<'a> {
    fn new(random: u64, argument: &'a [u8]) -> Self {
        Self { party: Party::new(TcapLimits::default(), random), argument }
    }

    fn invoke(&mut self, now: Duration) -> Result<()> {
        // locationSvcEnquiryContext-v3, provideSubscriberLocation.
        let context = ApplicationContext::map(38, 3);
        self.party.invoke(HLR, context, 83, self.argument, Duration::from_secs(10), now)?;
        Ok(())
    }

    fn sent(&mut self) -> Result<Vec<u8>> {
        match self.party.poll() {
            Some(Output::Send { octets, .. }) => Ok(octets),
            _ => bail!("no message"),
        }
    }

    fn begun(&mut self) -> Result<DialogueId> {
        match self.party.poll() {
            Some(Output::Indication(Indication::Begin { dialogue, .. })) => Ok(dialogue),
            _ => bail!("no Begin"),
        }
    }

    fn end(&mut self, dialogue: DialogueId) -> Result<()> {
        Ok(self.party.end(dialogue, &[Request::ResultLast { invoke_id: 1, result: self.argument }])?)
    }
}

/// Prints what one call of `work` took on average, thread time.
fn each<T>(what: &str, calls: u32, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = thread_cpu_s();
    let done = work()?;
    println!("{what:<45} {:>6.0}", (thread_cpu_s() - start) * 1e9 / f64::from(calls));
    Ok(done)
}

/// Runs the steps.
pub(crate) fn run(_settings: &Settings) -> Result<()> {
    pin_thread(0)?;
    let argument = [&[0x30, 0x3C, 0x80, 0x3A][..], &[7; 58]].concat();
    let (mut gmlc, mut hlr) = (Side::new(1, &argument), Side::new(2, &argument));
    println!("ns each, thread time, {DIALOGUES} dialogues");
    each("both sides of a dialogue, one at a time", DIALOGUES, || {
        for _ in 0..DIALOGUES {
            gmlc.invoke(NOW)?;
            hlr.party.receive(&gmlc.sent()?, &GMLC, NOW);
            let dialogue = hlr.begun()?;
            hlr.end(dialogue)?;
            gmlc.party.receive(&hlr.sent()?, &HLR, NOW);
            let ended = matches!(gmlc.party.poll(), Some(Output::Indication(Indication::Outcome { .. })));
            ensure!(ended, "no outcome");
        }
        Ok(())
    })?;
    let begins = each("invoke, into a table that fills", DIALOGUES, || {
        let begin = |at: u32| {
            gmlc.invoke(NOW + Duration::from_millis(u64::from(at % 1_000)))?;
            gmlc.sent()
        };
        (0..DIALOGUES).map(begin).collect::<Result<Vec<_>>>()
    })?;
    each("receive a Begin, into a table that fills", DIALOGUES, || {
        begins.iter().for_each(|octets| hlr.party.receive(octets, &GMLC, NOW));
        Ok(())
    })?;
    let asked = (0..DIALOGUES).map(|_| hlr.begun()).collect::<Result<Vec<_>>>()?;
    each("end", DIALOGUES, || asked.into_iter().try_for_each(|dialogue| hlr.end(dialogue)))?;
    let ends = (0..DIALOGUES).map(|_| hlr.sent()).collect::<Result<Vec<_>>>()?;
    each("receive an End", DIALOGUES / 2, || {
        ends.iter().step_by(2).for_each(|octets| gmlc.party.receive(octets, &HLR, NOW));
        Ok(())
    })?;
    each("time out", DIALOGUES / 2, || {
        gmlc.party.expire(NOW + Duration::from_secs(20));
        Ok(())
    })?;
    ensure!(gmlc.party.is_empty() && hlr.party.is_empty(), "dialogues are left");
    Ok(())
}
