//! A dialect is a parser, a success form and an error form over the same grants, nothing more. A realm says which one its own
//! token path speaks (attribute `latchkey.dialect`).

pub(crate) mod keycloak;
pub(crate) mod spms;
