//! What no recording shows: what becomes of a token when time passes, or its session, client or user changes.

mod introspection;
mod revocation;
mod userinfo;
mod world;
