//! The types of events. Keycloak: its words, and which of them are kept unless a realm says otherwise (asked of 26.7.4).

/// Whether something came to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It did.
    Success,
    /// It was refused.
    Error,
}

macro_rules! event_types {
    ($($name:ident = $word:literal, $saved:ident;)*) => {
        /// What somebody did or tried to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs)] // the words say it
        pub enum EventType {
            $($name,)*
        }

        impl EventType {
            /// All of them, by word.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Keycloak's word: with `_ERROR` where it was refused.
            pub const fn word(self, outcome: Outcome) -> &'static str {
                match (self, outcome) {
                    $((Self::$name, Outcome::Success) => $word,
                    (Self::$name, Outcome::Error) => concat!($word, "_ERROR"),)*
                }
            }

            /// Both words.
            pub const fn words(self) -> [&'static str; 2] {
                [self.word(Outcome::Success), self.word(Outcome::Error)]
            }

            /// Whether a realm that lists no types keeps it.
            pub const fn is_saved_by_default(self) -> bool {
                match self {
                    $(Self::$name => event_types!(@saved $saved),)*
                }
            }

            /// The type and outcome of this word.
            pub fn parse(word: &str) -> Option<(Self, Outcome)> {
                $(match word.strip_prefix($word) {
                    Some("") => return Some((Self::$name, Outcome::Success)),
                    Some("_ERROR") => return Some((Self::$name, Outcome::Error)),
                    _ => {}
                })*
                None
            }
        }
    };
    (@saved Saved) => { true };
    (@saved NotSaved) => { false };
}

