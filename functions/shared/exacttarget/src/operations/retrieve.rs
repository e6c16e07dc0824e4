//! Asks for objects, page by page (contract §4).

use soap::{Element, Error, FromXml, ToXml};

use super::Message;
use crate::{ExactTargetError, Filter, MOST_ROWS, NS, Overall};

/// Asks for some properties of the objects that a filter finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retrieve {
    /// The object's type, to the letter: `SentEvent`, `DataExtensionObject[KEY]`.
    pub object: String,
    /// What is wanted of it. There is no wildcard.
    pub properties: Vec<String>,
    /// Which ones; all of them without.
    pub filter: Option<Filter>,
    /// Rows of a page, where fewer than [`MOST_ROWS`] are wanted. It is repeated on every page, or the platform falls back.
    pub rows: Option<u32>,
    /// The `RequestID` of the page before.
    pub continues: Option<String>,
    /// Of all accounts below the one that the sign-in is for.
    pub of_all_accounts: bool,
}

impl Retrieve {
    /// The operation's name.
    pub const OPERATION: &'static str = "Retrieve";

    /// Of all objects of a type.
    pub fn of(object: &str, properties: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            object: object.to_owned(),
            properties: properties.into_iter().map(Into::into).collect(),
            filter: None,
            rows: None,
            continues: None,
            of_all_accounts: false,
        }
    }

    /// Only of those that the filter finds.
    #[must_use]
    pub fn only(mut self, filter: Filter) -> Self {
        self.filter = Some(filter);
        self
    }

    /// With so many rows to a page.
    #[must_use]
    pub fn in_pages_of(mut self, rows: u32) -> Self {
        self.rows = Some(rows.clamp(1, MOST_ROWS));
        self
    }

    pub(crate) fn error(&self, overall: Overall) -> ExactTargetError {
        super::error(Self::OPERATION, &self.object, overall)
    }
}

impl ToXml for Retrieve {
    /// A page after the first one names the object, because the schema demands it, and nothing else of the request.
    fn to_xml(&self) -> Element {
        let mut request = Element::new(NS, "RetrieveRequest");
        request = request.with_value("ObjectType", &self.object);
        if let Some(before) = &self.continues {
            request = request.with_value("ContinueRequest", before);
        } else {
            request =
                self.properties.iter().fold(request, |request, property| request.with_value("Properties", property));
            request = request.with_all(self.filter.as_ref().map(|filter| filter.written_as("Filter")));
        }
        if self.of_all_accounts {
            request = request.with_value("QueryAllAccounts", true);
        }
        // The vendor's own samples put it first, which its schema does not allow.
        if let Some(rows) = self.rows {
            request = request.with(Element::new(NS, "Options").with_value("BatchSize", rows));
        }
        Element::new(NS, "RetrieveRequestMsg").with(request)
    }
}

impl Message for Retrieve {
    type Reply = Retrieved;
    const NAME: &'static str = Self::OPERATION;

    /// A first page may be asked for again; a later one not: whether the platform would give the same one again, or skip
    /// the one whose answer was lost, is documented nowhere.
    fn is_repeatable(&self) -> bool {
        self.continues.is_none()
    }

    fn judge(&self, overall: &Overall, _has_results: bool) -> Result<(), ExactTargetError> {
        match overall {
            Overall::Ok | Overall::MoreDataAvailable => Ok(()),
            failed => Err(self.error(failed.clone())),
        }
    }
}

/// One page as a tree: for the few objects that are looked at, not for events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retrieved {
    /// The objects.
    pub results: Vec<Element>,
    /// What the next page continues, if there is one.
    pub continues: Option<String>,
}

impl FromXml for Retrieved {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        if !body.is("RetrieveResponseMsg") {
            return Err(Error::unexpected("RetrieveResponseMsg", body.local()));
        }
        let has_more = body.required("OverallStatus")?.text().trim() == "MoreDataAvailable";
        let continues = if has_more { Some(body.required("RequestID")?.text().trim().to_owned()) } else { None };
        Ok(Self { results: body.all("Results").cloned().collect(), continues })
    }
}
