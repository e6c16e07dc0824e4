//! What somebody who has to approve a send looks at: how many people, who is left out, and ten mails as they will be.

use serde_json::json;
use tenants::{MailColumn, Trouble};

use super::head;
use crate::{
    desk::{Desk, Halt, Hands, bucket_trouble},
    send::Part,
};

/// How many mails are shown.
const SAMPLES: usize = 10;

/// Writes `preview.json` beside the parts. The platform may put more into a mail than its columns: what is between two pairs
/// of percent signs and no column's name stays as it is.
pub(super) async fn write(desk: &Desk<'_>, hands: &Hands, parts: &[Part]) -> Result<(), Halt> {
    let send = &desk.row.value;
    let properties = ["Name", "Subject", "HTMLBody", "TextBody"];
    let email = hands.email.find("Email", "ID", send.order.email, &properties).await?;
    let text = |name: &str| email.as_ref().map(|email| email.child_text(name)).unwrap_or_default();
    let (html, plain) = (text("HTMLBody"), text("TextBody"));
    let body = if html.trim().is_empty() { plain } else { html };
    let subject = send.order.subject.clone().unwrap_or_else(|| text("Subject"));
    let people = samples(desk, &hands.mailing.columns, parts).await?;
    let mails = people
        .iter()
        .map(|person| json!({ "to": person, "subject": rendered(&subject, person), "body": rendered(&body, person) }));
    let preview = json!({
        "send": send.id,
        "revision": send.revision,
        "email": { "id": send.order.email, "name": text("Name"), "is_there": email.is_some() },
        "listed": send.staging.listed,
        "excluded": send.staging.excluded,
        "people": parts.iter().map(|part| part.rows).sum::<u64>(),
        "parts": parts.len(),
        "samples": mails.collect::<Vec<_>>(),
    });
    let bytes = serde_json::to_vec_pretty(&preview).map_err(Trouble::bug)?;
    let name = format!("{}/preview.json", send.folder());
    desk.deps.platform.staging.put(&desk.tenant, &name, bytes.into()).await.map_err(bucket_trouble)
}

/// What the platform is told of a person: column and value, in order.
type Person = Vec<(String, String)>;

/// The first people of the first part.
async fn samples(desk: &Desk<'_>, columns: &[MailColumn], parts: &[Part]) -> Result<Vec<Person>, Halt> {
    let Some(piece) = parts.first().and_then(|part| part.pieces.first()) else { return Ok(Vec::new()) };
    let found = desk.deps.platform.staging.get(&desk.tenant, piece).await.map_err(bucket_trouble)?;
    let lines = found.unwrap_or_default();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&*lines);
    let person = |line: csv::StringRecord| {
        head(columns).map(str::to_owned).zip(line.iter().map(str::to_owned)).collect::<Person>()
    };
    Ok(reader.records().take(SAMPLES).filter_map(Result::ok).map(person).collect())
}

/// A text with a person's values in it. Each is put in once: what it holds itself is not looked at again (A11).
fn rendered(text: &str, person: &Person) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("%%") {
        written.push_str(before);
        let found = after.split_once("%%").and_then(|(name, behind)| {
            let is_it = |(column, _): &&(String, String)| column.eq_ignore_ascii_case(name.trim());
            Some((person.iter().find(is_it).map(|(_, value)| value)?, behind))
        });
        if let Some((value, behind)) = found {
            written.push_str(value);
            rest = behind;
        } else {
            written.push_str("%%");
            rest = after;
        }
    }
    written + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn person(pairs: &[(&str, &str)]) -> Person {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// EX-14, A11: a column's value in any case of its name; what is not known stays; a value is never read as a name.
    #[test]
    fn a_mail_says_what_the_columns_say() {
        let anna = person(&[("First Name", "Anna"), ("Last Name", "%%First Name%%")]);
        assert_eq!(rendered("Dear %%first name%% %%Last Name%%!", &anna), "Dear Anna %%First Name%%!");
        assert_eq!(rendered("%%unsub%% 100%% %%First Name%%", &anna), "%%unsub%% 100%% Anna");
        assert_eq!(rendered("%%", &anna), "%%");
    }

    proptest! {
        /// Whatever is in a mail: it comes to an end, and without names nothing changes.
        #[test]
        fn a_text_without_names_stays(text in "[%a ]{0,30}") {
            prop_assert_eq!(rendered(&text, &person(&[("Zzz", "z")])), text);
        }
    }
}
