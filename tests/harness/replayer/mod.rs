//! Plays recorded scenarios against a server and says which fields of its answers are not as recorded.
//! The judgement is that of the recorder itself, at its strictest level.

mod capture;
mod differences;
mod facts;
mod forge;
mod json;
mod normal;
mod page;
mod request;
mod sink;
mod template;
#[cfg(test)]
mod tests;
mod token;
mod url;
mod wire;

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

pub use differences::{Difference, is_listed};
use forge::Keys;
use normal::{Detail, Normal};
use request::Sender;
pub use sink::{RECORDED, Sink};
use template::Variables;
pub use template::totp32;
pub use token::claims;
pub use url::form;
pub use wire::{Answer, Call, exchange, read};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
/// Milliseconds before each request that says nothing else: logins of one user must not fall into one instant.
const PACE: i64 = 20;

/// Time as a scenario sees it.
pub trait Time {
    /// Seconds since the epoch.
    fn now(&self) -> i64;
    /// Lets `millis` go by.
    fn pass(&self, millis: i64);
}

/// Why a step could not be judged.
#[derive(Debug)]
pub enum Stop {
    /// Something that an earlier step should have brought is not there.
    Missing(String),
    /// No answer.
    Connection(String),
    /// The scenario needs what this run does not have.
    Skip(String),
}

/// What became of one scenario.
#[derive(Debug)]
pub enum Verdict {
    Held,
    Differs(Vec<StepDifference>),
    Skipped(String),
}

/// A difference and the step where it was seen.
#[derive(Debug, Clone)]
pub struct StepDifference {
    pub step: String,
    pub field: Difference,
}

impl fmt::Display for StepDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |value: &Value| match value.to_string() {
            text if text.chars().count() > 300 => text.chars().take(300).chain(['…']).collect(),
            text => text,
        };
        let Difference { path, expected, got } = &self.field;
        write!(f, "step \"{}\": {path}: expected {}, got {}", self.step, short(expected), short(got))
    }
}

/// A server and what is known about it.
pub struct Replayer<'a> {
    /// Scheme, host and port.
    pub origin: String,
    /// The path before `/realms`; empty at the root.
    pub prefix: String,
    /// User and password of the master realm, `user:password`.
    pub admin: Option<String>,
    pub time: &'a dyn Time,
    /// id → `<user realm/name>`.
    pub users: HashMap<String, String>,
    pub keys: PathBuf,
    /// Whom the server calls, where the scenario says so.
    pub sink: Option<Sink>,
}

impl Replayer<'_> {
    /// Plays one scenario from its first step to its last.
    pub fn play(&self, scenario: &Value) -> Verdict {
        let mut differences = Vec::new();
        match self.steps(scenario, &mut differences) {
            Err(why) => Verdict::Skipped(why),
            Ok(()) if differences.is_empty() => Verdict::Held,
            Ok(()) => Verdict::Differs(differences),
        }
    }

    fn steps(&self, scenario: &Value, differences: &mut Vec<StepDifference>) -> Result<(), String> {
        let steps: Vec<_> = scenario["steps"].as_array().into_iter().flatten().collect();
        let has = |key: &str| steps.iter().any(|step| step.get(key).is_some());
        let is_called = has("call") || has("serve");
        if has("mail") || (is_called && self.sink.is_none()) {
            return Err("needs a mail server or a client that is called".into());
        }
        if let Some(sink) = &self.sink {
            sink.begin(is_called);
        }
        let mut run = Run::of(self, scenario);
        if scenario["needs"] == "admin" {
            run.variables.admin_token = Some(self.admin_token()?);
        }
        for step in steps {
            let name = step["name"].as_str().unwrap_or_default();
            let mut note = |path: &str, expected: Value, got: Value| {
                let field = Difference { path: path.to_owned(), expected, got };
                differences.push(StepDifference { step: name.to_owned(), field });
            };
            let wait = step["sleep"].as_f64().map_or(PACE, |secs| (secs * 1000.0).round() as i64);
            self.time.pass(wait);
            run.variables.now = self.time.now();
            match run.perform(step) {
                Ok(seen) => run.judge(step, &seen, &mut note),
                Err(Stop::Missing(why)) => note("request", "could be sent".into(), why.into()),
                Err(Stop::Connection(why)) => note("connection", "an answer".into(), why.into()),
                Err(Stop::Skip(why)) => return Err(why),
            }
        }
        Ok(())
    }

    fn admin_token(&self) -> Result<String, String> {
        let login = self.admin.as_deref().and_then(|admin| admin.split_once(':'));
        let (user, password) = login.ok_or("needs an administrator")?;
        let form = [("grant_type", "password"), ("client_id", "admin-cli"), ("username", user), ("password", password)];
        let form = url::form(&form.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let headers = [("Content-Type".to_owned(), Some("application/x-www-form-urlencoded".to_owned()))];
        let target = format!("{}/realms/master/protocol/openid-connect/token", self.prefix);
        let call = Call { method: "POST", target: &target, headers: &headers, body: Some(form.as_bytes()) };
        let answer = exchange(url::Parts::of(&self.origin).host, &call)?;
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        body["access_token"]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| format!("the administrator was refused ({})", answer.status))
    }
}

/// One scenario on its way.
struct Run<'a> {
    scenario: &'a Value,
    variables: Variables,
    keys: Keys,
    sender: Sender<'a>,
    normal: Normal<'a>,
    sink: Option<&'a Sink>,
}

