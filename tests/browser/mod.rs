//! People before a real browser: Chromium meets the server as it is shipped, an application and a mail server.

mod application;
mod beyond;
mod login;
mod pages;
mod script;
mod webdriver;

use tempfile::TempDir;

use crate::harness::client::{Client, Reply};
use crate::harness::process::{Latchkey, latchkey};
use application::{Application, MailServer};
use webdriver::Browser;

/// One browser, and all it meets.
pub struct World {
    pub browser: Browser,
    pub application: Application,
    pub mail: MailServer,
    /// `http://localhost:port`.
    pub origin: String,
    server: Latchkey,
    _folder: TempDir,
}

impl World {
    /// With the realm of `realm.json`; nothing where there is no browser.
    pub fn new() -> Option<Self> {
        let browser = Browser::open()?;
        let (application, mail) = (Application::start(), MailServer::start());
        let realm = include_str!("realm.json").replace("APPLICATION", &application.origin);
        let realm = realm.replace("MAIL_PORT", &mail.port.to_string());
        let folder = tempfile::tempdir().unwrap();
        let realms = folder.path().join("realms");
        std::fs::create_dir(&realms).unwrap();
        std::fs::write(realms.join("browser.json"), realm).unwrap();
        let settings = ["--health-enabled", "false", "--metrics-enabled", "false", "--sessions", "memory"];
        let mut command = latchkey(folder.path(), &["start-dev", "--http-host", "127.0.0.1", "--http-port", "0"]);
        command.args(settings).arg("--data").arg(folder.path().join("data")).arg("--realms").arg(realms);
        let server = Latchkey::serve(&mut command);
        let origin = format!("http://localhost:{}", server.address.rsplit(':').next().unwrap());
        Some(Self { browser, application, mail, origin, server, _folder: folder })
    }

    /// Goes to the login of a client whose redirect URI is `path` of the application; `more` are further parameters, each after `&`.
    pub fn authorize(&self, client_id: &str, path: &str, more: &str) {
        let (origin, application) = (&self.origin, &self.application.origin);
        self.browser.go(&format!(
            "{origin}/realms/browser/protocol/openid-connect/auth?client_id={client_id}&response_type=code&scope=openid&state=s1\
             &redirect_uri={application}{path}{more}"
        ));
    }

    /// Fills in the login page, and sends it.
    pub fn log_in(&self, username: &str, password: &str) {
        self.browser.type_into("#username", username);
        self.browser.type_into("#password", password);
        self.browser.click("#kc-login");
    }

    /// The code with which the browser came back to `path`.
    pub fn code(&self, path: &str) -> String {
        self.browser.wait_for("#arrived");
        let url = self.browser.url();
        let query = url.strip_prefix(&format!("{}{path}?", self.application.origin)).unwrap_or_else(|| panic!("at {url}"));
        let mut rows = query.split('&');
        assert!(rows.clone().any(|row| row == "state=s1"), "{url}");
        rows.find_map(|row| row.strip_prefix("code=")).unwrap_or_else(|| panic!("no code in {url}")).to_owned()
    }

    /// The tokens for the code with which the browser came back.
    pub fn tokens(&self, client_id: &str, path: &str) -> Reply {
        let code = self.code(path);
        let redirect_uri = format!("{}{path}", self.application.origin);
        let rows =
            [("grant_type", "authorization_code"), ("client_id", client_id), ("code", &code), ("redirect_uri", &redirect_uri)];
        self.client().token("browser", &rows)
    }

    /// Asks the server as programs do, by the name that the browser has for it.
    pub fn client(&self) -> Client {
        Client { address: self.server.address.clone(), name: self.origin.trim_start_matches("http://").to_owned() }
    }

    /// Whose tokens they are, by the ID token.
    pub fn username(&self, client_id: &str, path: &str) -> String {
        let token = self.tokens(client_id, path).text("id_token");
        let claims = crate::harness::replayer::claims(&token).unwrap();
        claims["preferred_username"].as_str().unwrap().to_owned()
    }
}
