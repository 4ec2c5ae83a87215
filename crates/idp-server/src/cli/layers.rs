//! Command line over environment over configuration file: every value with the place it comes from.

use std::path::Path;

use clap::ArgMatches;
use config::{ConfigError, File, FileFormat, Map, Source, Value, ValueKind};

use super::UsageError;
use super::keycloak::{self, Known};
use super::table::{self, Kind, OPTIONS};

/// The configuration as it was given, by option name.
#[derive(Debug, Default)]
pub struct Layers {
    values: Map<String, Value>,
    /// `log-level-<category>`: category and level, the strongest last.
    pub(crate) categories: Vec<(String, String)>,
}

/// A value and where it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) text: String,
    pub(crate) origin: String,
}

/// One source of values, under option names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layer {
    values: Map<String, Value>,
    pub(crate) categories: Vec<(String, String)>,
    /// Lines for the operator: options that mean nothing here, names nobody knows.
    pub(crate) warnings: Vec<String>,
}

/// Variables of Keycloak's start script and image; not options.
static SCRIPT_VARIABLES: &[&str] =
    &["KC_RUN_IN_CONTAINER", "KC_DEBUG", "KC_DEBUG_PORT", "KC_DEBUG_SUSPEND", "KC_OPTS", "KC_HOME_DIR", "KC_HOME", "KC_CONF_DIR"];

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.values.clone())
    }
}

impl Layer {
    /// What clap found on the command line.
    pub(crate) fn of_arguments(matches: &ArgMatches) -> Self {
        let mut layer = Self::default();
        for option in OPTIONS {
            let given: Vec<&String> = matches.get_many(option.name).into_iter().flatten().collect();
            let origin = format!("--{}", option.name);
            if option.kind == Kind::List && !given.is_empty() {
                layer.put_list(option.name, &origin, given.iter().flat_map(|text| items(option.name, text)));
            } else if let Some(last) = given.last() {
                layer.put(option.name, &origin, last);
            }
        }
        layer
    }

    /// The variables of the environment that begin with `LATCHKEY_` or `KC_`, the first kind stronger.
    pub(crate) fn of_environment(variables: &[(String, String)]) -> Result<Self, UsageError> {
        let mut layer = Self::default();
        for (old, option) in
            [("KEYCLOAK_ADMIN", "bootstrap-admin-username"), ("KEYCLOAK_ADMIN_PASSWORD", "bootstrap-admin-password")]
        {
            for (name, value) in variables.iter().filter(|(name, value)| name == old && !value.is_empty()) {
                layer.warnings.push(format!("{name} is deprecated: use KC_{}", option.to_uppercase().replace('-', "_")));
                layer.put(option, name, value);
            }
        }
        for prefix in ["KC_", "LATCHKEY_"] {
            for (variable, value) in variables {
                let Some(name) = variable.strip_prefix(prefix).filter(|_| !value.is_empty()) else { continue };
                if SCRIPT_VARIABLES.contains(&variable.as_str()) {
                    continue;
                }
                let name = name.to_lowercase().replace('_', "-");
                layer.put_known(&name, variable, ValueKind::String(value.clone()), |nearest| {
                    let hint = nearest.map(|n| format!("; did you mean {prefix}{}?", n.to_uppercase().replace('-', "_")));
                    Ok(Some(format!("{variable} is not an option, it has no effect{}", hint.unwrap_or_default())))
                })?;
            }
        }
        Ok(layer)
    }

    /// A TOML file. Tables nest by a dash: `[http] port` is `http-port`.
    pub(crate) fn of_file(path: &Path) -> Result<Self, UsageError> {
        let file = path.display().to_string();
        let told = |error: ConfigError| UsageError::File(format!("{file}: {error}"));
        let source = File::from(path).format(FileFormat::Toml).required(true);
        let table = config::Config::builder().add_source(source).build().and_then(|c| c.collect()).map_err(told)?;
        let mut layer = Self::default();
        let mut flat = Vec::new();
        flatten("", table, &mut flat);
        for (name, value) in flat {
            layer.put_known(&name, &file, value.kind, |nearest| {
                let (file, name, nearest) = (file.clone(), name.clone(), nearest.map(str::to_owned));
                Err(UsageError::UnknownKey { file, name, nearest })
            })?;
        }
        Ok(layer)
    }

