use thiserror::Error;

/// Why an authenticator's answer is not taken. Never holds what was sent.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum WebAuthnError {
    /// `clientDataJSON` is not what a browser writes.
    #[error("clientDataJSON cannot be read")]
    ClientData,
    /// Made for the other ceremony.
    #[error("the answer is of another ceremony")]
    OtherCeremony,
    /// Another challenge than the one kept.
    #[error("the answer is to another challenge")]
    OtherChallenge,
    /// Made on another site, or within a page of another one.
    #[error("the answer was made on another origin")]
    OtherOrigin,
    /// Authenticator data or the attestation object is malformed.
    #[error("authenticator data cannot be read")]
    AuthenticatorData,
    /// `rpIdHash` is of another id.
    #[error("the answer is for another relying party")]
    OtherRelyingParty,
    /// Nobody touched the authenticator.
    #[error("no user was present")]
    UserAbsent,
    /// The policy wants the user verified.
    #[error("the user was not verified")]
    UserNotVerified,
    /// The key is malformed, weak, or of an algorithm that the policy does not take.
    #[error("the public key is not accepted")]
    PublicKey,
    /// The attestation statement is not accepted, or does not hold.
    #[error("the attestation is not accepted")]
    Attestation,
    /// Another kind of authenticator than the policy takes (`AcceptableAaguids`, `AuthenticatorAttachment`).
    #[error("the authenticator is not accepted")]
    Authenticator,
    /// The authenticator is registered already.
    #[error("the authenticator is registered already")]
    Registered,
    /// The signature.
    #[error("the signature is wrong")]
    Signature,
    /// The counter went back or stood still: there may be a copy of the authenticator.
    #[error("the signature counter did not advance")]
    CounterNotAdvanced,
    /// Another credential, or one of another user, than the one it was held against.
    #[error("the answer is of another credential")]
    OtherCredential,
}

/// The name of the browser's exception in the form's field `error`: one of those that the standard has, so that nothing of the field
/// gets into a page, an event or a log line.
pub fn browser_error(text: &str) -> &'static str {
    const NAMES: [&str; 9] = [
        "NotAllowedError",
        "InvalidStateError",
        "AbortError",
        "ConstraintError",
        "NotSupportedError",
        "SecurityError",
        "NotReadableError",
        "EncodingError",
        "TypeError",
    ];
    NAMES.into_iter().find(|name| text.starts_with(name)).unwrap_or("UnknownError")
}
