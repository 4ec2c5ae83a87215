use oidc_types::{FormError, Params};

/// Reads a `multipart/form-data` body (RFC 7578); parts without a name and files are left out.
///
/// # Errors
/// [`FormError::Encoding`] for a body that breaks off, and the limits of [`Params`].
pub fn parse(body: &[u8], boundary: &str) -> Result<Params, FormError> {
    let delimiter = format!("--{boundary}");
    let mut rest = after(body, delimiter.as_bytes()).ok_or(FormError::Encoding)?;
    let delimiter = format!("\r\n--{boundary}");
    let mut fields = Vec::new();
    while !rest.starts_with(b"--") {
        let part = rest.strip_prefix(b"\r\n".as_slice()).ok_or(FormError::Encoding)?;
        let end = find(part, delimiter.as_bytes()).ok_or(FormError::Encoding)?;
        let (part, next) = part.split_at_checked(end).ok_or(FormError::Encoding)?;
        rest = next.strip_prefix(delimiter.as_bytes()).ok_or(FormError::Encoding)?;
        if fields.len() >= Params::MOST_FIELDS {
            return Err(FormError::TooManyFields);
        }
        if let Some((name, value)) = field(part) {
            if value.len() > Params::LONGEST_VALUE {
                return Err(FormError::ValueTooLong);
            }
            fields.push((name, String::from_utf8_lossy(value).into_owned()));
        }
    }
    Ok(Params::from_pairs(fields))
}

/// Name and content of one part.
fn field(part: &[u8]) -> Option<(String, &[u8])> {
    let end = find(part, b"\r\n\r\n")?;
    let head = std::str::from_utf8(part.get(..end)?).ok()?;
    let disposition = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let parameter = |wanted: &str| {
        disposition.split(';').skip(1).find_map(|p| {
            let (name, value) = p.trim().split_once('=')?;
            (name == wanted).then(|| value.trim_matches('"').to_owned())
        })
    };
    if parameter("filename").is_some() {
        return None;
    }
    Some((parameter("name")?, part.get(end + 4..)?))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(haystack, needle)
}

fn after<'a>(haystack: &'a [u8], needle: &[u8]) -> Option<&'a [u8]> {
    haystack.get(find(haystack, needle)? + needle.len()..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_fields_of_a_form() {
        let body = b"--b\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\npassword\r\n\
                     --b\r\ncontent-disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\nfile\r\n\
                     --b\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n--b--\r\n";
        let params = parse(body, "b").unwrap();
        assert_eq!(params.get("grant_type"), Some("password"));
        assert_eq!(params.get("empty"), Some(""));
        assert_eq!(params.len(), 2);
    }

    #[test]
    fn refuses_a_body_that_breaks_off() {
        for body in [b"".as_slice(), b"--b", b"--b\r\n", b"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx"] {
            assert_eq!(parse(body, "b").unwrap_err(), FormError::Encoding);
        }
        assert!(parse(b"--b--", "b").unwrap().is_empty());
    }
}
