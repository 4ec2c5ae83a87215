//! Every page with data that nobody entered: for people who write themes.

use crate::page::profile::Control;
use crate::*;

/// What is done with a page whose type is only known here.
pub(crate) trait Visit {
    /// What comes of it.
    type Out;

    /// Takes the page.
    fn visit<P: Page>(self, page: &P) -> Self::Out;
}

/// The names of all pages, as in `templates/<name>.html`.
pub(crate) const NAMES: [&str; 31] = [
    "login",
    "login-username",
    "login-password",
    "register",
    "login-reset-password",
    "login-update-password",
    "login-update-profile",
    "update-email",
    "login-verify-email",
    "login-otp",
    "login-config-totp",
    "login-recovery-authn-code-config",
    "login-recovery-authn-code-input",
    "webauthn-authenticate",
    "webauthn-register",
    "webauthn-error",
    "select-authenticator",
    "select-organization",
    "terms",
    "login-oauth-grant",
    "login-oauth2-device-verify-user-code",
    "logout-confirm",
    "frontchannel-logout",
    "delete-account-confirm",
    "delete-credential",
    "info",
    "error",
    "login-page-expired",
    "login-faulty",
    "register-faulty",
    "login-config-totp-manual",
];

const ACTION: &str = "#";

struct Render<'a> {
    pages: &'a Pages,
    frame: &'a Frame<'a>,
}

impl Visit for Render<'_> {
    type Out = String;

    fn visit<P: Page>(self, page: &P) -> String {
        self.pages.render(self.frame, page)
    }
}

impl Pages {
    /// A page of this name with made-up data, within `frame`; nothing: there is no such page. The names are in [`Self::previews`].
    ///
    /// Where the name is of a page that an attempted user goes with, such as `login-otp`, one is shown.
    pub fn preview(&self, frame: &Frame<'_>, name: &str) -> Option<String> {
        let of_user = ["login-password", "login-otp", "login-recovery-authn-code-input", "webauthn-authenticate"].contains(&name);
        let banner = match name {
            "login-update-password" => Some(Message::warning("updatePasswordMessage")),
            "login-config-totp" => Some(Message::warning("configureTotpMessage")),
            _ => None,
        };
        let user = AttemptedUser { username: "ann@example.org", restart_url: ACTION };
        let frame = Frame {
            attempted_user: frame.attempted_user.or(of_user.then_some(user)),
            try_another_way: frame.try_another_way.or(of_user.then_some(TryAnotherWay { action: ACTION })),
            client: frame.client.or(Some(ClientLink { name: "Shop", base_url: Some(ACTION) })),
            message: frame.message.or(banner.as_ref()),
            ..*frame
        };
        sample(name, Render { pages: self, frame: &frame })
    }

    /// The names of all pages that [`Self::preview`] shows.
    pub const fn previews() -> &'static [&'static str] {
        &NAMES
    }
}

/// Shows `visitor` the page of this name.
pub(crate) fn sample<V: Visit>(name: &str, visitor: V) -> Option<V::Out> {
    match name {
        "login" | "login-faulty" | "login-username" | "login-password" | "login-reset-password" => login(name, visitor),
        "register" | "register-faulty" | "login-update-profile" | "update-email" => profile(name, visitor),
        "login-otp" | "login-config-totp" | "login-config-totp-manual" | "login-recovery-authn-code-config" => {
            set_up(name, visitor)
        }
        "webauthn-authenticate" | "webauthn-register" | "webauthn-error" => passkeys(name, visitor),
        "info" | "error" | "login-page-expired" | "logout-confirm" | "frontchannel-logout" => notice(name, visitor),
        _ => action(name, visitor),
    }
}

fn login<V: Visit>(name: &str, visitor: V) -> Option<V::Out> {
    let fault = Message::error("invalidUserMessage");
    let identity_providers = &[ProviderButton { alias: "partner", display_name: "Partner", url: ACTION }];
    let (username, fault) = if name == "login-faulty" { ("ann", Some(&fault)) } else { ("", None) };
    let passkey =
        PasskeyRequest { action: ACTION, challenge: "Y2hhbGxlbmdl", rp_id: "", user_verification: "preferred", timeout: 0 };
    Some(match name {
        "login-username" => visitor.visit(&LoginUsernamePage {
            action: ACTION,
            remember_me: RememberMe::Offered,
            registration_url: Some(ACTION),
            identity_providers,
            passkey: Some(passkey),
            ..LoginUsernamePage::default()
        }),
        "login-password" => visitor.visit(&LoginPasswordPage { action: ACTION, reset_url: Some(ACTION), fault }),
        "login-reset-password" => {
            visitor.visit(&ResetPasswordPage { action: ACTION, login_url: ACTION, ..ResetPasswordPage::default() })
        }
        _ => visitor.visit(&LoginPage {
            action: ACTION,
            username,
            remember_me: RememberMe::Offered,
            reset_url: Some(ACTION),
            registration_url: Some(ACTION),
            identity_providers,
            selected_credential: None,
            fault,
            passkey: None,
        }),
    })
}

