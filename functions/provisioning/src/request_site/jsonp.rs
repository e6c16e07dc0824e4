//! The doorbell for the browsers of 2010, which cannot call another origin but by loading a script from it (ST-24, A7).
//!
//! Off unless the tenant turns it on. The answer is a call of the function that the page names, with what a `POST` would
//! have said; whatever is not answered so is plain JSON with its own status, which a page cannot read. That a `GET` rings
//! is no danger of its own: what counts is the request record in CRM, and whoever fetches the address again, a scanner
//! too, asks for what its maker asked for. There is no token in it: no page is ours before it rings, and the answer holds
//! nothing but the link, which everybody gets who knows the request record.

use bytes::Bytes;
use domain::{CrmId, TenantId};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use serde_json::{Value, json};
use tenants::Settings;
use url::{Url, form_urlencoded};

use super::{Press, content, error, tell};
use crate::{Deps, press};

/// Longer names of functions are not taken (A7).
const LONGEST_CALLBACK: usize = 64;

/// What is asked: `?tenant=harbour&request=8d0f1b6e-…&callback=name`, each once and nothing else.
struct Ring {
    press: Press,
    callback: String,
}

/// Rings, and answers with a script.
pub(super) async fn ring(deps: &Deps, request: &Request<Bytes>) -> Result<Response<Bytes>, anyhow::Error> {
    let Ring { press: rung, callback } = match read(request.uri().query().unwrap_or_default()) {
        Ok(ring) => ring,
        Err(wrong) => return Ok(error(StatusCode::BAD_REQUEST, "malformed", &wrong)),
    };
    platform::telemetry::tenant(&rung.tenant);
    let settings = Settings::read(&deps.platform.ledger, &rung.tenant).await?;
    // One that is unknown and one that has it off are the same to a page, which may be anybody's.
    let Some(settings) = settings.filter(|settings| settings.jsonp && is_at_home(request.headers(), settings)) else {
        let rule = "this page may not ring with a script; ask your administrator to turn on JSON-P for its address";
        return Ok(error(StatusCode::FORBIDDEN, "no-jsonp", rule));
    };
    let answer = press::answer(deps, &rung.tenant, &settings, rung.request).await;
    // Counted by itself: at the gateway it is no failure, so that nothing has to be taken off.
    Ok(call(&callback, &tell(deps, &rung.tenant, answer, "later-by-script")?))
}

fn read(query: &str) -> Result<Ring, String> {
    let mut values: [Option<String>; 3] = [None, None, None];
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let place = ["tenant", "request", "callback"].iter().position(|known| *known == name);
        let Some(place) = place else {
            return Err("the query has something else than tenant, request, callback".into());
        };
        if values[place].replace(value.into_owned()).is_some() {
            return Err("the query says something twice".to_owned());
        }
    }
    let [Some(tenant), Some(request), Some(callback)] = values else {
        return Err("the query is not tenant=…&request=…&callback=…".to_owned());
    };
    if !is_name(&callback) {
        return Err(format!("callback is not a name of at most {LONGEST_CALLBACK} letters, digits, _ and $"));
    }
    let tenant: TenantId = tenant.parse().map_err(|rule| format!("tenant: {rule}"))?;
    let request: CrmId = request.parse().map_err(|rule| format!("request: {rule}"))?;
    Ok(Ring { press: Press { tenant, request }, callback })
}

/// What no function can be called, by the standard of today or of 2010.
const RESERVED: &str = " abstract arguments await boolean break byte case catch char class const continue debugger default \
    delete do double else enum eval export extends false final finally float for function goto if implements import in \
    instanceof int interface let long native new null package private protected public return short static super switch \
    synchronized this throw throws transient true try typeof var void volatile while with yield ";

/// `^[A-Za-z_$][A-Za-z0-9_$]{0,63}$`: no dots and brackets, so that nobody's method is called (SOME); and no reserved word,
/// which would make the answer no script.
fn is_name(callback: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$');
    callback.len() <= LONGEST_CALLBACK
        && callback.bytes().next().is_some_and(is_letter)
        && callback.bytes().all(|byte| is_letter(byte) || byte.is_ascii_digit())
        && !RESERVED.contains(&format!(" {callback} "))
}

/// Whether a page of the tenant's loads this, as a script. Old browsers say it in `Referer` alone; one that says
/// nothing is not believed.
fn is_at_home(headers: &HeaderMap, settings: &Settings) -> bool {
    let from = headers.get(header::REFERER).and_then(|page| Url::parse(page.to_str().ok()?).ok());
    let is_script = headers.get("sec-fetch-dest").is_none_or(|dest| dest == "script");
    let is_ours = |origin: &str| settings.allows_origin(origin);
    is_script
        && from.is_some_and(|page| is_ours(&page.origin().ascii_serialization()))
        && headers.get(header::ORIGIN).is_none_or(|origin| origin.to_str().is_ok_and(is_ours))
}

/// What was said as a call: `{"http": 202, "body": {…}}`. Status 200, or browsers would not run it.
fn call(callback: &str, said: &Response<Bytes>) -> Response<Bytes> {
    let body: Value = serde_json::from_slice(said.body()).unwrap_or_default();
    let said = json!({ "http": said.status().as_u16(), "body": body });
    // The comment: no other kind of file begins so (Rosetta Flash). The question: a page that is gone has no function.
    let script = format!("/**/ typeof {callback} === 'function' && {callback}({});", literal(&said));
    let mut response = content(StatusCode::OK, "text/javascript; charset=utf-8", script);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"presses.js\""));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

/// JSON that is also a literal of the JavaScript of 2010, and ends neither a script element nor a line: serde_json leaves
/// these characters as they are. They stand in texts only.
fn literal(value: &Value) -> String {
    let text = value.to_string();
    let escape = |character: char| match character {
        '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => format!("\\u{:04x}", u32::from(character)),
        _ => character.to_string(),
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A7: a name of the strict kind, or none.
    #[test]
    fn a_callback_is_a_name_or_is_refused() {
        for name in ["a", "_", "$", "tieline$1", "A_b$C9", "news", "New", &"x".repeat(64)] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "",
            "1a",
            "a.b",
            "a[0]",
            "a b",
            "a(",
            "a;b",
            "é",
            "a\n",
            "a\u{2028}",
            "alert`1`",
            "\u{ff41}",
            "new",
            "class",
            "with",
        ] {
            assert!(!is_name(name), "{name:?}");
        }
        assert!(!is_name(&"x".repeat(65)));
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[<>&\u{2028}\u{2029}/*a'\"\\\\]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// A7: whatever is said, it comes out as it went in, and nothing of it can leave its text.
        #[test]
        fn a_literal_reads_as_what_was_said(value in json()) {
            let literal = literal(&value);
            let is_harmful = literal.contains(['<', '>', '&', '\u{2028}', '\u{2029}']);
            prop_assert!(!is_harmful);
            prop_assert_eq!(serde_json::from_str::<Value>(&literal).expect("still JSON"), value);
        }

        /// A7: no other query is taken than the one that says each thing once.
        #[test]
        fn a_query_is_read_whole_or_refused(query in "([a-z]{0,8}=[ -~]{0,12}&?){0,4}") {
            if let Ok(ring) = read(&query) {
                prop_assert!(is_name(&ring.callback));
                prop_assert_eq!(form_urlencoded::parse(query.as_bytes()).count(), 3);
            }
        }
    }
}
