//! Writes the seeds of what is kept and imported of consents: `cargo run --example seeds_consent` in `fuzz/`.

use std::path::Path;

fn main() -> std::io::Result<()> {
    for (target, name, octets) in fuzz::consent::seeds() {
        let folder = Path::new("seeds").join(target);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(name), octets)?;
    }
    Ok(())
}