/// The fields of the built-in user profile, and one that is chosen.
fn fields() -> Vec<ProfileField> {
    let field = |name: &str, autocomplete: Option<&str>| ProfileField {
        name: name.to_owned(),
        label: format!("${{{name}}}"),
        required: true,
        autocomplete: autocomplete.map(str::to_owned),
        ..ProfileField::default()
    };
    let options = ["north", "south"].map(|value| ProfileOption { value: value.to_owned(), label: value.to_owned() });
    let region = ProfileField {
        name: "region".to_owned(),
        label: "Region".to_owned(),
        input_type: "select".to_owned(),
        options: options.into(),
        help_after: "Where you live".to_owned(),
        group: Some(ProfileGroup { header: "Address".to_owned(), description: String::new() }),
        ..ProfileField::default()
    };
    debug_assert_eq!(region.control(), Control::Select);
    vec![
        field("username", Some("username")),
        field("email", Some("email")),
        field("firstName", None),
        field("lastName", None),
        region,
    ]
}

fn profile<V: Visit>(name: &str, visitor: V) -> Option<V::Out> {
    let fields = fields();
    let faults = [
        FieldFault::new("email", Message::error("invalidEmailMessage")),
        FieldFault::new("password", Message::error("invalidPasswordMinLengthMessage").with("8")),
    ];
    let faults: &[FieldFault] = if name == "register-faulty" { &faults } else { &[] };
    let initiated = Initiated::ByApplication;
    Some(match name {
        "login-update-profile" => visitor.visit(&UpdateProfilePage { action: ACTION, fields: &fields, faults, initiated }),
        "update-email" => visitor.visit(&UpdateEmailPage { action: ACTION, fields: fields.get(1..2)?, faults, initiated }),
        _ => visitor.visit(&RegisterPage {
            action: ACTION,
            login_url: ACTION,
            fields: &fields,
            password: PasswordFields::Asked,
            terms: TermsBox::Required,
            faults,
        }),
    })
}

/// Not a code that anything reads.
const NO_CODE: &str = "<svg viewBox=\"0 0 9 9\"><path fill=\"#fff\" d=\"M0 0h9v9H0z\"/><path d=\"M1 1h3v3H1zM5 1h3v3H5zM1 5h3v3H1zM6 6h1v1H6z\"/></svg>";

fn set_up<V: Visit>(name: &str, visitor: V) -> Option<V::Out> {
    let devices = [OtpDevice { id: "1", label: "Phone" }, OtpDevice { id: "2", label: "Tablet" }];
    let codes = ["7YQX-AB2D", "K3NP-WQ4T", "9DLM-5RVC", "H2ZF-X8GJ", "PB6K-TT3W", "4MVR-CD9Y", "WL7S-2QHN", "ZX5A-JK8E"];
    let mode = if name == "login-config-totp" { TotpMode::QrCode } else { TotpMode::Manual };
    Some(match name {
        "login-otp" => visitor.visit(&OtpPage { action: ACTION, devices: &devices, selected: "1", fault: None }),
        "login-recovery-authn-code-config" => visitor.visit(&RecoveryCodesPage {
            action: ACTION,
            codes: &codes,
            form_codes: "",
            generated_at: 0,
            initiated: Initiated::ByApplication,
        }),
        _ => visitor.visit(&ConfigTotpPage {
            action: ACTION,
            qr_code: NO_CODE,
            form_secret: "",
            secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
            policy: TotpPolicy { kind: "totp", algorithm: "SHA1", digits: 6, period: Some(30), counter: None },
            applications: &["totpAppFreeOTPName", "totpAppGoogleName", "totpAppMicrosoftAuthenticatorName"],
            mode,
            mode_url: ACTION,
            user_label: "",
            label_required: true,
            faults: &[],
            initiated: Initiated::ByApplication,
        }),
    })
}

