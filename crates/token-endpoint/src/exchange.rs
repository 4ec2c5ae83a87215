//! What a grant works with: the request's surroundings, and the parts of the server below it.

use std::sync::Arc;

use ambient::{Entropy, Timestamp};
use events::Events;
use key_rotation::Keyrings;
use oidc_types::{Confirmation, Params};
use permissions::Permissions;
use realm_http::PeerCertificate;
use realm_model::{Client, Realm};
use realm_store::Users;
use sender_constraint::{BindingError, DpopProof, certificate_confirmation, refuse_other_certificate, refuse_other_key};
use sessions::Sessions;
use sessions::lifespan::Lifespans;
use single_sign_on::SignOn;
use token_issuer::{BoundTo, RealmKeys, TokenIssuer};
use user_authentication::{At, UserAuthentication};

use crate::grant::jwt_authorization::IssuerKeys;

/// The parts below the token endpoint; idp-server puts them together.
#[derive(Clone)]
pub struct Parts {
    /// Sessions, failed logins, trusted devices.
    pub sessions: Sessions,
    /// Who there is.
    pub users: Arc<dyn Users>,
    /// Who a user is shown to be.
    pub user_authentication: UserAuthentication,
    /// The keys of each realm.
    pub keys: Arc<dyn RealmKeys>,
    /// What opens `auth_req_id`s.
    pub keyrings: Arc<Keyrings>,
    /// Claims and tokens.
    pub token_issuer: Arc<TokenIssuer>,
    /// Ids of sessions.
    pub entropy: Arc<dyn Entropy>,
    /// Where it is recorded what happened.
    pub events: Events,
    /// Resource servers, and who may do what there.
    pub permissions: Permissions,
    /// The keys of identity providers.
    pub(crate) issuer_keys: Arc<IssuerKeys>,
}

/// One token request, as far as grants need to know it.
pub(crate) struct Exchange<'a> {
    pub(crate) parts: &'a Parts,
    pub(crate) realm: &'a Arc<Realm>,
    pub(crate) client: &'a Arc<Client>,
    /// The issuer under which the request came.
    pub(crate) issuer: &'a str,
    /// Whether another issuer is this realm under another of its names.
    pub(crate) accepts_issuer: &'a (dyn Fn(&str) -> bool + Sync),
    /// The caller's address.
    pub(crate) peer: &'a str,
    pub(crate) now: Timestamp,
    /// All parameters, where there is a form.
    pub(crate) form: Option<&'a Params>,
    /// The key that the caller has shown to hold.
    pub(crate) proof: Option<&'a DpopProof>,
    /// The certificate by which the caller came.
    pub(crate) certificate: Option<&'a PeerCertificate>,
}

impl Exchange<'_> {
    /// Sessions, for this client here and now.
    pub(crate) fn sign_on(&self) -> SignOn<'_> {
        SignOn {
            sessions: &self.parts.sessions,
            entropy: self.parts.entropy.as_ref(),
            realm: self.realm,
            client: self.client,
            now: self.now,
        }
    }

    /// What the tokens of this request are to be bound to.
    pub(crate) fn confirmations(&self) -> Result<Vec<Confirmation>, BindingError> {
        let certificate = certificate_confirmation(self.client, self.certificate)?;
        Ok(self.proof.map(|proof| proof.confirmation_for(self.client)).into_iter().chain(certificate).collect())
    }

    /// Refuses a token that is bound to what the caller has not shown.
    pub(crate) fn refuse_bound_to_another(&self, bound_to: &BoundTo) -> Result<(), BindingError> {
        refuse_other_certificate(self.client, bound_to.certificate.as_deref(), self.certificate)?;
        refuse_other_key(bound_to.jkt.as_deref(), self.proof)
    }

    /// Where and when a user is asked.
    pub(crate) fn at(&self) -> At<'_> {
        At { realm: self.realm, now: self.now, peer: self.peer }
    }

    /// The lifespans of sessions of this client.
    pub(crate) fn lifespans(&self) -> Lifespans {
        self.sign_on().lifespans()
    }
}
