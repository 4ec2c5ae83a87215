//! Which operation a request asks for: all of them in one table, by verb and path.

use std::collections::BTreeMap;
use std::pin::Pin;

use crate::answer::Answer;
use crate::call::Call;
use crate::error::AdminError;

/// What an operation is while it runs.
pub(crate) type Running<'a> = Pin<Box<dyn Future<Output = Result<Answer, AdminError>> + 'a>>;

/// An operation.
pub(crate) type Handler = for<'a> fn(&'a Call) -> Running<'a>;

/// The body an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consumes {
    /// Whatever comes is not looked at.
    Nothing,
    /// `application/json`
    Json,
    /// `text/plain`
    Text,
}

/// One operation: verb, path below the realm, what it takes and what it does.
pub(crate) struct Route {
    verb: &'static str,
    pub(crate) pattern: &'static str,
    pub(crate) consumes: Consumes,
    pub(crate) run: Handler,
    answers_head: bool,
}

impl Route {
    const fn new(verb: &'static str, pattern: &'static str, consumes: Consumes, run: Handler) -> Self {
        Self { verb, pattern, consumes, run, answers_head: true }
    }

    /// `GET`, and `HEAD`. In `pattern`, `{word}` stands for one segment ([`Call::param`]), `{*word}` at the end for all the rest.
    pub(crate) const fn get(pattern: &'static str, run: Handler) -> Self {
        Self::new("GET", pattern, Consumes::Nothing, run)
    }

    /// `POST` of JSON.
    pub(crate) const fn post(pattern: &'static str, run: Handler) -> Self {
        Self::new("POST", pattern, Consumes::Json, run)
    }

    /// `PUT` of JSON.
    pub(crate) const fn put(pattern: &'static str, run: Handler) -> Self {
        Self::new("PUT", pattern, Consumes::Json, run)
    }

    /// `DELETE`; a body is not looked at.
    pub(crate) const fn delete(pattern: &'static str, run: Handler) -> Self {
        Self::new("DELETE", pattern, Consumes::Nothing, run)
    }

    /// Another kind of body than the verb's own.
    pub(crate) const fn taking(self, consumes: Consumes) -> Self {
        Self { consumes, ..self }
    }

    /// `HEAD` is not served.
    #[allow(dead_code, reason = "for the users resource")]
    pub(crate) const fn without_head(self) -> Self {
        Self { answers_head: false, ..self }
    }

    fn serves(&self, verb: &str) -> bool {
        self.verb == verb || (verb == "HEAD" && self.verb == "GET" && self.answers_head)
    }
}

/// What a request to a path of a resource gets whose verb it does not serve. Keycloak: recording admin-errors/wrong-method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrongVerb {
    /// 405
    MethodNotAllowed,
    /// 404
    NotFound,
}

/// The operations of one resource.
pub(crate) struct Resource {
    /// Its operations.
    pub(crate) routes: &'static [Route],
    /// What is looked up before anything below its path is: a path pattern, and what answers where the lookup fails.
    pub(crate) locator: Option<(&'static str, Handler)>,
    /// What a verb gets that a path does not serve.
    pub(crate) wrong_verb: WrongVerb,
}

/// What a path and a verb lead to.
pub(crate) enum Found {
    /// An operation, and the values of its pattern's `{…}`.
    Operation(&'static Route, Vec<String>),
    /// No operation, but this is to be looked up first: its error is the answer, else the one that follows.
    Below(Handler, Vec<String>, WrongVerb),
    /// Nothing.
    Nowhere(WrongVerb),
}

/// All operations below `/admin/realms/{realm}`, by the first segment of their path.
pub(crate) struct Router {
    by_first: BTreeMap<&'static str, Vec<(&'static Route, WrongVerb)>>,
    locators: Vec<(&'static str, Handler)>,
}

impl Router {
    pub(crate) fn new(resources: &[&'static Resource]) -> Self {
        let mut router = Self { by_first: BTreeMap::new(), locators: Vec::new() };
        for resource in resources {
            router.locators.extend(resource.locator);
            for route in resource.routes {
                let first = route.pattern.split('/').next().unwrap_or_default();
                router.by_first.entry(first).or_default().push((route, resource.wrong_verb));
            }
        }
        for routes in router.by_first.values_mut() {
            routes.sort_by_key(|(route, _)| specificity(route.pattern));
        }
        router
    }

    /// What `verb` and the decoded `segments` lead to.
    pub(crate) fn find(&self, verb: &str, segments: &[String]) -> Found {
        let first = segments.first().map(String::as_str).unwrap_or_default();
        let mut wrong = None;
        for (route, wrong_verb) in self.by_first.get(first).into_iter().flatten() {
            let Some(params) = matches(route.pattern, segments) else { continue };
            if route.serves(verb) {
                return Found::Operation(route, params);
            }
            wrong = Some(*wrong_verb);
        }
        let otherwise = wrong.unwrap_or(WrongVerb::NotFound);
        let located = self.locators.iter().find_map(|(pattern, handler)| {
            let above = segments.get(..pattern.split('/').count())?;
            Some((*handler, matches(pattern, above)?))
        });
        match located {
            Some((handler, params)) => Found::Below(handler, params, otherwise),
            None => Found::Nowhere(otherwise),
        }
    }
}

/// Literal segments are tried before those that stand for anything.
fn specificity(pattern: &str) -> Vec<u8> {
    pattern.split('/').map(|part| if part.starts_with("{*") { 2 } else { u8::from(part.starts_with('{')) }).collect()
}

/// The values of the `{…}` of `pattern`, where the path is one of it.
fn matches(pattern: &str, segments: &[String]) -> Option<Vec<String>> {
    let mut params = Vec::new();
    let mut given = segments.iter();
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        if part.starts_with("{*") {
            let rest: Vec<&str> = given.by_ref().map(String::as_str).collect();
            params.push(rest.join("/"));
            return (!rest.is_empty()).then_some(params);
        }
        let segment = given.next()?;
        match part.starts_with('{') {
            true => params.push(segment.clone()),
            false if part == segment => {}
            false => return None,
        }
    }
    given.next().is_none().then_some(params)
}

#[cfg(test)]
mod tests;
