//! The UMA grant (UMA 2.0 grant section 3.3.1; wire.md section 1.11, wire-extra.md section 6): what somebody may do with which
//! resources of a resource server.

mod caller;
mod claims;
mod granted;
mod token;

use std::collections::HashMap;
use std::sync::Arc;

use oidc_types::Params;
use permissions::{AskedFor, Evaluation, Format, Identity, Registry, ResourceServer, Sharing, Wanted};
use realm_model::Client;
use serde_json::Value;
use token_issuer::{Issue, MintContext, Minted};

pub(crate) use self::caller::{Caller, Tokens, of_bearer, of_client};
use self::claims::{Pushed, pushed};
use self::granted::Granted;
use crate::error::{GrantError, UmaTicketError};
use crate::exchange::Exchange;

/// The parameters.
pub(crate) struct UmaTicket<'a> {
    form: &'a Params,
}

/// What is answered.
pub(crate) enum Answer {
    /// `response_mode=decision`: it is granted.
    Decision,
    /// `response_mode=permissions`
    Permissions(Value),
    /// A requesting party token, and whether an earlier one was taken into it.
    Token(Box<Minted>, Upgraded),
}

/// `upgraded`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Upgraded {
    Yes,
    No,
}

impl<'a> UmaTicket<'a> {
    pub(crate) fn new(form: &'a Params) -> Self {
        Self { form }
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.form.get(name)
    }

    /// What is asked for; nothing where it cannot be said in the format. Keycloak: an unknown format asks for nothing in particular
    /// (measured on 26.7.4).
    fn asked(&self) -> (Vec<AskedFor>, Format) {
        let matching = self.get("permission_resource_matching_uri").is_some_and(|text| text.eq_ignore_ascii_case("true"));
        let format = match self.get("permission_resource_format") {
            None | Some("id") => Format::Id,
            Some("uri") if matching => Format::MatchingUri,
            Some("uri") => Format::Uri,
            Some(_) => return (Vec::new(), Format::Id),
        };
        (self.form.get_all("permission").map(AskedFor::parse).collect(), format)
    }

    /// At how many resources is looked.
    fn limit(&self) -> Result<usize, UmaTicketError> {
        let Some(text) = self.get("response_permissions_limit") else { return Ok(usize::MAX) };
        let limit: i32 = text.parse().map_err(|_| UmaTicketError::Parameter("response_permissions_limit"))?;
        Ok(usize::try_from(limit).unwrap_or_default())
    }
}

/// The resource server that is asked about, and what is wanted of it.
struct Request {
    client: Arc<Client>,
    server: Arc<ResourceServer>,
    wanted: Vec<AskedFor>,
    format: Format,
    /// Whether it came as a permission ticket.
    by_ticket: bool,
    pushed: Pushed,
}

/// Decides on a request of `caller`, whose own client is that of `cx`.
pub(crate) async fn exchange(cx: &Exchange<'_>, grant: &UmaTicket<'_>, caller: &Caller) -> Result<Answer, GrantError> {
    cx.refuse_bound_to_another(&caller.bound_to).map_err(|error| UmaTicketError::Bearer(error.to_string()))?;
    refuse_claims_of_public_client(cx.client, grant)?;
    let earlier = earlier_rpt(cx, grant).await?;
    let limit = grant.limit()?;
    let request = read(cx, grant).await?;
    let identity = Identity {
        realm: cx.realm,
        user: Arc::clone(caller.subject().user()),
        client_id: caller.client_id().to_owned(),
        claims: caller.claims(),
        pushed: request.pushed.clone(),
        now: cx.now,
    };
    let registry = cx.parts.permissions.registry(cx.realm, &request.server, cx.now);
    let Collected { mut wanted, asked, shared } = collect(&registry, &request, (&identity, earlier.as_deref())).await?;
    wanted.truncate(limit);
    let mut granted = Granted::default();
    let mut evaluation = Evaluation::new(&request.server, &identity);
    for one in &wanted {
        let shared = one.resource.as_ref().and_then(|resource| shared.get(&resource.id));
        if let Some(scopes) = evaluation.decide(one.resource.as_deref(), &one.scopes, shared) {
            granted.add(one, scopes);
        }
    }
    let submits = request.by_ticket && grant.get("submit_request").is_none_or(|text| text.eq_ignore_ascii_case("true"));
    if submits {
        granted::submit(cx, &registry, (&wanted, &granted), caller).await?;
    }
    // Keycloak: beside an earlier RPT, something must be granted of everything that is asked for (recording uma-ticket/rpt-upgrade).
    let is_covered = earlier.is_none() || wanted.iter().take(asked).all(|one| granted.covers(one));
    if granted.is_empty() || !is_covered {
        return Err(if submits { UmaTicketError::RequestSubmitted } else { UmaTicketError::NotAuthorized }.into());
    }
    answer(cx, grant, (&request, caller), (&granted, earlier.as_deref())).await
}

