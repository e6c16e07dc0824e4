//! Mistakes in what is asked of the e-mail platform, and in how its answers are read.

use domain::TenantId;
use sandbox::World;
use sending::send::Send;
use transport::{Answer, Call};

use super::{Hearer, Wire, contains, replaced};
use crate::{Planted, sending::TENANT};

/// Makes the call the one of somebody who is mistaken, and says who hears it.
pub(super) fn mistake(wire: &Wire, planted: Planted, call: &mut Call) -> Hearer {
    match (planted, call.operation) {
        (Planted::RandomKey, _) if contains(&call.body, "EmailSendDefinition") => {
            for key in keys(wire) {
                let other = format!("{}{:04}", &key[..key.len() - 4], wire.process);
                call.body = replaced(&call.body, &key, &other);
            }
            Hearer::World
        }
        (Planted::ExcludedAtStagingOnly, "Update") => Hearer::CopyWithout(Box::new(|_| ())),
        (Planted::FilterBelieved, "Retrieve") if contains(&call.body, "EmailSendDefinition.CustomerKey") => {
            let keys = keys(wire);
            Hearer::CopyWithout(Box::new(move |world| jobs_of(world, &keys)))
        }
        _ => Hearer::World,
    }
}

/// Takes away the jobs of these definitions.
fn jobs_of(world: &mut World, keys: &[String]) {
    if let Some(account) = world.exacttarget.account_mut(TENANT) {
        account.jobs.retain(|_, job| job.definition.as_ref().is_none_or(|key| !keys.contains(key)));
    }
}

/// What the sends that are under way are called at the platform.
fn keys(wire: &Wire) -> Vec<String> {
    let tenant: TenantId = TENANT.parse().expect("a tenant's name");
    let rows = wire.instance.host.memory().rows(&tenant, "SEND#");
    let sends = rows.into_iter().filter_map(|row| serde_json::from_value::<Send>(row.value).ok());
    sends.filter(|send| !send.state.is_settled()).map(|send| send.release_key(&tenant).to_string()).collect()
}

/// Changes how an answer is read.
pub(super) fn mishear(wire: &Wire, planted: Planted, answer: &mut Answer) {
    if planted != Planted::CountsIgnored {
        return;
    }
    let lost = {
        let mut world = wire.instance.sandbox.world();
        world.exacttarget.account_mut(TENANT).map_or(0, |account| account.quirks.lost_rows)
    };
    for taken in 0..lost * 10 {
        let name = "NumberSuccessful>";
        let (told, all) = (format!("<{name}{taken}</{name}"), format!("<{name}{}</{name}", taken + lost));
        if contains(&answer.body, &told) {
            answer.body = replaced(&answer.body, &told, &all);
            return;
        }
    }
}

/// Whether a call asks who opted out since.
pub(super) fn is_who_opted_out(call: &Call) -> bool {
    call.operation == "Retrieve" && contains(&call.body, "UnsubscribedDate")
}
