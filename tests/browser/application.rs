//! An application on a port of its own: where browsers are sent after a login, and what mails a user gets.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What it shows where nothing else stands; after it, what was posted.
const ARRIVED: &str =
    "<!DOCTYPE html><html lang=\"en\"><title>Application</title><h1 id=\"arrived\">Application</h1><p id=\"posted\">";

/// Its files by path: media type and content.
type Files = Arc<Mutex<HashMap<String, (&'static str, String)>>>;

/// Serves until the process of the tests ends.
pub struct Application {
    /// `http://localhost:port`.
    pub origin: String,
    files: Files,
    targets: Receiver<String>,
}

impl Application {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let files = Files::default();
        let served = Arc::clone(&files);
        let (asked, targets) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (files, asked) = (Arc::clone(&served), asked.clone());
                // A browser opens connections ahead of need.
                std::thread::spawn(move || serve(stream, &files, &asked));
            }
        });
        Self { origin, files, targets }
    }

    /// The next request whose path and query begin so; it is waited for.
    pub fn asked(&self, beginning: &str) -> String {
        loop {
            let target =
                self.targets.recv_timeout(Duration::from_secs(20)).unwrap_or_else(|_| panic!("{beginning} was not asked for"));
            if target.starts_with(beginning) {
                return target;
            }
        }
    }

    /// From now on, `path` is this.
    pub fn put(&self, path: &str, media_type: &'static str, content: String) {
        self.files.lock().unwrap().insert(path.to_owned(), (media_type, content));
    }
}

fn serve(stream: TcpStream, files: &Files, asked: &Sender<String>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (first, length) = head(&mut reader)?;
    let mut posted = String::new();
    reader.by_ref().take(length).read_to_string(&mut posted).ok()?;
    let target = first.split(' ').nth(1)?;
    let _ = asked.send(target.to_owned());
    let file = files.lock().unwrap().get(target.split('?').next()?).cloned();
    let (media_type, content) = file.unwrap_or_else(|| ("text/html", format!("{ARRIVED}{}", posted.replace('&', " "))));
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {media_type}; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        content.len()
    );
    reader.get_mut().write_all(format!("{head}{content}").as_bytes()).ok()
}

/// The first line, and the length of the body.
fn head(reader: &mut BufReader<TcpStream>) -> Option<(String, u64)> {
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).ok()?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse().ok()?,
            Some(_) => {}
            None => return Some((first, length)),
        }
    }
}

/// A mail server that takes whatever comes.
pub struct MailServer {
    pub port: u16,
    mails: Receiver<String>,
}

impl MailServer {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, mails) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let _ = take(stream, &sender);
            }
        });
        Self { port, mails }
    }

    /// The first link of the next mail.
    pub fn link(&self) -> String {
        let mail = self.mails.recv_timeout(Duration::from_secs(20)).expect("no mail");
        // RFC 2045 section 6.7: quoted-printable.
        let mail = mail.replace("=\r\n", "").replace("=3D", "=");
        let link = &mail[mail.find("http://").unwrap_or_else(|| panic!("no link in {mail}"))..];
        link.split(|c: char| c.is_whitespace() || "\"<>".contains(c)).next().unwrap().to_owned()
    }
}

fn take(stream: TcpStream, mails: &Sender<String>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut say = b"220 localhost\r\n".to_vec();
    loop {
        stream.get_mut().write_all(&say)?;
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if line.starts_with("DATA") {
            stream.get_mut().write_all(b"354 go on\r\n")?;
            let mut mail = String::new();
            while !mail.ends_with("\r\n.\r\n") && stream.read_line(&mut mail)? > 0 {}
            let _ = mails.send(mail);
        }
        say = if line.starts_with("QUIT") { b"221 bye\r\n".to_vec() } else { b"250 taken\r\n".to_vec() };
    }
}
