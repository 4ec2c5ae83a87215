//! A mail server that takes one mail.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// What it took.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) login: Option<String>,
    pub(crate) text: String,
}

impl Taken {
    /// The lines of the header, each whole.
    pub(crate) fn unfolded(&self) -> Vec<String> {
        let head = self.text.split("\r\n\r\n").next().unwrap_or_default();
        head.replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n").map(str::to_owned).collect()
    }
}

pub(crate) struct Sink {
    pub(crate) port: u16,
    taken: Mutex<Option<oneshot::Receiver<Taken>>>,
    touched: Arc<AtomicBool>,
}

impl Sink {
    /// On a free port. It tells of these extensions; with `REFUSE` it takes no login.
    pub(crate) async fn open(extensions: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, taken) = oneshot::channel();
        let extensions: Vec<String> = extensions.iter().map(|one| (*one).to_owned()).collect();
        let touched = Arc::new(AtomicBool::new(false));
        let is_touched = Arc::clone(&touched);
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            if let Some(mail) = take(stream, &extensions, &is_touched).await {
                let _ = sender.send(mail);
            }
        });
        Self { port, taken: Mutex::new(Some(taken)), touched }
    }

    /// The mail.
    pub(crate) async fn taken(&self) -> Taken {
        let taken = self.taken.lock().unwrap().take().unwrap();
        taken.await.unwrap()
    }

    /// Whether nothing but greetings was said.
    pub(crate) fn is_untouched(&self) -> bool {
        !self.touched.load(Ordering::SeqCst)
    }
}

async fn take(stream: TcpStream, extensions: &[String], touched: &AtomicBool) -> Option<Taken> {
    let mut stream = BufReader::new(stream);
    let mut taken = Taken::default();
    stream.write_all(b"220 sink\r\n").await.ok()?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        let address = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        if !matches!(verb.as_str(), "EHLO" | "QUIT") {
            touched.store(true, Ordering::SeqCst);
        }
        let answer = match verb.as_str() {
            "EHLO" => extensions.iter().map(|one| format!("250-{one}\r\n")).chain(["250 sink\r\n".to_owned()]).collect(),
            "AUTH" if extensions.iter().any(|one| one == "REFUSE") => "535 no\r\n".to_owned(),
            "AUTH" => {
                taken.login = Some(line.to_owned());
                "235 in\r\n".to_owned()
            }
            "MAIL" => {
                taken.from = address();
                "250 ok\r\n".to_owned()
            }
            "RCPT" => {
                taken.to = address();
                "250 ok\r\n".to_owned()
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.ok()?;
                loop {
                    let mut line = String::new();
                    if stream.read_line(&mut line).await.ok()? == 0 || line == ".\r\n" {
                        break;
                    }
                    taken.text.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                stream.write_all(b"250 taken\r\n").await.ok()?;
                return Some(taken);
            }
            _ => "250 ok\r\n".to_owned(),
        };
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}
