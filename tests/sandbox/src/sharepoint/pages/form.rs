//! ASP.NET forms: the hidden fields of a page, and what comes back.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Response, StatusCode};
use maud::{Markup, html};
use sha2::{Digest as _, Sha256};

use crate::sharepoint::{digest, route::Visit, services::Surroundings};

use super::trouble;

/// A page's form for one visitor.
pub(super) struct Form<'a> {
    around: &'a Surroundings,
    page: &'static str,
}

/// A post that belongs to the page.
pub(super) struct Posted {
    fields: Vec<(String, String)>,
}

/// What a request to the page is.
pub(super) enum Received {
    /// The page is asked for, or the post says nothing to it.
    Show,
    /// The button was pressed.
    Pressed(Posted),
    /// The post is refused.
    Refused(Response<Bytes>),
}

impl<'a> Form<'a> {
    pub(super) fn new(around: &'a Surroundings, page: &'static str) -> Self {
        Self { around, page }
    }

    /// The hidden fields.
    pub(super) fn hidden(&self) -> Markup {
        let Surroundings { seal, login, web, now, .. } = self.around;
        let fields = [
            ("__EVENTTARGET", String::new()),
            ("__EVENTARGUMENT", String::new()),
            ("__REQUESTDIGEST", digest::issue(seal, login, web, *now)),
            ("__VIEWSTATE", self.state("/wEPDwUK", "state")),
            ("__EVENTVALIDATION", self.state("/wEWBg", "events")),
        ];
        html! {
            div {
                @for (name, value) in fields { input type="hidden" name=(name) id=(name) value=(value); }
            }
        }
    }

    /// Opaque, and the same for the same page, person and web.
    fn state(&self, start: &str, kind: &str) -> String {
        let Surroundings { seal, login, web, .. } = self.around;
        let hash = Sha256::digest([seal.as_str(), kind, self.page, login, web].join("\n").as_bytes());
        format!("{start}{}", STANDARD.encode(hash))
    }

    /// Takes a request to the page apart. A post without view state is none of the page's, and shows it anew; one with
    /// another page's is refused by ASP.NET; a digest that is not accepted is refused by SharePoint.
    pub(super) fn receive(&self, visit: &Visit<'_>, button: &str) -> Received {
        if !visit.is_post() {
            return Received::Show;
        }
        let posted = Posted { fields: visit.form() };
        let Some(state) = posted.field("__VIEWSTATE") else { return Received::Show };
        if state != self.state("/wEPDwUK", "state") {
            let text = "The state information is invalid for this page and might be corrupted.";
            return Received::Refused(trouble::error_with(StatusCode::INTERNAL_SERVER_ERROR, text));
        }
        if posted.field("__EVENTVALIDATION") != Some(&self.state("/wEWBg", "events")) {
            let text = "Invalid postback or callback argument.";
            return Received::Refused(trouble::error_with(StatusCode::INTERNAL_SERVER_ERROR, text));
        }
        if posted.field("__EVENTTARGET") != Some(button) && posted.field(button).is_none() {
            return Received::Show;
        }
        let Surroundings { seal, login, web, now, .. } = self.around;
        let digest = posted.field("__REQUESTDIGEST").unwrap_or("");
        if !digest::is_valid(seal, login, web, *now, digest) {
            return Received::Refused(trouble::error_page(digest::REFUSAL));
        }
        Received::Pressed(posted)
    }
}

impl Posted {
    /// A field by its exact name.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.field(name).unwrap_or("").trim()
    }
}

/// The id of a control: its name with underscores.
pub(super) fn id(name: &str) -> String {
    name.replace('$', "_")
}
