//! Events of tracking, read one at a time from a page (contract §5).

use domain::Timestamp;
use soap::{Error, Limits, Problem, Row, Rows};

use crate::{ExactTargetError, from_server};

/// What happened to one mail. Its fields point into the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'r> {
    /// What.
    pub kind: EventKind<'r>,
    /// The job that sent the mail.
    pub send: u64,
    /// To whom. The platform leaves it out where a subscriber is gone.
    pub subscriber: Option<&'r str>,
    /// When, at the server.
    pub at: Timestamp,
    /// The batch of a triggered send; 0 for others.
    pub batch: Option<u64>,
    /// The list that the mail was sent to; it comes as a partner property, for sent mails only.
    pub list: Option<u64>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind<'r> {
    /// It was sent.
    Sent,
    /// It was opened.
    Open,
    /// A link in it was followed.
    Click {
        /// The link's number.
        url_id: Option<u64>,
        /// Where it leads.
        url: &'r str,
    },
    /// It came back.
    Bounce(Bounce<'r>),
    /// Its reader does not want more of them.
    Unsubscribe {
        /// Of anything. Not told before 2013.
        is_master: Option<bool>,
    },
    /// It was forwarded, or the platform calls it something that nobody has described.
    Other(&'r str),
}

/// Why a mail came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounce<'r> {
    /// Which of the five kinds (EX-24).
    pub kind: BounceKind,
    /// What the platform says of it, such as `Hard bounce - User Unknown`.
    pub category: &'r str,
    /// The code of the other mail server; empty where there was none.
    pub smtp_code: &'r str,
    /// What it said, up to 8,000 characters.
    pub smtp_reason: &'r str,
    /// Whether it was told within the conversation, and not in a mail later.
    pub is_immediate: bool,
}

/// The five kinds of bounces (EX-24).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BounceKind {
    /// There is no such address.
    Hard,
    /// There is, but not now.
    Soft,
    /// The other side does not want it.
    Block,
    /// The other side is out of order.
    Technical,
    /// Everything else.
    Unknown,
}

impl BounceKind {
    /// By the first word of a category, whatever its case: one account showed them with a suffix.
    pub fn of(category: &str) -> Self {
        let first =
            category.split(|c: char| !c.is_ascii_alphabetic()).find(|word| !word.is_empty()).unwrap_or_default();
        [(Self::Hard, "hard"), (Self::Soft, "soft"), (Self::Block, "block"), (Self::Technical, "technical")]
            .into_iter()
            .find(|(_, word)| first.eq_ignore_ascii_case(word))
            .map_or(Self::Unknown, |(kind, _)| kind)
    }
}

/// The events of one page.
pub struct EventPage<'a> {
    rows: Rows<'a>,
}

impl<'a> EventPage<'a> {
    /// The name of a row.
    pub const ROW: &'static str = "Results";

    /// Starts reading.
    pub fn over(bytes: &'a [u8]) -> Result<Self, ExactTargetError> {
        let rows = Rows::over(bytes, Self::ROW, Limits::default()).map_err(unreadable)?;
        Ok(Self { rows })
    }

    /// The next event; `None` only when the page was whole.
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>, ExactTargetError> {
        let at = self.rows.count();
        match self.rows.next_row().map_err(unreadable)? {
            Some(row) => {
                let read = Event::of(row).map_err(|error| unreadable(error.under(format_args!("{}[{at}]", Self::ROW))));
                read.map(Some)
            }
            None => Ok(None),
        }
    }

    /// How many were read.
    pub fn count(&self) -> usize {
        self.rows.count()
    }
}

fn unreadable(source: Error) -> ExactTargetError {
    ExactTargetError::Unreadable { operation: "Retrieve", source }
}

