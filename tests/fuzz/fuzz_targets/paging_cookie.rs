//! The cookies of CRM's pages: what came with a page is asked for with the next, to the letter.
//!
//! The input is a result of `Fetch`, an answer to `RetrieveMultiple`, and a bare cookie.
#![no_main]

use crm::classic::{
    Columns, Query,
    operations::{Fetch, FetchPage, Page},
};
use fuzz::canary;
use libfuzzer_sys::fuzz_target;
use soap::{Element, FromXml, Limits, parse};

fuzz_target!(|text: &str| {
    let query = Query::of("systemuser", Columns::named(["fullname"]));
    if let Ok(Some(next)) = following(text, &query) {
        let cookie = parse(text.as_bytes(), Limits::default()).ok().and_then(|root| plain(&root, "paging-cookie"));
        if let Some(cookie) = cookie {
            canary!(!cookie.starts_with("<a page=\"1\""));
            assert_eq!(sent(&next), Some(cookie));
        }
        assert_eq!(next.page.number, 2);
    }
    if let Some(page) = parse(text.as_bytes(), Limits::default()).ok().and_then(|body| Page::from_xml(&body).ok()) {
        let next = page.following(&query);
        assert_eq!(next.is_some(), page.more);
        if let Some(next) = next {
            assert_eq!(next.page.cookie.as_ref(), Some(&page.cookie).filter(|cookie| !cookie.is_empty()));
            assert_eq!(sent(&next).unwrap_or_default(), page.cookie);
        }
    }
    let result = Element::new("", "resultset").with_attribute("morerecords", "1").with_attribute("paging-cookie", text);
    if let Ok(result) = result.to_xml() {
        let next = following(&result, &query).expect("a page").expect("there are more");
        assert_eq!(sent(&next).unwrap_or_default(), text);
    }
});

fn following(result: &str, query: &Query) -> Result<Option<Query>, soap::Error> {
    let body = Element::new("", "FetchResponse").with_value("FetchResult", result);
    FetchPage::from_xml(&body)?.following(query)
}

/// The attribute in no namespace.
fn plain(root: &Element, local: &str) -> Option<String> {
    root.attribute(("", local)).filter(|value| !value.is_empty()).map(ToOwned::to_owned)
}

/// The cookie as the service reads it.
fn sent(query: &Query) -> Option<String> {
    let fetch = Fetch::new(query).expect("what came can be sent");
    plain(&parse(fetch.fetch_xml().as_bytes(), Limits::default()).expect("FetchXML is XML"), "paging-cookie")
}
