//! An explanation, for people and for programs.

use serde_json::{Value, json};
use token_issuer::{Answer, Entity, Explanation, Maker, Member, Origin, Part};

use super::places::Places;

/// Values longer than this are cut in the text for people.
const LONGEST_VALUE: usize = 40;

/// An explanation with the places of everything in it.
pub(crate) struct Report {
    realm: String,
    client: String,
    user: String,
    /// The `scope` parameter.
    asked: Option<String>,
    /// The `scope` of the access token.
    scope: String,
    refused: Option<String>,
    tokens: Vec<Token>,
    answers: Vec<(Answer, Vec<Option<String>>)>,
}

struct Token {
    name: &'static str,
    claims: Vec<(String, Vec<Located>)>,
}

/// A value with its origins, each with the place of its maker and of what it was read from.
struct Located {
    part: Part,
    places: Vec<(Option<String>, Vec<String>)>,
}

impl Report {
    /// Of realm, client, user and `scope` parameter.
    pub(super) fn new(of: (String, String, String, Option<String>), explanation: &Explanation, places: Places) -> Self {
        let located = |part: &Part| {
            let found = |origin: &Origin| {
                let path = origin.path.iter().map(|entity| places.of(entity)).collect();
                (maker_entity(&origin.maker).map(|entity| places.of(&entity)), path)
            };
            Located { part: part.clone(), places: part.origins.iter().map(found).collect() }
        };
        let tokens = explanation.tokens.iter().map(|token| Token {
            name: token.name,
            claims: token.claims.iter().map(|claim| (claim.name(), claim.parts.iter().map(located).collect())).collect(),
        });
        let answer = |answer: &Answer| {
            let found = answer.reasons.iter().map(|reason| reason.entity.as_ref().map(|entity| places.of(entity))).collect();
            (answer.clone(), found)
        };
        let (realm, client, user, asked) = of;
        Self {
            realm,
            client,
            user,
            asked,
            scope: explanation.scope.clone(),
            refused: explanation.refused.clone(),
            tokens: tokens.collect(),
            answers: explanation.answers.iter().map(answer).collect(),
        }
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        let tokens: Vec<_> = self
            .tokens
            .iter()
            .map(|token| json!({"token": token.name, "claims": token.claims.iter().map(claim_json).collect::<Vec<_>>()}))
            .collect();
        let answer = |(answer, places): &(Answer, Vec<Option<String>>)| {
            let reasons = answer.reasons.iter().zip(places);
            let reasons: Vec<_> = reasons
                .map(|(reason, place)| without_nulls(json!({"rule": reason.rule, "text": reason.text, "at": place})))
                .collect();
            json!({"asked": answer.asked.to_string(), "found": answer.found, "reasons": reasons})
        };
        without_nulls(json!({
            "realm": self.realm,
            "client": self.client,
            "user": self.user,
            "requestedScope": self.asked,
            "scope": self.scope,
            "refused": self.refused,
            "tokens": tokens,
            "answers": self.answers.iter().map(answer).collect::<Vec<_>>(),
        }))
    }

    /// For people.
    pub(crate) fn human(&self) -> String {
        let mut text = format!("Realm {}, client {}, user {}, scope \"{}\"\n", self.realm, self.client, self.user, self.scope);
        if let Some(refused) = &self.refused {
            text.push_str(&format!(
                "A request with scope \"{}\" is refused: {refused}\n",
                self.asked.as_deref().unwrap_or_default()
            ));
        }
        // What was asked about first: it is why somebody is here.
        for (answer, places) in &self.answers {
            text.push_str(&answered(answer, places));
        }
        for token in &self.tokens {
            let rows: Vec<_> = token.claims.iter().flat_map(claim_rows).collect();
            text.push_str(&format!("\n{}\n{}", token.name, aligned(&rows)));
        }
        text
    }
}

fn answered(answer: &Answer, places: &[Option<String>]) -> String {
    let is = match answer.found.as_slice() {
        [] => "not there".to_owned(),
        found => format!("in {}", found.join(", ")).replace("in granted", "granted"),
    };
    let rows: Vec<_> = answer
        .reasons
        .iter()
        .zip(places)
        .map(|(reason, place)| vec![format!("- {}", reason.text), place.clone().unwrap_or_default()])
        .collect();
    format!("\n{}: {is}\n{}", answer.asked, aligned(&rows))
}

fn maker_entity(maker: &Maker) -> Option<Entity> {
    match maker {
        Maker::Protocol(_) => None,
        Maker::Mapper { name, owner, .. } => Some(Entity { holder: owner.clone(), member: Some(Member::Mapper(name.clone())) }),
    }
}

fn claim_json((name, parts): &(String, Vec<Located>)) -> Value {
    let values: Vec<_> = parts.iter().map(part_json).collect();
    json!({"claim": name, "values": values})
}

fn part_json(located: &Located) -> Value {
    let origin = |(origin, (place, places)): (&Origin, &(Option<String>, Vec<String>))| {
        let path: Vec<_> =
            origin.path.iter().zip(places).map(|(entity, place)| json!({"what": entity.to_string(), "at": place})).collect();
        let path = if path.is_empty() { Value::Null } else { path.into() };
        without_nulls(match &origin.maker {
            Maker::Protocol(why) => json!({"protocol": why}),
            Maker::Mapper { name, kind, owner } => {
                json!({"mapper": name, "type": kind, "owner": owner.to_string(), "at": place, "path": path, "note": origin.note})
            }
        })
    };
    let origins: Vec<_> = located.part.origins.iter().zip(&located.places).map(origin).collect();
    without_nulls(json!({"value": located.part.value, "origins": origins}))
}

fn without_nulls(mut value: Value) -> Value {
    if let Value::Object(members) = &mut value {
        members.retain(|_, member| !member.is_null());
    }
    value
}

/// One row for each origin of each value, and one for the way to it.
fn claim_rows((name, parts): &(String, Vec<Located>)) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for located in parts {
        let mut value = located.part.value.as_ref().map(shown).unwrap_or_default();
        for (origin, (place, places)) in located.part.origins.iter().zip(&located.places) {
            let title = if rows.is_empty() { name.clone() } else { String::new() };
            let made = match &origin.maker {
                Maker::Protocol(why) => (*why).to_owned(),
                Maker::Mapper { name, kind, owner } => format!("mapper \"{name}\" ({kind}) of {owner}"),
            };
            rows.push(vec![title, std::mem::take(&mut value), made, place.clone().unwrap_or_default()]);
            let way = origin.path.iter().map(ToString::to_string).collect::<Vec<_>>().join(" → ");
            let read = match (way.as_str(), &origin.note) {
                ("", None) => continue,
                ("", Some(note)) => note.clone(),
                (way, None) => way.to_owned(),
                (way, Some(note)) => format!("{way} ({note})"),
            };
            rows.push(vec![String::new(), String::new(), format!("  from {read}"), places.last().cloned().unwrap_or_default()]);
        }
    }
    rows
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Two blanks in front of each row and between its columns.
fn aligned(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<_> = (0..).map_while(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("  {cell:<width$}"));
        text.push_str(cells.collect::<String>().trim_end());
        text.push('\n');
    }
    text
}
