//! Every reader of the product that meets a document of somebody else, behind one question: what do you make of this?
//!
//! What comes over HTTP comes to the real client, from a back in this process that counts its calls.

mod back;
mod page;

use std::fmt::Write as _;

use crm::classic::{Columns, Query};
use crm::{Crm, classic::ClassicCrm};
use provisioning::template::{Parameters, Template};
use sharepoint::{SiteHost, Web, classic::ClassicSharePoint};
use soap::{Element, Envelope, Error, Limits, Problem, Rows, parse};

use back::{Answering, XML, client, wait};
pub use page::{FORM_PAGE, Posted, make_web, make_web_refused_by};

/// A reader of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// `soap::parse`.
    Tree,
    /// `soap::Rows`, for rows of the name [`Reader::ROW`].
    Rows,
    /// `soap::Envelope`, its fault and its addressing headers.
    Envelope,
    /// The answer of CRM to `WhoAmI`.
    Crm,
    /// The result of CRM's `Fetch`, which is a document inside of a text.
    Fetch,
    /// The answer of SharePoint to `GetWeb`.
    SharePoint,
    /// A site template.
    Template,
    /// The page `newsbweb.aspx`.
    Page,
    /// The page that answers the form of `newsbweb.aspx`, instead of the web that was to be made.
    ErrorPage,
}

/// What a reader made of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What was read, in a form that can be compared; or what the error says. That there is one is all that is known of
    /// a refusal by a reader without a `problem`: it returned an error of its port or crate, and did not panic.
    pub outcome: Result<String, String>,
    /// Why [`Reader::Tree`] and [`Reader::Rows`] refused it. The others refuse for reasons of theirs as well.
    pub problem: Option<Problem>,
    /// How many calls left the client beside the one that fetched the document.
    pub further_calls: usize,
}

impl Reader {
    /// All that read XML.
    pub const OF_XML: [Self; 7] =
        [Self::Tree, Self::Rows, Self::Envelope, Self::Crm, Self::Fetch, Self::SharePoint, Self::Template];

    /// All that read pages.
    pub const OF_HTML: [Self; 2] = [Self::Page, Self::ErrorPage];

    /// The name of a row.
    pub const ROW: &str = "result";

    /// Reads a document.
    pub fn read(self, document: &[u8]) -> Reading {
        match self {
            Self::Tree => parsed(tree(document)),
            Self::Rows => parsed(rows(document)),
            Self::Envelope => alone(envelope(document).map_err(|error| error.to_string())),
            Self::Template => alone(template(document)),
            Self::Crm => who_am_i(document),
            Self::Fetch => fetch(document),
            Self::SharePoint => mark(document),
            Self::Page => page::read(document),
            Self::ErrorPage => page::read_refusal(document),
        }
    }
}

/// A reading that could not have called anybody.
fn alone(outcome: Result<String, String>) -> Reading {
    Reading { outcome, problem: None, further_calls: 0 }
}

fn parsed(outcome: Result<String, Error>) -> Reading {
    let problem = outcome.as_ref().err().map(|error| error.problem().clone());
    Reading { problem, ..alone(outcome.map_err(|error| error.to_string())) }
}

fn tree(document: &[u8]) -> Result<String, Error> {
    parse(document, Limits::default())?.to_xml()
}

fn rows(document: &[u8]) -> Result<String, Error> {
    let mut rows = Rows::over(document, Reader::ROW, Limits::default())?;
    let mut read = String::new();
    while let Some(row) = rows.next_row()? {
        for field in row.fields() {
            let _ = write!(read, "{}={:?} ", field.name(), field.text());
        }
        read.push('\n');
    }
    Ok(read)
}

fn envelope(document: &[u8]) -> Result<String, Error> {
    let envelope = Envelope::parse(document, Limits::default())?;
    let headers = format!("{:?} {:?}", envelope.version, envelope.addressing());
    Ok(match envelope.into_body() {
        Ok(body) => format!("{headers} {body:?}"),
        Err(fault) => format!("{headers} {} {:?} {:?}", fault.code, fault.reason, fault.detail),
    })
}

fn template(document: &[u8]) -> Result<String, String> {
    let given = Parameters::new("Harbour {sitename} & <Söhne>", "harbour-8a3f".parse().expect("a web name"))
        .with("RecordId", "8a3f21c0-0000-4000-8000-000000000001")
        .with("RecordUrl", "https://crm.example/?id={8A3F21C0}&x={parameter:RecordId}")
        .with("AccountName", "{parameter:RecordId} ]]> \"'&<>");
    let plan = Template::read(document).and_then(|template| template.plan(&given));
    plan.map(|plan| format!("{plan:?}")).map_err(|error| error.to_string())
}

fn crm(back: &Answering) -> ClassicCrm {
    let connection = serde_json::from_value(serde_json::json!({
        "discovery": "https://crm.test.example/MSCRMServices/2007/SPLA/CrmDiscoveryService.asmx",
        "organization": "harbour", "user": "HARBOUR\\tieline", "password": "open sesame",
    }));
    let ticket = r#"{"ticket":"T1","service":"https://crm.test.example/MSCrmServices/2007/CrmService.asmx"}"#;
    ClassicCrm::with_tokens(connection.expect("a connection"), client("crm", back), back::signed_in(ticket))
}

fn who_am_i(document: &[u8]) -> Reading {
    let back = Answering::with(XML, document);
    let outcome = wait(crm(&back).who_am_i());
    back.reading(outcome.map(|user| user.to_string()).map_err(|error| error.to_string()))
}

fn fetch(document: &[u8]) -> Reading {
    // CRM writes the document as text, so it cannot send what text of XML cannot carry.
    let Ok(text) = std::str::from_utf8(document) else { return alone(Err("no text".to_owned())) };
    let services = "http://schemas.microsoft.com/crm/2007/WebServices";
    let body = Element::new(services, "FetchResponse").with_value("FetchResult", text);
    let answer = match Envelope::new(soap::SoapVersion::V11, body).to_bytes() {
        Ok(answer) => answer,
        Err(error) => return alone(Err(error.to_string())),
    };
    let back = Answering::with(XML, &answer);
    let query = Query::of("systemuser", Columns::All);
    let read = || {
        let page = wait(crm(&back).fetch(&query)).map_err(|error| error.to_string())?;
        let mut read = String::new();
        let mut rows = page.rows().map_err(|error| error.to_string())?;
        while let Some(row) = rows.next_row().map_err(|error| error.to_string())? {
            read.extend(row.fields().map(|field| format!("{}={:?} ", field.name(), field.text())));
        }
        let next = page.following(&query).map_err(|error| error.to_string())?;
        Ok(format!("{read} then {:?}", next.map(|next| next.page)))
    };
    let outcome = read();
    back.reading(outcome)
}

fn mark(document: &[u8]) -> Reading {
    let back = Answering::with(XML, document);
    let host: ClassicSharePoint = back::host(&back);
    let web = Web { url: format!("{}/berg", back::PARENT).parse().expect("an address") };
    let outcome = wait(host.mark(&web));
    back.reading(outcome.map(|mark| format!("{mark:?}")).map_err(|error| error.to_string()))
}
