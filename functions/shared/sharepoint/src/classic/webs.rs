//! Webs: found by asking for their address, made by the page `newsbweb.aspx`.
//!
//! 2007 has no service that makes a web: `Sites.CreateWeb` came with 2010 (MS-SITESS R3781).

use std::collections::BTreeSet;

use http::{HeaderValue, StatusCode, header};
use soap::Operation as _;
use transport::{Answer, Call};
use url::Url;

use super::{
    address,
    complaint::complaint,
    form::{self, Form, Unusable},
    instead, mark,
    operation::GetWeb,
    refusal,
    service::ask,
    session::Session,
};
use crate::{NewWeb, SiteError, Web, WebName};

const FIND: &str = "FindWeb";
const CREATE: &str = "CreateWeb";

/// One GET. 200, 401 and 403 mean that something is there, 404 that nothing is ("Robust client" 6); so does a redirect
/// to within the address. What is there may be a list or a folder: [`mark()`] tells.
pub(super) async fn find(session: &Session, name: &WebName) -> Result<Option<Web>, SiteError> {
    let web = web(session, name);
    let answer = session.page(Call::get(web.url.clone(), FIND)).await?;
    match answer.status {
        StatusCode::OK | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Ok(Some(web)),
        StatusCode::NOT_FOUND => Ok(None),
        _ if answer.is_redirect() => Ok(Some(web)),
        _ => Err(refusal::from_status(FIND, &answer)),
    }
}

/// `Webs.GetWeb`. Below an address that is no web, the services of the next web above answer; that one's mark is not
/// this one's. A web that is closed to us carries no mark of ours: those that we make are open to us.
pub(super) async fn mark(session: &Session, web: &Web) -> Result<Option<String>, SiteError> {
    let look = || async { ask(session, &web.url, &GetWeb { url: web.url.clone() }).await };
    let found = match look().await {
        Err(error) if may_be_closed(&error) => {
            // A host says the same to a wrong password and to a good one at a closed door. Asked again after a door that
            // opens, so that a session which ended in between is not taken for somebody else's web.
            ask(session, &session.parent, &GetWeb { url: session.parent.clone() }).await?;
            match look().await {
                Err(error) if may_be_closed(&error) => return Ok(None),
                found => found?,
            }
        }
        found => found?,
    };
    let this = address::same_path(&found.url, &web.url);
    Ok(found.description.filter(|_| this).and_then(|description| mark::read(&description)))
}

/// 401, 403 and 0x80070005 (contract, section 2: access denied).
fn may_be_closed(error: &SiteError) -> bool {
    match error {
        SiteError::SignIn { operation, .. } => *operation == GetWeb::NAME,
        SiteError::Refused { code, .. } => code == "403" || code.eq_ignore_ascii_case("0x80070005"),
        _ => false,
    }
}

/// GET and POST of the page, and once more when the page's digest has expired. Not repeatable: where the answer is
/// lost, ask [`find`] and [`mark()`].
pub(super) async fn create(session: &Session, new: &NewWeb) -> Result<Web, SiteError> {
    let mut outcome = post(session, new).await?;
    if matches!(&outcome, Outcome::Refused(message) if is_digest_refused(message)) {
        outcome = post(session, new).await?;
    }
    match outcome {
        Outcome::Made => Ok(web(session, &new.name)),
        Outcome::Refused(message) if message.to_lowercase().contains("already in use") => {
            Err(SiteError::NameTaken { operation: CREATE })
        }
        Outcome::Refused(message) => Err(refusal::refused(CREATE, "", &message)),
    }
}

enum Outcome {
    Made,
    Refused(String),
}

/// "The security validation for this page is invalid. …" ("Robust client" 7)
fn is_digest_refused(message: &str) -> bool {
    message.to_lowercase().contains("security validation for this page")
}

