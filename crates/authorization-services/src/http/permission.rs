use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use realm_http::http::{RawBody, RealmRequest, Rejection, Reply};

use super::{Parameters, caller, is_on, number, parameters, refused, shown};
use crate::permission_ticket::{Names, Search};
use crate::{AuthorizationServices, permission, permission_ticket};

type Parts = Data<AuthorizationServices>;

/// `POST …/permission`
pub(super) async fn create(request: RealmRequest, http: HttpRequest, body: RawBody, parts: Parts) -> Result<Reply, Rejection> {
    let caller = caller(&parts, &request, &http).await?;
    let ticket = permission::create(&caller, &body.bytes).await.map_err(|error| refused(&request, &error))?;
    Ok(shown(&ticket).status(201))
}

fn search_of(query: Parameters) -> Search {
    let mut all = parameters(query);
    Search {
        granted: all.get("granted").map(|text| text == "true"),
        names: if is_on(&all, "returnNames") { Names::Told } else { Names::Untold },
        first: number(&all, "first").unwrap_or_default(),
        max: number(&all, "max"),
        scope: all.remove("scopeId"),
        resource: all.remove("resourceId"),
        owner: all.remove("owner"),
        requester: all.remove("requester"),
    }
}

pub(super) async fn search(
    request: RealmRequest,
    http: HttpRequest,
    query: Parameters,
    parts: Parts,
) -> Result<Reply, Rejection> {
    let caller = caller(&parts, &request, &http).await?;
    let found = permission_ticket::search(&caller, &search_of(query)).await.map_err(|error| refused(&request, &error))?;
    Ok(shown(&found))
}

pub(super) async fn count(request: RealmRequest, http: HttpRequest, query: Parameters, parts: Parts) -> Result<Reply, Rejection> {
    let caller = caller(&parts, &request, &http).await?;
    let found = permission_ticket::count(&caller, &search_of(query)).await.map_err(|error| refused(&request, &error))?;
    Ok(shown(&found))
}

/// `POST …/permission/ticket`
pub(super) async fn create_ticket(
    request: RealmRequest,
    http: HttpRequest,
    body: RawBody,
    parts: Parts,
) -> Result<Reply, Rejection> {
    let caller = caller(&parts, &request, &http).await?;
    let made = permission_ticket::create(&caller, &body.bytes).await.map_err(|error| refused(&request, &error))?;
    Ok(shown(&made))
}

pub(super) async fn update(request: RealmRequest, http: HttpRequest, body: RawBody, parts: Parts) -> Result<Reply, Rejection> {
    let caller = caller(&parts, &request, &http).await?;
    permission_ticket::update(&caller, &body.bytes).await.map_err(|error| refused(&request, &error))?;
    Ok(Reply::empty(204))
}

pub(super) async fn delete(
    request: RealmRequest,
    http: HttpRequest,
    id: Path<(String, String)>,
    parts: Parts,
) -> Result<Reply, Rejection> {
    let caller = caller(&parts, &request, &http).await?;
    permission_ticket::delete(&caller, &id.1).await.map_err(|error| refused(&request, &error))?;
    Ok(Reply::empty(204))
}
