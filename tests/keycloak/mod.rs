//! Recordings of the real Keycloak, replayed: each topic against one fresh server.

use std::path::{Path, PathBuf};

use ambient::{Clock, SystemClock};
use idp_server::cli::BootstrapAdmin;
use oidc_types::Secret;

use crate::harness::departures::Departures;
use crate::harness::replayer::{RECORDED, Replayer, Sink, Time, Verdict, json_files, known_users};
use crate::harness::server::{TestServer, recorded_realms};
use crate::harness::{environment, tests};

/// Name and password of the administrator, as the recordings have them.
const ADMIN: &str = "admin";

/// Milliseconds after which a scenario is worth a line.
const SLOW: i64 = 3_000;

/// Plays all scenarios of `topic`; the differences that no row of docs/compatibility.md covers, and the rows that cover none.
fn replay(topic: &str, replayer: &Replayer<'_>, excuses: &mut Departures) -> Vec<String> {
    let (mut held, mut excused, mut skipped, mut wrong) = (0, 0, Vec::new(), Vec::new());
    for (name, scenario) in json_files(&tests("keycloak/recordings").join(topic)) {
        let recording = format!("{topic}/{name}");
        let began = SystemClock.now();
        let verdict = replayer.play(&scenario);
        let took = SystemClock.now().millis_since(began);
        if took > SLOW {
            println!("{recording} took {took} ms");
        }
        match verdict {
            Verdict::Held => held += 1,
            Verdict::Skipped(why) => skipped.push(format!("{name} {why}")),
            Verdict::Differs(differences) => {
                let before = wrong.len();
                let open = differences.iter().filter(|difference| !excuses.excuse(&recording, difference));
                wrong.extend(open.map(|difference| format!("{recording}: {difference}")));
                excused += usize::from(wrong.len() == before);
            }
        }
    }
    let stale = excuses.stale().map(|row| format!("{}: a row of docs/compatibility.md that excuses nothing", row.recording));
    wrong.extend(stale);
    println!("{topic}: {held} held, {excused} excused by their rows, {} skipped {skipped:?}", skipped.len());
    wrong
}

/// The realm files of the recordings, with `sink` in the place of whom their clients have the server call.
fn realms_that_call(sink: &Sink, folder: &Path) -> Vec<PathBuf> {
    let mut files = recorded_realms();
    for file in &mut files {
        let text = std::fs::read_to_string(&*file).unwrap();
        if text.contains(RECORDED) {
            *file = folder.join(file.file_name().unwrap());
            std::fs::write(&*file, text.replace(RECORDED, &sink.address.to_string())).unwrap();
        }
    }
    files
}

