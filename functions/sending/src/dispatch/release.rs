//! The release: the platform is told to mail, once (S1 to S4).
//!
//! The attempt is durable before the call. After an answer that was lost the platform is asked; as long as the call may still
//! land, an empty answer says nothing; after that it counts only if the same question finds a release that is known to
//! be there. What stays unclear is for a person: nobody is mailed twice on a guess.

use domain::SignedDuration;
use exacttarget::{
    ExactTarget, ExactTargetError, Released,
    objects::{EmailSendDefinition, Object, SendSource},
    operations::{Create, Start},
    was_released,
};
use platform::{Key, NewRow, Row, Table};
use serde::{Deserialize, Serialize};
use tenants::Trouble;

use super::late;
use crate::{
    desk::{Desk, Halt, Hands},
    send::{Attempt, Send, SendKey},
};

/// How long a release may land after it was attempted: longer than a lease, and far longer than the platform needs to show
/// a job. How long it needs at most nobody has documented.
const QUIET: SignedDuration = SignedDuration::from_mins(20);
/// How often it is asked in that time.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(1);
/// After so many attempts that were found not to have been made, a person looks.
const MOST_ATTEMPTS: u32 = 3;
/// What a job is found by.
const BY_DEFINITION: &str = "EmailSendDefinition.CustomerKey";

/// A release of the tenant that is known to be there: what proves that the question finds one.
#[derive(Serialize, Deserialize)]
struct Known {
    key: String,
}

/// Makes the definition, where it is not there.
pub(super) async fn define(desk: &mut Desk<'_>, hands: &Hands) -> Result<(), Halt> {
    if desk.row.value.journal.is_defined {
        return Ok(());
    }
    let key = desk.row.value.release_key(&desk.tenant);
    if !is_defined(&hands.email, &key).await? {
        let definition = definition(&desk.row.value, hands, &key)?;
        let made = hands.email.send(&Create { objects: vec![Object::from(&definition)], upsert: false }).await?.0;
        let outcome = made.into_iter().next();
        if !outcome.as_ref().is_some_and(|outcome| outcome.is_ok) && !is_defined(&hands.email, &key).await? {
            return Err(refused(outcome.and_then(|outcome| outcome.code).unwrap_or_default(), definition.email));
        }
    }
    desk.row.value.journal.is_defined = true;
    desk.done().await
}

fn definition(send: &Send, hands: &Hands, key: &SendKey) -> Result<EmailSendDefinition, Halt> {
    let journal = &send.journal;
    let missing = || Trouble::bug("a send without its tables");
    Ok(EmailSendDefinition {
        key: key.to_string(),
        name: format!("Tieline {key}"),
        classification: hands.mailing.classification.clone(),
        to: SendSource::DataExtension {
            object_id: journal.table.clone().ok_or_else(missing)?,
            list: hands.mailing.list,
        },
        but_not_to: vec![journal.exclusions.clone().ok_or_else(missing)?],
        email: send.order.email,
        subject: send.order.subject.clone(),
    })
}

/// What a user can do about the platform's codes (contract `exacttarget/error_codes.tsv`).
fn refused(code: u32, email: u64) -> Halt {
    Halt::refused(match code {
        42_003 => {
            "the e-mail platform does not know the send classification of your organization's settings".to_owned()
        }
        42_004 | 42_005 => format!("the e-mail platform has no e-mail number {email}: choose another one"),
        42_007 => "the e-mail platform does not know the publication list of your organization's settings".to_owned(),
        code => format!("the e-mail platform refuses the send (code {code})"),
    })
}

async fn is_defined(email: &ExactTarget, key: &SendKey) -> Result<bool, Halt> {
    Ok(email.find("EmailSendDefinition", "CustomerKey", key, &[]).await?.is_some())
}

/// Releases, or finds out what became of an attempt. Returns when the job is known.
pub(super) async fn once(desk: &mut Desk<'_>, hands: &Hands) -> Result<(), Halt> {
    while desk.row.value.journal.job.is_none() {
        match desk.row.value.journal.attempt {
            None => attempt(desk, hands, 1).await?,
            Some(made) => settle(desk, hands, made).await?,
        }
    }
    Ok(())
}

