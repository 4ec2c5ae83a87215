//! Themes: folders that change how pages look and what they say. docs/themes.md is their contract.

mod templates;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[cfg(test)]
pub use templates::CONTRACT;
use templates::Templates;

use crate::messages;

/// Bytes above which a file of a theme is left out: a page has to stay light.
const LARGEST: u64 = 2 * 1024 * 1024;

/// One theme: `<themes>/<name>/login`.
#[derive(Debug)]
pub struct Theme {
    texts: HashMap<String, HashMap<Box<str>, Box<str>>>,
    /// By path below the folder `login`.
    files: HashMap<String, Arc<[u8]>>,
    pub(crate) templates: Templates,
}

impl Theme {
    /// Reads the folder `login` of a theme. What cannot be read is told in the log and left out.
    pub fn read(folder: &Path) -> Self {
        let mut theme = Self { texts: HashMap::new(), files: HashMap::new(), templates: Templates::default() };
        for file in files(folder) {
            let Ok(inner) = file.strip_prefix(folder) else { continue };
            let name = inner.to_string_lossy().replace('\\', "/");
            if !inner.components().all(|part| matches!(part, std::path::Component::Normal(_))) {
                continue;
            }
            match bytes(&file) {
                Ok(bytes) => theme.take(&file, &name, bytes),
                Err(error) => log::error!("the theme's file {}: {error}", file.display()),
            }
        }
        theme
    }

    fn take(&mut self, file: &Path, name: &str, bytes: Vec<u8>) {
        if let Some(template) = name.strip_prefix("templates/").and_then(|name| name.strip_suffix(".html")) {
            self.templates.add(file, template, bytes);
        } else if let Some(code) = name.strip_prefix("messages/messages_").and_then(|name| name.strip_suffix(".properties")) {
            match String::from_utf8(bytes) {
                Ok(text) => drop(self.texts.insert(code.replace('_', "-"), messages::read(&text))),
                Err(_) => log::error!("the theme's file {} is not in UTF-8", file.display()),
            }
        } else if media_type(name).is_some() {
            self.files.insert(name.to_owned(), bytes.into());
        }
    }

    /// A text of its own in exactly this language.
    pub fn text(&self, code: &str, key: &str) -> Option<&str> {
        self.texts.get(code)?.get(key).map(|text| &**text)
    }

    /// The keys of its texts in this language.
    pub fn keys(&self, code: &str) -> impl Iterator<Item = &str> {
        self.texts.get(code).into_iter().flat_map(|texts| texts.keys().map(|key| &**key))
    }

    /// `theme.css`
    pub fn has_style(&self) -> bool {
        self.files.contains_key("theme.css")
    }

    /// The picture above the page: `logo.svg`, `logo.png` or `logo.webp`.
    pub fn logo(&self) -> Option<&'static str> {
        ["logo.svg", "logo.png", "logo.webp"].into_iter().find(|name| self.files.contains_key(*name))
    }

    /// A file that browsers load.
    pub fn file(&self, name: &str) -> Option<&Arc<[u8]>> {
        self.files.get(name)
    }

    /// All files that browsers load, in a fixed order.
    pub fn all_files(&self) -> Vec<(&str, &[u8])> {
        let mut all: Vec<_> = self.files.iter().map(|(name, bytes)| (name.as_str(), &**bytes)).collect();
        all.sort_unstable();
        all
    }
}

/// What a file is, by its name; nothing: it is no file for browsers. Recording `resources/files`.
pub fn media_type(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension {
        "css" => "text/css",
        "js" => "text/javascript",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "ico" => "application/octet-stream",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        _ => return None,
    })
}

fn bytes(file: &Path) -> std::io::Result<Vec<u8>> {
    if std::fs::metadata(file)?.len() > LARGEST {
        return Err(std::io::Error::other("more than 2 MiB"));
    }
    std::fs::read(file)
}

/// All files below a folder, hidden ones left out.
fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&next) else { continue };
        for entry in entries.flatten() {
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && !hidden => folders.push(entry.path()),
                Ok(kind) if kind.is_file() && !hidden => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    found
}
