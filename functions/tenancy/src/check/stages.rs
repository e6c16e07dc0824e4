//! The stages of looking at a connection, and where it ends.

use tenants::ConnectionError;
use transport::{CallError, Cause};

use super::Finding;

/// Whether the host's name has an address.
pub(super) const NAME: &str = "name";
/// Whether the host can be spoken to.
pub(super) const CONNECTION: &str = "connection";

/// What is looked at of a connection, in this order.
pub(super) struct Stages {
    pub(super) service: &'static str,
    pub(super) all: &'static [&'static str],
}

/// A stage that failed, or could not be looked at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failed {
    pub(super) stage: &'static str,
    /// Whether it was looked at.
    is_seen: bool,
    /// A stage before it that was not looked at either.
    unseen: Option<&'static str>,
    pub(super) problem: String,
    pub(super) what_to_do: String,
}

impl Stages {
    /// Everything before the stage that was looked at is as it should be; what comes after was not looked at.
    pub(super) fn failed(&self, failed: &Failed) -> Vec<Finding> {
        let at = self.all.iter().position(|stage| *stage == failed.stage).unwrap_or_default();
        let why = format!("depends on {}", self.all[at]);
        let before = |what: &&'static str| {
            if failed.unseen == Some(*what) { self.skip(what, "nobody answered") } else { self.fine(what) }
        };
        let mut findings: Vec<Finding> = self.all[..at].iter().map(before).collect();
        findings.push(self.finding(failed));
        findings.extend(self.all[at + 1..].iter().map(|what| self.skip(what, &why)));
        findings
    }

    /// The look came to its end; these things are missing or could not be looked at.
    pub(super) fn lacking(&self, lacks: &[Failed]) -> Vec<Finding> {
        let of_stage = |what: &&'static str| {
            let mut found: Vec<Finding> =
                lacks.iter().filter(|lack| lack.stage == *what).map(|lack| self.finding(lack)).collect();
            if found.is_empty() {
                found.push(self.fine(what));
            }
            found
        };
        self.all.iter().flat_map(of_stage).collect()
    }

    /// Nothing was looked at.
    pub(super) fn skipped(&self, why: &str) -> Vec<Finding> {
        self.all.iter().map(|what| self.skip(what, why)).collect()
    }

    fn fine(&self, what: &'static str) -> Finding {
        Finding { service: self.service, what, ok: Some(true), problem: String::new(), what_to_do: String::new() }
    }

    fn skip(&self, what: &'static str, why: &str) -> Finding {
        Finding { ok: None, problem: format!("not looked at: {why}"), ..self.fine(what) }
    }

    fn finding(&self, failed: &Failed) -> Finding {
        let Failed { stage, problem, what_to_do, .. } = failed;
        let what_to_do = what_to_do.clone();
        if failed.is_seen {
            Finding { ok: Some(false), problem: problem.clone(), what_to_do, ..self.fine(stage) }
        } else {
            Finding { what_to_do, ..self.skip(stage, problem) }
        }
    }
}

impl Failed {
    pub(super) fn new(stage: &'static str, problem: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { stage, is_seen: true, unseen: None, problem: problem.into(), what_to_do: what_to_do.into() }
    }

    /// A stage that could not be looked at, and why.
    pub(super) fn unseen(stage: &'static str, why: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { is_seen: false, ..Self::new(stage, why, what_to_do) }
    }

    /// The time for looking was over.
    pub(super) fn late(stage: &'static str) -> Self {
        let late = Self::new(stage, "it did not answer in time", "look whether it is up, and check again");
        if stage == CONNECTION { late.unanswered() } else { late }
    }

    /// Nobody can tell whether the host's name has an address.
    fn unanswered(self) -> Self {
        Self { unseen: Some(NAME), ..self }
    }

    /// A connection that could not be made ready at all.
    pub(super) fn connecting(error: &ConnectionError) -> Self {
        let stage = if matches!(error, ConnectionError::Secret(_)) { "secret" } else { "address" };
        Self::new(stage, error.to_string(), "correct what is named, and check again")
    }

    /// A call without an answer.
    pub(super) fn calling(error: &CallError) -> Self {
        let later = "look whether it is up, and check again";
        match error {
            CallError::Refused(rule) => {
                let problem = format!("it leads to an address that is not called: {rule}");
                Self::new("address", problem, "correct the hosts of the connection, or what the service says of itself")
            }
            CallError::Unavailable { cause: Some(Cause::Name), .. } => {
                Self::new(NAME, "the host's name has no address", "correct the address, or the host's entry in DNS")
            }
            CallError::Unavailable { cause: Some(Cause::Tls), .. } => {
                let todo = "let the host present a certificate of a public authority, for its own name, with TLS 1.2";
                Self::new(CONNECTION, "its certificate or its TLS is not accepted", todo)
            }
            CallError::Unavailable { cause: Some(_), .. } => {
                let todo = "let the host be reached from the internet on port 443";
                Self::new(CONNECTION, "no connection can be made", todo)
            }
            CallError::SignInPage { .. } => {
                Self::new("sign-in", "it answers with a sign-in page", "give it an account that may sign in this way")
            }
            CallError::Later { .. } => Self::unseen(CONNECTION, error.to_string(), later).unanswered(),
            CallError::TimedOut { .. } => Self::new(CONNECTION, error.to_string(), later).unanswered(),
            other => Self::new(CONNECTION, other.to_string(), later),
        }
    }
}
