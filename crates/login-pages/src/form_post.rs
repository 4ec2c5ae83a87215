/// The document of `response_mode=form_post` (OAuth 2.0 Form Post Response Mode, section 2): it posts `parameters`, in their order,
/// to `redirect_uri` by itself, or by a press on its button where scripts are off.
pub fn form_post(redirect_uri: &str, parameters: &[(&str, &str)]) -> String {
    let mut out =
        String::with_capacity(640 + parameters.iter().map(|(name, value)| name.len() + value.len() + 50).sum::<usize>());
    out.push_str(
        "<!DOCTYPE html><HTML><HEAD><META charset=\"utf-8\"><META name=\"referrer\" content=\"no-referrer\">\
         <TITLE>OIDC Form_Post Response</TITLE></HEAD><BODY Onload=\"document.forms[0].submit()\">\n<FORM METHOD=\"POST\" ACTION=\"",
    );
    escape(&mut out, redirect_uri);
    out.push_str("\">\n");
    for (name, value) in parameters {
        out.push_str("<INPUT TYPE=\"HIDDEN\" NAME=\"");
        escape(&mut out, name);
        out.push_str("\" VALUE=\"");
        escape(&mut out, value);
        out.push_str("\" />\n");
    }
    // Keycloak: implicit-and-hybrid/*: the field `continue` is part of what is posted without scripts.
    out.push_str(
        "<NOSCRIPT><P>Scripts are off in this browser: press the button to go on.</P>\
         <INPUT name=\"continue\" TYPE=\"SUBMIT\" VALUE=\"CONTINUE\" /></NOSCRIPT></FORM></BODY></HTML>",
    );
    out
}

fn escape(out: &mut String, text: &str) {
    let _ = message_texts::write_escaped(out, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_its_parameters_in_their_order_and_nothing_of_them_is_markup() {
        let html = form_post("https://app.example.org/cb?a=1&b=\"", &[("state", "<script>'\""), ("code", "c")]);
        assert!(html.contains(r#"<FORM METHOD="POST" ACTION="https://app.example.org/cb?a=1&amp;b=&quot;">"#), "{html}");
        let state = html.find(r#"NAME="state" VALUE="&lt;script&gt;&#39;&quot;""#).unwrap();
        assert!(state < html.find(r#"NAME="code" VALUE="c""#).unwrap());
    }
}
