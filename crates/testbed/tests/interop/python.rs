//! python-diameter (PyPI), as the program `peer.py` beside this file.

use super::{Running, program};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The interpreter: that of `WHEREFORE_TEST_PYTHON`, or the one on the path.
fn interpreter() -> Option<PathBuf> {
    std::env::var_os("WHEREFORE_TEST_PYTHON").map(PathBuf::from).or_else(|| program("python3"))
}

/// What is missing to run it.
pub fn missing() -> Option<&'static str> {
    let Some(python) = interpreter() else { return Some("python3") };
    let found = Command::new(python).args(["-c", "import diameter.node"]).stderr(Stdio::null()).status();
    (!found.is_ok_and(|status| status.success())).then_some("python-diameter (PyPI) in WHEREFORE_TEST_PYTHON")
}

/// Starts `peer.py` with these arguments.
pub fn start(arguments: &[&str]) -> Running {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/peer.py");
    Running::start(Command::new(interpreter().unwrap()).arg(script).args(arguments))
}

/// The next thing that it says with this key.
pub fn said(running: &mut Running, key: &str) -> Value {
    serde_json::from_str(&running.line(&format!("\"{key}\":"))).unwrap()
}

/// The AVP of this name in a tree that it printed.
pub fn avp<'t>(tree: &'t Value, name: &str) -> Option<&'t Value> {
    tree.as_array()?.iter().find(|avp| avp["name"] == name)
}

/// Its value.
pub fn value<'t>(tree: &'t Value, name: &str) -> &'t Value {
    avp(tree, name).map_or(&Value::Null, |avp| &avp["value"])
}
