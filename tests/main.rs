//! The acceptance tests: Latchkey from outside, as its clients see it.
#![cfg(test)]

mod architecture;
mod bad_input;
mod fidelity;
mod harness;
mod independent;
mod issuer;
mod keycloak;
mod living;
mod registration;
mod replicas;
mod sbc;
mod sessions;
mod spms;
mod token;
mod uma;
