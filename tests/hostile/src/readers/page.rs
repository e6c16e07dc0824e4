//! The page that makes webs, filled and sent back by the real client.

use bytes::Bytes;
use http::{Method, Request};
use sharepoint::{NewWeb, SiteError, SiteHost};
use url::Url;

use super::{
    Reading,
    back::{Answering, HTML, host, wait},
};

/// `newsbweb.aspx`. Invented, with the names and the order of the parts that the contract documents.
pub const FORM_PAGE: &str = r#"<!DOCTYPE html><html><head><title>New SharePoint Site</title></head><body>
<form name="aspnetForm" method="post" action="newsbweb.aspx" id="aspnetForm">
<input type="hidden" name="__EVENTTARGET" value=""><input type="hidden" name="__EVENTARGUMENT" value="">
<input type="hidden" name="__REQUESTDIGEST" value="0xAB,01 Mar 2026 12:00:00 -0000">
<input type="hidden" name="__VIEWSTATE" value="/wEPDwUK+=">
<input type="radio" name="m$idPermSection$u" value="radUniqueNo" checked><input type="radio" name="m$idPermSection$u" value="radUniqueYes">
<select name="m$LbWebTemplate"><option value="STS#0" selected>Team Site</option><option value="STS#1">Blank Site</option></select>
<input type="text" name="m$TxtCreateSubwebName"><input name="m$TxtCreateSubwebTitle">
<textarea name="m$TxtCreateSubwebDescription">
</textarea>
<input type="button" name="m$BtnCreateSubweb" value="Create">
</form></body></html>"#;

/// A form that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Where to.
    pub to: Url,
    /// Names and values, in order.
    pub fields: Vec<(String, String)>,
}

/// Makes a web at a host whose page this is: how it ended, all that was asked of the host, and the form that was sent.
pub fn make_web(page: &[u8]) -> (Result<(), SiteError>, usize, Option<Posted>) {
    make_web_at(&Answering::with(HTML, page))
}

/// The same at a host with a good page, [`FORM_PAGE`], that answers the form with this one.
pub fn make_web_refused_by(page: &[u8]) -> (Result<(), SiteError>, usize) {
    let (outcome, calls, _) = make_web_at(&Answering::with(HTML, FORM_PAGE.as_bytes()).and_to_a_form(page));
    (outcome, calls)
}

fn make_web_at(back: &Answering) -> (Result<(), SiteError>, usize, Option<Posted>) {
    let new = NewWeb {
        name: "berg".parse().expect("a web name"),
        title: "Berg".to_owned(),
        description: "Account site".to_owned(),
        definition: "STS#1".to_owned(),
        mark: "harbour".to_owned(),
    };
    let outcome = wait(host(back).create_web(&new)).map(|_| ());
    let requests = back.requests();
    let posted = requests.iter().find(|request| request.method() == Method::POST).map(posted);
    (outcome, requests.len(), posted)
}

fn posted(request: &Request<Bytes>) -> Posted {
    Posted {
        to: request.uri().to_string().parse().expect("an address that was called"),
        fields: form_urlencoded::parse(request.body()).into_owned().collect(),
    }
}

pub(super) fn read(page: &[u8]) -> Reading {
    let (outcome, calls, posted) = make_web(page);
    let outcome = match (outcome, &posted) {
        (Ok(()), Some(posted)) => Ok(format!("{} {:?}", posted.to, posted.fields)),
        (Ok(()), None) => Ok("made without a form".to_owned()),
        (Err(error), _) => Err(error.to_string()),
    };
    // A form that may be sent is one call more; one that is refused must not be.
    let allowed = if outcome.is_ok() { 2 } else { 1 };
    Reading { outcome, problem: None, further_calls: calls.saturating_sub(allowed) }
}

/// What was read is the host's message; a page without one is refused.
pub(super) fn read_refusal(page: &[u8]) -> Reading {
    let (outcome, calls) = make_web_refused_by(page);
    let outcome = match outcome {
        Ok(()) => Err("a web is made that nobody spoke of".to_owned()),
        Err(SiteError::Refused { message, .. }) => Ok(message),
        Err(error) => Err(error.to_string()),
    };
    // Page and form; both once more when the host says that the form's digest has expired.
    let is_expired = outcome.as_ref().is_ok_and(|message| message.contains("security validation for this page"));
    Reading { outcome, problem: None, further_calls: calls.saturating_sub(if is_expired { 4 } else { 2 }) }
}
