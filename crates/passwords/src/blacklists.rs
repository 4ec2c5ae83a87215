use std::collections::BTreeMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;

/// The lists of `passwordBlacklist(name)`: files of a folder, by their names, each with one password a line, in any case. Of each
/// password eight bytes are held.
#[derive(Clone, Debug, Default)]
pub struct Blacklists(BTreeMap<String, Vec<u64>>);

impl Blacklists {
    /// Reads all files of a folder, as Keycloak's `data/password-blacklists`. A folder that is not there has none.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn load(folder: &Path) -> io::Result<Self> {
        let mut lists = BTreeMap::new();
        if !folder.is_dir() {
            return Ok(Self(lists));
        }
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.path().is_file() {
                lists.insert(entry.file_name().to_string_lossy().into_owned(), read(&entry.path())?);
            }
        }
        Ok(Self(lists))
    }

    /// Whether a list has a password; `None`: there is no such list.
    pub fn has(&self, list: &str, password: &str) -> Option<bool> {
        self.0.get(list).map(|list| list.binary_search(&hash(password)).is_ok())
    }
}

fn read(file: &Path) -> io::Result<Vec<u64>> {
    let mut hashes = Vec::new();
    for line in BufReader::new(File::open(file)?).split(b'\n') {
        let line = line?;
        let password = String::from_utf8_lossy(&line);
        let password = password.trim_end_matches('\r');
        if !password.is_empty() {
            hashes.push(hash(password));
        }
    }
    hashes.sort_unstable();
    hashes.dedup();
    Ok(hashes)
}

/// What collides by accident is refused once in 2⁶⁴ ÷ the list's length.
fn hash(password: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    password.to_lowercase().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_of_a_list_is_found_in_any_case() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("top.txt"), "123456\r\nQwerty\n\ncaf\u{e9}").unwrap();
        let lists = Blacklists::load(folder.path()).unwrap();
        for (password, expected) in [("123456", true), ("qWERTY", true), ("CAF\u{c9}", true), ("", false), ("1234567", false)] {
            assert_eq!(lists.has("top.txt", password), Some(expected), "{password}");
        }
        assert_eq!(lists.has("../top.txt", "123456"), None);
        assert_eq!(Blacklists::load(&folder.path().join("none")).unwrap().has("top.txt", "123456"), None);
    }
}
