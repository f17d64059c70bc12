//! The header in the repository is the one that the code makes today.

use std::path::Path;

#[test]
fn the_header_is_made_from_the_code_of_today() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(home.join("cbindgen.toml")).unwrap();
    let bindings = cbindgen::Builder::new()
        .with_config(config)
        .with_src(home.join("src/c/types.rs"))
        .with_src(home.join("src/c/mod.rs"))
        .generate()
        .unwrap();
    let mut made = Vec::new();
    bindings.write(&mut made);
    let kept = std::fs::read(home.join("include/mdt_log.h")).unwrap_or_default();
    if made != kept {
        let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mdt_log.h");
        std::fs::write(&new, &made).unwrap();
        panic!(
            "include/mdt_log.h is not what the code makes: look at the difference, then copy {} over it",
            new.display()
        );
    }
}
