//! The acceptance tests: Latchkey from outside, as its clients see it.
#![cfg(test)]

mod administration;
mod architecture;
mod bad_input;
mod browser;
mod fidelity;
mod harness;
mod independent;
mod issuer;
mod keycloak;
mod living;
mod logging;
mod registration;
mod replicas;
mod sbc;
mod sessions;
mod spms;
mod token;
mod uma;
mod vulnerability_classes;
