//! `{{…}}` in a scenario: captured values, what the run knows, filters.

use std::collections::HashMap;
use std::sync::LazyLock;

use openssl::hash::{MessageDigest, hash};
use openssl::pkey::PKey;
use openssl::sign::Signer;
use regex::Regex;
use serde_json::{Map, Value};

use super::{Stop, json, token, url};

static TEMPLATE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\{\{(.+?)\}\}").unwrap());

/// What the templates of one scenario can say.
pub struct Variables {
    pub values: HashMap<String, String>,
    /// Scheme, host, port and path prefix of the server.
    pub base: String,
    /// Seconds since the epoch; set before every step.
    pub now: i64,
    /// A bearer token of the master realm, where one was given.
    pub admin_token: Option<String>,
}

impl Variables {
    pub fn new(base: &str) -> Self {
        let verifier = token::encode(random::<32>());
        let challenge = token::encode(sha256(verifier.as_bytes()));
        let values = HashMap::from([("pkce_verifier".to_owned(), verifier), ("pkce_challenge".to_owned(), challenge)]);
        Self { values, base: base.to_owned(), now: 0, admin_token: None }
    }

    /// Replaces every template in `thing`.
    pub fn fill(&self, thing: &Value) -> Result<Value, Stop> {
        Ok(match thing {
            Value::String(text) => Value::String(self.text(text)?),
            Value::Array(list) => Value::Array(list.iter().map(|item| self.fill(item)).collect::<Result<_, _>>()?),
            Value::Object(map) => {
                let rows = map.iter().map(|(name, value)| Ok((self.text(name)?, self.fill(value)?)));
                Value::Object(rows.collect::<Result<Map<_, _>, Stop>>()?)
            }
            plain => plain.clone(),
        })
    }

    /// Replaces every template in `text`.
    pub fn text(&self, text: &str) -> Result<String, Stop> {
        let (mut out, mut at) = (String::new(), 0);
        for found in TEMPLATE.captures_iter(text) {
            let whole = found.get(0).unwrap();
            out.push_str(&text[at..whole.start()]);
            out.push_str(&self.value(&found[1])?);
            at = whole.end();
        }
        out.push_str(&text[at..]);
        Ok(out)
    }

    fn value(&self, expression: &str) -> Result<String, Stop> {
        let mut parts = expression.split('|');
        let first = self.named(parts.next().unwrap_or_default().trim())?;
        parts.try_fold(first, |value, filter| filtered(&value, filter.trim()))
    }

    fn named(&self, name: &str) -> Result<String, Stop> {
        if let Some(value) = self.values.get(name) {
            return Ok(value.clone());
        }
        let (word, rest) = name.split_once(':').unwrap_or((name, ""));
        match word {
            "base" => Ok(self.base.clone()),
            "host" => Ok(url::Parts::of(&self.base).host.to_owned()),
            "uuid" => Ok(uuid()),
            "admin_token" => self.admin_token.clone().ok_or_else(|| Stop::Skip("needs an administrator".into())),
            "basic" => Ok(format!("Basic {}", base64_simd::STANDARD.encode_to_string(self.text(rest)?))),
            "repeat" => {
                let (times, what) = rest.split_once(':').ok_or_else(|| unknown(name))?;
                Ok(what.repeat(times.parse().map_err(|_| unknown(name))?))
            }
            _ if word.starts_with("now") => {
                let offset = if word == "now" { Some(0) } else { word[3..].parse::<i64>().ok() };
                Ok((self.now + offset.ok_or_else(|| unknown(name))?).to_string())
            }
            _ if word.starts_with("totp") => self.totp(word, rest).ok_or_else(|| unknown(name)),
            _ => Err(unknown(name)),
        }
    }

    /// `totp:SECRET`, `totp-1:SECRET` (one interval earlier), `totp32:BASE32`.
    fn totp(&self, word: &str, secret: &str) -> Option<String> {
        let secret = self.values.get(secret).map_or(secret, String::as_str);
        let offset = word.strip_prefix("totp32").or(word.strip_prefix("totp"))?;
        let key = if word.starts_with("totp32") { base32(secret)? } else { secret.as_bytes().to_vec() };
        let shift = if offset.is_empty() { 0 } else { offset.parse::<i64>().ok()? };
        one_time_code(&key, self.now + 30 * shift)
    }
}

