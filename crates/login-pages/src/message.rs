use std::borrow::Cow;

use serde::Serialize;

/// How a message is meant; its word is the class of the alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something was refused.
    Error,
    /// Something has to be done.
    Warning,
    /// Something to know.
    Info,
    /// Something worked.
    Success,
}

impl Severity {
    /// `error`, `warning`, `info`, `success`: Keycloak's words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Success => "success",
        }
    }

    /// How screen readers take it: errors at once.
    pub(crate) const fn role(self) -> &'static str {
        match self {
            Self::Error => "alert",
            Self::Warning | Self::Info | Self::Success => "status",
        }
    }
}

/// A text of Keycloak's key with what stands in its `{0}`, `{1}` …
///
/// A key that no messages know is shown as it is, so that a plain text is possible, too. An argument `${key}` is looked up itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// How it is meant.
    pub severity: Severity,
    /// Keycloak's key, such as `invalidUserMessage`.
    pub key: Cow<'static, str>,
    /// What stands in its places.
    pub arguments: Vec<String>,
}

impl Message {
    /// A message without arguments.
    pub fn new(severity: Severity, key: impl Into<Cow<'static, str>>) -> Self {
        Self { severity, key: key.into(), arguments: Vec::new() }
    }

    /// An error without arguments.
    pub fn error(key: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Error, key)
    }

    /// A warning without arguments.
    pub fn warning(key: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Warning, key)
    }

    /// An information without arguments.
    pub fn info(key: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Info, key)
    }

    /// A success without arguments.
    pub fn success(key: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Success, key)
    }

    /// With one argument more.
    #[must_use]
    pub fn with(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }
}

/// What is wrong with one field of a form. Several of one field are shown together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldFault {
    /// The name of the field.
    pub field: Cow<'static, str>,
    /// What is wrong.
    pub message: Message,
}

impl FieldFault {
    /// An error at this field.
    pub fn new(field: impl Into<Cow<'static, str>>, message: Message) -> Self {
        Self { field: field.into(), message }
    }
}
