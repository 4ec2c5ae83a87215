use std::path::PathBuf;

use realm_model::Realm;
use serde::Deserialize;

use crate::resources::{Assets, ResourceAnswer};
use crate::view::Document;
use crate::{Frame, Page, Texts, View};

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
}

impl Pages {
    /// Reads what pages are made of.
    ///
    /// # Errors
    /// When the configured folder of themes cannot be read.
    pub fn load(_config: &Config) -> Result<Self, LoadError> {
        Ok(Self { assets: Assets::built_in() })
    }

    /// The HTML document of `page` within `frame`.
    pub fn render(&self, frame: &Frame<'_>, page: &impl Page) -> String {
        let kind = page.kind();
        let texts = Texts { realm: frame.realm, locale: frame.locale };
        let assets = format!("{}/resources/{}/login/latchkey", frame.base_path, self.assets.tag());
        let view = View { frame, texts, kind, assets: &assets, style: self.assets.style(), policy: self.assets.policy() };
        let mut content = String::with_capacity(4096);
        let written = page.write(&view, &mut content).and_then(|()| Document::of(&view, page, &content));
        written.unwrap_or_else(|error| {
            log::error!("the page {} cannot be shown: {error}", kind.name);
            String::new()
        })
    }

    /// The texts of a realm in a language, for mails and the like.
    pub fn texts<'a>(&'a self, realm: &'a Realm, locale: &'a crate::Locale) -> Texts<'a> {
        Texts { realm: Some(realm), locale }
    }

    /// What is at `path`, which is what follows `/resources/`.
    pub fn resource(&self, path: &str) -> ResourceAnswer {
        self.assets.find(path)
    }
}