    fn put_known(
        &mut self,
        name: &str,
        origin: &str,
        value: ValueKind,
        unknown: impl FnOnce(Option<&'static str>) -> Result<Option<String>, UsageError>,
    ) -> Result<(), UsageError> {
        let text = || Value::new(None, value.clone()).into_string().unwrap_or_default();
        let refused = |instead| UsageError::Refused { name: name.to_owned(), origin: origin.to_owned(), instead };
        match keycloak::classify(name) {
            Some(Known::Ours(name)) => match (table::find(name).map(|option| option.kind), &value) {
                (Some(Kind::List), ValueKind::String(list)) => self.put_list(name, origin, items(name, list)),
                _ => drop(self.values.insert(name.to_owned(), Value::new(Some(&origin.to_owned()), value))),
            },
            Some(Known::CategoryLevel) => {
                self.categories.push((name.trim_start_matches("log-level-").to_owned(), text()));
            }
            Some(Known::Refused { harmless, instead }) if text().to_ascii_lowercase() != harmless => {
                return Err(refused(instead));
            }
            Some(Known::Dropped(instead)) => {
                self.warnings.push(format!("{origin}: {name} has no effect since Keycloak 26: {instead}"));
            }
            Some(Known::Ignored | Known::Refused { .. }) => self.warnings.push(ignored(origin, name)),
            None => self.warnings.extend(unknown(keycloak::nearest(name))?),
        }
        Ok(())
    }

    fn put(&mut self, name: &str, origin: &str, text: &str) {
        self.values.insert(name.to_owned(), Value::new(Some(&origin.to_owned()), ValueKind::String(text.to_owned())));
    }

    fn put_list<'a>(&mut self, name: &str, origin: &str, items: impl Iterator<Item = &'a str>) {
        let origin = origin.to_owned();
        let items = items.map(str::trim).filter(|item| !item.is_empty());
        let items = items.map(|item| Value::new(Some(&origin), ValueKind::String(item.to_owned()))).collect();
        self.values.insert(name.to_owned(), Value::new(Some(&origin), ValueKind::Array(items)));
    }
}

/// The items of a list in one text: between commas; between spaces too, where an item has none.
fn items<'a>(name: &str, list: &'a str) -> impl Iterator<Item = &'a str> {
    let spaces = name != "realms";
    list.split(move |c: char| c == ',' || (spaces && c.is_whitespace()))
}

/// The line about an option that means nothing here.
pub(crate) fn ignored(origin: &str, name: &str) -> String {
    if origin.trim_start_matches('-') == name {
        format!("{origin} means nothing here and is ignored")
    } else {
        format!("{origin}: {name} means nothing here and is ignored")
    }
}

fn flatten(above: &str, table: Map<String, Value>, flat: &mut Vec<(String, Value)>) {
    for (key, value) in table {
        let name = if above.is_empty() { key } else { format!("{above}-{key}") };
        match value.kind {
            ValueKind::Table(inner) => flatten(&name, inner, flat),
            _ => flat.push((name, value)),
        }
    }
}

impl Layers {
    /// Lays `layers` over each other, the strongest last.
    ///
    /// # Errors
    /// Names that cannot be laid over each other (a table over a value).
    pub(crate) fn laid(layers: &[Layer]) -> Result<Self, UsageError> {
        let mut builder = config::Config::builder();
        for layer in layers {
            builder = builder.add_source(layer.clone());
        }
        let told = |error: ConfigError| UsageError::File(error.to_string());
        let values = builder.build().and_then(|c| c.collect()).map_err(told)?;
        let categories = layers.iter().flat_map(|layer| layer.categories.iter().cloned()).collect();
        Ok(Self { values, categories })
    }

    /// The value of `name`.
    pub(crate) fn one(&self, name: &str) -> Option<Given> {
        let value = self.values.get(name)?;
        let origin = value.origin().unwrap_or_default().to_owned();
        Some(Given { text: value.clone().into_string().unwrap_or_default(), origin })
    }

    /// Every value that was given: name, text, origin; in the order of the names. Passwords are masked.
    pub(crate) fn given(&self) -> Vec<(String, String, String)> {
        let mut given: Vec<_> = self
            .values
            .keys()
            .map(|name| {
                let items = self.list(name);
                let origin = items.first().map(|item| item.origin.clone()).unwrap_or_default();
                let text = items.into_iter().map(|item| item.text).collect::<Vec<_>>().join(",");
                let hidden = name.ends_with("password") || (name == "sessions" && text.contains('@'));
                (name.clone(), if hidden { "*******".to_owned() } else { text }, origin)
            })
            .collect();
        given.sort();
        given
    }

    /// The values of the list `name`; empty where it was not given.
    pub(crate) fn list(&self, name: &str) -> Vec<Given> {
        let Some(value) = self.values.get(name) else { return Vec::new() };
        let origin = value.origin().unwrap_or_default().to_owned();
        let items = value.clone().into_array().unwrap_or_else(|_| vec![value.clone()]);
        items.into_iter().map(|item| Given { text: item.into_string().unwrap_or_default(), origin: origin.clone() }).collect()
    }
}
