//! What a client was given outlives the process that gave it, and is known to every node.

mod crash;
mod redis_away;
mod two_nodes;

use crate::harness::client::{Client, Form, Reply};

const LOGIN: Form<'static> =
    &[("grant_type", "password"), ("client_id", "app"), ("username", "alice"), ("password", "wonderland")];

/// A new session of alice in the realm `bench`.
fn login(client: &Client) -> Reply {
    client.token("bench", LOGIN)
}

fn refresh(client: &Client, token: &str) -> Reply {
    client.token("bench", &[("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", token)])
}
