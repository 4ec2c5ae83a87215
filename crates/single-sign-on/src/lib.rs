//! A user's login as clients share it: a session begins, clients join it, and what tokens may say of it is told here. And the
//! authorization code, by which a client comes into a session that a browser has made.
//!
//! **Architecture invariant:** what a code guards is had by [`StoredCode::redeem`] alone, which judges everything first.

mod code;
mod facts;
mod join;
mod open;

pub use code::{AuthorizationCode, Presented, RedeemError, Redeemed, StoredCode, Taken, take_code};
pub use join::Joining;
pub use open::Login;

use std::sync::Arc;

use ambient::{Entropy, Timestamp};
use oidc_types::SessionId;
use realm_model::{Client, Realm};
use sessions::lifespan::Lifespans;
use sessions::{Sessions, StoreError};
use thiserror::Error;

/// A client that signs a user on, and where and when it does.
#[derive(Clone, Copy)]
pub struct SignOn<'a> {
    /// The sessions.
    pub sessions: &'a Sessions,
    /// Ids of sessions.
    pub entropy: &'a dyn Entropy,
    /// The realm.
    pub realm: &'a Arc<Realm>,
    /// The client.
    pub client: &'a Arc<Client>,
    /// The present.
    pub now: Timestamp,
}

/// Why a client gets no part in a session.
#[derive(Debug, Error)]
pub enum SignOnError {
    /// Scope `offline_access`, but the user has not the role of that name.
    #[error("the user has not the role offline_access")]
    OfflineAccessNotGranted,
    /// Sessions cannot be reached.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A new session id, in the form that the realm keeps.
pub fn new_session_id(realm: &Realm, entropy: &dyn Entropy) -> SessionId {
    if realm.compat.session_ids_are_uuids {
        return entropy.uuid().to_string().into();
    }
    entropy.base64url(18).into()
}

impl SignOn<'_> {
    /// The lifespans of sessions of this client.
    pub fn lifespans(&self) -> Lifespans {
        Lifespans::of(self.realm, self.client)
    }
}
