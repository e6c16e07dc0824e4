//! Whether a send was released: the question whose wrong answer mails a million people twice.

use soap::Element;

use crate::{ExactTarget, ExactTargetError, Filter, operations::Retrieve};

/// What is known of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Released {
    /// It was: the numbers of its jobs, which are more than one if it was released more than once.
    Found(Vec<u64>),
    /// It was not: the same question finds a send that is known to be there.
    NotThere,
    /// Nobody knows, and a person decides. A filter that the platform does not support can answer *OK* without rows
    /// (contract §4: `Send` by `SentDate` and `ID`), so that an empty answer alone says nothing.
    CannotTell,
}

/// Asks for the sends whose `property` is `wanted`; if there are none, for those where it is `known`, which a send of this
/// tenant is known to have. Both questions differ in the value alone.
pub async fn was_released(
    platform: &ExactTarget,
    property: &str,
    wanted: &str,
    known: Option<&str>,
) -> Result<Released, ExactTargetError> {
    match ask(platform, property, wanted).await? {
        Heard::Sends(jobs) => return Ok(Released::Found(jobs)),
        Heard::Something => return Ok(Released::CannotTell),
        Heard::Nothing => {}
    }
    let Some(known) = known.filter(|known| *known != wanted) else { return Ok(Released::CannotTell) };
    Ok(match ask(platform, property, known).await? {
        Heard::Sends(_) => Released::NotThere,
        Heard::Something | Heard::Nothing => Released::CannotTell,
    })
}

enum Heard {
    Sends(Vec<u64>),
    Nothing,
    /// Rows that were not asked for: the filter was not heeded.
    Something,
}

async fn ask(platform: &ExactTarget, property: &str, value: &str) -> Result<Heard, ExactTargetError> {
    let mut properties = vec!["ID".to_owned()];
    properties.extend(Some(property.to_owned()).filter(|property| property != "ID"));
    let request = Retrieve::of("Send", properties).only(Filter::equals(property, value));
    let found = platform.send(&request).await?.results;
    if found.is_empty() {
        return Ok(Heard::Nothing);
    }
    let is_asked_for = |send: &Element| text_at(send, property) == value;
    if !found.iter().all(is_asked_for) {
        return Ok(Heard::Something);
    }
    let jobs: Result<Vec<u64>, soap::Error> = found.iter().map(|send| send.value("ID")).collect();
    jobs.map(Heard::Sends).map_err(|source| ExactTargetError::Unreadable { operation: "Retrieve", source })
}

/// The text at a path such as `Email.ID`.
fn text_at(element: &Element, path: &str) -> String {
    let mut here = Some(element);
    for part in path.split('.') {
        here = here.and_then(|element| element.child(part));
    }
    here.map(|element| element.text().trim().to_owned()).unwrap_or_default()
}
