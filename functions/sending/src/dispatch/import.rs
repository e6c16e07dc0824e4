//! Parts become rows of the send's table, one after the other (EX-07, EX-08, S11, S12).

use domain::SignedDuration;
use exacttarget::{
    ExactTarget,
    objects::{Destination, FileKind, ImportDefinition, Object, UpdateKind},
    operations::Start,
};
use file_drop::{DropError, File};
use tenants::Trouble;

use crate::{
    desk::{Desk, Halt, Hands},
    send::{Import, Part},
    stage::PartSource,
};

/// How long an import may have no result before it is taken for one that was never started. The platform has none right
/// after the start (contract `exacttarget/README.md` §6).
const LOST_AFTER: SignedDuration = SignedDuration::from_mins(15);
/// How long an import may take.
const TOO_LONG: SignedDuration = SignedDuration::from_hours(6);
/// When it is looked at again, where the delivery does not wait itself.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(30);

/// After so many imports of a part that failed a user has to look.
const MOST_IMPORTS: u32 = 4;

/// What the platform says of an import.
enum Said {
    Nothing,
    Busy,
    Failed,
    Done { successful: u64, refused: u64 },
}

/// Brings every part in that is not in yet.
pub(super) async fn all(desk: &mut Desk<'_>, hands: &Hands) -> Result<(), Halt> {
    while let Some(part) = next(desk) {
        if desk.is_late() {
            return Err(Halt::breath());
        }
        match desk.row.value.journal.import {
            None => start(desk, hands, &part).await?,
            Some(import) => finish(desk, hands, &part, import).await?,
        }
    }
    Ok(())
}

fn next(desk: &Desk<'_>) -> Option<Part> {
    let send = &desk.row.value;
    send.staging.parts.as_ref()?.get(send.journal.parts).cloned()
}

/// Drops the file and starts its import. A file that is there already is an earlier try's. An import that is started twice
/// adds nobody: rows are keyed by who they are.
async fn start(desk: &mut Desk<'_>, hands: &Hands, part: &Part) -> Result<(), Halt> {
    let (number, key) = (desk.row.value.journal.parts + 1, desk.row.value.release_key(&desk.tenant));
    let name = format!("{key}-{number:05}.csv");
    let source = PartSource::of(&desk.deps.platform.staging, &desk.tenant, &hands.mailing.columns, part);
    let file = File::reading(&name, &source).await.map_err(|error| lost(error, number))?;
    if file.sha256() != part.sha256 {
        return Err(Halt::unclear(format!(
            "part {number} in the bucket is not what was written there; cancel this send and make it anew"
        )));
    }
    let drop = desk.deps.drop(&desk.tenant, &hands.settings).await?;
    drop.put(&file, &source).await.map_err(|error| drop_trouble(&error))?;
    let definition = ImportDefinition {
        key: key.of_its(&format!("import {number}")).to_string(),
        name: format!("Tieline {key} {number:05}"),
        destination: Destination::DataExtension(key.to_string()),
        file: name,
        kind: FileKind::Csv,
        location: hands.mailing.location.clone(),
        update: UpdateKind::AddAndUpdate,
        // Rows that are refused are counted, and stop the send: with their number, not with the first of them.
        allows_errors: true,
    };
    // The platform starts definitions that nobody stored (contract §6): an account may have a thousand of them at most.
    let started = hands.email.send(&Start(Object::from(&definition))).await?;
    let at = desk.now();
    desk.row.value.journal.import = Some(Import { task: started.task, at });
    desk.done().await
}

async fn finish(desk: &mut Desk<'_>, hands: &Hands, part: &Part, import: Import) -> Result<(), Halt> {
    let number = desk.row.value.journal.parts + 1;
    let (said, waited) = (look(&hands.email, import).await?, desk.now().duration_since(import.at));
    match said {
        Said::Done { successful, refused } if successful == part.rows && refused == 0 => {
            let journal = &mut desk.row.value.journal;
            journal.parts += 1;
            (journal.import, journal.failed_imports) = (None, 0);
            let parts = desk.row.value.staging.parts.as_ref().map_or(0, Vec::len);
            tracing::info!(send = %desk.row.value.id, part = number, parts, rows = part.rows, "imported part {number} of {parts}");
            desk.done().await
        }
        Said::Done { successful, refused } => Err(Halt::refused(format!(
            "the e-mail platform took {successful} of the {} people of part {number} and refused {refused}; nobody was mailed",
            part.rows
        ))),
        Said::Failed => failed(desk, number).await,
        // Started anew: the file may have gone, and is dropped again.
        Said::Nothing if waited > LOST_AFTER => {
            desk.row.value.journal.import = None;
            desk.done().await
        }
        Said::Busy if waited > TOO_LONG => Err(Halt::refused(format!(
            "the import of part {number} at the e-mail platform does not end; nobody was mailed"
        ))),
        Said::Nothing | Said::Busy => {
            desk.look_again(LOOK_AGAIN, format!("the e-mail platform imports part {number}")).await
        }
    }
}

/// The file may not have been there yet, or not any more: one that is imported goes away, and the answer to that import may
/// have been lost. So it is dropped and imported anew, some times.
async fn failed(desk: &mut Desk<'_>, number: usize) -> Result<(), Halt> {
    let journal = &mut desk.row.value.journal;
    journal.failed_imports += 1;
    if journal.failed_imports >= MOST_IMPORTS {
        return Err(Halt::refused(format!(
            "the e-mail platform could not import part {number}; look at its imports; nobody was mailed"
        )));
    }
    journal.import = None;
    desk.done().await?;
    desk.look_again(LOOK_AGAIN, format!("the e-mail platform could not import part {number}")).await
}

async fn look(email: &ExactTarget, import: Import) -> Result<Said, Halt> {
    let Some(task) = import.task else { return Ok(Said::Nothing) };
    let properties = ["ImportStatus", "NumberSuccessful", "NumberErrors"];
    let Some(result) = email.find("ImportResultsSummary", "TaskResultID", task, &properties).await? else {
        return Ok(Said::Nothing);
    };
    let count = |name: &str| result.child_text(name).trim().parse::<u64>().ok();
    Ok(match result.child_text("ImportStatus").trim() {
        "Completed" => match (count("NumberSuccessful"), count("NumberErrors")) {
            // A row that is there twice in the file would be one person twice: there are none.
            (Some(successful), Some(refused)) => Said::Done { successful, refused },
            _ => Said::Busy,
        },
        "Error" => Said::Failed,
        // New, Processing, IOWork, Unknown, and what nobody has described.
        _ => Said::Busy,
    })
}

fn lost(error: DropError, number: usize) -> Halt {
    match error {
        DropError::Source(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Halt::unclear(format!("part {number} is not in the bucket any more; cancel this send and make it anew"))
        }
        other => drop_trouble(&other),
    }
}

fn drop_trouble(error: &DropError) -> Halt {
    let reason = error.to_string();
    let trouble = if error.is_transient() {
        Trouble::Passing { reason, after: None }
    } else {
        Trouble::last(format!("the file location of the e-mail platform: {reason}"))
    };
    trouble.into()
}
