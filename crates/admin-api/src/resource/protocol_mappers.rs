//! `…/protocol-mappers` of a client or client scope

use realm_model::document::{Body, Document, Documents, Kind};
use serde_json::Value;

use crate::answer::Answer;
use crate::body::text;
use crate::call::Call;
use crate::error::AdminError;
use crate::json;
use crate::mapper;
use crate::merge::without_nulls;
use crate::resource::{client_scopes, clients};
use crate::roles::{Permission, refuse_administrative};
use crate::router::{Resource, Route, WrongVerb};

/// What has mappers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Client,
    ClientScope,
}

macro_rules! mapper_routes {
    ($owner:expr, $base:literal) => {
        &[
            Route::get(concat!($base, "/protocol-mappers/models"), |call| Box::pin(list(call, $owner))),
            Route::post(concat!($base, "/protocol-mappers/models"), |call| Box::pin(create(call, $owner))),
            Route::post(concat!($base, "/protocol-mappers/add-models"), |call| Box::pin(create_all(call, $owner))),
            Route::get(concat!($base, "/protocol-mappers/models/{mapper}"), |call| Box::pin(read(call, $owner))),
            Route::put(concat!($base, "/protocol-mappers/models/{mapper}"), |call| Box::pin(update(call, $owner))),
            Route::delete(concat!($base, "/protocol-mappers/models/{mapper}"), |call| Box::pin(delete(call, $owner))),
            Route::get(concat!($base, "/protocol-mappers/protocol/{protocol}"), |call| Box::pin(of_protocol(call, $owner))),
        ]
    };
}

pub(crate) static OF_CLIENT: Resource =
    Resource { routes: mapper_routes!(Owner::Client, "clients/{client}"), locator: None, wrong_verb: WrongVerb::NotFound };

pub(crate) static OF_CLIENT_SCOPE: Resource = Resource {
    routes: mapper_routes!(Owner::ClientScope, "client-scopes/{scope}"),
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

const MEMBER: &str = "protocolMappers";

/// Keycloak: these types are known.
const TYPES_BEGIN_WITH: [&str; 3] = ["oidc-", "saml-", "docker-"];

impl Owner {
    fn found<'d>(self, call: &Call, documents: &'d Documents, permission: Permission) -> Result<&'d Document, AdminError> {
        let found = match self {
            Self::Client => clients::found(call, documents)?,
            Self::ClientScope => client_scopes::found(call, documents)?,
        };
        debug_assert!(matches!(found.key.kind, Kind::Client | Kind::ClientScope));
        call.refuse_without(permission)?;
        if permission == Permission::ManageClients {
            refuse_administrative(call, &found.key)?;
        }
        Ok(found)
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Client => "clients",
            Self::ClientScope => "client-scopes",
        }
    }
}

fn mappers(owner: &Document) -> impl Iterator<Item = &Body> {
    owner.body.get(MEMBER).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn missing() -> AdminError {
    AdminError::error(404, "Model not found")
}

async fn list(call: &Call, owner: Owner) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let owner = owner.found(call, &documents, Permission::ViewClients)?;
    Answer::json(&mappers(owner).collect::<Vec<_>>())
}

async fn of_protocol(call: &Call, owner: Owner) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let owner = owner.found(call, &documents, Permission::ViewClients)?;
    Answer::json(&mappers(owner).filter(|mapper| text(mapper, "protocol") == Some(call.param(1))).collect::<Vec<_>>())
}

async fn read(call: &Call, owner: Owner) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let owner = owner.found(call, &documents, Permission::ViewClients)?;
    let found = mappers(owner).find(|mapper| text(mapper, "id") == Some(call.param(1)));
    Answer::json(found.ok_or_else(missing)?)
}

fn refuse_unknown_type(given: &Body) -> Result<(), AdminError> {
    let known = text(given, "protocolMapper").is_some_and(|kind| TYPES_BEGIN_WITH.iter().any(|start| kind.starts_with(start)));
    if known { Ok(()) } else { Err(AdminError::error(404, "ProtocolMapper provider not found")) }
}

