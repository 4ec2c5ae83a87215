use std::sync::Arc;

use oidc_types::CodeChallenge;
use realm_model::Client;
use token_issuer::ScopeRequest;

use super::{Flow, Parameters, RequestFault, ResponseMode, ResponseType};
use crate::answer::ReturnAddress;
use crate::redirect_uri::RedirectUri;

/// The parameters of a request of `client`, of which nothing is known yet.
pub(crate) struct Unjudged<'a> {
    pub(crate) client: &'a Arc<Client>,
    pub(crate) parameters: Parameters,
    /// Whether a parameter stood twice.
    pub(crate) repeats: bool,
    /// The server's own URL, for relative redirect URIs.
    pub(crate) base: &'a str,
    /// By which way it came.
    pub(crate) way: Way,
}

/// By which way a request came: what Keycloak looks at first differs (measured on 26.7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// A browser has it in its URL, or in a form.
    Browser,
    /// It is being pushed.
    Push,
    /// It was judged before.
    Known,
}

/// An authorization request in which nothing is wrong. Only [`Unjudged::judge`] makes one.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    client: Arc<Client>,
    parameters: Parameters,
    redirect_uri: RedirectUri,
    response_type: ResponseType,
    response_mode: ResponseMode,
    scope: ScopeRequest,
    code_challenge: Option<CodeChallenge>,
}

impl AuthorizationRequest {
    /// Who asks.
    pub fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// All parameters, as they came.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// `redirect_uri`
    pub fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    /// `response_type`
    pub fn response_type(&self) -> ResponseType {
        self.response_type
    }

    /// `response_mode`, or what the response type stands for.
    pub fn response_mode(&self) -> ResponseMode {
        self.response_mode
    }

    /// `scope`
    pub fn scope(&self) -> &ScopeRequest {
        &self.scope
    }

    /// The user code of the device that waits for this login, if one does (RFC 8628).
    pub(crate) fn user_code(&self) -> Option<&str> {
        self.parameters.user_code()
    }

    /// `code_challenge`
    pub fn code_challenge(&self) -> Option<&CodeChallenge> {
        self.code_challenge.as_ref()
    }
}

