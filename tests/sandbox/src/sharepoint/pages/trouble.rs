//! Pages that say no.

use bytes::Bytes;
use http::{Response, StatusCode};
use maud::html;

use crate::sharepoint::services::Surroundings;

use super::{frame::bare, html};

/// The error page: the same address, status 200 (forms/README.md).
pub(crate) fn error_page(message: &str) -> Response<Bytes> {
    error_with(StatusCode::OK, message)
}

/// The error page with another status: what ASP.NET itself refuses.
pub(super) fn error_with(status: StatusCode, message: &str) -> Response<Bytes> {
    let page = bare(
        "Error",
        &html! {
            form name="aspnetForm" method="post" action="error.aspx" id="aspnetForm" {
                h1 id="ctl00_PlaceHolderPageTitleInTitleArea_ErrorPageTitlePanel" { "Error" }
                div.ms-descriptiontext {
                    span id="ctl00_PlaceHolderMain_LabelMessage" dir="auto" { (message) }
                }
                p { a href="/" { "Go back to site" } }
            }
        },
    );
    html(status, &page)
}

/// A web that the visitor has nothing to do on (ST-04).
pub(super) fn denied(around: &Surroundings) -> Response<Bytes> {
    let page = bare(
        "Access Denied",
        &html! {
            h1 { "Error: Access Denied" }
            div.ms-descriptiontext {
                p { "Current User" }
                p { "You are currently signed in as: " strong dir="auto" { (around.login) } }
                p { a href="/_layouts/signout.aspx" { "Sign in as a different user" } }
            }
        },
    );
    html(StatusCode::FORBIDDEN, &page)
}

pub(crate) fn not_found() -> Response<Bytes> {
    let page = bare(
        "The page cannot be found",
        &html! { h1 { "The page cannot be found" } p { "HTTP Error 404 - File or directory not found." } },
    );
    html(StatusCode::NOT_FOUND, &page)
}
