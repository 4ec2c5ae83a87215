//! Key material and what OpenSSL does with it. Nothing above this module knows OpenSSL.

mod certificate;
mod encryption;
mod hmac;
mod import;
mod material;
mod pool;
mod signing;
mod verifying;

pub(crate) use certificate::{self_signed, thumbprints};
pub use encryption::{ContentEncryption, Recipient, decrypt_compact, encrypt_compact};
pub(crate) use import::public_der as import_public;
pub(crate) use material::{Curve, EdCurve, Material, PublicMembers, Shape, kid_of};
pub(crate) use signing::signer_of;
pub use signing::{SignError, Signer};
pub use verifying::VerificationKey;
pub(crate) use verifying::key_of_certificate;

use openssl::error::ErrorStack;
use thiserror::Error;
use zeroize::Zeroizing;

/// OpenSSL refused. Names the operation and OpenSSL's first reason; neither ever holds key material.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("OpenSSL could not {operation}: {reason}")]
pub struct CryptoError {
    /// What was tried.
    pub operation: &'static str,
    /// OpenSSL's words, which are constants of the library.
    pub reason: &'static str,
}

/// The DER within a PEM, whose armour may be missing, as it is in realm files; `None` where it is no base64.
pub(crate) fn base64_of_pem(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let body = text.lines().filter(|line| !line.trim_start().starts_with("-----")).flat_map(str::chars);
    let bare: Zeroizing<String> = Zeroizing::new(body.filter(|c| !c.is_whitespace()).collect());
    base64_simd::STANDARD.decode_to_vec(bare.as_bytes()).ok().map(Zeroizing::new)
}

/// Names the operation that failed.
fn failed(operation: &'static str) -> impl Fn(ErrorStack) -> CryptoError {
    move |stack| CryptoError { operation, reason: stack.errors().first().and_then(|e| e.reason()).unwrap_or("unknown reason") }
}

#[cfg(test)]
mod measure;
#[cfg(test)]
mod tests;
