//! Everything outside of the engine, in one value.

use std::collections::BTreeMap;

use bytes::Bytes;
use domain::{SignedDuration, Timestamp};
use http::{Request, Response, StatusCode, header};
use serde::{Deserialize, Serialize};

use crate::{Fault, Faults, crm, exacttarget, identity, live_id, sharepoint};

/// A simulated service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// CRM 4.0.
    Crm,
    /// SharePoint 2007.
    SharePoint,
    /// SharePoint Online as it began: of 2010, with claims.
    SharePointOnline,
    /// Entra ID.
    Identity,
    /// Windows Live ID.
    LiveId,
    /// The e-mail platform.
    ExactTarget,
}

impl Service {
    /// The name in addresses, files and counts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crm => "crm",
            Self::SharePoint => "sharepoint",
            Self::SharePointOnline => "sharepoint-online",
            Self::Identity => "identity",
            Self::LiveId => "liveid",
            Self::ExactTarget => "exacttarget",
        }
    }
}

/// Where things are, as scheme, host and port without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The simulated CRM.
    pub crm: String,
    /// The simulated SharePoint.
    pub sharepoint: String,
    /// The simulated SharePoint Online.
    pub sharepoint_online: String,
    /// The simulated Entra ID.
    pub identity: String,
    /// The simulated Windows Live ID.
    pub live_id: String,
    /// The simulated e-mail platform.
    pub exacttarget: String,
    /// The engine that the button in CRM rings.
    pub engine: String,
}

impl Addresses {
    /// Each made of its service's name, the engine's of `engine`.
    pub fn by_name(address: impl Fn(&str) -> String) -> Self {
        let of = |service: Service| address(service.name());
        Self {
            crm: of(Service::Crm),
            sharepoint: of(Service::SharePoint),
            sharepoint_online: of(Service::SharePointOnline),
            identity: of(Service::Identity),
            live_id: of(Service::LiveId),
            exacttarget: of(Service::ExactTarget),
            engine: address("engine"),
        }
    }
}

/// Why a call has no answer.
#[derive(Clone, Debug)]
pub enum Outage {
    /// No connection; nothing happened.
    Refused,
    /// The effect happened, the answer is lost.
    Lost,
    /// No answer; the effect will happen later.
    Late,
    /// The effect happened; this is the beginning of the answer, announced by `Content-Length` at its whole length.
    Truncated(Box<Response<Bytes>>),
    /// The call was taken and no answer comes; nothing happened.
    Stalled,
}

/// The simulated services, what goes wrong with them, and what they were asked.
#[derive(Clone, Debug)]
pub struct World {
    /// The CRM.
    pub crm: crm::State,
    /// The SharePoint.
    pub sharepoint: sharepoint::State,
    /// The SharePoint Online.
    pub sharepoint_online: sharepoint::State,
    /// The issuer of operators' tokens.
    pub identity: identity::State,
    /// Who signs in to the tenants whose CRM is online.
    pub live_id: live_id::State,
    /// The e-mail platform.
    pub exacttarget: exacttarget::State,
    /// What goes wrong.
    pub faults: Faults,
    calls: BTreeMap<Service, BTreeMap<String, u64>>,
    late: Vec<LateCall>,
}

#[derive(Clone, Debug)]
struct LateCall {
    due: Timestamp,
    service: Service,
    request: Request<Bytes>,
}

impl World {
    /// The tenants `harbour`, `northwind` and `lakeside` with their people, accounts and site collections. The CRM of the
    /// first two is on premise, that of the third is online.
    pub fn seeded(addresses: &Addresses, now: Timestamp) -> Self {
        Self {
            crm: crm::State::seeded(addresses, now),
            sharepoint: sharepoint::State::seeded(addresses, now),
            sharepoint_online: sharepoint::State::seeded_online(addresses, now),
            identity: identity::State::seeded(addresses),
            live_id: live_id::State::seeded(addresses),
            exacttarget: exacttarget::State::seeded(addresses, now),
            faults: Faults::default(),
            calls: BTreeMap::new(),
            late: Vec::new(),
        }
    }

