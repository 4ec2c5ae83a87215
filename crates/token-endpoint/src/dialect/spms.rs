//! The dialect of SPMS (docs/spms.md): its fields and their patterns, its answer, its tokens, its errors.

mod fields;
mod form;
mod tokens;

pub(crate) use fields::{Fields, SpmsGrant, read};
pub(crate) use form::{Success, problem, refused};
pub(crate) use tokens::{Tokens, mint, verify};