async fn answer(
    cx: &Exchange<'_>,
    grant: &UmaTicket<'_>,
    (request, caller): (&Request, &Caller),
    (granted, earlier): (&Granted, Option<&[AskedFor]>),
) -> Result<Answer, GrantError> {
    let with_names = grant.get("response_include_resource_name").is_none_or(|text| text.eq_ignore_ascii_case("true"));
    let names = if with_names { granted::Names::Told } else { granted::Names::Untold };
    let permissions = granted.permissions(&request.pushed, names);
    match grant.get("response_mode") {
        Some("decision") => return Ok(Answer::Decision),
        Some("permissions") => return Ok(Answer::Permissions(permissions)),
        Some(_) => return Err(UmaTicketError::Parameter("response_mode").into()),
        None => {}
    }
    let upgraded = if earlier.is_some_and(|earlier| granted.contains_all(earlier)) { Upgraded::Yes } else { Upgraded::No };
    let issue: Issue = token::issue(cx, (&request.client, caller), grant.get("scope"), permissions);
    let context = MintContext { realm: cx.realm, issuer: cx.issuer, now: cx.now };
    Ok(Answer::Token(Box::new(cx.parts.token_issuer.mint(&issue, context).await?), upgraded))
}

/// What a caller can tell of the circumstances must not come from somebody who could tell anything.
fn refuse_claims_of_public_client(client: &Client, grant: &UmaTicket<'_>) -> Result<(), UmaTicketError> {
    if client.public && grant.get("claim_token").is_some() { Err(UmaTicketError::ClaimsOfPublicClient) } else { Ok(()) }
}

/// What the RPT that is to be upgraded granted; `None` where there is none. Any access token of the realm will do.
async fn earlier_rpt(cx: &Exchange<'_>, grant: &UmaTicket<'_>) -> Result<Option<Vec<AskedFor>>, GrantError> {
    let Some(text) = grant.get("rpt") else { return Ok(None) };
    let token = caller::inspect(cx.into(), text).await?.map_err(UmaTicketError::Rpt)?;
    Ok(Some(token.permissions().iter().map(claims::asked_for).collect()))
}

/// Reads ticket or audience.
async fn read(cx: &Exchange<'_>, grant: &UmaTicket<'_>) -> Result<Request, GrantError> {
    let told = pushed(grant.get("claim_token"), grant.get("claim_token_format"))?;
    if let Some(ticket) = grant.get("ticket") {
        let ticket = claims::verify_ticket(cx, ticket).await?;
        let (client, server) = resource_server(cx, &ticket.client)?;
        let wanted = ticket.wanted.ok_or(UmaTicketError::Ticket)?;
        return Ok(Request { client, server, wanted, format: Format::Id, by_ticket: true, pushed: ticket.claims });
    }
    let audience = grant.get("audience").ok_or(UmaTicketError::AudienceMissing)?;
    let (client, server) = resource_server(cx, audience)?;
    let (wanted, format) = grant.asked();
    Ok(Request { client, server, wanted, format, by_ticket: false, pushed: told })
}

fn resource_server(cx: &Exchange<'_>, client_id: &str) -> Result<(Arc<Client>, Arc<ResourceServer>), UmaTicketError> {
    let client = cx.realm.client(client_id).ok_or_else(|| UmaTicketError::AudienceUnknown(client_id.to_owned()))?;
    let server = cx.parts.permissions.server(cx.realm, client).ok_or(UmaTicketError::NoResourceServer)?;
    Ok((Arc::clone(client), server))
}

/// What is to be decided on.
struct Collected {
    wanted: Vec<Wanted>,
    /// How many of them are asked for now; the others are of an earlier RPT.
    asked: usize,
    /// With whom the resources are shared, by id.
    shared: HashMap<String, Sharing>,
}

/// What is to be decided on: everything, where nothing is asked for and there is no earlier RPT.
async fn collect(
    registry: &Registry<'_>,
    request: &Request,
    (identity, earlier): (&Identity<'_>, Option<&[AskedFor]>),
) -> Result<Collected, GrantError> {
    if request.wanted.is_empty() && earlier.is_none() {
        let shared = registry.all_sharing().await?;
        return Ok(Collected { wanted: registry.everything(&identity.user, &shared).await?, asked: 0, shared });
    }
    let asked = registry.resolve(&request.wanted, request.format, &identity.user).await.map_err(UmaTicketError::Asked)?;
    let number = asked.len();
    let wanted = registry.carry_over(asked, earlier.unwrap_or_default()).await?;
    let mut shared = HashMap::new();
    for resource in wanted.iter().filter_map(|one| one.resource.as_ref()).filter(|resource| resource.owner_managed) {
        if let Some(sharing) = registry.sharing(&resource.id).await? {
            shared.insert(resource.id.clone(), sharing);
        }
    }
    Ok(Collected { wanted, asked: number, shared })
}