fn passkeys<V: Visit>(name: &str, visitor: V) -> Option<V::Out> {
    let passkeys = [Passkey { credential_id: "aWQ", label: "Laptop", transports: &["internal", "usb"], created: "2026-11-22" }];
    let request =
        PasskeyRequest { action: ACTION, challenge: "Y2hhbGxlbmdl", rp_id: "", user_verification: "preferred", timeout: 0 };
    let message = Message::error("webauthn-error-user-not-found");
    let initiated = Initiated::ByApplication;
    Some(match name {
        "webauthn-authenticate" => {
            visitor.visit(&WebAuthnPage { request, passkeys: &passkeys, shows_passkeys: true, registration_url: Some(ACTION) })
        }
        "webauthn-error" => {
            visitor.visit(&WebAuthnErrorPage { action: ACTION, execution: "1", message: Some(&message), initiated })
        }
        _ => visitor.visit(&WebAuthnRegisterPage {
            action: ACTION,
            challenge: "Y2hhbGxlbmdl",
            user_id: "aWQ",
            username: "ann",
            rp_name: "Latchkey",
            rp_id: "",
            algorithms: &[-7, -257],
            attestation: "none",
            attachment: "not specified",
            resident_key: "Yes",
            user_verification: "preferred",
            timeout: 0,
            excluded: &[],
            initiated,
        }),
    })
}

fn notice<V: Visit>(name: &str, visitor: V) -> Option<V::Out> {
    let (sorry, done) = (Message::error("invalidParameterMessage").with("redirect_uri"), Message::info("accountUpdatedMessage"));
    let heading = Message::info("accountUpdatedTitle");
    let clients = [FrontChannelClient { name: "Shop", url: "about:blank" }];
    Some(match name {
        "error" => visitor.visit(&ErrorPage::new(&sorry)),
        "info" => {
            let link = Some(InfoLink::BackTo(ACTION));
            visitor.visit(&InfoPage { heading: Some(&heading), message: &done, required_actions: &[], link })
        }
        "logout-confirm" => visitor.visit(&LogoutConfirmPage { action: ACTION, session_code: "", link: BackLink::Shown }),
        "frontchannel-logout" => visitor.visit(&FrontChannelLogoutPage { clients: &clients, continue_url: None }),
        _ => visitor.visit(&PageExpired { restart_url: ACTION, continue_url: ACTION }),
    })
}

fn action<V: Visit>(name: &str, visitor: V) -> Option<V::Out> {
    let initiated = Initiated::ByApplication;
    let choices = ["auth-username-password-form", "otp", "webauthn"]
        .map(|step| (format!("{step}-display-name"), format!("{step}-help-text")));
    let choices: Vec<_> =
        choices.iter().map(|(name, help)| AuthenticatorChoice { execution: "1", display_name: name, help_text: help }).collect();
    Some(match name {
        "login-update-password" => visitor.visit(&UpdatePasswordPage { action: ACTION, username: "ann", faults: &[], initiated }),
        "login-verify-email" => {
            visitor.visit(&VerifyEmailPage { email: "ann@example.org", resend_url: ACTION, ..VerifyEmailPage::default() })
        }
        "login-recovery-authn-code-input" => visitor.visit(&RecoveryCodePage { action: ACTION, number: 3, fault: None }),
        "select-authenticator" => visitor.visit(&SelectAuthenticatorPage { action: ACTION, choices: &choices }),
        "select-organization" => {
            let organizations =
                &[OrganizationChoice { alias: "acme", name: "Acme" }, OrganizationChoice { alias: "lab", name: "Lab" }];
            visitor.visit(&SelectOrganizationPage { action: ACTION, organizations })
        }
        "terms" => visitor.visit(&TermsPage { action: ACTION }),
        "login-oauth-grant" => visitor.visit(&ConsentPage {
            action: ACTION,
            code: "",
            client_name: "Shop",
            logo_uri: None,
            policy_uri: Some(ACTION),
            tos_uri: Some(ACTION),
            scopes: &["${profileScopeConsentText}", "${emailScopeConsentText}"],
        }),
        "login-oauth2-device-verify-user-code" => visitor.visit(&DeviceCodePage { action: ACTION }),
        "delete-account-confirm" => visitor.visit(&DeleteAccountPage { action: ACTION, initiated }),
        "delete-credential" => visitor.visit(&DeleteCredentialPage { action: ACTION, label: "Phone" }),
        _ => return None,
    })
}
