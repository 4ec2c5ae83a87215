/// A URL that an admin wrote for a client: one that begins with `/` is relative to `root_url`, in which `${authBaseUrl}` and
/// `${authAdminUrl}` are `base`, the server's own URL; without a root URL, to that (wire.md section 6.1).
pub fn absolute_url(root_url: Option<&str>, base: &str, url: &str) -> String {
    if !url.starts_with('/') {
        return url.to_owned();
    }
    let root = root_url.filter(|root| !root.is_empty()).unwrap_or(base);
    let root = root.replace("${authBaseUrl}", base).replace("${authAdminUrl}", base);
    format!("{}{url}", root.trim_end_matches('/'))
}
