//! Policies of type `time`. Keycloak reads its server's clock; here all times are UTC.

use ambient::Timestamp;

use crate::settings::Config;

/// When a policy grants.
#[derive(Debug)]
pub(crate) struct TimeWindow {
    /// `nbf`, `noa`: seconds since the epoch.
    from: Option<i64>,
    until: Option<i64>,
    year: Span,
    month: Span,
    day: Span,
    hour: Span,
    minute: Span,
    /// A limit that cannot be read: nothing is granted.
    broken: bool,
}

/// From one number to another; only the first where there is no other.
#[derive(Debug)]
struct Span(Option<i64>, Option<i64>);

impl Span {
    fn of(config: &Config<'_>, name: &str) -> Self {
        Self(config.number(name), config.number(&format!("{name}End")))
    }

    fn holds(&self, actual: i64) -> bool {
        match (self.0, self.1) {
            (None, _) => true,
            (Some(only), None) => actual == only,
            (Some(first), Some(last)) => (first..=last).contains(&actual),
        }
    }
}

impl TimeWindow {
    pub(crate) fn of(config: &Config<'_>) -> Self {
        let limit = |name| config.text(name).map(seconds);
        let (from, until) = (limit("nbf"), limit("noa"));
        Self {
            broken: from == Some(None) || until == Some(None),
            from: from.flatten(),
            until: until.flatten(),
            year: Span::of(config, "year"),
            month: Span::of(config, "month"),
            day: Span::of(config, "dayMonth"),
            hour: Span::of(config, "hour"),
            minute: Span::of(config, "minute"),
        }
    }

    pub(crate) fn holds(&self, now: Timestamp) -> bool {
        let secs = now.secs();
        if self.broken || self.from.is_some_and(|from| secs < from) || self.until.is_some_and(|until| secs > until) {
            return false;
        }
        let (year, month, day) = civil(secs.div_euclid(DAY));
        let of_day = secs.rem_euclid(DAY);
        self.year.holds(year)
            && self.month.holds(month)
            && self.day.holds(day)
            && self.hour.holds(of_day / 3600)
            && self.minute.holds(of_day / 60 % 60)
    }
}

const DAY: i64 = 86_400;

/// `2020-01-31 12:00:00` as seconds since the epoch.
fn seconds(text: &str) -> Option<i64> {
    let (date, time) = text.trim().split_once(' ')?;
    let numbers = |text: &str, at: char| -> Option<[i64; 3]> {
        let parts: Vec<i64> = text.split(at).map(str::parse).collect::<Result<_, _>>().ok()?;
        parts.try_into().ok()
    };
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    let fits = (1..=12).contains(&month) && (1..=31).contains(&day) && (0..=9999).contains(&year);
    fits.then(|| days(year, month, day) * DAY + hour * 3600 + minute * 60 + second)
}

/// Days since the epoch of a date in the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a day since the epoch.
fn civil(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn holds(config: Value, at: &str) -> bool {
        TimeWindow::of(&Config::of(&json!({ "config": config }))).holds(Timestamp::from_secs(seconds(at).unwrap()))
    }

    #[test]
    fn dates_are_counted_as_the_calendar_does() {
        assert_eq!(seconds("1970-01-01 00:00:00"), Some(0));
        assert_eq!(seconds("2020-02-29 12:30:15"), Some(1_582_979_415));
        for day in [-1, 0, 59, 365, 11_016, 18_321, 20_000] {
            let (year, month, of_month) = civil(day);
            assert_eq!(days(year, month, of_month), day);
        }
    }

    #[test]
    fn a_window_has_a_begin_and_an_end() {
        let config = json!({ "nbf": "2020-01-01 00:00:00", "noa": "2021-01-01 00:00:00" });
        assert!(holds(config.clone(), "2020-06-01 00:00:00"));
        assert!(!holds(config.clone(), "2019-12-31 23:59:59"));
        assert!(!holds(config, "2021-01-01 00:00:01"));
    }

    #[test]
    fn parts_of_a_date_are_single_values_or_spans() {
        assert!(holds(json!({ "hour": "9", "hourEnd": "17" }), "2020-06-01 17:59:00"));
        assert!(!holds(json!({ "hour": "9", "hourEnd": "17" }), "2020-06-01 18:00:00"));
        assert!(holds(json!({ "dayMonth": "1", "month": "6" }), "2020-06-01 18:00:00"));
        assert!(!holds(json!({ "month": "5" }), "2020-06-01 18:00:00"));
    }

    #[test]
    fn a_limit_that_cannot_be_read_grants_nothing() {
        assert!(!holds(json!({ "noa": "tomorrow" }), "2020-06-01 18:00:00"));
    }
}