event_types! {
    AuthreqidToToken = "AUTHREQID_TO_TOKEN", Saved;
    ClientDelete = "CLIENT_DELETE", Saved;
    ClientInfo = "CLIENT_INFO", NotSaved;
    ClientInitiatedAccountLinking = "CLIENT_INITIATED_ACCOUNT_LINKING", Saved;
    ClientLogin = "CLIENT_LOGIN", Saved;
    ClientRegister = "CLIENT_REGISTER", Saved;
    ClientUpdate = "CLIENT_UPDATE", Saved;
    CodeToToken = "CODE_TO_TOKEN", Saved;
    CustomRequiredAction = "CUSTOM_REQUIRED_ACTION", Saved;
    DeleteAccount = "DELETE_ACCOUNT", Saved;
    ExecuteActions = "EXECUTE_ACTIONS", Saved;
    ExecuteActionToken = "EXECUTE_ACTION_TOKEN", Saved;
    FederatedIdentityLink = "FEDERATED_IDENTITY_LINK", Saved;
    FederatedIdentityOverrideLink = "FEDERATED_IDENTITY_OVERRIDE_LINK", Saved;
    GrantConsent = "GRANT_CONSENT", Saved;
    IdentityProviderFirstLogin = "IDENTITY_PROVIDER_FIRST_LOGIN", Saved;
    IdentityProviderLinkAccount = "IDENTITY_PROVIDER_LINK_ACCOUNT", Saved;
    IdentityProviderLogin = "IDENTITY_PROVIDER_LOGIN", Saved;
    IdentityProviderPostLogin = "IDENTITY_PROVIDER_POST_LOGIN", Saved;
    IdentityProviderResponse = "IDENTITY_PROVIDER_RESPONSE", NotSaved;
    IdentityProviderRetrieveToken = "IDENTITY_PROVIDER_RETRIEVE_TOKEN", NotSaved;
    Impersonate = "IMPERSONATE", Saved;
    IntrospectToken = "INTROSPECT_TOKEN", NotSaved;
    InvalidSignature = "INVALID_SIGNATURE", NotSaved;
    InviteOrg = "INVITE_ORG", Saved;
    JwtAuthorizationGrant = "JWT_AUTHORIZATION_GRANT", Saved;
    Login = "LOGIN", Saved;
    Logout = "LOGOUT", Saved;
    OAuth2DeviceAuth = "OAUTH2_DEVICE_AUTH", Saved;
    OAuth2DeviceCodeToToken = "OAUTH2_DEVICE_CODE_TO_TOKEN", Saved;
    OAuth2DeviceVerifyUserCode = "OAUTH2_DEVICE_VERIFY_USER_CODE", Saved;
    OAuth2ExtensionGrant = "OAUTH2_EXTENSION_GRANT", NotSaved;
    PermissionToken = "PERMISSION_TOKEN", Saved;
    PushedAuthorizationRequest = "PUSHED_AUTHORIZATION_REQUEST", NotSaved;
    RefreshToken = "REFRESH_TOKEN", NotSaved;
    Register = "REGISTER", Saved;
    RegisterNode = "REGISTER_NODE", NotSaved;
    RemoveCredential = "REMOVE_CREDENTIAL", Saved;
    RemoveFederatedIdentity = "REMOVE_FEDERATED_IDENTITY", Saved;
    RemoveTotp = "REMOVE_TOTP", NotSaved;
    ResetPassword = "RESET_PASSWORD", Saved;
    RestartAuthentication = "RESTART_AUTHENTICATION", Saved;
    RevokeGrant = "REVOKE_GRANT", Saved;
    SendIdentityProviderLink = "SEND_IDENTITY_PROVIDER_LINK", Saved;
    SendResetPassword = "SEND_RESET_PASSWORD", Saved;
    SendVerifyEmail = "SEND_VERIFY_EMAIL", Saved;
    TokenExchange = "TOKEN_EXCHANGE", Saved;
    UnregisterNode = "UNREGISTER_NODE", NotSaved;
    UpdateConsent = "UPDATE_CONSENT", Saved;
    UpdateCredential = "UPDATE_CREDENTIAL", Saved;
    UpdateEmail = "UPDATE_EMAIL", Saved;
    UpdatePassword = "UPDATE_PASSWORD", Saved;
    UpdateProfile = "UPDATE_PROFILE", Saved;
    UpdateTotp = "UPDATE_TOTP", Saved;
    UserDisabledByPermanentLockout = "USER_DISABLED_BY_PERMANENT_LOCKOUT", NotSaved;
    UserDisabledByTemporaryLockout = "USER_DISABLED_BY_TEMPORARY_LOCKOUT", NotSaved;
    UserInfoRequest = "USER_INFO_REQUEST", NotSaved;
    UserSessionDeleted = "USER_SESSION_DELETED", NotSaved;
    ValidateAccessToken = "VALIDATE_ACCESS_TOKEN", NotSaved;
    VerifiableCredentialCreateOffer = "VERIFIABLE_CREDENTIAL_CREATE_OFFER", NotSaved;
    VerifiableCredentialNonceRequest = "VERIFIABLE_CREDENTIAL_NONCE_REQUEST", NotSaved;
    VerifiableCredentialOfferRequest = "VERIFIABLE_CREDENTIAL_OFFER_REQUEST", NotSaved;
    VerifiableCredentialPreAuthorizedGrant = "VERIFIABLE_CREDENTIAL_PRE_AUTHORIZED_GRANT", NotSaved;
    VerifiableCredentialRequest = "VERIFIABLE_CREDENTIAL_REQUEST", NotSaved;
    VerifyEmail = "VERIFY_EMAIL", Saved;
    VerifyProfile = "VERIFY_PROFILE", Saved;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_as_it_is_written() {
        for event_type in EventType::ALL {
            for outcome in [Outcome::Success, Outcome::Error] {
                assert_eq!(EventType::parse(event_type.word(outcome)), Some((*event_type, outcome)));
            }
        }
        assert_eq!(EventType::parse("NOPE"), None);
        assert_eq!(EventType::parse("LOGIN_"), None);
    }

    #[test]
    fn logins_are_kept_unless_told_otherwise_and_refreshes_are_not() {
        assert!(EventType::Login.is_saved_by_default());
        assert!(!EventType::RefreshToken.is_saved_by_default());
        assert_eq!(EventType::ALL.iter().filter(|event_type| event_type.is_saved_by_default()).count(), 45);
    }
}
