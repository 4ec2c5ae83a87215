use std::time::Duration;

use ambient::{Clock, SystemClock};

use super::{login, refresh};
use crate::harness::client::Client;
use crate::harness::process::Redis;
use crate::harness::server::TestServer;

/// Longer than any answer may take while the store is away.
const AT_ONCE: Duration = Duration::from_secs(10);

#[test]
fn without_redis_the_answer_is_503_at_once_and_with_it_all_is_well_again() {
    let Some(redis) = Redis::start() else { return };
    let server = TestServer::with_sessions(&redis.url);
    let client = Client::of(&server);
    let token = login(&client).text("refresh_token");

    let start_again = redis.kill();
    let began = SystemClock.now();
    for reply in [refresh(&client, &token), login(&client)] {
        assert_eq!(reply.status, 503, "{}", reply.json());
        assert!(reply.json()["error"].is_string(), "{}", reply.json());
    }
    assert_eq!(client.get("/realms/bench/.well-known/openid-configuration").status, 200, "what needs no session is served");
    let took = SystemClock.now().millis_since(began);
    assert!(took < AT_ONCE.as_millis() as i64, "two refusals took {took} ms");

    let _redis = start_again();
    // The connection is made anew in the background: the first answers may still be refusals.
    let first_else = (0..200).map(|_| login(&client).status).find(|status| *status != 503);
    assert_eq!(first_else, Some(200));
    assert_eq!(refresh(&client, &token).status, 400, "the session went with the Redis that kept it");
}
