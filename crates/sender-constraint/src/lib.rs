//! Who may show a token: whoever proves to hold the key that it is bound to. DPoP proofs (RFC 9449), TLS client certificates
//! (RFC 8705).
//!
//! An endpoint reads the `DPoP` header ([`http::proof_header`]), has it judged ([`verify_proof`]) and gives what comes of it to
//! whatever makes tokens ([`DpopProof::confirmation`], [`certificate_confirmation`]) or takes them ([`refuse_other_key`],
//! [`refuse_other_certificate`]).
//!
//! **Architecture invariant:** a [`DpopProof`] is made by [`verify_proof`] alone, which spends it.

mod binding;
mod certificate;
mod claims;
mod error;
mod header;
pub mod http;
mod proof;
mod uri;
mod wire;

pub use binding::{BindingError, OTHER_CERTIFICATE, refuse_other_key};
pub use certificate::{certificate_confirmation, refuse_other_certificate};
pub use claims::{AHEAD_SECS, OLD_SECS};
pub use error::{ClaimFault, HeaderFault, ProofError};
pub use header::ALGORITHMS;
pub use proof::{DpopProof, ProofRequest, endpoint_uris, prove, verify_proof};
