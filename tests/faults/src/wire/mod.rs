//! What a process's calls go over: to the simulators, and seen by the history's watch.

mod sends;
mod sites;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;
use domain::Clock as _;
use http::header;
use localhost::Instance;
use sandbox::{Service, World};
use transport::{Answer, Back, BackError, Call, InProcess};

use crate::{Planted, watch::Watch};

/// The wire of one process.
pub(crate) struct Wire {
    pub(crate) process: u32,
    pub(crate) instance: Arc<Instance>,
    pub(crate) watch: Arc<Watch>,
    pub(crate) planted: Option<Planted>,
    pub(crate) back: InProcess,
    pub(crate) lies: Arc<Lies>,
}

/// What a planted mistake remembers of a history.
#[derive(Debug, Default)]
pub(crate) struct Lies {
    /// Bodies that were sent before, by operation.
    sent: Mutex<BTreeMap<&'static str, Vec<Bytes>>>,
    /// By process, the group that it calls by another name.
    renamed: Mutex<BTreeMap<u32, String>>,
    /// Objects that were written before.
    objects: Mutex<BTreeSet<String>>,
}

impl Wire {
    fn service(&self, call: &Call) -> Service {
        let addresses = &self.instance.addresses;
        let port = call.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let at = |address: &str| address.ends_with(&port);
        if at(&addresses.crm) {
            Service::Crm
        } else if at(&addresses.sharepoint) {
            Service::SharePoint
        } else if at(&addresses.exacttarget) {
            Service::ExactTarget
        } else {
            Service::Identity
        }
    }

    /// The call as a planted mistake makes it, and who hears it.
    fn mistaken(&self, planted: Planted, call: &Call) -> (Call, Hearer) {
        let mut call = call.clone();
        let hearer = match self.service(&call) {
            Service::ExactTarget => sends::mistake(self, planted, &mut call),
            _ => sites::mistake(self, planted, &mut call),
        };
        (call, hearer)
    }

    /// Asks a copy of the world in which something is not there.
    async fn ask_a_copy(&self, call: &Call, without: Without) -> Result<Answer, BackError> {
        let copy = self.instance.fork().expect("the template was read before");
        {
            let mut world = copy.sandbox.world();
            world.faults.clear();
            without(&mut world);
        }
        copy.back().send(call).await
    }
}

/// Takes something away.
type Without = Box<dyn FnOnce(&mut World) + Send>;

/// Who hears a call.
enum Hearer {
    /// The world.
    World,
    /// A copy without something.
    CopyWithout(Without),
}

#[async_trait]
impl Back for Wire {
    async fn send(&self, call: &Call) -> Result<Answer, BackError> {
        let service = self.service(call);
        let now = self.instance.clock.now();
        self.watch.seen().called(self.process, service, call.operation, now);
        // Before it is sent: who opts out while the answer is on its way need not be in it.
        self.watch.seen().asked += u32::from(sends::is_who_opted_out(call));
        let mut outcome = match self.planted.map(|planted| self.mistaken(planted, call)) {
            None => self.back.send(call).await,
            Some((call, Hearer::World)) => self.back.send(&call).await,
            Some((call, Hearer::CopyWithout(without))) => self.ask_a_copy(&call, without).await,
        };
        let now = self.instance.clock.now();
        let wait = outcome.as_ref().ok().and_then(|answer| answer.header(header::RETRY_AFTER)?.parse().ok());
        let mut seen = self.watch.seen();
        seen.answered(self.process, service, wait, now);
        seen.news.members |= matches!(call.operation, "AddUserCollectionToGroup" | "AddUserToGroup");
        drop(seen);
        if let (Some(planted), Ok(answer)) = (self.planted, &mut outcome) {
            if planted == Planted::RetryAfterIgnored {
                answer.headers.remove(header::RETRY_AFTER);
            }
            sends::mishear(self, planted, answer);
        }
        outcome
    }
}

impl Lies {
    /// Whether the same was sent before.
    fn is_repeat(&self, call: &Call) -> bool {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let before = sent.entry(call.operation).or_default();
        let is_repeat = before.contains(&call.body);
        before.push(call.body.clone());
        is_repeat
    }

    /// Whether an object of that name was written before.
    pub(crate) fn is_known_object(&self, name: &str) -> bool {
        !self.objects.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned())
    }

    fn renamed(&self) -> std::sync::MutexGuard<'_, BTreeMap<u32, String>> {
        self.renamed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn between(body: &[u8], from: &str, to: &str) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let rest = text.split_once(from)?.1;
    Some(rest.split_once(to)?.0.to_owned())
}

fn replaced(body: &[u8], what: &str, with: &str) -> Bytes {
    String::from_utf8_lossy(body).replace(what, with).into()
}

fn contains(body: &[u8], what: &str) -> bool {
    body.windows(what.len()).any(|window| window == what.as_bytes())
}
