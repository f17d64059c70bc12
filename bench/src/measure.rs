//! Clocks of processor time and a latency histogram.

use std::time::Duration;

/// Processor seconds of this thread.
pub(crate) fn thread_cpu_s() -> f64 {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9
}

/// Keeps this thread on one core.
pub(crate) fn pin_thread(core: usize) -> std::io::Result<()> {
    let mut cores = rustix::thread::CpuSet::new();
    cores.set(core);
    Ok(rustix::thread::sched_setaffinity(None, &cores)?)
}

/// Processor seconds, user and system, of a process, in ticks of 10 ms; of this one when `None`.
pub(crate) fn process_cpu_s(pid: Option<u32>) -> f64 {
    let who = pid.map_or_else(|| "self".to_owned(), |p| p.to_string());
    let text = std::fs::read_to_string(format!("/proc/{who}/stat")).unwrap_or_default();
    let after_name = text.rfind(')').map_or("", |at| &text[at + 1..]);
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}

/// Resident memory of a process, bytes; of this one when `None`.
pub(crate) fn resident_bytes(pid: Option<u32>) -> u64 {
    status_bytes(pid, "VmRSS")
}

/// The most that was ever resident of a process, bytes.
pub(crate) fn peak_resident_bytes(pid: u32) -> u64 {
    status_bytes(Some(pid), "VmHWM")
}

fn status_bytes(pid: Option<u32>, name: &str) -> u64 {
    let who = pid.map_or_else(|| "self".to_owned(), |p| p.to_string());
    let text = std::fs::read_to_string(format!("/proc/{who}/status")).unwrap_or_default();
    let line = text.lines().find(|l| l.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok()).unwrap_or_default() * 1024
}

/// Share of this process's memory that lies in huge pages.
pub(crate) fn huge_page_share() -> f64 {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let kib = |name: &str| {
        let line = text.lines().find(|l| l.starts_with(name)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|n| n.parse::<f64>().ok()).unwrap_or_default()
    };
    kib("AnonHugePages:") / kib("Anonymous:").max(1.0)
}

/// Log-linear histogram of nanoseconds with 32 steps an octave.
pub(crate) struct Histogram {
    buckets: Vec<u64>,
    count: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: vec![0; 64 * 32], count: 0 }
    }
}

impl Histogram {
    /// Adds one latency.
    pub(crate) fn add(&mut self, latency: Duration) {
        let ns = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX).max(32);
        let octave = 63 - u64::from(ns.leading_zeros());
        let at = (octave * 32 + ((ns >> (octave - 5)) & 31)) as usize;
        self.buckets[at] += 1;
        self.count += 1;
    }

    /// How many were added.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The latency below which a share of all lie, microseconds.
    pub(crate) fn quantile_us(&self, share: f64) -> f64 {
        let wanted = ((self.count as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        for (at, n) in self.buckets.iter().enumerate() {
            seen += n;
            if seen >= wanted {
                return 2f64.powi((at / 32) as i32) * (1.0 + (at % 32) as f64 / 32.0) / 1000.0;
            }
        }
        0.0
    }
}
