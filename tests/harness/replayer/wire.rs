//! HTTP/1.1 over a plain socket, sent exactly as a scenario says: odd methods, raw paths, repeated and huge headers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What came back.
#[derive(Debug, Default)]
pub struct Answer {
    pub status: u16,
    /// In the order of the wire.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of that name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What to send.
pub struct Call<'a> {
    pub method: &'a str,
    /// The request target, verbatim.
    pub target: &'a str,
    /// A name without a value keeps the header that would otherwise be added (`Accept`, `Host`) from being sent.
    pub headers: &'a [(String, Option<String>)],
    pub body: Option<&'a [u8]>,
}

/// Longer than any answer takes; a server that needs more hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// One request on its own connection to `host` (`name:port`).
pub fn exchange(host: &str, call: &Call<'_>) -> Result<Answer, String> {
    let failed = |error: std::io::Error| format!("{:?}: {error}", error.kind());
    let mut stream = TcpStream::connect(host).map_err(failed)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    // The server may answer, and close, before it has read everything: what it said counts.
    let _ = stream.write_all(&head(host, call)).and_then(|()| stream.write_all(call.body.unwrap_or_default()));
    read(&mut BufReader::new(stream), call.method).map_err(failed)
}

fn head(host: &str, call: &Call<'_>) -> Vec<u8> {
    let has = |name: &str| call.headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
    let mut out = format!("{} {} HTTP/1.1\r\n", call.method, call.target).into_bytes();
    let mut add = |name: &str, value: &str| {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend(value.chars().map(|c| u8::try_from(c).unwrap_or(b'?')));
        out.extend_from_slice(b"\r\n");
    };
    if !has("host") {
        add("Host", host);
    }
    if !has("accept") {
        add("Accept", "*/*");
    }
    for (name, value) in call.headers {
        if let Some(value) = value {
            add(name, value);
        }
    }
    let length = match (call.body, call.method) {
        (Some(body), _) => Some(body.len()),
        (None, "POST" | "PUT" | "PATCH") => Some(0),
        _ => None,
    };
    if let (Some(length), false) = (length, has("content-length")) {
        add("Content-Length", &length.to_string());
    }
    out.extend_from_slice(b"\r\n");
    out
}

/// Reads one answer; `100 Continue` before it is passed over.
pub fn read(from: &mut impl BufRead, method: &str) -> std::io::Result<Answer> {
    loop {
        let mut answer = Answer { status: status(&line(from)?)?, ..Answer::default() };
        loop {
            let row = line(from)?;
            if row.is_empty() {
                break;
            }
            let (name, value) = row.split_once(':').ok_or_else(|| broken("a header without a colon"))?;
            answer.headers.push((name.to_owned(), value.trim().to_owned()));
        }
        if answer.status != 100 {
            answer.body = body(from, &answer, method)?;
            return Ok(answer);
        }
    }
}

fn status(line: &str) -> std::io::Result<u16> {
    let code = line.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)).and_then(|code| code.parse().ok());
    code.ok_or_else(|| broken(if line.is_empty() { "closed without an answer" } else { "not a status line" }))
}

/// One line without its end, Latin-1.
fn line(from: &mut impl BufRead) -> std::io::Result<String> {
    let mut raw = Vec::new();
    from.by_ref().take(1 << 20).read_until(b'\n', &mut raw)?;
    Ok(raw.iter().map(|byte| char::from(*byte)).collect::<String>().trim_end_matches(['\r', '\n']).to_owned())
}

fn body(from: &mut impl BufRead, answer: &Answer, method: &str) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    if method == "HEAD" || matches!(answer.status, 100..=199 | 204 | 304) {
        return Ok(out);
    }
    if answer.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        loop {
            let size = line(from)?;
            let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16);
            let size = size.map_err(|_| broken("a chunk without its size"))?;
            let before = out.len();
            from.by_ref().take(size as u64).read_to_end(&mut out)?;
            if out.len() - before < size {
                return Err(broken("a chunk that ends early"));
            }
            line(from)?;
            if size == 0 {
                return Ok(out);
            }
        }
    }
    match answer.header("content-length").map(str::parse::<u64>) {
        Some(Ok(length)) => {
            from.by_ref().take(length).read_to_end(&mut out)?;
            if (out.len() as u64) < length {
                return Err(broken("a body that ends early"));
            }
        }
        Some(Err(_)) => return Err(broken("a length that is no number")),
        None => drop(from.read_to_end(&mut out)?),
    }
    Ok(out)
}

fn broken(why: &'static str) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, why)
}
