//! Which resource a path belongs to: `permission_resource_matching_uri`, `matchingUri`.

/// How well `pattern` fits `path`: greater is better; `None` where it does not.
///
/// A pattern may end in `/*` (everything below), in `*.html` (a suffix) and hold `{parts}` that stand for one segment.
pub(crate) fn fit(pattern: &str, path: &str) -> Option<usize> {
    if pattern == path {
        return Some(usize::MAX);
    }
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    let (last, before) = pattern.split_last()?;
    if *last == "*" {
        let (start, rest) = (path.get(..before.len()), path.get(before.len()..));
        // Keycloak: `/albums/*` is also the path `/albums` itself.
        rest?;
        return segments(before, start?).map(|fixed| fixed.saturating_mul(4));
    }
    let (of_path, parents) = path.split_last()?;
    if let Some(suffix) = last.strip_prefix('*') {
        let fits = of_path.ends_with(suffix) && parents.len() >= before.len();
        return fits.then(|| segments(before, parents.get(..before.len())?)).flatten().map(|fixed| fixed.saturating_mul(4) + 1);
    }
    if pattern.len() != path.len() {
        return None;
    }
    segments(&pattern, &path).map(|fixed| fixed.saturating_mul(4) + 2)
}

/// The number of segments that are equal, where the others are placeholders.
fn segments(pattern: &[&str], path: &[&str]) -> Option<usize> {
    let mut fixed = 0;
    for (pattern, path) in pattern.iter().zip(path) {
        let placeholder = pattern.starts_with('{') && pattern.ends_with('}') && !path.is_empty();
        if pattern == path {
            fixed += 1;
        } else if !placeholder {
            return None;
        }
    }
    Some(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best<'p>(patterns: &[&'p str], path: &str) -> Option<&'p str> {
        patterns.iter().filter_map(|pattern| Some((fit(pattern, path)?, *pattern))).max().map(|(_, pattern)| pattern)
    }

    #[test]
    fn the_most_exact_pattern_wins() {
        let patterns = ["/a/*", "/a/{id}/b", "/a/b/*.html", "/*"];
        for (path, expected) in [
            ("/a/1", Some("/a/*")),
            ("/a/1/b", Some("/a/{id}/b")),
            ("/a/b/x.html", Some("/a/b/*.html")),
            ("/q/r", Some("/*")),
            ("/a/b", Some("/a/*")),
        ] {
            assert_eq!(best(&patterns, path), expected, "{path}");
        }
    }

    #[test]
    fn a_pattern_does_not_reach_beside_itself() {
        assert_eq!(fit("/orders/*", "/ordersx/1"), None);
        assert_eq!(fit("/orders", "/orders/1"), None);
        assert_eq!(fit("/a/{id}", "/a/"), None);
        assert!(fit("/orders/*", "/orders").is_some());
    }
}
