//! Every sample of the contracts that belongs to a service in use, held against the simulators.
//!
//! A request that others recorded or wrote from the schemas is carried out; a reply has the shape of the simulator's
//! own. That our clients read the replies is tested with the clients: `functions/shared/{crm,sharepoint}`.

mod crm;
mod errors;
mod exacttarget;
mod inventory;
mod pages;
mod recorded;
mod sharepoint;

/// What is done with a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// A request: the simulator carries it out.
    CarriedOut,
    /// A request: the simulator understands it and says no with this code, for this reason.
    Refused(&'static str, &'static str),
    /// A request for what the simulator lacks, for this reason; its answer says so.
    Lacking(&'static str),
    /// A reply, a fault or a page: the simulator's has the same shape.
    SameShape,
    /// Of no service in use, for this reason.
    Unused(&'static str),
}

/// A difference that stays: the sample, the difference to the letter, and the reason.
type Allowed = (&'static str, &'static str, &'static str);

/// Fails unless the differences of a sample are those that are allowed, no more and no fewer.
#[track_caller]
fn hold(sample: &str, found: &[String], allowed: &[Allowed]) {
    let allowed: Vec<_> = allowed.iter().filter(|(of, ..)| *of == sample).map(|(_, line, _)| *line).collect();
    let new: Vec<_> = found.iter().filter(|line| !allowed.contains(&line.as_str())).collect();
    let gone: Vec<_> = allowed.iter().filter(|line| !found.iter().any(|found| found == **line)).collect();
    assert!(new.is_empty() && gone.is_empty(), "{sample}\n  new: {new:#?}\n  allowed and gone: {gone:#?}");
}

/// Fails if a difference is allowed for a sample that is not compared.
#[track_caller]
fn each_is_of_a_sample(allowed: &[Allowed], compared: &[&str]) {
    for (sample, line, _) in allowed {
        assert!(compared.contains(sample), "{sample} is not compared: {line}");
    }
}
