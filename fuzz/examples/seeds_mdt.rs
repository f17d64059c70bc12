//! Writes the seeds of what a phone and a collector of MDT send: `cargo run --example seeds_mdt` in `fuzz/`.

use fuzz::mdt::genuine;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let genuine = genuine();
    let octets = [
        ("segment", &genuine.segment),
        ("report", &genuine.report),
        ("unlock", &genuine.unlock),
        ("list", &genuine.list.0),
        ("receipt", &genuine.receipt.0),
    ];
    let folder = Path::new("seeds/mdt_log_octets");
    std::fs::create_dir_all(folder)?;
    for (name, octets) in octets {
        std::fs::write(folder.join(name), octets)?;
    }
    Ok(())
}
