//! A simulated SharePoint: the page path, the ASMX services, permissions, and pages for people.
//!
//! Of 2007 (WSS 3.0), or of 2010 where a host says so ([`Generation`]); with [`Claims`] it is an online one.
//!
//! A pure function of state, request and time. It enforces what the real one enforces, and lacks what that lacks.
//! Never uses our client. Start at [`handle`]; [`State`] is what tests look at.

mod address;
mod caml;
mod claims;
mod digest;
mod endpoint;
mod generation;
mod ids;
mod list;
mod list_data;
mod names;
mod page;
mod pages;
mod people_list;
mod report;
mod rights;
mod route;
mod rows;
mod seed;
mod services;
mod session;
mod state;
mod templates;

pub(crate) use claims::SecurityToken;
pub use claims::{Claims, LIFETIME as CLAIMS_LIFETIME};
pub use digest::{LIFETIME as DIGEST_LIFETIME, REFUSAL as DIGEST_REFUSAL};
pub use generation::Generation;
pub use ids::{Ids, braced};
pub use list::{Field, Item, List, Settings, StoredFile, View};
pub use names::{BadName, check_file_name, check_web_name};
pub use page::{Page, WebPart};
pub use rights::{Grant, Grants, Rights, Role};
pub use seed::{CollectionSeed, Credentials, online_tenants};
pub use session::Sessions;
pub use state::{Account, Collection, Group, State, User, Web};

use bytes::Bytes;
use domain::Timestamp;
use http::{HeaderName, HeaderValue, Method, Request, Response};

/// Answers one request.
pub fn handle(state: &mut State, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
    let mut response = route::answer(state, request, now);
    if request.method() == Method::HEAD {
        *response.body_mut() = Bytes::new();
    }
    let name = HeaderName::from_static("microsoftsharepointteamservices");
    response.headers_mut().insert(name, HeaderValue::from_static(state.generation.server_version()));
    response
}

/// The operation that a request asks for, as it is counted and as fault switches name it: `Lists.AddList`,
/// `GET newsbweb.aspx`, `GET default.aspx` for a web, `GET file` for what is no page, `wsignin1.0` for a token that is
/// turned in, `GET listdata.svc` for the data service.
pub fn operation(request: &Request<Bytes>) -> String {
    let path = address::decode(request.uri().path());
    let file = path.trim_end_matches('/').rsplit('/').next().unwrap_or("").to_lowercase();
    if let Some(service) = services::Service::of_file(&file).filter(|_| request.method() == Method::POST) {
        return match endpoint::read(request) {
            Ok(read) => format!("{}.{}", service.name, read.operation()),
            Err(_) => format!("{}.unreadable", service.name),
        };
    }
    if path.to_lowercase().ends_with("/_forms/default.aspx")
        && request.uri().query().is_some_and(|query| query.to_lowercase().contains("wa=wsignin1.0"))
    {
        return "wsignin1.0".to_owned();
    }
    if path.to_lowercase().contains("/_vti_bin/listdata.svc") {
        return format!("{} listdata.svc", request.method());
    }
    let file = match file.rsplit_once('.') {
        Some((_, "aspx" | "css" | "asmx")) => file,
        Some(_) => "file".to_owned(),
        None => "default.aspx".to_owned(),
    };
    format!("{} {file}", request.method())
}

/// A refusal with this code, in the shape that fits the request: a fault, or the error page.
pub fn refusal(request: &Request<Bytes>, code: &str) -> Response<Bytes> {
    let path = address::decode(request.uri().path()).to_lowercase();
    if path.contains("/_vti_bin/") {
        return endpoint::fault(request, &services::any_fault(code));
    }
    pages::error_page(&format!("An unexpected error has occurred. ({code})"))
}