/// One topic against a fresh server that has loaded the realms of the recordings.
fn holds(topic: &str) {
    let sink = Sink::start();
    let folder = tempfile::tempdir().unwrap();
    let server = TestServer::with_settings(realms_that_call(&sink, folder.path()), |settings| {
        settings.authentication_channel = Some(format!("http://{}/ciba", sink.address));
        let (username, password) = (ADMIN.to_owned(), Secret::new(ADMIN.to_owned()));
        settings.bootstrap_admin = Some(BootstrapAdmin { username, password });
    });
    let realms = tests("keycloak/realms");
    let replayer = Replayer {
        origin: server.origin.clone(),
        prefix: String::new(),
        admin: Some(format!("{ADMIN}:{ADMIN}")),
        time: &*server.clock,
        users: known_users(&realms),
        keys: realms.join("keys"),
        sink: Some(sink),
    };
    let wrong = replay(topic, &replayer, &mut Departures::of_topic(topic));
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

macro_rules! topics {
    ($($test:ident: $topic:literal,)*) => {
        $(#[test]
        fn $test() {
            holds($topic);
        })*

        #[test]
        fn every_topic_with_recordings_is_replayed() {
            assert_eq!(topics(), [$($topic),*]);
        }
    };
}

topics! {
    the_ways_to_the_account_page_are_as_recorded: "account-page-redirects",
    attack_detection_is_as_recorded: "admin-attack-detection",
    flows_are_administered_as_recorded: "admin-authentication",
    admins_may_do_what_was_recorded: "admin-authorization",
    clients_are_administered_as_recorded: "admin-clients",
    errors_of_the_admin_api_are_as_recorded: "admin-errors",
    events_are_kept_as_recorded: "admin-events",
    realms_are_administered_as_recorded: "admin-realms",
    users_are_administered_as_recorded: "admin-users",
    codes_are_redeemed_as_recorded: "authorization-code",
    authorization_requests_are_refused_as_recorded: "authorize-errors",
    failed_logins_lock_as_recorded: "brute-force",
    back_channel_authentication_is_as_recorded: "ciba",
    clients_authenticate_as_recorded: "client-authentication",
    consents_are_asked_for_as_recorded: "consent",
    other_origins_are_answered_as_recorded: "cors",
    device_authorization_is_as_recorded: "device",
    devices_are_let_in_by_browsers_as_recorded: "device-verification",
    discovery_and_keys_are_as_recorded: "discovery-and-keys",
    proofs_of_possession_are_as_recorded: "dpop",
    clients_register_themselves_as_recorded: "dynamic-registration",
    error_pages_are_as_recorded: "error-pages",
    paths_verbs_and_limits_are_as_recorded: "errors-http",
    answers_through_the_browser_are_as_recorded: "implicit-and-hybrid",
    introspection_is_as_recorded: "introspection",
    assertions_that_grant_are_answered_as_recorded: "jwt-authorization-grant",
    logins_are_as_recorded: "login",
    login_pages_are_as_recorded: "login-page",
    logout_is_as_recorded: "logout",
    offline_tokens_are_as_recorded: "offline-tokens",
    one_time_codes_are_asked_for_as_recorded: "otp",
    pushed_requests_are_as_recorded: "par",
    people_sign_up_as_recorded: "registration",
    request_objects_are_as_recorded: "request-object",
    required_actions_are_as_recorded: "required-actions",
    forgotten_passwords_are_set_anew_as_recorded: "reset-credentials",
    files_of_pages_are_as_recorded: "resources",
    revocation_is_as_recorded: "revocation",
    frames_of_applications_are_as_recorded: "session-iframe",
    sessions_are_shared_as_recorded: "sso",
    client_credentials_are_answered_as_recorded: "token-client-credentials",
    tokens_are_exchanged_as_recorded: "token-exchange",
    passwords_are_answered_as_recorded: "token-password",
    refresh_tokens_are_answered_as_recorded: "token-refresh",
    permissions_of_resource_servers_are_as_recorded: "uma-ticket",
    userinfo_is_as_recorded: "userinfo",
}

/// Every topic that has recordings.
fn topics() -> Vec<String> {
    let folders = std::fs::read_dir(tests("keycloak/recordings")).unwrap();
    let mut names: Vec<_> = folders.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

struct RealTime;

impl Time for RealTime {
    fn now(&self) -> i64 {
        SystemClock.now().secs()
    }

    fn pass(&self, millis: i64) {
        std::thread::sleep(std::time::Duration::from_millis(millis.unsigned_abs()));
    }
}

/// The cross-check of the replayer itself: against a real Keycloak everything holds.
#[test]
#[ignore = "needs LATCHKEY_REPLAY_BASE, the URL of a running server"]
fn replays_against_a_running_server() {
    let base = environment("LATCHKEY_REPLAY_BASE").expect("LATCHKEY_REPLAY_BASE");
    let host = base.find("://").map_or(0, |at| at + 3);
    let path = base[host..].find('/').map_or(base.len(), |at| host + at);
    let realms = tests("keycloak/realms");
    let replayer = Replayer {
        origin: base[..path].to_owned(),
        prefix: base[path..].trim_end_matches('/').to_owned(),
        admin: environment("LATCHKEY_REPLAY_ADMIN"),
        time: &RealTime,
        users: known_users(&realms),
        keys: realms.join("keys"),
        sink: None,
    };
    let chosen = environment("LATCHKEY_REPLAY_TOPICS");
    let chosen = chosen.map_or_else(topics, |list| list.split(',').map(str::to_owned).collect());
    let wrong: Vec<_> = chosen.iter().flat_map(|topic| replay(topic, &replayer, &mut Departures::new(Vec::new()))).collect();
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}