impl Unjudged<'_> {
    /// What stands in the place of a request where no application has asked: nothing is answered to it.
    pub(crate) fn of_nobody(self) -> AuthorizationRequest {
        AuthorizationRequest {
            client: Arc::clone(self.client),
            parameters: Parameters::default(),
            redirect_uri: RedirectUri::nowhere(),
            response_type: ResponseType::CODE,
            response_mode: ResponseMode::Query,
            scope: ScopeRequest::default(),
            code_challenge: None,
        }
    }

    /// Judges a request.
    ///
    /// # Errors
    /// [`RequestFault`], the first one met.
    pub(crate) fn judge(self) -> Result<AuthorizationRequest, RequestFault> {
        if self.parameters.user_code().is_some() {
            return self.judge_device();
        }
        self.refuse_unreadable()?;
        let redirect_uri = self.redirect_uri()?;
        let response_type = self.response_type()?;
        let response_mode = self.response_mode(response_type)?;
        self.refuse_flow_off(response_type)?;
        if self.way == Way::Browser {
            self.refuse_repeated()?;
            self.refuse_unpushed()?;
        }
        let scope = ScopeRequest::parse(self.client, self.parameters.get("scope"))?;
        self.refuse_repeated()?;
        self.refuse_missing_nonce(response_type, &scope)?;
        let parameter = |name| self.parameters.get(name);
        let required = self.client.attribute("pkce.code.challenge.method");
        let code_challenge = CodeChallenge::read(parameter("code_challenge"), parameter("code_challenge_method"), required)?;
        let (client, parameters) = (Arc::clone(self.client), self.parameters);
        Ok(AuthorizationRequest { client, parameters, redirect_uri, response_type, response_mode, scope, code_challenge })
    }

    /// What a device asked for was judged when it did; its user comes back to this server.
    fn judge_device(self) -> Result<AuthorizationRequest, RequestFault> {
        let redirect_uri = RedirectUri::after_device(&self.parameters).ok_or(RequestFault::RedirectUri)?;
        let response_type = ResponseType::parse("code").ok_or(RequestFault::ResponseTypeUnknown)?;
        // Keycloak: words that the client does not have were never judged (recording device/start-scope).
        let scope = ScopeRequest::taken(self.parameters.get("scope"));
        let (client, parameters) = (Arc::clone(self.client), self.parameters);
        let (response_mode, code_challenge) = (ResponseMode::Query, None);
        Ok(AuthorizationRequest { client, parameters, redirect_uri, response_type, response_mode, scope, code_challenge })
    }

    /// Where a client that has made a mistake is told of it: none where the address is not certain to be its own.
    pub(crate) fn return_address(&self) -> Option<ReturnAddress> {
        let redirect_uri = self.redirect_uri().ok()?;
        let query = || ResponseType::parse("code");
        let response_type = self.parameters.get("response_type").and_then(ResponseType::parse).or_else(query)?;
        let asked = ResponseMode::parse(self.parameters.get("response_mode"), response_type);
        let mode = asked.unwrap_or(ResponseMode::Query); // Keycloak: recording authorize-errors/response-mode-unknown
        Some(ReturnAddress::new(redirect_uri.as_str(), mode, &self.parameters))
    }

    /// The same for what nobody has judged before: all must be right of which the address depends.
    pub(crate) fn certain_address(&self) -> Option<ReturnAddress> {
        let redirect_uri = self.redirect_uri().ok()?;
        let response_type = self.response_type().ok()?;
        let mode = self.response_mode(response_type).ok()?;
        self.refuse_flow_off(response_type).ok()?;
        Some(ReturnAddress::new(redirect_uri.as_str(), mode, &self.parameters))
    }

    /// RFC 9126 section 5.
    fn refuse_unpushed(&self) -> Result<(), RequestFault> {
        match self.client.is_on("require.pushed.authorization.requests") {
            true => Err(RequestFault::NotPushed),
            false => Ok(()),
        }
    }

    fn refuse_unreadable(&self) -> Result<(), RequestFault> {
        match self.parameters.get("max_age") {
            Some(max_age) if max_age.parse::<i32>().is_err() => Err(RequestFault::Unreadable),
            _ => Ok(()),
        }
    }

    /// Keycloak: it may be absent in a request of OAuth 2.0 alone, without `openid` (measured on 26.7.4).
    fn redirect_uri(&self) -> Result<RedirectUri, RequestFault> {
        let scope = self.parameters.get("scope").unwrap_or_default();
        let found = match self.parameters.get("redirect_uri") {
            Some(asked) => RedirectUri::registered(self.client, self.base, asked),
            None if scope.split(' ').any(|word| word == "openid") => None,
            None => RedirectUri::only_one(self.client, self.base),
        };
        found.ok_or(RequestFault::RedirectUri)
    }

    fn response_type(&self) -> Result<ResponseType, RequestFault> {
        let text = self.parameters.get("response_type").ok_or(RequestFault::ResponseTypeMissing)?;
        ResponseType::parse(text).ok_or(RequestFault::ResponseTypeUnknown)
    }

    /// OAuth 2.0 Multiple Response Type Encoding Practices section 3.0: tokens never go into a query. JARM section 2.3.1: a query
    /// with tokens must be encrypted.
    fn response_mode(&self, response_type: ResponseType) -> Result<ResponseMode, RequestFault> {
        let mode = ResponseMode::parse(self.parameters.get("response_mode"), response_type);
        let mode = mode.ok_or(RequestFault::ResponseModeUnknown)?;
        let encrypts = self.client.attribute("authorization.encrypted.response.alg").is_some_and(|alg| !alg.is_empty());
        match mode {
            _ if !response_type.is_implicit_or_hybrid() => Ok(mode),
            ResponseMode::Query => Err(RequestFault::ResponseModeNotAllowed(mode)),
            ResponseMode::QueryJwt if !encrypts => Err(RequestFault::ResponseModeNotAllowed(mode)),
            _ => Ok(mode),
        }
    }

    fn refuse_flow_off(&self, response_type: ResponseType) -> Result<(), RequestFault> {
        let is_off = |flow: &Flow| match flow {
            Flow::Standard => !self.client.standard_flow,
            Flow::Implicit => !self.client.implicit_flow,
        };
        response_type.flows().find(is_off).map_or(Ok(()), |flow| Err(RequestFault::FlowOff(flow)))
    }

    /// RFC 6749 section 3.1: "Request and response parameters MUST NOT be included more than once."
    fn refuse_repeated(&self) -> Result<(), RequestFault> {
        if self.repeats { Err(RequestFault::Repeated) } else { Ok(()) }
    }

    /// OpenID Connect Core section 3.2.2.1: mandatory where an ID token goes through the browser. Keycloak: for a pushed
    /// request for an access token, too (recording authorize-errors/nonce-missing-for-id-token).
    fn refuse_missing_nonce(&self, response_type: ResponseType, scope: &ScopeRequest) -> Result<(), RequestFault> {
        let only_token = response_type.has_token() && !response_type.has_code() && !response_type.has_id_token();
        let is_oauth_alone = only_token && (self.way != Way::Push || !scope.asks_for("openid"));
        let needs_nonce = response_type.is_implicit_or_hybrid() && !is_oauth_alone;
        if needs_nonce && self.parameters.get("nonce").is_none() { Err(RequestFault::NonceMissing) } else { Ok(()) }
    }
}
