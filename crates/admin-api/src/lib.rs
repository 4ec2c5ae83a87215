//! Keycloak's Admin REST API below `/admin`, as far as it is built.
//!
//! One file per resource ([`resource`]); what all of them share stands in one place each: who may what ([`roles`]), query parameters and
//! pages ([`query`]), answers ([`answer`]) and errors ([`error`]); in `realm-editing`, because client registration needs them, too: JSON
//! bodies ([`json`]), partial updates ([`merge`]), reading and changing entities ([`change`]), what else must change with an entity
//! ([`references`]). [`http`] alone knows actix.
//!
//! Before an operation runs, its caller is known (401), the realm is there (404), the path and verb are found (404, 405), and the body
//! is of the right media type (415). What is left to the operation, in the order in which Keycloak does it: to look up what the path
//! names, to refuse a caller without the role, to read the body.
//!
//! # How to add a resource
//!
//! A file `resource/widgets.rs`, its `RESOURCE` listed in `resource.rs`:
//!
//! ```ignore
//! //! `/admin/realms/{realm}/widgets`
//!
//! pub(crate) static RESOURCE: Resource = Resource {
//!     routes: &[
//!         Route::get("widgets", |call| Box::pin(list(call))),
//!         Route::post("widgets", |call| Box::pin(create(call))),
//!         Route::put("widgets/{id}", |call| Box::pin(update(call))),
//!     ],
//!     // Looked up before anything below it is, also where there is no such operation; its error is the answer then.
//!     locator: Some(("widgets/{id}", |call| Box::pin(locate(call)))),
//!     wrong_verb: WrongVerb::MethodNotAllowed,
//! };
//!
//! async fn list(call: &Call) -> Result<Answer, AdminError> {
//!     call.refuse_without(Permission::ViewRealm)?;                       // a row of roles.rs
//!     let page = call.query.page()?;                                     // first, max
//!     let documents = call.documents().await?;                           // placeholders resolved
//!     Answer::json(&page.of(documents.of_kind(Kind::Component).map(represent)))
//! }
//!
//! async fn create(call: &Call) -> Result<Answer, AdminError> {
//!     let given = call.json(&json::WIDGET)?;                             // a row of json/representations.rs
//!     call.refuse_without(Permission::ManageRealm)?;
//!     let id = call.new_id();
//!     call.change(|documents, changes| {                                 // again where somebody else was faster
//!         let key = Key::of(Kind::Component, "name");
//!         if documents.get(&key).is_some() {
//!             return Err(AdminError::message(409, "Widget exists already"));
//!         }
//!         changes.put(Document { key, id: id.clone(), body: merge::without_nulls(given.clone()) });
//!         Ok(())
//!     }).await?;
//!     Ok(Answer::created(call.location(&["widgets", &id])))
//! }
//! ```

mod answer;
mod call;
mod caller;
mod change;
mod component_rules;
mod credentials;
mod date;
mod error;
pub mod http;
mod mapping;
mod master;
mod member;
mod profile;
mod query;
mod realm_rules;
mod record;
mod resource;
mod role;
mod roles;
mod router;
mod session_list;
mod user;

use std::sync::Arc;

use ambient::Entropy;
use client_notification::ClientNotifications;
use events::Events;
use key_rotation::Keyrings;
use mail::Mailer;
use passwords::HashPool;
use realm_editing::{body, json, mapper, merge, references};
use realm_store::LiveRealms;
use sessions::Sessions;
use token_issuer::TokenIssuer;
use user_authentication::UserAuthentication;

/// The Admin REST API of all realms: what it works with. Cheap to clone.
#[derive(Clone)]
pub struct AdminApi {
    /// Realms and users.
    pub live: Arc<LiveRealms>,
    /// Sessions of users.
    pub sessions: Sessions,
    /// What reads tokens.
    pub token_issuer: Arc<TokenIssuer>,
    /// What tells clients.
    pub notifications: ClientNotifications,
    /// Keys of realms.
    pub keyrings: Arc<Keyrings>,
    /// Who a user is shown to be, and new passwords.
    pub user_authentication: UserAuthentication,
    /// What hashes passwords.
    pub hash_pool: Arc<HashPool>,
    /// Where it is recorded what happens.
    pub events: Events,
    /// What sends mail.
    pub mailer: Mailer,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}
