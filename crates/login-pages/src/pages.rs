#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use realm_model::Realm;
use serde::Deserialize;

use crate::resources::{Assets, ResourceAnswer};
use crate::theme::Theme;
use crate::view::Document;
use crate::{Frame, Locale, Page, Texts, View};

/// The name of the built-in theme in the paths of its files.
const BUILT_IN: &str = "latchkey";

/// Where themes are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The folder of themes: `<name>/login/…`. Nothing: the built-in look only.
    pub themes: Option<PathBuf>,
}

/// Why the pages cannot be shown at all.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The folder of themes cannot be read.
    #[error("the folder of themes {path}: {error}")]
    Themes {
        /// As configured.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

/// All pages, ready to be shown. One for the process.
#[derive(Debug)]
pub struct Pages {
    assets: Assets,
    themes: HashMap<String, Theme>,
}

impl Pages {
    /// Reads what pages are made of. Faults within a theme are told in the log; the built-in page is shown instead.
    ///
    /// # Errors
    /// When the configured folder of themes cannot be read.
    pub fn load(config: &Config) -> Result<Self, LoadError> {
        let themes = match &config.themes {
            None => HashMap::new(),
            Some(path) => read(path).map_err(|error| LoadError::Themes { path: path.clone(), error })?,
        };
        Ok(Self { assets: Assets::with(&themes), themes })
    }

    /// The HTML document of `page` within `frame`.
    pub fn render<P: Page>(&self, frame: &Frame<'_>, page: &P) -> String {
        let kind = page.kind();
        let (name, theme) = self.theme_of(frame.realm);
        let texts = Texts { realm: frame.realm, theme, locale: frame.locale };
        let assets = format!("{}/resources/{}/login/{name}", frame.base_path, self.assets.tag());
        let view = View { frame, texts, kind, assets: &assets, style: self.assets.style(), policy: self.assets.policy() };
        let own = theme.and_then(|theme| theme.templates.render(&view, page));
        let content = match own {
            Some(content) => Ok(content),
            None => {
                let mut content = String::with_capacity(4096);
                page.write(&view, &mut content).map(|()| content)
            }
        };
        content.and_then(|content| Document::of(&view, page, &content)).unwrap_or_else(|error| {
            log::error!("the page {} cannot be shown: {error}", kind.name);
            String::new()
        })
    }

    /// The texts of a realm in a language, for mails and the like.
    pub fn texts<'a>(&'a self, realm: &'a Realm, locale: &'a Locale) -> Texts<'a> {
        Texts { realm: Some(realm), theme: self.theme_of(Some(realm)).1, locale }
    }

    /// The theme of a realm, as the paths of its files name it. One that is not there is the built-in one. Recording `resources/files`.
    fn theme_of(&self, realm: Option<&Realm>) -> (&str, Option<&Theme>) {
        let wanted = realm.and_then(|realm| realm.login.login_theme.as_deref());
        let found = wanted.and_then(|name| self.themes.get_key_value(name));
        found.map_or((BUILT_IN, None), |(name, theme)| (name.as_str(), Some(theme)))
    }

    /// What is at `path`, which is what follows `/resources/`, not decoded.
    pub fn resource(&self, path: &str) -> ResourceAnswer {
        self.assets.find(path, &self.themes)
    }
}

/// The themes of a folder that have pages of logins.
fn read(folder: &Path) -> std::io::Result<HashMap<String, Theme>> {
    let mut themes = HashMap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let login = entry.path().join("login");
        if login.is_dir() {
            themes.insert(entry.file_name().to_string_lossy().into_owned(), Theme::read(&login));
        }
    }
    Ok(themes)
}