/// A mapper as it is kept. Keycloak: on a client, what stands in the access token shows in introspection, too.
fn kept(call: &Call, owner: Owner, given: &Body) -> Body {
    let mut one = Body::from_iter([(MEMBER.to_owned(), Value::Array(vec![without_nulls(given.clone()).into()]))]);
    mapper::complete(&mut one, std::iter::repeat_with(|| call.new_id()));
    let mut kept = match one.get_mut(MEMBER).and_then(|list| list.get_mut(0)).map(Value::take) {
        Some(Value::Object(kept)) => kept,
        _ => Body::new(),
    };
    if let Some(Value::Object(config)) = kept.get_mut("config")
        && owner == Owner::Client
        && text(config, "access.token.claim") == Some("true")
    {
        config.entry("introspection.token.claim").or_insert_with(|| "true".into());
    }
    kept
}

async fn create(call: &Call, owner: Owner) -> Result<Answer, AdminError> {
    let given = call.json(&json::PROTOCOL_MAPPER)?;
    let mapper = kept(call, owner, &given);
    let id = text(&mapper, "id").unwrap_or_default().to_owned();
    let taken = || AdminError::message(409, "Protocol mapper exists with same name");
    add(call, owner, (&[mapper], &taken)).await?;
    let location = call.location(&[owner.path(), call.param(0), "protocol-mappers", "models", &id]);
    Ok(Answer::created(location).no_cache())
}

async fn create_all(call: &Call, owner: Owner) -> Result<Answer, AdminError> {
    let given: Vec<Body> = call.json_list(&json::PROTOCOL_MAPPER)?.iter().map(|given| kept(call, owner, given)).collect();
    let taken = || AdminError::Described(409, "conflict", "Protocol mapper name must be unique per protocol".to_owned());
    add(call, owner, (&given, &taken)).await?;
    Ok(Answer::no_content().no_cache())
}

async fn add(call: &Call, owner: Owner, (given, taken): (&[Body], &dyn Fn() -> AdminError)) -> Result<(), AdminError> {
    call.change(|documents, changes| {
        let owner = owner.found(call, documents, Permission::ManageClients)?;
        let mut body = owner.body.clone();
        for mapper in given {
            refuse_unknown_type(mapper)?;
            if mappers(owner).any(|known| text(known, "name") == text(mapper, "name")) {
                return Err(taken());
            }
            if let Value::Array(list) = body.entry(MEMBER).or_insert_with(|| Vec::<Value>::new().into()) {
                list.push(mapper.clone().into());
            }
        }
        changes.put_body(&owner.key, body);
        Ok(())
    })
    .await
}

async fn update(call: &Call, owner: Owner) -> Result<Answer, AdminError> {
    let given = without_nulls(call.json(&json::PROTOCOL_MAPPER)?);
    call.change(|documents, changes| {
        let owner = owner.found(call, documents, Permission::ManageClients)?;
        if mappers(owner).all(|mapper| text(mapper, "id") != Some(call.param(1))) {
            return Err(missing());
        }
        refuse_unknown_type(&given)?;
        if text(&given, "id").is_none() {
            return Err(AdminError::Broken("a mapper without its id".to_owned()));
        }
        let mut body = owner.body.clone();
        for mapper in body.get_mut(MEMBER).and_then(Value::as_array_mut).into_iter().flatten() {
            if mapper.get("id").and_then(Value::as_str) == Some(call.param(1)) {
                let mut new = given.clone();
                new.insert("id".to_owned(), call.param(1).into());
                new.entry("consentRequired").or_insert(Value::Bool(false));
                new.entry("config").or_insert_with(|| Body::new().into());
                *mapper = new.into();
            }
        }
        changes.put_body(&owner.key, body);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}

async fn delete(call: &Call, owner: Owner) -> Result<Answer, AdminError> {
    call.change(|documents, changes| {
        let owner = owner.found(call, documents, Permission::ManageClients)?;
        let mut body = owner.body.clone();
        let list = body.get_mut(MEMBER).and_then(Value::as_array_mut).ok_or_else(missing)?;
        let before = list.len();
        list.retain(|mapper| mapper.get("id").and_then(Value::as_str) != Some(call.param(1)));
        if list.len() == before {
            return Err(missing());
        }
        changes.put_body(&owner.key, body);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}
