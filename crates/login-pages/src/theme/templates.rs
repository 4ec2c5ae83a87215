use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;

use minijinja::value::{Rest, Serde, Value};
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, context};
use serde::Serialize;

use message_texts::write_escaped;

use crate::messages;
use crate::{Page, View};

/// The version of what templates are given. It changes when something that they may use goes away or changes its meaning.
pub const CONTRACT: u32 = 1;

/// Steps that a template may take: one that never ends is cut.
const FUEL: u64 = 200_000;

/// The templates of a theme that take the place of built-in contents.
#[derive(Debug, Default)]
pub struct Templates {
    environment: Option<Environment<'static>>,
    /// Pages whose template failed: each is told once.
    told: Mutex<BTreeSet<String>>,
}

impl Templates {
    /// Takes the template of `page` in. One that cannot be read is told in the log, with its line, and left out.
    pub fn add(&mut self, file: &Path, page: &str, bytes: Vec<u8>) {
        let environment = self.environment.get_or_insert_with(environment);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Err(error) = environment.add_template_owned(page.to_owned(), text) {
            log::error!("{}:{}: {error:#}; the built-in page is shown instead", file.display(), error.line().unwrap_or(1));
        }
    }

    /// The content of a page by the theme's own template; nothing: the built-in one is to be shown.
    pub fn render<P: Page>(&self, view: &View<'_>, page: &P) -> Option<String> {
        let template = self.environment.as_ref()?.get_template(view.kind.name).ok()?;
        match template.render(data(view, page)) {
            Ok(content) => Some(content),
            Err(error) => {
                self.tell(view.kind.name, &error);
                None
            }
        }
    }

    fn tell(&self, page: &str, error: &Error) {
        let mut told = self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if told.insert(page.to_owned()) {
            let line = error.line().unwrap_or(1);
            log::error!("templates/{page}.html:{line} of a theme: {error:#}; the built-in page is shown instead");
        }
    }
}

/// A template engine without any way to files or to other templates than the theme's.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_fuel(Some(FUEL));
    environment.set_formatter(|out, _, value| {
        if value.is_none() || value.is_undefined() {
            return Ok(());
        }
        let written = match value.as_str() {
            Some(text) if value.is_safe() => out.write_str(text),
            Some(text) => write_escaped(out, text),
            None => write_escaped(out, &value.to_string()),
        };
        written.map_err(Error::from)
    });
    environment
}

/// What `say` does in a template: the text of a message of the page, or of a key and arguments.
fn say(patterns: &BTreeMap<String, String>, what: &Value, arguments: &[Value]) -> String {
    let member = |name| what.get_attr(name).ok().filter(|value| !value.is_undefined());
    let (key, arguments) = match member("key") {
        Some(key) => (key.to_string(), member("arguments").and_then(|list| list.try_iter().ok()).into_iter().flatten().collect()),
        None => (what.to_string(), arguments.to_vec()),
    };
    let look_up = |key: &str| patterns.get(key).map_or(key, String::as_str).to_owned();
    let resolve = |text: String| match text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
        Some(key) => look_up(key),
        None => text,
    };
    let arguments: Vec<Cow<'_, str>> =
        arguments.into_iter().map(|argument: Value| resolve(argument.to_string()).into()).collect();
    match patterns.get(key.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(&key)) {
        Some(pattern) => messages::format(pattern, &arguments).into_owned(),
        None => key,
    }
}

/// What a template is given: docs/themes.md.
fn data<P: Page>(view: &View<'_>, page: &P) -> Value {
    let frame = view.frame;
    let patterns: BTreeMap<String, String> =
        view.texts.keys().into_iter().filter_map(|key| Some((key.to_owned(), view.texts.pattern(key)?.to_owned()))).collect();
    let text: BTreeMap<_, _> =
        patterns.iter().map(|(key, pattern)| (key.clone(), messages::format(pattern, &[]).into_owned())).collect();
    let text = Value::from(Serde(&text));
    let say = Value::from_function(move |what: Value, arguments: Rest<Value>| say(&patterns, &what, &arguments));
    let message = view.banner().map(|message| Shown { severity: message.severity.word(), text: view.m(message).into_owned() });
    let languages = frame.languages.iter().map(|language| Language {
        code: &language.code,
        url: &language.url,
        name: view.language_name(&language.code).into_owned(),
    });
    let languages: Vec<_> = languages.collect();
    context! {
        contract => CONTRACT,
        page => Value::from(Serde(page)),
        name => view.kind.name,
        heading => page.heading(&view.texts).into_owned(),
        realm => context! { name => frame.realm.map(|realm| realm.name.as_str()), display_name => view.realm_name().into_owned() },
        locale => frame.locale.as_str(),
        resources => view.assets,
        text => text,
        say => say,
        message => Value::from(Serde(&message)),
        languages => Value::from(Serde(&languages)),
        attempted_user => Value::from(Serde(frame.attempted_user)),
        try_another_way => Value::from(Serde(frame.try_another_way)),
        client => Value::from(Serde(frame.client)),
    }
}

#[derive(Serialize)]
struct Shown {
    severity: &'static str,
    text: String,
}

#[derive(Serialize)]
struct Language<'a> {
    code: &'a str,
    url: &'a str,
    name: String,
}
