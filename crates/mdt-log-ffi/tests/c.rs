//! A program in C, compiled against the header and linked with the library, is a phone from the first entry to the clear.

mod support;

use std::path::Path;
use std::process::Command;
use support::{Scene, library, whole_life};

#[test]
fn a_phone_in_c_logs_uploads_and_clears() {
    let scene = Scene::new();
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = scene.folder().join("phone");
    let mut gcc = Command::new("gcc");
    gcc.args(["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-O1"])
        .arg("-I")
        .arg(home.join("include"))
        .arg("-o")
        .arg(&program)
        .arg(home.join("tests/c/phone.c"))
        .arg(library("a"))
        .args(["-lpthread", "-ldl", "-lm"]);
    scene.run(&mut gcc);
    whole_life(&scene, |words| {
        let mut phone = Command::new(&program);
        phone.arg(scene.folder()).args(words);
        phone
    });
}

#[test]
fn the_header_is_one_for_cpp_too() {
    let scene = Scene::new();
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = scene.folder().join("only.cpp");
    std::fs::write(
        &file,
        "#include \"mdt_log.h\"\nint main() { return mdt_flush(nullptr) == MDT_OUTCOME_ARGUMENT ? 0 : 1; }\n",
    )
    .unwrap();
    let mut gcc = Command::new("g++");
    gcc.args(["-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-pedantic", "-I"]).arg(home.join("include")).arg(&file);
    scene.run(&mut gcc);
}
