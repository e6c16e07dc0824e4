//! A simulated SharePoint 2007 (WSS 3.0): the page path, the ASMX services, permissions, and pages for people.
//!
//! A pure function of state, request and time. It enforces what the real one enforces, and lacks what that lacks.
//! Never uses our client. Start at [`handle`]; [`State`] is what tests look at.

mod address;
mod caml;
mod digest;
mod endpoint;
mod ids;
mod list;
mod names;
mod page;
mod pages;
mod report;
mod rights;
mod route;
mod rows;
mod seed;
mod services;
mod session;
mod state;
mod templates;

pub use digest::{LIFETIME as DIGEST_LIFETIME, REFUSAL as DIGEST_REFUSAL};
pub use ids::{Ids, braced};
pub use list::{Field, Item, List, Settings, StoredFile, View};
pub use names::{BadName, check_file_name, check_web_name};
pub use page::{Page, WebPart};
pub use rights::{Grant, Grants, Rights, Role};
pub use seed::{CollectionSeed, Credentials};
pub use session::Sessions;
pub use state::{Account, Collection, Group, State, User, Web};

use bytes::Bytes;
use domain::Timestamp;
use http::{HeaderName, HeaderValue, Method, Request, Response};

/// What the header that identifies the product says.
pub const SERVER_VERSION: &str = "12.0.0.6421";

/// Answers one request.
pub fn handle(state: &mut State, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
    let mut response = route::answer(state, request, now);
    if request.method() == Method::HEAD {
        *response.body_mut() = Bytes::new();
    }
    let name = HeaderName::from_static("microsoftsharepointteamservices");
    response.headers_mut().insert(name, HeaderValue::from_static(SERVER_VERSION));
    response
}

/// The operation that a request asks for, as it is counted and as fault switches name it: `Lists.AddList`,
/// `GET newsbweb.aspx`, `GET default.aspx` for a web, `GET file` for what is no page.
pub fn operation(request: &Request<Bytes>) -> String {
    let path = address::decode(request.uri().path());
    let file = path.trim_end_matches('/').rsplit('/').next().unwrap_or("").to_lowercase();
    if let Some(service) = services::Service::of_file(&file).filter(|_| request.method() == Method::POST) {
        return match endpoint::read(request) {
            Ok(read) => format!("{}.{}", service.name, read.operation()),
            Err(_) => format!("{}.unreadable", service.name),
        };
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
