//! The server through the eyes of libraries that share no code with it. The scripts of `javascript/` and `python/` hold against
//! Keycloak 26.7.4 as well: `node openid-client.mjs http://127.0.0.1:8180`.

mod josekit;
mod openidconnect;
mod scripts;
