//! Sends the request of a step, with the cookies of its browser.

use std::collections::HashMap;

use serde_json::Value;

use super::template::Variables;
use super::wire::{self, Answer, Call};
use super::{Stop, json, url};

/// (name, path) → value, in the order in which they came.
#[derive(Default)]
pub struct Jar(Vec<((String, String), String)>);

impl Jar {
    /// The value of the first cookie of that name.
    pub fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|((key, _), _)| key == name).map(|(_, value)| value.as_str())
    }

    fn header(&self, target: &str, dropped: &[&str]) -> Option<String> {
        let path = target.split('?').next().unwrap_or_default();
        let sent = self.0.iter().filter(|((name, under), _)| path.starts_with(under) && !dropped.contains(&name.as_str()));
        let rows: Vec<_> = sent.map(|((name, _), value)| format!("{name}={value}")).collect();
        (!rows.is_empty()).then(|| rows.join("; "))
    }

    fn keep(&mut self, answer: &Answer) {
        let set = answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        for (_, line) in set {
            let mut parts = line.split(';').map(str::trim);
            let (name, value) = parts.next().and_then(|first| first.split_once('=')).unwrap_or_default();
            let attributes: HashMap<_, _> = parts
                .map(|part| part.split_once('=').unwrap_or((part, "")))
                .map(|(name, value)| (name.to_ascii_lowercase(), value))
                .collect();
            let key = (name.to_owned(), attributes.get("path").copied().unwrap_or("/").to_owned());
            if value.is_empty() || attributes.get("max-age") == Some(&"0") {
                self.0.retain(|(known, _)| *known != key);
            } else if let Some((_, old)) = self.0.iter_mut().find(|(known, _)| *known == key) {
                value.clone_into(old);
            } else {
                self.0.push((key, value.to_owned()));
            }
        }
    }
}

/// Where the requests of a scenario go.
pub struct Sender<'a> {
    /// Scheme, host and port.
    pub origin: &'a str,
    pub prefix: &'a str,
    /// The `Accept` header of the scenario's requests that have none.
    pub accept: Option<&'a str>,
    /// One jar per browser.
    pub jars: HashMap<String, Jar>,
    /// The browser of the last request.
    pub browser: String,
}

impl Sender<'_> {
    /// The cookies of the browser that sent last.
    pub fn jar(&self) -> Option<&Jar> {
        self.jars.get(&self.browser)
    }

    /// Sends `request` (its templates not yet filled) and follows redirects only where it says `no_redirect: false`.
    pub fn send(&mut self, request: &Value, variables: &Variables) -> Result<Answer, Stop> {
        let request = variables.fill(request)?;
        request["browser"].as_str().unwrap_or_default().clone_into(&mut self.browser);
        let with_cookies = request["cookies"] != "none";
        let (mut headers, mut body) = (pairs(&request["headers"]), None);
        let has = |headers: &[Header], name: &str| headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
        let own_cookie = has(&headers, "cookie");
        if let (Some(accept), false, true) = (self.accept, has(&headers, "accept"), with_cookies) {
            headers.push(("Accept".into(), Some(accept.into())));
        }
        if let Some((bytes, kind)) = content(&request)? {
            if let (Some(kind), false) = (kind, has(&headers, "content-type")) {
                headers.push(("Content-Type".into(), Some(kind.into())));
            }
            body = Some(bytes);
        }
        let mut method = request["method"].as_str().unwrap_or("GET").to_owned();
        let mut target = self.target(&request, &variables.base);
        let dropped: Vec<_> = request["drop_cookies"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for _ in 0..7 {
            let mut sent = headers.clone();
            let jar = self.jars.entry(self.browser.clone()).or_default();
            if with_cookies && !own_cookie {
                sent.extend(jar.header(&target, &dropped).map(|cookies| ("Cookie".to_owned(), Some(cookies))));
            }
            let call = Call { method: &method, target: &target, headers: &sent, body: body.as_deref() };
            let answer = wire::exchange(url::Parts::of(self.origin).host, &call).map_err(Stop::Connection)?;
            if with_cookies {
                jar.keep(&answer);
            }
            let follow = request["no_redirect"] == Value::Bool(false) && matches!(answer.status, 301 | 302 | 303 | 307);
            match answer.header("location").and_then(|location| location.strip_prefix(self.origin)) {
                Some(next) if follow => next.clone_into(&mut target),
                _ => return Ok(answer),
            }
            "GET".clone_into(&mut method);
            body = None;
        }
        Err(Stop::Connection("too many redirects".into()))
    }

    fn target(&self, request: &Value, base: &str) -> String {
        let path = request["path"].as_str().unwrap_or_default();
        let path = path.strip_prefix(base).map_or(path, |rest| if rest.is_empty() { "/" } else { rest });
        let absolute = path.starts_with("http://") || path.starts_with("https://");
        let mut target = if absolute { path.to_owned() } else { format!("{}{path}", self.prefix) };
        target.truncate(target.find('#').unwrap_or(target.len()));
        let query: Vec<_> = pairs(&request["query"]).into_iter().map(plain).collect();
        if !query.is_empty() {
            target.push(if target.contains('?') { '&' } else { '?' });
            target.push_str(&url::form(&query));
        }
        target
    }
}

type Header = (String, Option<String>);
type Content = (Vec<u8>, Option<&'static str>);

/// The body of a request and its content type.
fn content(request: &Value) -> Result<Option<Content>, Stop> {
    if let Some(form) = request.get("form") {
        let rows: Vec<_> = pairs(form).into_iter().map(plain).collect();
        return Ok(Some((url::form(&rows).into_bytes(), Some("application/x-www-form-urlencoded"))));
    }
    if let Some(value) = request.get("json") {
        return Ok(Some((json::dumps(value).into_bytes(), Some("application/json"))));
    }
    if let Some(raw) = request["body_base64"].as_str() {
        let bytes = base64_simd::STANDARD.decode_to_vec(raw);
        return Ok(Some((bytes.map_err(|error| Stop::Missing(error.to_string()))?, None)));
    }
    Ok(request["body"].as_str().map(|text| (text.as_bytes().to_vec(), None)))
}

/// Name and value of each row; a list of values repeats the name.
fn pairs(rows: &Value) -> Vec<Header> {
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(true) => Some("True".into()),
        Value::Bool(false) => Some("False".into()),
        other => Some(other.to_string()),
    };
    match rows {
        Value::Object(map) => map
            .iter()
            .flat_map(|(name, value)| match value {
                Value::Array(list) => list.iter().map(|item| (name.clone(), text(item))).collect(),
                one => vec![(name.clone(), text(one))],
            })
            .collect(),
        Value::Array(list) => list.iter().filter_map(|row| Some((row.get(0)?.as_str()?.to_owned(), text(row.get(1)?)))).collect(),
        _ => Vec::new(),
    }
}

fn plain((name, value): Header) -> (String, String) {
    (name, value.unwrap_or_else(|| "None".into()))
}
