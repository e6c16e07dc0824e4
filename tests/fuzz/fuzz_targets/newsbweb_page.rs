//! The page that makes webs, and the one that answers its form, through the real client: what is sent is of the page's
//! form, once, to the same host; a refusal is a refusal.
#![no_main]

use fuzz::canary;
use hostile::readers::{make_web, make_web_refused_by};
use html5gum::{State, Token, Tokenizer};
use libfuzzer_sys::fuzz_target;
use sharepoint::SiteError;

/// What the client fills in; see `Robust client` of the contract. The button's name is the page's.
const OURS: [(&str, &str); 5] = [
    ("__EVENTTARGET", "BtnCreateSubweb"),
    ("TxtCreateSubwebTitle", "Berg"),
    ("TxtCreateSubwebDescription", "Account site [tieline harbour]"),
    ("TxtCreateSubwebName", "berg"),
    ("LbWebTemplate", "STS#1"),
];

/// In characters.
const MOST_MESSAGE: usize = 4_000;

fuzz_target!(|input: &[u8]| match input.split_first() {
    Some((b'!', page)) => refused_by(page),
    _ => filled(input),
});

/// The page answers the form.
fn refused_by(page: &[u8]) {
    let (outcome, calls) = make_web_refused_by(page);
    let Err(error) = outcome else { panic!("a web is made that nobody spoke of") };
    let mut is_expired = false;
    if let SiteError::Refused { message, .. } = error {
        assert!(message.chars().count() <= MOST_MESSAGE, "a message of {} bytes", message.len());
        assert!(message.chars().any(char::is_alphabetic), "a message that says nothing: {message:?}");
        is_expired = message.to_lowercase().contains("security validation for this page");
    }
    let page = String::from_utf8_lossy(page).to_lowercase();
    // A message of both is told as a name that is taken, so that the words may stand in the page alone.
    let may_expire = is_expired || page.contains("already") || page.contains('&');
    assert!(calls == 2 || calls == 4 && may_expire, "{calls} calls");
}

/// The page has the form.
fn filled(page: &[u8]) {
    let (outcome, calls, posted) = make_web(page);
    assert_eq!(calls, if posted.is_some() { 2 } else { 1 }, "the page is asked for once and sent at most once");
    let Some(posted) = posted else {
        return assert!(outcome.is_err(), "nothing was sent and nothing said");
    };
    assert_eq!(
        (posted.to.scheme(), posted.to.host_str(), posted.to.port()),
        ("https", Some("sites.test.example"), None)
    );
    let decoded = decoded(&String::from_utf8_lossy(page));
    let is_in_page = |text: &str| decoded.iter().any(|page| page.contains(&text.replace('\0', "\u{FFFD}")));
    let is_named =
        |name: &str, part: &str| name.strip_suffix(part).is_some_and(|rest| rest.is_empty() || rest.ends_with('$'));
    let is_ours = |(name, value): &(String, String), (part, ours): (&str, &str)| {
        is_named(name, part) && (value == ours || part == "__EVENTTARGET" && is_named(value, ours))
    };
    for field in &posted.fields {
        let (name, value) = field;
        assert!(is_in_page(name), "a field that the page does not have: {name}");
        let ours = OURS.iter().any(|ours| is_ours(field, *ours));
        assert!(ours || value == "on" || is_in_page(value), "a value that the page does not have: {name}");
    }
    for ours in OURS {
        assert!(posted.fields.iter().any(|field| is_ours(field, ours)), "{ours:?} is not sent");
    }
    const SEEN: [&str; 2] = ["0xAB,01 Mar 2026 12:00:00 -0000", "/wEPDwUK+="];
    canary!(posted.fields.iter().any(|(name, value)| {
        (name == "__REQUESTDIGEST" || name == "__VIEWSTATE") && !SEEN.contains(&value.as_str())
    }));
}

/// The page with its references resolved, once as HTML does it in attributes and twice as in text: whole, and without
/// what stands between tags' ends, as the text of an option goes on behind a tag.
fn decoded(page: &str) -> [String; 3] {
    let attribute = format!("<a b=\"{}\">", page.replace('"', "&quot;"));
    let attribute = Tokenizer::new(attribute.as_str()).flatten().find_map(|token| match token {
        Token::StartTag(tag) => tag.attributes.get(b"b".as_slice()).map(|value| value.to_vec()),
        _ => None,
    });
    let text = |tokens: Tokenizer<_>| -> Vec<u8> {
        let texts = tokens.flatten().filter_map(|token| match token {
            Token::String(text) => Some(text.to_vec()),
            _ => None,
        });
        texts.flatten().collect()
    };
    let mut whole = Tokenizer::new(page);
    whole.set_state(State::RcData);
    let texts = [attribute.unwrap_or_default(), text(whole), text(Tokenizer::new(page))];
    texts.map(|text| String::from_utf8_lossy(&text).replace('\0', "\u{FFFD}"))
}
