//! Where a user's login begins and ends. So far its end alone: logout by refresh token.

pub mod http;
mod logout;
mod wire;

pub use logout::LoginFlow;