/// What a row says, not yet understood. One pass: a row has a dozen elements, and each is looked at once.
#[derive(Default)]
struct Fields<'r> {
    kind: &'r str,
    send: &'r str,
    subscriber: &'r str,
    at: &'r str,
    batch: &'r str,
    list: &'r str,
    url_id: &'r str,
    url: &'r str,
    category: &'r str,
    smtp_code: &'r str,
    smtp_reason: &'r str,
    bounce_type: &'r str,
    is_master: &'r str,
    /// The name of the last partner property.
    partner: &'r str,
}

impl<'r> Event<'r> {
    fn of(row: &'r Row<'_>) -> Result<Self, Error> {
        let mut said = Fields::default();
        for field in row.fields() {
            let text = field.text();
            match field.name() {
                "EventType" => said.kind = text,
                "SendID" => said.send = text,
                "SubscriberKey" => said.subscriber = text,
                "EventDate" => said.at = text,
                "BatchID" => said.batch = text,
                "URLIDLong" => said.url_id = text,
                // An `int`, which newer numbers do not fit into: where there is the long one, it counts.
                "URLID" if said.url_id.is_empty() => said.url_id = text,
                "URL" => said.url = text,
                "BounceCategory" => said.category = text,
                "SMTPCode" => said.smtp_code = text,
                "SMTPReason" => said.smtp_reason = text,
                "BounceType" => said.bounce_type = text,
                "IsMasterUnsubscribed" => said.is_master = text,
                "Name" => said.partner = text,
                "Value" if said.partner == "ListID" => said.list = text,
                _ => {}
            }
        }
        said.understood()
    }
}

impl<'r> Fields<'r> {
    fn understood(self) -> Result<Event<'r>, Error> {
        let kind = match self.kind {
            "Sent" => EventKind::Sent,
            "Open" => EventKind::Open,
            "Click" => EventKind::Click { url_id: number(self.url_id, "URLID")?, url: self.url },
            "Unsubscribe" => EventKind::Unsubscribe { is_master: truth(self.is_master, "IsMasterUnsubscribed")? },
            "HardBounce" | "SoftBounce" | "OtherBounce" => EventKind::Bounce(Bounce {
                kind: BounceKind::of(self.category),
                category: self.category,
                smtp_code: self.smtp_code,
                smtp_reason: self.smtp_reason,
                is_immediate: self.bounce_type.eq_ignore_ascii_case("immediate"),
            }),
            other => EventKind::Other(other),
        };
        Ok(Event {
            kind,
            send: number(self.send, "SendID")?.ok_or_else(|| Error::new(Problem::Missing).under("SendID"))?,
            subscriber: Some(self.subscriber).filter(|key| !key.is_empty()),
            at: from_server(self.at).map_err(|error| error.under("EventDate"))?,
            batch: number(self.batch, "BatchID")?,
            list: number(self.list, "ListID")?,
        })
    }
}

/// Absent and empty are the same: the platform writes both.
fn number(text: &str, name: &'static str) -> Result<Option<u64>, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Error::unexpected("a number", text).under(name))
}

fn truth(text: &str, name: &'static str) -> Result<Option<bool>, Error> {
    match text.trim() {
        "" => Ok(None),
        "true" | "1" => Ok(Some(true)),
        "false" | "0" => Ok(Some(false)),
        other => Err(Error::unexpected("true or false", other).under(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EX-24; contract §5 and `bounce_categories.tsv`.
    #[test]
    fn a_category_is_known_by_its_first_word() {
        for (category, kind) in [
            ("Hard bounce", BounceKind::Hard),
            ("hard bounce - User Unknown", BounceKind::Hard),
            ("Soft bounce", BounceKind::Soft),
            ("BLOCK BOUNCE", BounceKind::Block),
            ("Technical/Other bounce", BounceKind::Technical),
            ("Unknown bounce", BounceKind::Unknown),
            ("Hardly a bounce", BounceKind::Unknown),
            ("", BounceKind::Unknown),
        ] {
            assert_eq!(BounceKind::of(category), kind, "{category:?}");
        }
    }
}
