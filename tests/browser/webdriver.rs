//! Chromium, headless, told what to do by chromedriver in the words of W3C WebDriver.

use std::path::Path;
use std::process::{Command, Stdio};

use base64_simd::STANDARD;
use serde_json::{Value, json};

use crate::harness::environment;
use crate::harness::process::Process;
use crate::harness::replayer::{Call, exchange};

/// The member of an answer that is an element (WebDriver, section 12).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// How long something is waited for that a page will show, in milliseconds.
const PATIENCE: u32 = 20_000;

/// One browser with nothing in it; it ends with its value.
pub struct Browser {
    _driver: Process,
    address: String,
    session: String,
}

impl Browser {
    /// Opens one; nothing, with a note, where Chromium is not installed: on CI that is an error.
    pub fn open() -> Option<Self> {
        let found = ["chromium", "chromedriver"].iter().all(|name| Path::new("/usr/bin").join(name).exists());
        if !found {
            assert!(environment("CI").is_none(), "no chromium and chromedriver in /usr/bin");
            println!("left out: no chromium and chromedriver in /usr/bin");
            return None;
        }
        let mut command = Command::new("/usr/bin/chromedriver");
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut driver = Process::new(command.spawn().unwrap());
        let port: u16 = driver.wait_for(|line| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok());
        let address = format!("127.0.0.1:{port}");
        // The sandbox cannot be had as root, and shared memory is small in containers.
        let arguments =
            ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--window-size=1280,900", "--lang=en"];
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "unhandledPromptBehavior": "accept",
            "timeouts": {"implicit": PATIENCE, "pageLoad": PATIENCE, "script": PATIENCE},
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"binary": "/usr/bin/chromium", "args": arguments},
        }}});
        let begun = command_of(&address, "POST", "/session", &wanted).unwrap_or_else(|error| panic!("no browser: {error}"));
        let session = begun["sessionId"].as_str().unwrap().to_owned();
        Some(Self { _driver: driver, address, session })
    }

    /// One WebDriver command of the session; an error says what stands on the page.
    pub fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        self.tried(method, path, body).unwrap_or_else(|error| {
            let page = json!({"script": "return location.href + '\\n' + document.documentElement.innerText", "args": []});
            let shown = self.tried("POST", "/execute/sync", &page).unwrap_or_default();
            panic!("{method} {path} {body}: {error}\nshown: {}", shown.as_str().unwrap_or_default())
        })
    }

    fn tried(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        command_of(&self.address, method, &format!("/session/{}{path}", self.session), body)
    }

    /// A command of Chromium's own protocol.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.command("POST", "/goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    pub fn go(&self, url: &str) {
        self.command("POST", "/url", &json!({"url": url}));
    }

    /// What stands in the URL bar.
    pub fn url(&self) -> String {
        self.command("GET", "/url", &Value::Null).as_str().unwrap().to_owned()
    }

    /// The path of the element that this CSS selector finds; it is waited for.
    fn element(&self, css: &str) -> String {
        let found = self.command("POST", "/element", &json!({"using": "css selector", "value": css}));
        format!("/element/{}", found[ELEMENT].as_str().unwrap())
    }

    /// Waits until there is such an element.
    pub fn wait_for(&self, css: &str) {
        self.element(css);
    }

    /// Presses it; the next command waits for the page that this leads to.
    pub fn click(&self, css: &str) {
        let path = self.element(css);
        self.command("POST", &format!("{path}/click"), &json!({}));
    }

    /// Opens another tab and goes on there; what comes back leads to the one before.
    pub fn new_tab(&self) -> Value {
        let before = self.command("GET", "/window", &Value::Null);
        let opened = self.command("POST", "/window/new", &json!({"type": "tab"}));
        self.switch_to(&opened["handle"]);
        before
    }

    /// Goes on in this tab.
    pub fn switch_to(&self, tab: &Value) {
        self.command("POST", "/window", &json!({"handle": tab}));
    }

    /// What the console was told of errors since it was last asked: scripts that failed, what a policy kept from loading.
    pub fn complaints(&self) -> Vec<String> {
        let told = self.command("POST", "/se/log", &json!({"type": "browser"}));
        let errors = told.as_array().unwrap().iter().filter(|entry| entry["level"] == "SEVERE");
        errors.map(|entry| entry["message"].to_string()).collect()
    }

    /// Types into a field what it shall hold.
    pub fn type_into(&self, css: &str, text: &str) {
        let path = self.element(css);
        self.command("POST", &format!("{path}/clear"), &json!({}));
        self.command("POST", &format!("{path}/value"), &json!({"text": text}));
    }

    /// The text that is seen of it.
    pub fn text(&self, css: &str) -> String {
        let path = self.element(css);
        self.command("GET", &format!("{path}/text"), &Value::Null).as_str().unwrap().to_owned()
    }

    /// What an expression is, once it is settled. `arguments` are its `arguments`.
    pub fn evaluate(&self, expression: &str, arguments: &[Value]) -> Value {
        let script = format!("return {expression}");
        self.command("POST", "/execute/sync", &json!({"script": script, "args": arguments}))
    }

    /// Runs a script in the page.
    pub fn run(&self, script: &str) {
        self.command("POST", "/execute/sync", &json!({"script": script, "args": []}));
    }

    /// The page as a picture (WebP).
    pub fn picture(&self) -> Vec<u8> {
        let taken = self.devtools("Page.captureScreenshot", &json!({"format": "webp", "quality": 70}));
        STANDARD.decode_to_vec(taken["data"].as_str().unwrap()).unwrap()
    }

    /// Adds what keeps passkeys on the machine itself; its owner agrees to everything. What comes back is its id.
    pub fn add_authenticator(&self) -> Value {
        self.devtools("WebAuthn.enable", &json!({}));
        let kind = json!({"protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
            "isUserVerified": true, "automaticPresenceSimulation": true});
        self.devtools("WebAuthn.addVirtualAuthenticator", &json!({"options": kind}))["authenticatorId"].clone()
    }

    /// From now on, its owner is there or not.
    pub fn set_presence(&self, authenticator: &Value, enabled: bool) {
        let presence = json!({"authenticatorId": authenticator, "enabled": enabled});
        self.devtools("WebAuthn.setAutomaticPresenceSimulation", &presence);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Chromium ends with its session, not with chromedriver.
        let _ = self.tried("DELETE", "", &Value::Null);
    }
}

fn command_of(address: &str, method: &str, target: &str, body: &Value) -> Result<Value, String> {
    let headers = [("Content-Type".to_owned(), Some("application/json".to_owned()))];
    let text = body.to_string();
    let body = (method == "POST").then_some(text.as_bytes());
    let answer = exchange(address, &Call { method, target, headers: &headers, body })?;
    let said: Value = serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
    match said["value"]["error"].as_str() {
        Some(error) if answer.status != 200 => {
            let message = said["value"]["message"].as_str().unwrap_or_default();
            Err(format!("{error}: {}", message.lines().next().unwrap_or_default()))
        }
        _ => Ok(said["value"].clone()),
    }
}