async fn attempt(desk: &mut Desk<'_>, hands: &Hands, number: u32) -> Result<(), Halt> {
    if desk.is_late() {
        return Err(Halt::breath());
    }
    let is_fresh = |desk: &Desk<'_>| {
        let asked = desk.row.value.journal.opted_out.map(|(at, _)| at);
        asked.is_some_and(|at| desk.now().duration_since(at) <= late::FRESH)
    };
    if !is_fresh(desk) {
        late::exclude(desk, hands).await?;
    }
    if !is_fresh(desk) {
        let reason = "asking who opted out takes longer than a minute".to_owned();
        return Err(Trouble::Passing { reason, after: None }.into());
    }
    // Durable before the call: whoever comes after a crash asks first.
    desk.row.value.journal.attempt = Some(Attempt { at: desk.now(), number });
    desk.done().await?;
    let key = desk.row.value.release_key(&desk.tenant);
    match hands.email.send(&Start(Object::by_key("EmailSendDefinition", key.as_str()))).await {
        Ok(performed) => match performed.task {
            Some(job) => found(desk, job).await,
            None => Ok(()),
        },
        // Nobody was called: the attempt was not made.
        Err(error) if was_not_sent(&error) => {
            desk.row.value.journal.attempt = None;
            desk.done().await?;
            Err(error.into())
        }
        Err(error) => {
            tracing::warn!(send = %desk.row.value.id, "the answer to a release is lost: {error}");
            Ok(())
        }
    }
}

/// Whether the call cannot have reached the platform.
fn was_not_sent(error: &ExactTargetError) -> bool {
    match error {
        ExactTargetError::Call { source, .. } => !source.may_have_landed(),
        ExactTargetError::Unsendable { .. } | ExactTargetError::SignIn { .. } => true,
        // In maintenance, or too many calls: the platform looked at nothing of it (contract §7, Faults).
        ExactTargetError::Busy { code, .. } => matches!(code.as_str(), "9" | "10" | "17"),
        _ => false,
    }
}

async fn settle(desk: &mut Desk<'_>, hands: &Hands, made: Attempt) -> Result<(), Halt> {
    let key = desk.row.value.release_key(&desk.tenant);
    let known = known(&desk.deps.platform.ledger, desk).await?;
    let known = known.as_ref().map(|row| row.value.key.as_str());
    let waited = desk.now().duration_since(made.at);
    match was_released(&hands.email, BY_DEFINITION, key.as_str(), known).await? {
        Released::Found(jobs) => match jobs.as_slice() {
            [job] => found(desk, *job).await,
            several => Err(Halt::unclear(format!(
                "the e-mail platform shows {} jobs for this send, which may have been mailed more than once: {}",
                several.len(),
                several.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            ))),
        },
        _ if waited < QUIET => {
            let reason = "it is not clear yet whether the e-mail platform was told to mail".to_owned();
            Err(Halt::Later { after: LOOK_AGAIN, reason })
        }
        Released::NotThere if made.number < MOST_ATTEMPTS => attempt(desk, hands, made.number + 1).await,
        Released::NotThere => Err(Halt::unclear(
            "the e-mail platform was told to mail three times and did not: look at it, then send anew",
        )),
        Released::CannotTell => Err(Halt::unclear(format!(
            "nobody can tell whether the e-mail platform was told to mail: look there for a job of the send definition {key}; \
             if there is none, send anew"
        ))),
    }
}

async fn found(desk: &mut Desk<'_>, job: u64) -> Result<(), Halt> {
    let at = desk.row.value.journal.attempt.map_or(desk.now(), |attempt| attempt.at);
    desk.row.value.journal.job = Some(job);
    desk.row.value.journal.released_at = Some(at);
    desk.done().await?;
    tracing::info!(send = %desk.row.value.id, job, "released");
    // What is known is a proof for later sends. One that is not noted is no loss.
    let key = desk.row.value.release_key(&desk.tenant).to_string();
    let (ledger, value) = (&desk.deps.platform.ledger, Known { key });
    let row = known_key(desk);
    let noted = match known(ledger, desk).await? {
        Some(before) => ledger.replace(&row, before.version, NewRow::new(row.clone(), &value)).await,
        None => ledger.insert(NewRow::new(row.clone(), &value)).await,
    };
    match noted {
        Err(error) if !error.is_conflict() => Err(error.into()),
        _ => Ok(()),
    }
}

fn known_key(desk: &Desk<'_>) -> Key {
    Key::new(&desk.tenant, "CURSOR#released")
}

async fn known(ledger: &Table, desk: &Desk<'_>) -> Result<Option<Row<Known>>, Trouble> {
    Ok(ledger.get(&known_key(desk)).await?)
}
