//! `${VARIABLE}` and `${file:…}` in realm files: what has no value stops the start where it would be taken for a URL or a secret.

use serde_json::json;

use super::folder::Folder;
use super::server::{Served, machine, with_options};
use super::{acme, until};
use crate::harness::client::Client;
use crate::harness::process::{Latchkey, Ran, latchkey};

/// The server as a process, on the files of `folder`.
fn serve(folder: &Folder, more: &[&str]) -> Latchkey {
    let mut command = latchkey(folder.path(), &["start-dev", "--http-host", "127.0.0.1", "--http-port", "0", "--db", "memory"]);
    command.args(["--sessions", "memory", "--http-management-port", "0", "--realms", "realms"]).args(more);
    Latchkey::serve(&mut command)
}

#[test]
fn start_refuses_a_placeholder_without_a_value_in_a_url_or_secret_and_names_its_place() {
    let folder = Folder::new();
    for (command, more) in [("start-dev", &[][..]), ("start", &["--hostname-strict", "false", "--http-enabled", "true"])] {
        let mut json = acme();
        json["clients"][0]["redirectUris"] = json!(["https://${APP_HOST}/done"]);
        json["clients"][1]["secret"] = "${MACHINE_SECRET}".into();
        json["displayName"] = "${a_message_key}".into();
        folder.put("realms/acme.json", &json);
        let text = std::fs::read_to_string(folder.file("realms/acme.json")).unwrap();
        let mut arguments = vec![command, "--realms", "realms", "--http-port", "0", "--http-management-port", "0"];
        arguments.extend(more);
        let ran = Ran::latchkey(folder.path(), &arguments);
        assert_eq!(ran.code, Some(1), "{command}: {ran:?}");
        for placeholder in ["${APP_HOST}", "${MACHINE_SECRET}"] {
            let (line, row) = text.lines().enumerate().find(|(_, row)| row.contains(placeholder)).unwrap();
            let columns = 1 + row.find(placeholder).unwrap();
            let place = format!("realms/acme.json:{}:", line + 1);
            let said = ran.err.lines().find(|said| said.contains(&place)).unwrap_or_else(|| panic!("{place} in {}", ran.err));
            let column: usize = said.split_once(&place).unwrap().1.split(':').next().unwrap().parse().unwrap();
            assert!((columns - 10..=columns).contains(&column) && said.contains(placeholder), "{said}");
        }
        assert!(!ran.err.contains("a_message_key"), "{}", ran.err);
    }
}

fn with_secret_file(folder: &Folder) -> Served {
    let path = folder.file("secret-of-machine");
    let mut json = acme();
    json["clients"][1]["secret"] = format!("${{file:{}}}", path.display()).into();
    json["displayName"] = "${COMPANY:Acme}".into();
    json["clients"][0]["redirectUris"] = json!(["https://${APP_HOST}/done"]);
    folder.put("realms/acme.json", &json);
    with_options(&folder.file("realms"), |options| options.environment = vec![("APP_HOST".into(), "app.example".into())])
}

#[test]
fn values_come_from_the_environment_from_files_and_from_defaults() {
    let folder = Folder::new();
    std::fs::write(folder.file("secret-of-machine"), "kept-in-a-file\n").unwrap();
    let served = with_secret_file(&folder);
    assert_eq!(machine(&served.client, "kept-in-a-file").status, 200);
    let admin = served.admin();
    assert_eq!(admin.client("app")["redirectUris"], json!(["https://app.example/done"]));
    assert_eq!(admin.get("/acme")["displayName"], "Acme");
}

#[test]
fn a_hangup_takes_over_what_no_event_tells_of() {
    let folder = Folder::new();
    let path = folder.file("secret-of-machine");
    std::fs::write(&path, "first-in-a-file").unwrap();
    let mut json = acme();
    json["clients"][1]["secret"] = format!("${{file:{}}}", path.display()).into();
    folder.put("realms/acme.json", &json);
    let server = serve(&folder, &[]);
    let client = Client::at(&server.address);
    assert_eq!(machine(&client, "first-in-a-file").status, 200);
    std::fs::write(&path, "second-in-a-file").unwrap();
    server.process.signal("HUP");
    until("the second secret", || (machine(&client, "second-in-a-file").status == 200).then_some(()));
    assert_eq!(machine(&client, "first-in-a-file").status, 401);
    // A file that could not be used for want of a secret is looked at again, too.
    json["clients"][1]["secret"] = format!("${{file:{}}}", folder.file("third").display()).into();
    json["accessTokenLifespan"] = 61.into();
    folder.put("realms/acme.json", &json);
    std::fs::write(folder.file("third"), "third-in-a-file").unwrap();
    server.process.signal("HUP");
    let reply = until("the third secret", || Some(machine(&client, "third-in-a-file")).filter(|reply| reply.status == 200));
    assert_eq!(reply.json()["expires_in"], 61);
}

/// The store knows the file already: that it did not change must not hide that the variable is gone.
#[test]
fn a_variable_that_is_gone_stops_the_next_start_though_no_file_changed() {
    let folder = Folder::new();
    let mut json = acme();
    json["clients"][1]["secret"] = "${MACHINE_SECRET}".into();
    folder.put("realms/acme.json", &json);
    let applied =
        Ran::of(latchkey(folder.path(), &["apply", "--realms", "realms"]).env("MACHINE_SECRET", "known-to-this-process"));
    assert_eq!(applied.code, Some(0), "{applied:?}");
    let ran =
        Ran::latchkey(folder.path(), &["start-dev", "--realms", "realms", "--http-port", "0", "--http-management-port", "0"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("realms/acme.json:") && ran.err.contains("${MACHINE_SECRET}"), "{}", ran.err);
}

/// A realm that is in the store only: what is written there instead of a secret is in git for everybody to read.
#[test]
fn a_placeholder_without_a_value_is_nobodys_secret() {
    let folder = Folder::new();
    let mut json = acme();
    json["clients"][1]["secret"] = "${MACHINE_SECRET}".into();
    folder.put("acme.json", &json);
    let applied = Ran::of(latchkey(folder.path(), &["apply", "acme.json"]).env("MACHINE_SECRET", "known-to-this-process"));
    assert_eq!(applied.code, Some(0), "{applied:?}");
    let mut command = latchkey(folder.path(), &["start-dev", "--http-host", "127.0.0.1", "--http-port", "0"]);
    let server = Latchkey::serve(command.args(["--http-management-port", "0"]));
    let client = Client::at(&server.address);
    for secret in ["${MACHINE_SECRET}", "", "MACHINE_SECRET"] {
        assert_eq!(machine(&client, secret).status, 401, "{secret}");
    }
}