    /// One call to a service, faults included.
    pub fn handle(
        &mut self,
        service: Service,
        request: &Request<Bytes>,
        now: Timestamp,
    ) -> Result<Response<Bytes>, Outage> {
        self.settle(now);
        let operation = operation(service, request);
        let fault = self.faults.take(service, &operation);
        *self.calls.entry(service).or_default().entry(operation).or_default() += 1;
        match fault {
            None => Ok(self.act(service, request, now)),
            Some(Fault::Refuse) => Err(Outage::Refused),
            Some(Fault::Stall) => Err(Outage::Stalled),
            Some(Fault::Throttle { status, retry_after }) => Ok(throttled(status, retry_after)),
            Some(Fault::Html) => Ok(sign_in_page()),
            Some(Fault::Answer { body }) => Ok(xml(body)),
            Some(Fault::Error { code }) => Ok(match service {
                Service::Crm => crm::refusal(request, &code),
                Service::SharePoint | Service::SharePointOnline => sharepoint::refusal(request, &code),
                Service::Identity => identity::refusal(request, &code, now),
                Service::LiveId => live_id::refusal(request, &code),
                Service::ExactTarget => exacttarget::refusal(request, &code, now),
            }),
            Some(Fault::LoseAnswer) => {
                self.act(service, request, now);
                Err(Outage::Lost)
            }
            Some(Fault::LateEffect { seconds }) => {
                let due = now + SignedDuration::from_secs(seconds.into());
                self.late.push(LateCall { due, service, request: request.clone() });
                Err(Outage::Late)
            }
            Some(Fault::Twice) => {
                self.act(service, request, now);
                Ok(self.act(service, request, now))
            }
            Some(Fault::Truncate) => Err(Outage::Truncated(Box::new(cut(self.act(service, request, now))))),
        }
    }

    /// Lets late effects happen whose time has come, in the order in which they fell due.
    pub fn settle(&mut self, now: Timestamp) {
        while let Some(index) =
            (0..self.late.len()).filter(|&at| self.late[at].due <= now).min_by_key(|&at| (self.late[at].due, at))
        {
            let LateCall { due, service, request } = self.late.remove(index);
            self.act(service, &request, due);
        }
    }

    /// How often each operation of each service was called, calls that failed included.
    pub fn calls(&self) -> &BTreeMap<Service, BTreeMap<String, u64>> {
        &self.calls
    }

    /// Forgets the counts.
    pub fn forget_calls(&mut self) {
        self.calls.clear();
    }

    fn act(&mut self, service: Service, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        match service {
            Service::Crm => crm::handle(&mut self.crm, request, now),
            Service::SharePoint => sharepoint::handle(&mut self.sharepoint, request, now),
            Service::SharePointOnline => sharepoint::handle(&mut self.sharepoint_online, request, now),
            Service::Identity => identity::handle(&mut self.identity, request, now),
            Service::LiveId => live_id::handle(&mut self.live_id, request, now),
            Service::ExactTarget => exacttarget::handle(&mut self.exacttarget, request, now),
        }
    }
}

/// The operation that a request asks for, as it is counted and as switches name it.
pub(crate) fn operation(service: Service, request: &Request<Bytes>) -> String {
    match service {
        Service::Crm => crm::operation(request),
        Service::SharePoint | Service::SharePointOnline => sharepoint::operation(request),
        Service::Identity => identity::operation(request),
        Service::LiveId => live_id::operation(request),
        Service::ExactTarget => exacttarget::operation(request),
    }
}

fn throttled(status: u16, retry_after: Option<u32>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(b"The server is busy."));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// What a gateway in front of a service answers to a session it does not know. Invented.
fn sign_in_page() -> Response<Bytes> {
    let page = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form method=\"post\">\
                <input name=\"user\"><input name=\"password\" type=\"password\"></form></body></html>";
    let mut response = Response::new(Bytes::from_static(page.as_bytes()));
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

fn xml(body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/xml; charset=utf-8"));
    response
}

fn cut(mut response: Response<Bytes>) -> Response<Bytes> {
    let whole = response.body().len();
    response.headers_mut().insert(header::CONTENT_LENGTH, whole.into());
    let half = response.body().slice(..whole / 2);
    *response.body_mut() = half;
    response
}
