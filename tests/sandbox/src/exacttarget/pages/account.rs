//! What an account holds: imports, jobs, tables, files, subscribers.

use bytes::Bytes;
use domain::Timestamp;
use http::Response;
use maud::{Markup, html};

use super::frame::{page, time};
use crate::exacttarget::{
    State,
    account::Account,
    events::What,
    import::{Destination, Import},
    job::Job,
};

/// The most jobs and imports that an overview shows, the newest first.
const MOST: usize = 50;

/// All accounts.
pub(super) fn all(state: &State) -> Response<Bytes> {
    let accounts = &state.accounts;
    let content = html! {
        table {
            caption { "Who signs in says which account is meant; all are at this address." }
            thead { tr { th { "Account" } th { "Member (MID)" } th.number { "Subscribers" } th.number { "Jobs" } } }
            tbody {
                @for account in accounts {
                    tr {
                        td { a href={ "/" (account.tenant) "/" } { (account.tenant) } }
                        td { (account.member) }
                        td.number { (account.subscribers.len()) }
                        td.number { (account.jobs.len()) }
                    }
                }
            }
        }
    };
    page(None, "Accounts", &content)
}

/// One account.
pub(super) fn one(account: &Account, now: Timestamp) -> Response<Bytes> {
    let content = html! {
        (jobs(account))
        (imports(account, now))
        h2 { "Data extensions" }
        @if account.tables.is_empty() { p { "There are none yet." } } @else {
            table {
                thead { tr { th { "Name" } th { "Key" } th { "Columns" } th.number { "Rows" } } }
                tbody {
                    @for table in account.tables.values() {
                        tr {
                            td dir="auto" { (table.name) } td { (table.key) }
                            td { @for column in &table.columns { (column.name) @if column.is_key { " (key)" } " " } }
                            td.number { (table.rows.len()) }
                        }
                    }
                }
            }
        }
        h2 { "Files in Import" }
        @let files: Vec<_> = account.folder.names().collect();
        @if files.is_empty() { p { "There are none: a file goes away when it was imported." } } @else {
            ul { @for name in files { li dir="auto" { (name) } } }
        }
    };
    page(Some(account.tenant), "Overview", &content)
}

fn jobs(account: &Account) -> Markup {
    html! {
        h2 { "Jobs" }
        @if account.jobs.is_empty() { p { "Nothing was sent yet." } } @else {
            table {
                thead { tr { th { "Job" } th { "Subject" } th { "Released" } th { "Status" } th.number { "Sent" } } }
                tbody {
                    @for job in account.jobs.values().rev().take(MOST) {
                        tr {
                            td { a href={ "/" (account.tenant) "/jobs/" (job.id) } { (job.id) } }
                            td dir="auto" { (job.subject) } td { (time(job.asked)) } td { (job.state.name()) }
                            td.number { (job.mailed()) }
                        }
                    }
                }
            }
        }
    }
}

fn imports(account: &Account, now: Timestamp) -> Markup {
    let target = |import: &Import| match &import.definition.destination {
        Destination::List(id) => format!("list {id}"),
        Destination::Table(key) => key.clone(),
    };
    let outcome = |import: &Import| match &import.outcome {
        None => String::new(),
        Some(Err(reason)) => reason.clone(),
        Some(Ok(counts)) => format!(
            "{} of {} rows, {} twice, {} refused",
            counts.successful, counts.total, counts.duplicated, counts.errors
        ),
    };
    html! {
        h2 { "Imports" }
        @if account.imports.is_empty() { p { "Nothing was imported yet." } } @else {
            table {
                thead { tr { th { "Task" } th { "File" } th { "To" } th { "Status" } th { "Outcome" } } }
                tbody {
                    @for import in account.imports.iter().rev().take(MOST) {
                        tr {
                            td { (import.task) } td dir="auto" { (import.definition.file) } td { (target(import)) }
                            td { (import.status(now)) }
                            td {
                                (outcome(import))
                                @for (line, reason) in import.refused.iter().take(10) {
                                    br; "line " (line) ": " (reason)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// One job.
pub(super) fn job(account: &Account, job: &Job, now: Timestamp) -> Response<Bytes> {
    let count = |is: fn(&What) -> bool| {
        account.events_by(now).filter(|event| event.job == job.id && event.at <= now && is(&event.what)).count()
    };
    let targets = &job.targets;
    let rows = [
        ("Targeted", targets.targeted),
        ("Sent", job.sent),
        ("Excluded", targets.excluded),
        ("Opted out before", targets.unsubscribed),
        ("Held before", targets.undeliverable),
        ("Twice", targets.duplicates),
        ("Address invalid", targets.invalid),
        ("Address missing", targets.missing),
        ("Opens", count(|what| matches!(what, What::Open))),
        ("Clicks", count(|what| matches!(what, What::Click(..)))),
        ("Bounces", count(|what| matches!(what, What::Bounce(..)))),
        ("Opt-outs", count(|what| matches!(what, What::Unsubscribe(_)))),
    ];
    let content = html! {
        p { (job.state.name()) ", released " (time(job.asked)) @if let Some(done) = job.done { ", done " (time(done)) } }
        table { tbody { @for (name, number) in rows { tr { th scope="row" { (name) } td.number { (number) } } } } }
        h2 { "Mails" }
        ul {
            @for mail in job.mails(|_, _| String::new()).take(100) {
                li {
                    a dir="auto" href={ "/" (account.tenant) "/mails/" (job.id) "/" (super::encoded(&mail.person.key)) } {
                        (mail.person.address)
                    }
                }
            }
        }
        @if job.mailed() > 100 { p { "and " (job.mailed() - 100) " more." } }
    };
    page(Some(account.tenant), &format!("Job {}: {}", job.id, job.subject), &content)
}

/// Everybody who may get mails.
pub(super) fn subscribers(account: &Account) -> Response<Bytes> {
    let content = html! {
        table {
            caption { (account.subscribers.len()) " subscribers; the first 500 are shown." }
            thead { tr { th { "Key" } th { "Address" } th { "Status" } th { "Lists" } th { "Attributes" } } }
            tbody {
                @for one in account.subscribers.values().take(500) {
                    tr {
                        td { (one.key) }
                        td { a href={ "/" (account.tenant) "/mailboxes/" (super::encoded(&one.address)) } { (one.address) } }
                        td { (one.status.name()) }
                        td {
                            @for (id, on) in &one.lists {
                                @if let Some(list) = account.lists.get(id) { (list.name) " (" (on.status.name()) ") " }
                            }
                        }
                        td dir="auto" { @for (name, value) in &one.attributes { (name) ": " (value) " " } }
                    }
                }
            }
        }
    };
    page(Some(account.tenant), "Subscribers", &content)
}
