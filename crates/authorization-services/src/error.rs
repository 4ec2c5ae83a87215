//! Why the protection API refused: facts, free of HTTP; `wire.rs` says what a caller is told.

use permissions::RegistryError;
use realm_editing::json::JsonError;
use thiserror::Error;

/// Why the protection API refused.
#[derive(Debug, Error)]
pub(crate) enum ProtectionError {
    /// No bearer token, or one that does not hold.
    #[error("no bearer token that holds: {0}")]
    Bearer(String),
    /// The token is of a client that is no resource server.
    #[error("client {0} is no resource server")]
    NoResourceServer(String),
    /// The role `uma_protection` is missing.
    #[error("the caller has not the role uma_protection")]
    RoleMissing,
    /// `allowRemoteResourceManagement` is off.
    #[error("remote management is off")]
    RemoteManagementOff,
    /// The body.
    #[error(transparent)]
    Body(#[from] JsonError),
    /// Resources.
    #[error(transparent)]
    Resource(#[from] ResourceError),
    /// Permission tickets.
    #[error(transparent)]
    Ticket(#[from] TicketError),
    /// Policies of owners.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// Sessions or the registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Users.
    #[error(transparent)]
    Users(#[from] realm_store::StoreError),
    /// A ticket could not be signed.
    #[error("a ticket could not be signed: {0}")]
    Sign(#[from] token_issuer::MintError),
    /// What a token stands for cannot be found out.
    #[error("nothing is known of the token: {0}")]
    Unknown(String),
}

/// Why a resource was refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum ResourceError {
    /// There is none of this id at the caller's resource server.
    #[error("no such resource")]
    Unknown,
    /// It is somebody else's.
    #[error("a resource of another owner")]
    Foreign,
    /// No name, or an id that is taken.
    #[error("no name, or an id that is taken")]
    Conflict,
    /// The owner has another of this name.
    #[error("a name that is taken")]
    NameTaken(String),
    /// An update without a name.
    #[error("an update without a name")]
    NameMissing,
}

/// Why a permission or a permission ticket was refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum TicketError {
    /// Nothing is asked for.
    #[error("nothing is asked for")]
    Empty,
    /// No such resource.
    #[error("no such resource")]
    UnknownResource(String),
    /// No such scope.
    #[error("no such scope")]
    UnknownScope(String),
    /// No such permission ticket.
    #[error("no such permission ticket")]
    Unknown,
    /// Something is missing, there already, or for nobody.
    #[error("{0}")]
    Permission(&'static str),
    /// The caller may not.
    #[error("not for the caller: {0}")]
    NotAuthorised(String),
}

/// Why a policy of an owner was refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum PolicyError {
    /// No such policy.
    #[error("no such policy")]
    Unknown(String),
    /// The name is taken.
    #[error("a name that is taken")]
    NameTaken(String),
    /// No name.
    #[error("no name")]
    NameMissing,
    /// Anything else, in the words the caller is told.
    #[error("{0}")]
    Invalid(String),
}
