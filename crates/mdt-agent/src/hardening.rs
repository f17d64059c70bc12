//! What the process asks of the system before it touches a measurement.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, umask};
use std::io;

/// No core dump, no memory to look at for other programs of the same user, no file that others read.
///
/// # Errors
/// The system refuses; nothing may be measured then.
pub fn apply() -> io::Result<()> {
    umask(rustix::fs::Mode::from_raw_mode(0o077));
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}
