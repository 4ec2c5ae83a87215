//! Typed reading of the layers; what is wrong is gathered, so that one run tells all of it.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::UsageError;
use super::layers::{Given, Layers};

/// Reads values and gathers errors.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    layers: &'a Layers,
    errors: Vec<UsageError>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(layers: &'a Layers) -> Self {
        Self { layers, errors: Vec::new() }
    }

    /// What was wrong.
    pub(crate) fn into_errors(self) -> Vec<UsageError> {
        self.errors
    }

    /// Adds a finding about several options together.
    pub(crate) fn conflict(&mut self, told: impl Into<String>) {
        self.errors.push(UsageError::Conflict(told.into()));
    }

    /// The text of `name` and where it was given.
    pub(crate) fn given(&self, name: &str) -> Option<Given> {
        self.layers.one(name)
    }

    /// The text of `name`.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.layers.one(name).map(|given| given.text)
    }

    /// The values of the list `name`.
    pub(crate) fn list(&self, name: &str) -> Vec<Given> {
        self.layers.list(name)
    }

    /// `log-level-<category>`: category and level, the strongest last.
    pub(crate) fn categories(&self) -> impl Iterator<Item = &(String, String)> {
        self.layers.categories.iter()
    }

    /// The path `name`.
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    /// `name` as read by `read`; `default` where it was not given, or wrongly.
    pub(crate) fn read<T>(
        &mut self,
        name: &'static str,
        default: T,
        expected: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> T {
        let Some(Given { text, origin }) = self.layers.one(name) else { return default };
        read(text.trim()).unwrap_or_else(|| {
            self.errors.push(UsageError::BadValue { name, origin, expected, given: text });
            default
        })
    }

    /// `true` or `false`.
    pub(crate) fn truth(&mut self, name: &'static str, default: bool) -> bool {
        self.read(name, default, "true or false", |text| bool::from_str(&text.to_ascii_lowercase()).ok())
    }

    /// A port number.
    pub(crate) fn port(&mut self, name: &'static str, default: u16) -> u16 {
        self.read(name, default, "a port from 0 to 65535", |text| text.parse().ok())
    }

    /// A length of time as Keycloak writes it: ISO 8601 (`PT1M30S`), whole seconds, or a number with `ms`, `s`, `m`, `h`, `d`.
    pub(crate) fn duration(&mut self, name: &'static str, default: Duration) -> Duration {
        self.read(name, default, "a duration such as 10s, 500ms, 1m or PT10S", parse_duration)
    }

    /// A path in front of URLs: starts with `/`, does not end with it; `/` itself becomes empty.
    pub(crate) fn relative_path(&mut self, name: &'static str, default: &str) -> String {
        self.read(name, default.to_owned(), "a path that starts with / and has no empty, . or .. segment", |text| {
            let path = text.trim_end_matches('/');
            let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
            let whole = path.is_empty() || (path.starts_with('/') && path.chars().all(plain));
            let normal = path.split('/').skip(1).all(|segment| !matches!(segment, "" | "." | ".."));
            (whole && normal).then(|| path.to_owned())
        })
    }
}

fn parse_duration(text: &str) -> Option<Duration> {
    if let Some(iso) = text.to_ascii_uppercase().strip_prefix("PT") {
        return parse_iso(iso);
    }
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let seconds = |factor: u64| number.checked_mul(factor).map(Duration::from_secs);
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "" | "s" => seconds(1),
        "m" => seconds(60),
        "h" => seconds(3600),
        "d" => seconds(86_400),
        _ => None,
    }
}

/// The part behind `PT`: hours, minutes, seconds (with a fraction), each at most once, in this order.
fn parse_iso(mut rest: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    if rest.is_empty() {
        return None;
    }
    for (unit, factor) in [('H', 3600.0), ('M', 60.0), ('S', 1.0)] {
        let Some((number, behind)) = rest.split_once(unit) else { continue };
        let number: f64 = number.parse().ok()?;
        total = total.checked_add(Duration::try_from_secs_f64(number * factor).ok()?)?;
        rest = behind;
    }
    rest.is_empty().then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_durations_as_keycloak_writes_them() {
        for (text, millis) in
            [("10", 10_000), ("500ms", 500), ("2m", 120_000), ("PT1M30S", 90_000), ("pt0.5s", 500), ("1h", 3_600_000)]
        {
            assert_eq!(parse_duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "ten", "PT", "PT1X", "10w", "-1"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
