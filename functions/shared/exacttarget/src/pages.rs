//! The pages of a retrieve: one after another, because a session has no other state (contract §4).

use std::collections::BTreeSet;

use bytes::Bytes;
use soap::{Element, FromXml, Limits, Problem, Rows};
use transport::Answer;

use crate::{
    EventPage, ExactTarget, ExactTargetError, Overall,
    channel::body_of,
    operations::{Retrieve, Retrieved},
};

/// Reads page after page.
///
/// A property that the object does not have is left out and the first page asked for again; [`Pages::without`] says which.
/// A page that is cut, or a session that ended, is an error: what was read before it is not all there is.
pub struct Pages<'c> {
    client: &'c ExactTarget,
    request: Retrieve,
    without: BTreeSet<String>,
    read: u32,
    is_over: bool,
}

/// One page as it came: at most [`MOST_ROWS`](crate::MOST_ROWS) rows.
pub struct PageOf {
    answer: Answer,
}

impl<'c> Pages<'c> {
    pub(crate) fn new(client: &'c ExactTarget, request: Retrieve) -> Self {
        Self { client, request, without: BTreeSet::new(), read: 0, is_over: false }
    }

    /// The next page; `None` after the last one.
    pub async fn next(&mut self) -> Result<Option<PageOf>, ExactTargetError> {
        while !self.is_over {
            let answer = self.client.answer_to(&self.request).await?;
            let (overall, request_id) = head(&answer.body)?;
            match overall {
                Overall::Ok => self.is_over = true,
                Overall::MoreDataAvailable => self.request.continues = Some(request_id),
                Overall::PropertiesRefused(names) if self.read == 0 && self.leave_out(&names) => continue,
                // What a page that is not known any more is answered with is documented nowhere.
                Overall::Failed if self.read > 0 => {
                    let object = self.request.object.clone();
                    return Err(ExactTargetError::SessionLost { operation: "Retrieve", object, pages: self.read });
                }
                failed => return Err(self.request.error(failed)),
            }
            self.read += 1;
            return Ok(Some(PageOf { answer }));
        }
        Ok(None)
    }

    /// The properties that the object does not have in this account.
    pub fn without(&self) -> &BTreeSet<String> {
        &self.without
    }

    /// Whether something was left out, and something is left.
    fn leave_out(&mut self, names: &BTreeSet<String>) -> bool {
        let before = self.request.properties.len();
        self.request.properties.retain(|property| !names.contains(property));
        let left = self.request.properties.len();
        self.without.extend(names.iter().cloned());
        0 < left && left < before
    }
}

/// What the page says of itself. It stands in front of the rows in every recording; where it does not, the page is
/// read to its end for it.
fn head(bytes: &[u8]) -> Result<(Overall, String), ExactTargetError> {
    let unreadable = |source| ExactTargetError::Unreadable { operation: "Retrieve", source };
    let mut rows = Rows::over(bytes, EventPage::ROW, Limits::default()).map_err(unreadable)?;
    loop {
        let is_row = rows.next_row().map_err(unreadable)?.is_some();
        match (rows.outside("OverallStatus"), rows.outside("RequestID")) {
            (Some(overall), Some(request_id)) => {
                let Ok(overall) = overall.parse();
                return Ok((overall, request_id.trim().to_owned()));
            }
            _ if is_row => {}
            _ => return Err(unreadable(soap::Error::new(Problem::Missing).under("OverallStatus"))),
        }
    }
}

impl PageOf {
    /// The page's events, one at a time. The last one has been there only when reading says so: a page that is cut
    /// ends with an error.
    pub fn events(&self) -> Result<EventPage<'_>, ExactTargetError> {
        EventPage::over(&self.answer.body)
    }

    /// The page's objects as trees, where they are no events. A page that is cut is an error.
    pub fn objects(&self) -> Result<Vec<Element>, ExactTargetError> {
        let operation = Retrieve::OPERATION;
        let body = body_of(operation, &self.answer).map_err(|failure| failure.into_error(operation))?;
        let page = Retrieved::from_xml(&body);
        Ok(page
            .map_err(|source| ExactTargetError::Unreadable { operation, source: source.under(body.local()) })?
            .results)
    }

    /// The page's bytes.
    pub fn bytes(&self) -> &Bytes {
        &self.answer.body
    }
}
