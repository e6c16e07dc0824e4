//! What a process's calls go over: to the simulators, and seen by the history's watch.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;
use domain::Clock as _;
use http::header;
use localhost::Instance;
use sandbox::Service;
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
        } else {
            Service::Identity
        }
    }

    /// The call as a planted mistake makes it, and whether only a copy of the world hears it.
    fn mistaken(&self, call: &Call) -> (Call, bool) {
        let (mut call, mut unheard) = (call.clone(), false);
        match (self.planted, call.operation) {
            (Some(Planted::RowsNotLookedFor), "GetListItems")
            | (Some(Planted::GroupMadeTwice), "GetGroupCollectionFromWeb") => unheard = true,
            (Some(Planted::MemberLostOnRetry), "AddUserCollectionToGroup") => unheard = self.lies.is_repeat(&call),
            (Some(Planted::GroupMadeTwice), _) => {
                if call.operation == "AddGroup" && self.lies.is_repeat(&call) {
                    let name = between(&call.body, "groupName>", "<").unwrap_or_default();
                    self.lies.renamed().insert(self.process, name);
                }
                if let Some(name) = self.lies.renamed().get(&self.process) {
                    call.body = replaced(&call.body, &format!(">{name}<"), &format!(">{name} 2<"));
                }
            }
            (Some(Planted::WebWithoutMark), "CreateWeb") => {
                call.body = replaced(&call.body, "%5Btieline", "%5Bsomebody");
            }
            (Some(Planted::RefusalSwallowed), "Update") => {
                unheard = between(&call.body, "tl_status", "/").is_some_and(|status| status.contains(">4<"));
            }
            _ => {}
        }
        (call, unheard)
    }

    /// Asks a copy of the world in which nothing that a look would find is there.
    async fn ask_a_copy(&self, call: &Call) -> Result<Answer, BackError> {
        let copy = self.instance.fork().expect("the template was read before");
        {
            let mut world = copy.sandbox.world();
            world.faults.clear();
            let webs: Vec<(String, Vec<u32>)> = world
                .sharepoint
                .webs()
                .map(|web| {
                    let groups = world.sharepoint.collection(&web.path).into_iter().flat_map(|it| it.groups.values());
                    // Ours are the ones that carry a mark.
                    let ours = groups.filter(|group| group.description.contains("[tieline ")).map(|group| group.id);
                    (web.path.clone(), ours.collect())
                })
                .collect();
            for (path, ours) in webs {
                let Some(web) = world.sharepoint.web_mut(&path) else { continue };
                web.lists.values_mut().for_each(|list| list.items.clear());
                if let Some(grants) = &mut web.grants {
                    grants.retain(|member, _| !ours.contains(member));
                }
            }
        }
        copy.back().send(call).await
    }
}

#[async_trait]
impl Back for Wire {
    async fn send(&self, call: &Call) -> Result<Answer, BackError> {
        let service = self.service(call);
        let now = self.instance.clock.now();
        self.watch.seen().called(self.process, service, call.operation, now);
        let mut outcome = if self.planted.is_some() {
            let (call, unheard) = self.mistaken(call);
            if unheard { self.ask_a_copy(&call).await } else { self.back.send(&call).await }
        } else {
            self.back.send(call).await
        };
        let now = self.instance.clock.now();
        let wait = outcome.as_ref().ok().and_then(|answer| answer.header(header::RETRY_AFTER)?.parse().ok());
        let mut seen = self.watch.seen();
        seen.answered(self.process, service, wait, now);
        seen.news.members |= matches!(call.operation, "AddUserCollectionToGroup" | "AddUserToGroup");
        if let (Some(Planted::RetryAfterIgnored), Ok(answer)) = (self.planted, &mut outcome) {
            answer.headers.remove(header::RETRY_AFTER);
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
