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

/// One-time codes of a realm (`otpPolicy…`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtpPolicy {
    /// `otpPolicyLookAheadWindow`, steps either side.
    pub look_ahead_window: u32,
    /// `otpPolicyCodeReusable` together with the attribute `realmReusableOtpCode`.
    pub code_reusable: bool,
}
