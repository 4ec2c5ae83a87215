//! Days as query parameters have them: `yyyy-MM-dd`, UTC.

const DAY: i64 = 24 * 3_600_000;

/// The first millisecond of a day, since the epoch.
pub(crate) fn begin(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let mut number = |digits: usize| {
        let part = parts.next().filter(|part| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))?;
        part.parse::<i64>().ok()
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    let is_day = (1..=12).contains(&month) && (1..=31).contains(&day) && parts.next().is_none();
    is_day.then(|| days(year, month, day) * DAY)
}

/// The last one.
pub(crate) fn end(text: &str) -> Option<i64> {
    begin(text).map(|begin| begin + DAY - 1)
}

/// Days since 1970-01-01 of a day of the Gregorian calendar; years begin in March, so that the odd day is the last.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (century, in_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    century * 146_097 + in_era * 365 + in_era / 4 - in_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_the_epoch() {
        assert_eq!(begin("1970-01-01"), Some(0));
        assert_eq!(begin("2000-02-29"), Some(951_782_400_000));
        assert_eq!(begin("2026-11-22"), Some(1_795_305_600_000));
        assert_eq!(end("1970-01-01"), Some(DAY - 1));
    }

    #[test]
    fn what_is_no_day_is_none() {
        for text in ["yesterday", "2020-13-01", "2020-1-1", "2020-01-01-01", "", "20200101"] {
            assert_eq!(begin(text), None, "{text}");
        }
    }
}
