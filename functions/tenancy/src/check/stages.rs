//! The stages of looking at a connection, and where it ends.

use tenants::ConnectionError;
use transport::{CallError, Cause};

use super::Finding;

/// What is looked at of a connection, in this order.
pub(super) struct Stages {
    pub(super) service: &'static str,
    pub(super) all: &'static [&'static str],
}

/// A stage that failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failed {
    pub(super) stage: &'static str,
    pub(super) problem: String,
    pub(super) what_to_do: String,
}

impl Stages {
    /// Everything before the stage is as it should be; what comes after was not looked at.
    pub(super) fn failed(&self, failed: &Failed) -> Vec<Finding> {
        let at = self.all.iter().position(|stage| *stage == failed.stage).unwrap_or_default();
        let why = format!("depends on {}", self.all[at]);
        let mut findings: Vec<Finding> = self.all[..at].iter().map(|what| self.fine(what)).collect();
        findings.push(self.finding(failed));
        findings.extend(self.all[at + 1..].iter().map(|what| self.skip(what, &why)));
        findings
    }

    /// All stages were looked at; these things are missing.
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
        let Failed { stage, problem, what_to_do } = failed;
        Finding { ok: Some(false), problem: problem.clone(), what_to_do: what_to_do.clone(), ..self.fine(stage) }
    }
}

impl Failed {
    pub(super) fn new(stage: &'static str, problem: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { stage, problem: problem.into(), what_to_do: what_to_do.into() }
    }

    /// The whole look took too long.
    pub(super) fn late() -> Self {
        Self::new("connection", "it did not answer in time", "look whether it is up, and check again")
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
                Self::new("name", "the host's name has no address", "correct the address, or the host's entry in DNS")
            }
            CallError::Unavailable { cause: Some(Cause::Tls), .. } => {
                let todo = "let the host present a certificate of a public authority, for its own name, with TLS 1.2";
                Self::new("connection", "its certificate or its TLS is not accepted", todo)
            }
            CallError::Unavailable { cause: Some(_), .. } => {
                let todo = "let the host be reached from the internet on port 443";
                Self::new("connection", "no connection can be made", todo)
            }
            CallError::SignInPage { .. } => {
                Self::new("sign-in", "it answers with a sign-in page", "give it an account that may sign in this way")
            }
            other => Self::new("connection", other.to_string(), later),
        }
    }
}
