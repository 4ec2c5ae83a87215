//! Hundreds of random edits, good and broken, written in every way there is: the server ends where the last good file says.

use ambient::{Entropy, SeededEntropy};
use serde_json::{Map, Value, json};

use super::folder::Folder;
use super::server::{Admin, Served, keeping};
use super::until;
use crate::harness::environment;
use crate::harness::process::Ran;

/// Unless `LATCHKEY_EDITS` says otherwise.
const EDITS: u64 = 500;

/// So many times on the way, all of what is in force is compared.
const COMPARISONS: u64 = 10;

/// So many entities of each kind are always there: fewer than a tenth of them ever go at once.
const MANY: u64 = 40;

struct Random(SeededEntropy);

impl Random {
    fn below(&self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % end
    }

    fn one_in(&self, chance: u64) -> bool {
        self.below(chance) == 0
    }
}

fn number(name: &str, default: u64) -> u64 {
    environment(name).map_or(default, |text| text.parse().unwrap())
}

fn client(name: &str) -> Value {
    json!({
        "clientId": name, "secret": format!("secret-of-{name}"), "redirectUris": ["https://app.example/*"], "attributes": {"a": "1"},
        "protocolMappers": [mapper("fixed", 0)],
    })
}

fn mapper(name: &str, value: u64) -> Value {
    json!({
        "name": name, "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper",
        "config": {"claim.name": name, "claim.value": value.to_string(), "jsonType.label": "String", "access.token.claim": "true"},
    })
}

fn first() -> Value {
    let roles: Vec<Value> = (0..MANY).map(|at| json!({"name": format!("role-{at}")})).collect();
    json!({
        "realm": "acme", "enabled": true, "accessTokenLifespan": 300, "attributes": {"edit": "0"},
        "clients": (0..MANY).map(|at| client(&format!("client-{at}"))).collect::<Vec<_>>(),
        "roles": {"realm": roles},
        "groups": (0..MANY).map(|at| json!({"name": format!("group-{at}")})).collect::<Vec<_>>(),
        "users": [
            {"username": "alice", "enabled": true, "realmRoles": ["role-0"]},
            {"username": "bob", "enabled": true, "groups": ["/group-0"]},
        ],
    })
}

/// Takes the element of this name away where it is there, else puts `new` there.
fn toggle(list: &mut Value, by: &str, new: Value) {
    let list = list.as_array_mut().unwrap();
    match list.iter().position(|element| element[by] == new[by]) {
        Some(at) => {
            list.remove(at);
        }
        None => list.push(new),
    }
}

fn toggle_member(object: &mut Value, name: &str, value: Value) {
    let object = object.as_object_mut().unwrap();
    if object.remove(name).is_none() {
        object.insert(name.to_owned(), value);
    }
}

/// The next good file.
fn edit(json: &mut Value, random: &Random) {
    let some = random.below(1_000);
    let at = usize::try_from(random.below(MANY)).unwrap();
    let extra = random.below(3);
    match random.below(14) {
        0 => json["accessTokenLifespan"] = (60 + some).into(),
        1 => toggle_member(json, "displayName", format!("Acme {some}").into()),
        2 => toggle_member(&mut json["attributes"], "extra", some.to_string().into()),
        3 => json["clients"][at]["secret"] = format!("secret-{some}").into(),
        4 => {
            json["clients"][at]["redirectUris"] = json!([format!("https://app-{extra}.example/{some}"), "https://app.example/*"])
        }
        5 => toggle_member(&mut json["clients"][at], "description", format!("Client {some}").into()),
        6 => toggle_member(&mut json["clients"][at]["attributes"], "b", some.to_string().into()),
        7 => toggle(&mut json["clients"][at]["protocolMappers"], "name", mapper("extra", some)),
        8 => json["clients"][at]["protocolMappers"][0]["config"]["claim.value"] = some.to_string().into(),
        9 => toggle(&mut json["clients"], "clientId", client(&format!("extra-{extra}"))),
        10 => toggle(&mut json["roles"]["realm"], "name", json!({"name": format!("extra-{extra}"), "description": "Extra"})),
        11 => toggle(&mut json["groups"], "name", json!({"name": format!("extra-{extra}"), "attributes": {"a": ["1"]}})),
        12 => json["users"][0]["realmRoles"] = json!([format!("role-{at}")]),
        _ => json["users"][1]["firstName"] = format!("Bob {some}").into(),
    }
}

/// The text of a file that cannot be used.
fn break_it(good: &str, random: &Random) -> String {
    match random.below(6) {
        0 => good[..usize::try_from(random.below(good.len() as u64 - 2)).unwrap()].to_owned(),
        1 => String::new(),
        2 => good.replacen(':', "", 1),
        3 => good.replacen("\"accessTokenLifespan\"", "\"accessTokenLifespan\": \"soon\", \"x\"", 1),
        4 => format!("{good}}}"),
        _ => good.replacen("\"redirectUris\"", "\"redirectUris\": 7, \"webOrigins\"", 1),
    }
}

/// As one of the programs writes that people use.
fn write(folder: &Folder, text: &str, random: &Random) {
    let name = "acme.json";
    match random.below(5) {
        0 => folder.overwrite(name, text),
        1 => {
            // In two steps, with a reader's chance between them.
            let half = text.len() / 2;
            folder.overwrite(name, &text[..half]);
            folder.overwrite(name, text);
        }
        2 => {
            // vim with a backup: the file goes, a new one comes.
            folder.overwrite("4913", "");
            folder.remove("4913");
            std::fs::rename(folder.file(name), folder.file("acme.json~")).unwrap();
            folder.overwrite(name, text);
            folder.remove("acme.json~");
        }
        3 => {
            folder.overwrite(".acme.json.swp", "b0VIM");
            folder.put_text(name, text);
            folder.remove(".acme.json.swp");
        }
        _ => folder.put_text(name, text),
    }
}

