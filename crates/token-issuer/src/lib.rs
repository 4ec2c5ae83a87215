//! What a grant decides to issue becomes tokens here: mappers, compiled once, make claims; claims are signed. And tokens
//! come back here to be verified.
//!
//! **Architecture invariant:** no other crate writes or reads the claims of a token.

mod action_token;
mod channel;
mod claims;
mod cnf;
mod encryption;
mod evaluate;
mod explain;
mod front_channel;
mod hash;
mod identity;
mod inspect;
mod issue;
mod issuing;
mod keys;
mod mapper;
mod mint;
mod notification;
mod organization_claims;
mod organization_scope;
mod pairwise;
mod plan;
mod registration;
mod requested_claims;
mod roles;
mod scope;
mod standing;
mod ticket;
mod verify;

#[cfg(test)]
mod tests;
mod views;

pub use action_token::{ActionKind, ActionState, ActionToken};
pub use channel::{ChannelClaims, ChannelRequest};
pub use cnf::BoundTo;
pub use encryption::ClientKeySets;
pub use explain::{
    Answer, Asked, Entity, ExplainedClaim, ExplainedToken, Explanation, Holder, Maker, Member, Origin, Part, Question, Reason,
    ToldByToken, explain,
};
pub use front_channel::{FrontChannel, FrontChannelTokens};
pub use identity::Identity;
pub use inspect::{InspectContext, InspectedToken, Purpose, TokenType};
pub use issue::{
    Authorization, ExchangedToken, GrantKind, Issue, RefreshIssue, SessionFacts, SessionKind, SessionNotes, Subject,
};
pub use keys::{KeyError, RealmKeys, SignedToken};
pub use mint::{MintContext, MintError, Minted, TokenIssuer};
pub use notification::AdminAction;
pub use registration::{RegistrationAuth, RegistrationToken};
pub use scope::{GrantedScope, InvalidScope, LONGEST_SCOPE, ScopeRequest};
pub use standing::{Fallen, Standing, StandingContext, Unreachable, carried_roles, refuse_disabled_client};
pub use ticket::{PermissionTicket, TicketLike, TicketPermission};
pub use verify::{LONGEST_TOKEN, RefreshClaims, RefreshKind, RefusedToken, VerifyContext};
pub use views::{IntrospectionForm, UserInfo, View, requesting_party_view, signs_userinfo};
