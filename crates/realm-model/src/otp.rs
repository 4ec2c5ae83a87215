/// The hash of a one-time code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OtpAlgorithm {
    /// `HmacSHA1`
    #[default]
    HmacSha1,
    /// `HmacSHA256`
    HmacSha256,
    /// `HmacSHA512`
    HmacSha512,
}

impl OtpAlgorithm {
    /// Keycloak's word, which credentials have too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HmacSha1 => "HmacSHA1",
            Self::HmacSha256 => "HmacSHA256",
            Self::HmacSha512 => "HmacSHA512",
        }
    }
}

/// What new one-time codes are counted by (`otpPolicyType`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OtpKind {
    /// `totp`: time.
    #[default]
    Totp,
    /// `hotp`: a counter.
    Hotp,
}

impl OtpKind {
    /// Keycloak's word, which credentials and `otpauth` URIs have too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Hotp => "hotp",
        }
    }
}

/// One-time codes of a realm (`otpPolicy…`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtpPolicy {
    /// `otpPolicyType`
    pub kind: OtpKind,
    /// `otpPolicyAlgorithm`
    pub algorithm: OtpAlgorithm,
    /// `otpPolicyDigits`: 6 or 8.
    pub digits: u32,
    /// `otpPolicyPeriod`, seconds.
    pub period: i64,
    /// `otpPolicyInitialCounter`
    pub initial_counter: u32,
    /// `otpPolicyLookAheadWindow`, steps either side.
    pub look_ahead_window: u32,
    /// `otpPolicyCodeReusable` together with the attribute `realmReusableOtpCode`.
    pub code_reusable: bool,
}
