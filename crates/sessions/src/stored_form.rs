//! A record in one string, for stores that know strings only. Format (1 byte), version (8), end (19 decimal digits, so that a
//! script can read it), until when the index of the owner lasts (19 digits), owner with its length, value.

use ambient::Timestamp;

use crate::codec::{put_number, take_number};
use crate::{Record, StoreError, Stored, Version};

/// Milliseconds that a store keeps a record past its end: clocks of nodes may differ by that much.
pub(crate) const MARGIN: i64 = 60_000;

/// The longest time to live that is asked for: a hundred years.
const LONGEST: i64 = 100 * 365 * 86_400_000;

const FORMAT: u8 = 1;
const WHAT: &str = "shared record";

pub(crate) fn encode(record: &Record, version: u64, indexed_until: Timestamp) -> Vec<u8> {
    let owner = record.owner.as_deref();
    let mut bytes = Vec::with_capacity(record.value.len() + 90);
    bytes.push(FORMAT);
    bytes.extend_from_slice(&version.to_be_bytes());
    for time in [record.expires_at, indexed_until] {
        bytes.extend_from_slice(format!("{:019}", time.millis().max(0)).as_bytes());
    }
    put_number(&mut bytes, owner.map_or(0, |owner| owner.len() as u64 + 1));
    bytes.extend_from_slice(owner.unwrap_or_default().as_bytes());
    bytes.extend_from_slice(&record.value);
    bytes
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Stored, StoreError> {
    match bytes.first() {
        Some(&found) if found > FORMAT => Err(StoreError::NewerFormat { what: WHAT, found, known: FORMAT }),
        _ => parse(bytes).ok_or(StoreError::Malformed { what: WHAT }),
    }
}

fn parse(bytes: &[u8]) -> Option<Stored> {
    let (_, rest) = bytes.split_first()?;
    let (version, rest) = rest.split_first_chunk()?;
    let (expires_at, rest) = rest.split_at_checked(19)?;
    let (_indexed_until, mut rest) = rest.split_at_checked(19)?;
    let owner = match take_number(&mut rest)? {
        0 => None,
        length => {
            let (owner, after) = rest.split_at_checked(usize::try_from(length - 1).ok()?)?;
            rest = after;
            Some(std::str::from_utf8(owner).ok()?.into())
        }
    };
    let expires_at = Timestamp::from_millis(std::str::from_utf8(expires_at).ok()?.parse().ok()?);
    let record = Record { expires_at, owner, value: rest.to_vec() };
    Some(Stored { version: Version(u64::from_be_bytes(*version)), record })
}

/// Milliseconds that a store is to keep a record, as text; empty for ever.
pub(crate) fn ttl(expires_at: Timestamp, now: Timestamp) -> String {
    if expires_at == Timestamp::MAX {
        return String::new();
    }
    expires_at.millis_since(now).max(0).saturating_add(MARGIN).min(LONGEST).to_string()
}

/// How long the index of an owner is made to last for a record: longer than the record, so that most of its extensions need
/// not touch the index.
pub(crate) fn indexed_until(record: &Record, now: Timestamp) -> Timestamp {
    if record.owner.is_none() || record.expires_at == Timestamp::MAX {
        return Timestamp::MAX;
    }
    record.expires_at.plus_millis(record.expires_at.millis_since(now).max(0)).plus_secs(3600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_the_same() {
        for (owner, expires_at) in
            [(None, Timestamp::MAX), (Some("user".into()), Timestamp::from_millis(1)), (Some("".into()), Timestamp::default())]
        {
            let record = Record { expires_at, owner, value: b"value".to_vec() };
            let stored = decode(&encode(&record, u64::MAX, Timestamp::MAX)).unwrap();
            assert_eq!(stored, Stored { version: Version(u64::MAX), record });
        }
    }

    #[test]
    fn a_store_keeps_a_record_a_little_longer_than_its_end() {
        let now = Timestamp::from_secs(100);
        assert_eq!(ttl(Timestamp::from_secs(130), now), "90000");
        assert_eq!(ttl(Timestamp::from_secs(1), now), "60000");
        assert_eq!(ttl(Timestamp::MAX, now), "");
        assert_eq!(ttl(Timestamp::from_millis(i64::MAX - 1), now), LONGEST.to_string());
    }

    #[test]
    fn what_is_cut_short_or_newer_is_an_error() {
        let record = Record { expires_at: Timestamp::MAX, owner: Some("user".into()), value: Vec::new() };
        let bytes = encode(&record, 1, Timestamp::MAX);
        for end in 0..bytes.len() {
            assert!(decode(&bytes[..end]).is_err(), "{end}");
        }
        assert!(matches!(decode(&[2]), Err(StoreError::NewerFormat { found: 2, .. })));
    }
}
