use std::fmt;

use ambient::{Entropy, Timestamp};
use oidc_types::UserId;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::codec::{Reader, Writer};
use crate::{Record, StoreError};

const FORMAT: u8 = 1;
const WHAT: &str = "trusted device";

/// Keys that were sent to a device and not seen yet: requests it sent at once each got an answer of their own.
const OFFERED: usize = 4;

/// What a trusted device shows: 32 random bytes, 64 upper-case hexadecimal digits in its cookie. The first half stays with the
/// device, the second is new in every key, so that one record and one atomic write hold all that is known of a device.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceKey([u8; 32]);

impl DeviceKey {
    /// The first key of a new device.
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        Self(bytes)
    }

    /// The next key of the same device.
    pub fn successor(&self, entropy: &dyn Entropy) -> Self {
        let mut next = Self::new(entropy);
        let (device, _) = self.0.split_at(16);
        next.0.iter_mut().zip(device).for_each(|(to, from)| *to = *from);
        next
    }

    /// Reads the value of a cookie: 64 upper-case hexadecimal digits, nothing else.
    pub fn parse(cookie: &str) -> Option<Self> {
        if cookie.len() != 64 {
            return None;
        }
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'A'..=b'F' => Some(byte - b'A' + 10),
            _ => None,
        };
        let mut bytes = [0; 32];
        let mut digits = cookie.bytes();
        for byte in &mut bytes {
            *byte = digit(digits.next()?)? << 4 | digit(digits.next()?)?;
        }
        Some(Self(bytes))
    }

    /// The value of the cookie. Only for the `Set-Cookie` header.
    pub fn to_cookie(&self) -> String {
        self.0.iter().fold(String::with_capacity(64), |mut cookie, byte| {
            let _ = fmt::Write::write_fmt(&mut cookie, format_args!("{byte:02X}"));
            cookie
        })
    }

    /// The id of the device: a hash of the half that stays.
    pub fn device(&self) -> String {
        let (device, _) = self.0.split_at(16);
        base64_simd::URL_SAFE_NO_PAD.encode_to_string(Sha256::digest(device))
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKey([redacted])")
    }
}

impl Drop for DeviceKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct KeyHash {
    hash: [u8; 32],
    expires_at: Timestamp,
}

impl KeyHash {
    fn is(&self, hash: &[u8; 32], now: Timestamp) -> bool {
        bool::from(self.hash.ct_eq(hash)) && self.expires_at > now
    }
}

/// A device on which somebody has logged in with a password. It holds one key that it has shown and those that were sent to it
/// since; the first of these to be shown becomes the key and all others die. An answer lost on the way so locks nobody out, and
/// a key that was followed by another one in use is worth nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedDevice {
    /// Who logged in on it first.
    pub user: UserId,
    /// When that was.
    pub issued: Timestamp,
    /// The realm's cruise at that time; with another one the device is forgotten.
    pub cruise: String,
    shown: KeyHash,
    offered: Vec<KeyHash>,
}

impl TrustedDevice {
    /// A device that is sent its first key, good until `expires_at`.
    pub fn new(user: UserId, cruise: &str, (key, expires_at): (&DeviceKey, Timestamp), now: Timestamp) -> Self {
        let shown = KeyHash { hash: key.hash(), expires_at };
        Self { user, issued: now, cruise: cruise.to_owned(), shown, offered: Vec::new() }
    }

    /// Judges a key that is shown: `None`: not a live one; else whether the device has changed by it.
    pub(crate) fn show(&mut self, key: &DeviceKey, now: Timestamp) -> Option<Shown> {
        let hash = key.hash();
        if self.shown.is(&hash, now) {
            return Some(Shown::Again);
        }
        let new = self.offered.iter().find(|offered| offered.is(&hash, now))?.clone();
        self.shown = new;
        self.offered.clear();
        Some(Shown::First)
    }

    /// Sends a further key, good until `expires_at`.
    pub(crate) fn offer(&mut self, key: &DeviceKey, expires_at: Timestamp) {
        if self.offered.len() >= OFFERED {
            self.offered.remove(0);
        }
        self.offered.push(KeyHash { hash: key.hash(), expires_at });
    }

    pub(crate) fn to_record(&self) -> Record {
        let mut writer = Writer::new(FORMAT);
        writer.time(self.issued, Timestamp::default());
        writer.text(&self.cruise);
        let keys = || std::iter::once(&self.shown).chain(&self.offered);
        writer.number(self.offered.len() as u64);
        for key in keys() {
            key.hash.iter().for_each(|byte| writer.byte(*byte));
            writer.time(key.expires_at, self.issued);
        }
        let expires_at = keys().map(|key| key.expires_at).max().unwrap_or(self.shown.expires_at);
        Record { expires_at, owner: Some(self.user.as_str().into()), value: writer.finish() }
    }

    pub(crate) fn of_record(record: &Record) -> Result<Self, StoreError> {
        let mut reader = Reader::new(&record.value, FORMAT, WHAT)?;
        let issued = reader.time(Timestamp::default())?;
        let cruise = reader.text()?;
        let offered = reader.count()?;
        let mut key = || Ok::<_, StoreError>(KeyHash { hash: reader.hash()?, expires_at: reader.time(issued)? });
        let shown = key()?;
        let offered = (0..offered).map(|_| key()).collect::<Result<_, _>>()?;
        let user = record.owner.as_deref().ok_or(StoreError::Malformed { what: WHAT })?.into();
        Ok(Self { user, issued, cruise, shown, offered })
    }
}

/// How a live key was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// For the first time: keys before it die.
    First,
    /// As before.
    Again,
}
