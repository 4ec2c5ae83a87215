//! The server: configuration, command line, wiring, logging, management port, shutdown.
//!
//! **Architecture invariant:** this is the only crate that knows all others, and the only one that reads the environment.

mod bootstrap;
pub mod cli;
mod client_key_sets;
pub mod commands;
mod container;
mod database;
mod demo;
mod demo_words;
mod explain;
mod healthcheck;
pub mod http;
mod lifecycle;
pub mod logging;
mod metrics;
mod production;
mod realms;
mod rotation_requests;
mod server;
mod tls;
mod vitals;
mod wiring;
mod written;

pub use http::ListenError;
pub use realms::Wrong;
pub use server::{Options, Running, Server, StartError};
pub use tls::{ClientCertificates, TlsError};