/// What a step is judged by.
struct Seen {
    /// What captures look at.
    answer: Answer,
    /// As a recording has it.
    normal: Value,
}

impl<'a> Run<'a> {
    fn of(replayer: &'a Replayer<'_>, scenario: &'a Value) -> Self {
        let accept = scenario["accept"].as_str().map(|accept| if accept == "browser" { BROWSER } else { accept });
        let detail = match &scenario["more"] {
            Value::String(loads) if loads == "loads" => Detail::Loads,
            Value::Bool(true) | Value::String(_) => Detail::More,
            _ => Detail::Plain,
        };
        let Replayer { origin, prefix, users, .. } = replayer;
        Self {
            scenario,
            variables: Variables::new(&format!("{origin}{prefix}")),
            keys: Keys::of(replayer.keys.clone()),
            sender: Sender { origin, prefix, accept, jars: HashMap::new(), browser: String::new() },
            normal: Normal { origin, prefix, users, detail },
            sink: replayer.sink.as_ref(),
        }
    }

    fn perform(&mut self, step: &Value) -> Result<Seen, Stop> {
        if let Some(spec) = step["make"].as_object() {
            forge::make(spec, &mut self.variables, &mut self.keys)?;
        }
        for (path, text) in step["serve"].as_object().into_iter().flatten() {
            let text = self.variables.fill(text)?;
            self.sink.into_iter().for_each(|sink| sink.serve(path, text.as_str().unwrap_or_default()));
        }
        if let Some(path) = step["call"]["path"].as_str() {
            if step["response"]["kind"] == "no call" && self.sink.is_some_and(|sink| sink.is_left_alone(path)) {
                let normal = serde_json::json!({ "status": 0, "header": {}, "kind": "no call" });
                return Ok(Seen { answer: Answer::default(), normal });
            }
            return self.called(path);
        }
        let answer = self.sender.send(&self.to_sink(&step["request"]), &self.variables)?;
        Ok(Seen { normal: self.as_from_sink(self.normal.answer(&answer)), answer })
    }

    /// An answer that names the sink: it names whoever was called in the recording.
    fn as_from_sink(&self, normal: Value) -> Value {
        let Some(address) = self.sink.map(|sink| sink.address.to_string()) else { return normal };
        let text = normal.to_string();
        match text.contains(&address) {
            true => serde_json::from_str(&text.replace(&address, RECORDED)).unwrap_or_default(),
            false => normal,
        }
    }

    /// A request that names whom the server is to call: the sink stands in the place of whoever was called in the recording.
    fn to_sink(&self, request: &Value) -> Value {
        let text = request.to_string();
        match self.sink {
            Some(sink) if text.contains(RECORDED) => {
                serde_json::from_str(&text.replace(RECORDED, &sink.address.to_string())).unwrap_or_default()
            }
            _ => request.clone(),
        }
    }

    fn called(&self, path: &str) -> Result<Seen, Stop> {
        let call = self.sink.and_then(|sink| sink.take(path)).ok_or_else(|| Stop::Missing(format!("no call of {path}")))?;
        let body = self.normal.value("", &call.facts());
        let normal = serde_json::json!({ "status": 0, "header": {}, "kind": "call", "body": body });
        Ok(Seen { answer: Answer { body: call.text().into_bytes(), ..Answer::default() }, normal })
    }

    fn judge(&mut self, step: &Value, seen: &Seen, note: &mut dyn FnMut(&str, Value, Value)) {
        let answer = &seen.answer;
        for (name, how) in step["capture"].as_object().into_iter().flatten() {
            self.variables.values.remove(name);
            let how = how.as_str().unwrap_or_default();
            match capture::capture(how, answer, self.sender.jar()) {
                Some(value) => drop(self.variables.values.insert(name.clone(), value)),
                None => note(&format!("capture {name}"), how.into(), format!("no {how}").into()),
            }
        }
        if step["setup"] == true {
            if answer.status >= 400 {
                note("status", "success (setup)".into(), answer.status.into());
            }
            return;
        }
        let Some(want) = step.get("response") else {
            return note("response", "recorded".into(), "no recording in the file".into());
        };
        let got = differences::trim(step, seen.normal.clone());
        let ignore: Vec<String> = [step, self.scenario]
            .iter()
            .flat_map(|place| place["ignore"].as_array().into_iter().flatten())
            .filter_map(|path| path.as_str().map(str::to_owned))
            .collect();
        for found in differences::differences(want, &got) {
            if !is_listed(&found.path, &ignore) {
                note(&found.path, found.expected, found.got);
            }
        }
    }
}

/// id → `<user realm/name>` for the users of the realm files in `folder`: a `sub` must survive an import.
pub fn known_users(folder: &Path) -> HashMap<String, String> {
    let mut out = HashMap::new();
    for (_, realm) in json_files(folder) {
        for user in realm["users"].as_array().into_iter().flatten() {
            let id = user["id"].as_str().filter(|id| normal::UUID.find(id).is_some_and(|found| found.len() == id.len()));
            if let (Some(id), Some(realm), Some(name)) = (id, realm["realm"].as_str(), user["username"].as_str()) {
                out.insert(id.to_owned(), format!("<user {realm}/{name}>"));
            }
        }
    }
    out
}

/// The JSON files of `folder`, by name.
pub fn json_files(folder: &Path) -> Vec<(String, Value)> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
    files.sort();
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let value = serde_json::from_slice(&std::fs::read(&path).unwrap());
        (name, value.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    };
    files.into_iter().map(read).collect()
}
