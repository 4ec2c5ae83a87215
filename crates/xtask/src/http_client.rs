//! A keep-alive HTTP/1.1 client that costs as little as the load needs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use thiserror::Error;

/// The server did not answer as HTTP.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct HttpError(pub(crate) String);

pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
    prefix: String,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

fn failed(what: impl std::fmt::Display) -> HttpError {
    HttpError(what.to_string())
}

impl Connection {
    pub(crate) fn open(base: &str) -> Result<Self, HttpError> {
        let rest = base.strip_prefix("http://").ok_or_else(|| failed("only http:// bases can be loaded"))?;
        let (host, prefix) =
            rest.split_once('/').map_or((rest, String::new()), |(h, p)| (h, format!("/{}", p.trim_end_matches('/'))));
        let stream = TcpStream::connect(host).map_err(|e| failed(format!("{host}: {e}")))?;
        stream.set_nodelay(true).map_err(failed)?;
        stream.set_read_timeout(Some(Duration::from_secs(30))).map_err(failed)?;
        Ok(Self { stream: BufReader::with_capacity(16_384, stream), host: host.to_owned(), prefix })
    }

    pub(crate) fn get(&mut self, path: &str) -> Result<Answer, HttpError> {
        self.get_with(path, "")
    }

    /// With further header lines, each with its line end.
    pub(crate) fn get_with(&mut self, path: &str, headers: &str) -> Result<Answer, HttpError> {
        let request = format!("GET {}{path} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", self.prefix, self.host);
        self.exchange(request.as_bytes())
    }

    pub(crate) fn post_form(&mut self, path: &str, form: &str) -> Result<Answer, HttpError> {
        self.post_form_with(path, form, "")
    }

    /// With further header lines, each with its line end.
    pub(crate) fn post_form_with(&mut self, path: &str, form: &str, headers: &str) -> Result<Answer, HttpError> {
        let request = format!(
            "POST {}{path} HTTP/1.1\r\nHost: {}\r\n{headers}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            self.prefix,
            self.host,
            form.len()
        );
        self.exchange(request.as_bytes())
    }

    fn exchange(&mut self, request: &[u8]) -> Result<Answer, HttpError> {
        self.stream.get_mut().write_all(request).map_err(failed)?;
        let mut line = String::new();
        self.stream.read_line(&mut line).map_err(failed)?;
        let status = line.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or_else(|| failed("no status line"))?;
        let (mut length, mut chunked) = (0, false);
        loop {
            line.clear();
            self.stream.read_line(&mut line).map_err(failed)?;
            let header = line.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().map_err(failed)?;
            }
            chunked |= header == "transfer-encoding: chunked";
        }
        let body = if chunked { self.chunks()? } else { self.bytes(length)? };
        Ok(Answer { status, body })
    }

    fn bytes(&mut self, length: usize) -> Result<Vec<u8>, HttpError> {
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).map_err(failed)?;
        Ok(body)
    }

    fn chunks(&mut self) -> Result<Vec<u8>, HttpError> {
        let mut body = Vec::new();
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).map_err(failed)?;
            let length = usize::from_str_radix(line.trim(), 16).map_err(failed)?;
            body.extend(self.bytes(length)?);
            self.stream.read_line(&mut line).map_err(failed)?;
            if length == 0 {
                return Ok(body);
            }
        }
    }
}