async fn post(session: &Session, new: &NewWeb) -> Result<Outcome, SiteError> {
    let page = address::below(&session.parent, ["_layouts", "newsbweb.aspx"]);
    let answer = session.page(Call::get(page.clone(), CREATE)).await?;
    if answer.status != StatusCode::OK {
        return Err(not_the_page(&page, &answer));
    }
    let (action, body) = fill(&page, &String::from_utf8_lossy(&answer.body), new)?;
    let referer = HeaderValue::from_str(page.as_str()).expect("a parsed address is ASCII");
    let call = Call::post(action.clone(), CREATE, body)
        .header(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
        .header(header::REFERER, referer);
    let answer = session.page(call).await?;
    if answer.is_redirect() {
        // To the new web, or to its permsetup.aspx for permissions of its own; groups are made later by services.
        let to = answer.location().and_then(|to| action.join(to).ok()).ok_or_else(|| changed("Location"))?;
        return if instead::is_error_page(&to) { Err(not_the_page(&action, &answer)) } else { Ok(Outcome::Made) };
    }
    if answer.status != StatusCode::OK {
        return Err(refusal::from_status(CREATE, &answer));
    }
    let page = String::from_utf8_lossy(&answer.body);
    match complaint(&page) {
        Some(message) => Ok(Outcome::Refused(message)),
        None if form::is_cut(&page) => Err(unusable(Unusable::Cut)),
        None => Err(changed("message of the error page")),
    }
}

/// Which of these site definitions the page does not offer. One GET, nothing is sent.
pub(super) async fn offered(session: &Session, definitions: &[&str]) -> Result<Vec<String>, SiteError> {
    let page = address::below(&session.parent, ["_layouts", "newsbweb.aspx"]);
    let answer = session.page(Call::get(page.clone(), CREATE)).await?;
    if answer.status != StatusCode::OK {
        return Err(not_the_page(&page, &answer));
    }
    let form = Form::parse(&String::from_utf8_lossy(&answer.body)).map_err(unusable)?;
    let list = form.name("LbWebTemplate").map_err(unusable)?;
    let missing = definitions.iter().filter(|definition| !form.offers(&list, definition));
    Ok(missing.map(|definition| (*definition).to_owned()).collect())
}

/// The filled form and where it goes. Anything missing stops here: nothing is guessed ("Robust client" 3).
fn fill(page: &Url, html: &str, new: &NewWeb) -> Result<(Url, String), SiteError> {
    let mut form = Form::parse(html).map_err(unusable)?;
    for needed in ["__REQUESTDIGEST", "__VIEWSTATE"] {
        form.name(needed).map_err(unusable)?;
    }
    let definitions = form.name("LbWebTemplate").map_err(unusable)?;
    if !form.offers(&definitions, &new.definition) {
        return Err(refusal::unsupported(
            CREATE,
            format!("the host does not offer the site definition {}", new.definition),
        ));
    }
    let (permissions, unique) = form.radio("idPermSection", "Yes").map_err(unusable)?;
    let button = form.name("BtnCreateSubweb").map_err(unusable)?;
    let description = mark::write(&new.description, &new.mark);
    let mut filled = BTreeSet::from([definitions.clone(), permissions.clone()]);
    for (suffix, value) in [
        ("__EVENTTARGET", button.as_str()),
        ("TxtCreateSubwebTitle", &new.title),
        ("TxtCreateSubwebDescription", &description),
        ("TxtCreateSubwebName", new.name.as_str()),
    ] {
        let name = form.text_box(suffix).map_err(unusable)?;
        // Nothing that is filled in may be written over by the next.
        if !filled.insert(name.clone()) {
            return Err(changed(suffix));
        }
        form.set(&name, value);
    }
    form.set(&definitions, &new.definition);
    form.set(&permissions, &unique);
    // Credentials go with the form: it must not lead to another host.
    let action = page.join(&form.action).ok().filter(|action| action.origin() == page.origin());
    Ok((action.ok_or_else(|| changed("form action on the same host"))?, form.encode()))
}

/// An answer that is neither the page nor a sign-in.
fn not_the_page(asked: &Url, answer: &Answer) -> SiteError {
    let to = answer.location().and_then(|to| asked.join(to).ok());
    match to {
        Some(to) if to.path().to_ascii_lowercase().ends_with("/accessdenied.aspx") => {
            refusal::refused(CREATE, "403", "access denied")
        }
        Some(_) => refusal::refused(CREATE, "", "the host answered with its error page"),
        None => refusal::from_status(CREATE, answer),
    }
}

fn web(session: &Session, name: &WebName) -> Web {
    Web { url: address::below(&session.parent, [name.as_str()]) }
}

fn unusable(why: Unusable) -> SiteError {
    match why {
        Unusable::Cut => {
            let source = soap::Error::new(soap::Problem::Cut { open: 1 }).under("aspnetForm");
            SiteError::Unreadable { operation: CREATE, source }
        }
        Unusable::TooLarge(limit) => {
            let source = soap::Error::new(soap::Problem::TooLarge(limit));
            SiteError::Unreadable { operation: CREATE, source }
        }
        Unusable::Missing(missing) => SiteError::PageChanged { operation: CREATE, missing },
    }
}

fn changed(missing: &str) -> SiteError {
    unusable(Unusable::Missing(missing.to_owned()))
}