struct Run {
    folder: Folder,
    served: Served,
    admin: Admin,
    random: Random,
    /// All good files so far, each with its number.
    good: Vec<Value>,
}

impl Run {
    fn new(seed: u64) -> Self {
        let folder = Folder::new();
        folder.put("realms/acme.json", &first());
        let served = keeping(&folder.file("realms"), &folder.file("data"));
        let admin = served.admin();
        Self { folder, served, admin, random: Random(SeededEntropy::new(seed)), good: vec![first()] }
    }

    fn last(&self) -> &Value {
        self.good.last().unwrap()
    }

    /// Writes the next good file, or one that was there before; each has a number of its own.
    fn good_edit(&mut self, number: u64) {
        let reverted = self.random.one_in(5);
        let mut json = match usize::try_from(self.random.below(self.good.len() as u64)) {
            Ok(at) if reverted => self.good[at].clone(),
            _ => self.last().clone(),
        };
        if !reverted {
            edit(&mut json, &self.random);
        }
        json["attributes"]["edit"] = number.to_string().into();
        let text = if self.random.one_in(2) { format!("{json:#}\n") } else { json.to_string() };
        self.write(&text);
        self.good.push(json);
    }

    fn write(&self, text: &str) {
        let name = "acme.json";
        assert!(self.folder.file("realms").join(name).is_file());
        let realms = Folder::at(self.folder.file("realms"));
        write(&realms, text, &self.random);
    }

    fn broken_edit(&self) {
        self.write(&break_it(&self.last().to_string(), &self.random));
    }

    /// Until the last good file is in force: its number is.
    fn until_in_force(&self) {
        let number = &self.last()["attributes"]["edit"];
        until(&format!("edit {number}"), || (self.admin.get("/acme")["attributes"]["edit"] == *number).then_some(()));
    }

    fn until_broken(&self) {
        until("a broken file", || self.served.broken_files().pop());
    }

    /// The last good file comes into force, a broken one comes and changes nothing.
    fn compare(&self, at: u64) {
        self.write(&self.last().to_string());
        self.until_in_force();
        until("no broken file", || self.served.broken_files().is_empty().then_some(()));
        let fresh = self.fresh();
        assert_eq!(self.exported("data"), fresh, "after {at} edits");
        self.broken_edit();
        self.until_broken();
        assert_eq!(self.exported("data"), fresh, "after {at} edits and a broken one");
    }

    /// What a new store holds when the last good file is applied to it.
    fn fresh(&self) -> Value {
        let folder = Folder::at(self.folder.path().to_owned());
        folder.put("fresh.json", self.last());
        let _ = std::fs::remove_dir_all(folder.file("fresh"));
        let ran = Ran::latchkey(folder.path(), &["apply", "fresh.json", "--data", "fresh"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        self.exported("fresh")
    }

    fn exported(&self, data: &str) -> Value {
        let arguments = ["export", "--data", data, "--realm", "acme", "--file", "exported.json"];
        let ran = Ran::latchkey(self.folder.path(), &arguments);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let text = std::fs::read(self.folder.file("exported.json")).unwrap();
        normal(&serde_json::from_slice(&text).unwrap())
    }
}

/// Without what is made anew each time, in one order.
fn normal(value: &Value) -> Value {
    const MINTED: [&str; 10] = [
        "id",
        "_id",
        "containerId",
        "createdTimestamp",
        "createdDate",
        "client.secret.creation.time",
        "kid",
        "privateKey",
        "certificate",
        "credentials",
    ];
    match value {
        Value::Object(members) => {
            let is_key = members.get("providerId").and_then(Value::as_str).is_some_and(|id| id.ends_with("-generated"));
            let mut kept: Vec<(&String, &Value)> = members.iter().filter(|(name, _)| !MINTED.contains(&name.as_str())).collect();
            kept.sort_by_key(|(name, _)| *name);
            let kept = kept.into_iter().filter(|(name, _)| !(is_key && *name == "config"));
            Value::Object(kept.map(|(name, value)| (name.clone(), normal(value))).collect::<Map<_, _>>())
        }
        Value::Array(elements) => {
            let mut elements: Vec<Value> = elements.iter().map(normal).collect();
            elements.sort_by_cached_key(Value::to_string);
            Value::Array(elements)
        }
        other => other.clone(),
    }
}

#[test]
fn after_any_edits_what_is_in_force_is_what_the_last_good_file_says() {
    let edits = number("LATCHKEY_EDITS", EDITS);
    let mut run = Run::new(number("LATCHKEY_SEED", 4));
    let mut broken = 0;
    for at in 1..=edits {
        // Some are waited for; the others come as fast as they can be written, and many are never looked at.
        let waited = run.random.one_in(6);
        if run.random.one_in(4) {
            run.broken_edit();
            broken += 1;
            if waited {
                run.until_broken();
            }
        } else {
            run.good_edit(at);
            if waited {
                run.until_in_force();
            }
        }
        if at % (edits / COMPARISONS).max(1) == 0 {
            run.compare(at);
        }
    }
    let applied = run.served.metric("latchkey_realm_files_applied");
    println!("{edits} edits, {broken} broken, {applied} applied, {} refused", run.served.metric("latchkey_realm_files_failed"));
}
