//! What a grant decides to issue becomes tokens here: mappers, compiled once, make claims; claims are signed. And tokens
//! come back here to be verified.
//!
//! **Architecture invariant:** no other crate writes or reads the claims of a token.

mod claims;
mod evaluate;
mod hash;
mod issue;
mod issuing;
mod keys;
mod mapper;
mod mint;
mod pairwise;
mod plan;
mod roles;
mod scope;
mod verify;

pub use issue::{GrantKind, Issue, RefreshIssue, SessionFacts, SessionKind, SessionNotes, Subject};
pub use keys::{KeyError, RealmKeys, SignedToken};
pub use mint::{MintContext, MintError, Minted, TokenIssuer};
pub use scope::{GrantedScope, InvalidScope, LONGEST_SCOPE, ScopeRequest};
pub use verify::{AccessClaims, LONGEST_TOKEN, RefreshClaims, RefreshKind, RefusedToken, VerifyContext};
