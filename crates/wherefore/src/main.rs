//! The program `wherefore`. Everything is in the library: see `wherefore::cli`.

fn main() -> std::process::ExitCode {
    wherefore::cli::main()
}
