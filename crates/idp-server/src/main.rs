//! The `latchkey` binary.

use std::process::ExitCode;

use idp_server::cli::Invocation;

/// Gives memory back that a burst has used, which the C library's keeps in an arena for each thread.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
    let invocation = Invocation {
        arguments: std::env::args_os().skip(1).map(text).collect(),
        environment: std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect(),
        directory: std::path::PathBuf::new(),
    };
    idp_server::commands::run(&invocation)
}
