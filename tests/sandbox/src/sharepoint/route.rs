//! Which part of the host a request is for, and whether its sender may be there.

use bytes::Bytes;
use domain::Timestamp;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};

use super::{
    address, claims, endpoint, list_data, pages,
    rights::Rights,
    services::{Service, Surroundings},
    session::{self, Caller},
    state::{State, collection_key},
};

/// A request, taken apart.
pub(super) struct Visit<'r> {
    pub(super) request: &'r Request<Bytes>,
    /// The decoded path, without a slash at the end.
    pub(super) path: String,
    pub(super) base: String,
    pub(super) now: Timestamp,
}

impl Visit<'_> {
    /// A parameter of the address.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let all = address::parameters(self.request.uri().query().unwrap_or("").as_bytes());
        address::parameter(&all, name).map(ToOwned::to_owned)
    }

    /// The fields of a posted form.
    pub(super) fn form(&self) -> Vec<(String, String)> {
        address::parameters(self.request.body())
    }

    pub(super) fn is_post(&self) -> bool {
        self.request.method() == Method::POST
    }
}

pub(super) fn answer(state: &mut State, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
    let path = address::decode(request.uri().path()).trim_end_matches('/').to_owned();
    let base = base_of(state, request);
    let visit = Visit { request, path, base, now };
    let (web, place, rest) = split(&visit.path);
    let (web, rest) = (web.to_owned(), rest.to_lowercase());
    match (place, rest.as_str()) {
        (Place::Layouts, "1033/styles/core.css") => return pages::style_sheet(),
        // Browsers ask; an empty answer keeps their console quiet.
        (Place::Content, _) if visit.path == "/favicon.ico" => return pages::icon(),
        (Place::Content, _) if state.claims.is_some() && visit.path.eq_ignore_ascii_case("/_forms/default.aspx") => {
            return claims::sign_in(state, &visit);
        }
        (Place::Layouts, "authenticate.aspx") if state.claims.is_some() => {
            let back = visit.parameter("Source").unwrap_or_else(|| "/".to_owned());
            let query: String =
                form_urlencoded::Serializer::new(String::new()).append_pair("ReturnUrl", &back).finish();
            return redirect(&format!("/_forms/default.aspx?{query}"));
        }
        (Place::Layouts, "login.aspx") if state.claims.is_none() => return pages::sign_in(state, &visit),
        (Place::Layouts, "signout.aspx") => return pages::sign_out(state, &visit),
        (Place::Content, "") if visit.path.is_empty() => return pages::collections(state),
        _ => {}
    }
    let Some(key) = collection_key(&visit.path).filter(|key| state.collections.contains_key(key)) else {
        return pages::not_found();
    };
    if place == Place::Services && Service::of_file(&rest).is_some_and(|service| service.name == "Authentication") {
        return endpoint::authenticate(state, &visit);
    }
    let login = match session::identify(state, request.headers(), now) {
        Caller::Known(login) => login,
        Caller::Anonymous | Caller::Refused if state.claims.is_some() => {
            return claims::sign_in_first(&visit, place == Place::Services);
        }
        Caller::Anonymous | Caller::Refused => return sign_in_first(&visit),
    };
    let Some(collection) = state.collections.get(&key) else { return pages::not_found() };
    let found = match place {
        Place::Content => collection.web_above(&visit.path).map(|(web, below)| (web, below.to_owned())),
        // Below an address that is no web, the next web above answers.
        _ => collection.web_above(&web).map(|(web, _)| (web, String::new())),
    };
    let Some((web, below)) = found else { return pages::not_found() };
    // Somebody the collection has not met has no member id and no rights.
    let user = collection.user(&login).map_or(0, |user| user.id);
    let around = Surroundings {
        base: visit.base.clone(),
        web: web.path.clone(),
        user,
        login,
        now,
        seal: state.seal.clone(),
        generation: state.generation,
        is_claims: state.claims.is_some(),
    };
    match place {
        Place::Services if state.generation.is_2010() && rest.starts_with("listdata.svc/") => {
            list_data::answer(state, &key, &visit, &around, &rest)
        }
        Place::Services => endpoint::answer(state, &key, &visit, &around, &rest),
        Place::Layouts => pages::layouts(state, &key, &visit, &around, &rest),
        Place::Content => pages::content(state, &key, &visit, &around, &below),
    }
}

/// Whether a user may see the pages of a web.
pub(super) fn may_view(state: &State, key: &str, around: &Surroundings) -> bool {
    let rights = state.collections.get(key).map(|collection| collection.rights(around.user, &around.web));
    rights.is_some_and(|rights| rights.include(Rights::VIEW_PAGES))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Services,
    Layouts,
    Content,
}

/// The web's path, the virtual folder below it, and the rest.
fn split(path: &str) -> (&str, Place, &str) {
    let lower = path.to_ascii_lowercase();
    for (folder, place) in [("/_vti_bin/", Place::Services), ("/_layouts/", Place::Layouts)] {
        if let Some(at) = lower.find(folder) {
            return (&path[..at], place, &path[at + folder.len()..]);
        }
    }
    (path, Place::Content, "")
}

/// Scheme, host and port as the client knows them.
fn base_of(state: &State, request: &Request<Bytes>) -> String {
    let authority = request.uri().authority().map(http::uri::Authority::as_str);
    let host = authority.or_else(|| request.headers().get(header::HOST).and_then(|host| host.to_str().ok()));
    let own = state.base.split_once("://");
    match (host, request.uri().scheme_str(), own) {
        (None, ..) => state.base.clone(),
        (Some(host), Some(scheme), _) => format!("{scheme}://{host}"),
        (Some(host), None, Some((scheme, own))) if own.eq_ignore_ascii_case(host) => format!("{scheme}://{host}"),
        (Some(host), None, _) => format!("http://{host}"),
    }
}

/// 401 for those who speak HTTP authentication, the sign-in page for all others (contract §1).
fn sign_in_first(visit: &Visit<'_>) -> Response<Bytes> {
    let headers: &HeaderMap = visit.request.headers();
    let windows =
        headers.get("x-forms_based_auth_accepted").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"f"));
    if windows || headers.contains_key(header::AUTHORIZATION) {
        return unauthorized();
    }
    let wanted = visit.request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("ReturnUrl", wanted).finish();
    redirect(&format!("/_layouts/login.aspx?{query}"))
}

/// To somebody who is known and has nothing to do there: a classic host asks again who it is, a claims host knows.
pub(super) fn closed(around: &Surroundings) -> Response<Bytes> {
    if !around.is_claims {
        return unauthorized();
    }
    let mut response = Response::new(Bytes::from_static(b"403 FORBIDDEN"));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}

fn unauthorized() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(b"401 UNAUTHORIZED"));
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    let challenge = HeaderValue::from_static("Basic realm=\"SharePoint\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}

pub(super) fn redirect(location: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::FOUND;
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}
