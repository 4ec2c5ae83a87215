//! Somebody whom the server calls: an authentication channel, a client's own endpoint.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// How long a call may be on its way.
const PATIENCE: Duration = Duration::from_secs(8);

/// How long a call is waited for that is not to come.
const MOMENT: Duration = Duration::from_millis(300);

/// Where the recorded realms say that their clients are called.
pub const RECORDED: &str = "127.0.0.1:2580";

/// Listens on a free port of the machine itself until it is dropped.
pub struct Sink {
    pub address: SocketAddr,
    mailbox: Arc<Mailbox>,
}

#[derive(Default)]
struct Mailbox {
    state: Mutex<State>,
    came: Condvar,
}

#[derive(Default)]
struct State {
    /// Whether anybody is there; who calls meanwhile gets no answer.
    open: bool,
    over: bool,
    /// What is answered where; nothing: "taken" (201).
    pages: HashMap<String, String>,
    calls: Vec<Received>,
}

/// A call as it came.
#[derive(Clone)]
pub struct Received {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Sink {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mailbox = Arc::new(Mailbox::default());
        let shared = Arc::clone(&mailbox);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if shared.state.lock().unwrap().over {
                    return;
                }
                let _ = answer(stream, &shared);
            }
        });
        Self { address, mailbox }
    }

    /// Forgets everything; `open`: whether calls are answered from now on.
    pub fn begin(&self, open: bool) {
        *self.mailbox.state.lock().unwrap() = State { open, ..State::default() };
    }

    /// Answers calls of a path with this text.
    pub fn serve(&self, path: &str, text: &str) {
        self.mailbox.state.lock().unwrap().pages.insert(path.to_owned(), text.to_owned());
    }

    /// Whether nobody calls a path for a moment.
    pub fn is_left_alone(&self, path: &str) -> bool {
        std::thread::sleep(MOMENT);
        let state = self.mailbox.state.lock().unwrap();
        !state.calls.iter().any(|call| call.target.split('?').next() == Some(path))
    }

    /// The next call of a path.
    pub fn take(&self, path: &str) -> Option<Received> {
        let state = self.mailbox.state.lock().unwrap();
        let fits = |call: &Received| call.target.split('?').next() == Some(path);
        let absent = |state: &mut State| !state.calls.iter().any(fits);
        let (mut state, _) = self.mailbox.came.wait_timeout_while(state, PATIENCE, absent).unwrap();
        let at = state.calls.iter().position(fits)?;
        Some(state.calls.remove(at))
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.mailbox.state.lock().unwrap().over = true;
        let _ = TcpStream::connect(self.address); // wakes the listener
    }
}

impl Received {
    /// What a recording keeps of it.
    pub fn facts(&self) -> Value {
        let kind = self.header("content-type").unwrap_or_default();
        let mut facts = json!({ "method": self.method, "url": self.target, "content-type": kind });
        if kind.contains("json") {
            facts["json"] = serde_json::from_slice(&self.body).unwrap_or_default();
        } else if kind.contains("x-www-form-urlencoded") {
            let pairs = oidc_types::Params::parse(&self.body).unwrap_or_default();
            facts["form"] = pairs.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
        } else if !self.body.is_empty() {
            facts["body"] = String::from_utf8_lossy(&self.body).into();
        }
        if let Some((scheme, token)) = self.credentials() {
            facts["authorization"] = scheme.into();
            facts["token"] = token.into();
        }
        facts
    }

    /// What captures look at.
    pub fn text(&self) -> String {
        let body = String::from_utf8_lossy(&self.body);
        self.credentials().map_or_else(|| body.to_string(), |(scheme, token)| format!("{scheme} {token}\n{body}"))
    }

    fn credentials(&self) -> Option<(&str, &str)> {
        self.header("authorization")?.split_once(' ')
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

fn answer(mut stream: TcpStream, shared: &Mailbox) -> std::io::Result<()> {
    if !shared.state.lock().unwrap().open {
        return Ok(());
    }
    stream.set_read_timeout(Some(PATIENCE))?;
    let call = read(&mut BufReader::new(&stream))?;
    let page = {
        let mut state = shared.state.lock().unwrap();
        let page = state.pages.get(call.target.split('?').next().unwrap_or_default()).cloned();
        state.calls.push(call);
        page
    };
    shared.came.notify_all();
    let status = if page.as_deref() == Some("") { "201 Created" } else { "200 OK" };
    let body = page.unwrap_or_default();
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn read(from: &mut impl BufRead) -> std::io::Result<Received> {
    let line = |from: &mut dyn BufRead| {
        let mut text = String::new();
        from.read_line(&mut text).map(|_| text.trim_end().to_owned())
    };
    let first = line(from)?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = Vec::new();
    loop {
        let row = line(from)?;
        let Some((name, value)) = row.split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut call = Received { method, target, headers, body: Vec::new() };
    let length = call.header("content-length").and_then(|length| length.parse().ok()).unwrap_or_default();
    call.body = vec![0; length];
    from.read_exact(&mut call.body)?;
    Ok(call)
}