/// RFC 6238: six digits, SHA-1, an interval of 30 seconds; `secret` in base 32, `now` in seconds since the epoch.
pub fn totp32(secret: &str, now: i64) -> Option<String> {
    one_time_code(&base32(secret)?, now)
}

fn one_time_code(key: &[u8], now: i64) -> Option<String> {
    let mac = hmac(MessageDigest::sha1(), key, &now.div_euclid(30).to_be_bytes());
    let cut = usize::from(mac[mac.len() - 1] & 15);
    let number = u32::from_be_bytes(mac[cut..cut + 4].try_into().ok()?) & 0x7fff_ffff;
    Some(format!("{:06}", number % 1_000_000))
}

fn unknown(name: &str) -> Stop {
    Stop::Missing(format!("{{{{{name}}}}} is not known (an earlier capture failed?)"))
}

fn filtered(text: &str, filter: &str) -> Result<String, Stop> {
    let (word, rest) = filter.split_once(':').unwrap_or((filter, ""));
    let bad = || Stop::Missing(format!("filter {filter} does not fit its value"));
    let parts: Vec<&str> = text.split('.').collect();
    Ok(match word {
        "tamper" => tampered(text),
        "tamper-payload" => {
            let mut claims = token::json(parts.get(1).ok_or_else(bad)?).ok_or_else(bad)?;
            claims["sub"] = "00000000-0000-0000-0000-000000000000".into();
            format!("{}.{}.{}", parts[0], token::encode(json::dumps(&claims)), parts.get(2).ok_or_else(bad)?)
        }
        "unsigned" => {
            let mut head = token::json(parts[0]).ok_or_else(bad)?;
            head["alg"] = "none".into();
            format!("{}.{}.", token::encode(json::dumps(&head)), parts.get(1).ok_or_else(bad)?)
        }
        "strip-signature" => format!("{}.", text.rsplit_once('.').map_or("", |(head, _)| head)),
        "urlencode" => url::quote(text),
        "sha256" => token::encode(sha256(text.as_bytes())),
        "upper" => text.to_uppercase(),
        "lower" => text.to_lowercase(),
        "tail" => text.rsplit('/').next().unwrap_or_default().to_owned(),
        "claim" => match token::claim(text, rest).ok_or_else(bad)? {
            Value::String(text) => text,
            other => json::dumps(&other),
        },
        "first" => text.chars().take(rest.parse().map_err(|_| bad())?).collect(),
        "set" | "drop" => {
            let (name, new) = rest.split_once('=').map_or((rest, None), |(name, new)| (name, Some(new)));
            let (to, query) = text.split_once('?').unwrap_or((text, ""));
            let mut rows: Vec<_> = url::parse_query(query).into_iter().filter(|(key, _)| key != name).collect();
            rows.extend(new.map(|new| (name.to_owned(), new.to_owned())));
            format!("{to}?{}", url::form(&rows))
        }
        _ => return Err(Stop::Missing(format!("unknown filter {filter}"))),
    })
}

/// One character in the middle of the last part becomes another.
fn tampered(text: &str) -> String {
    let (head, dot, last) = text.rsplit_once('.').map_or(("", "", text), |(head, last)| (head, ".", last));
    let mut last: Vec<char> = last.chars().collect();
    let middle = last.len() / 2;
    if let Some(c) = last.get_mut(middle) {
        *c = if *c == 'A' { 'B' } else { 'A' };
    }
    format!("{head}{dot}{}", last.into_iter().collect::<String>())
}

fn base32(text: &str) -> Option<Vec<u8>> {
    let (mut out, mut bits, mut held) = (Vec::new(), 0u32, 0u32);
    for c in text.trim_end_matches('=').chars() {
        held = (held << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).and_then(|at| u32::try_from(at).ok())?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    Some(out)
}

/// `N` random bytes.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    openssl::rand::rand_bytes(&mut bytes).unwrap();
    bytes
}

/// A random (version 4) UUID.
pub fn uuid() -> String {
    let mut raw = random::<16>();
    raw[6] = raw[6] & 0x0f | 0x40;
    raw[8] = raw[8] & 0x3f | 0x80;
    let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    hash(MessageDigest::sha256(), bytes).unwrap().to_vec()
}

pub fn hmac(digest: MessageDigest, key: &[u8], data: &[u8]) -> Vec<u8> {
    let key = PKey::hmac(key).unwrap();
    let mut signer = Signer::new(digest, &key).unwrap();
    signer.sign_oneshot_to_vec(data).unwrap()
}
