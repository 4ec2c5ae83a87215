//! What people see while they log in: typed pages that become HTML. Knows neither HTTP nor login flows.
//!
//! A page is a struct of this crate with plain public fields ([`LoginPage`], [`ErrorPage`] …); what stands around it on every page
//! is a [`Frame`]. [`Pages::render`] makes the document. All URLs are given as finished strings.
//!
//! Texts are [`Message`]s of Keycloak's keys, since realms (`localizationTexts`) and themes (`messages_xx.properties`) override
//! them by these keys; ids, names of fields and English texts are Keycloak's, as recorded. Everything is escaped.
//!
//! ```
//! use login_pages::{Config, Frame, InfoPage, Locale, Message, Pages};
//!
//! let pages = Pages::load(&Config::default())?;
//! let english = Locale::english();
//! let said = Message::success("successLogout");
//! let html = pages.render(&Frame::new(&english), &InfoPage::new(&said));
//! assert!(html.contains("You are logged out"));
//! # Ok::<(), login_pages::LoadError>(())
//! ```

mod escape;
mod fields;
mod form_post;
mod frame;
mod locale;
mod markup;
mod message;
mod messages;
mod page;
mod pages;
mod preview;
mod resources;
mod texts;
mod theme;
mod view;

pub use form_post::form_post;
pub use frame::{AttemptedUser, ClientLink, Frame, LanguageChoice, TryAnotherWay};
pub use locale::{Locale, Wishes};
pub use message::{FieldFault, Message, Severity};
pub use page::account::{DeleteAccountPage, DeleteCredentialPage, Sent, VerifyEmailPage};
pub use page::account_console::{
    AccountApplication, AccountApplicationsPage, AccountCredential, AccountNav, AccountPage, AccountProfilePage,
    AccountSecurityPage, AccountSession, AccountSessionsPage, AccountSetUp,
};
pub use page::consent::{ConsentPage, TermsPage};
pub use page::device::DeviceCodePage;
pub use page::login::{
    AuthenticatorChoice, LoginPage, LoginPasswordPage, LoginUsernamePage, OrganizationChoice, ProviderButton, RememberMe,
    ResetPasswordPage, SelectAuthenticatorPage, SelectOrganizationPage,
};
pub use page::logout::{FrontChannelClient, FrontChannelLogoutPage, LogoutConfirmPage};
pub use page::otp::{ConfigTotpPage, OtpDevice, OtpPage, TotpMode, TotpPolicy};
pub use page::password::UpdatePasswordPage;
pub use page::plain::{BackLink, ErrorPage, InfoLink, InfoPage, PageExpired};
pub use page::profile::{
    PasswordFields, ProfileField, ProfileGroup, ProfileOption, RegisterPage, TermsBox, UpdateEmailPage, UpdateProfilePage,
};
pub use page::recovery::{RecoveryCodePage, RecoveryCodesPage};
pub use page::web_authn::{Passkey, PasskeyRequest, WebAuthnErrorPage, WebAuthnPage, WebAuthnRegisterPage};
pub use page::{Initiated, Page, PageKind};
pub use pages::{Config, LoadError, Pages};
pub use resources::{Resource, ResourceAnswer};
pub use texts::Texts;
pub use view::View;
