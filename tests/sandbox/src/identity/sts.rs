//! `extSTS.srf`: WS-Trust (February 2005) for the hosts of SharePoint Online (contract `sharepoint`, §7 C).
//!
//! The answer has the shape of the recorded one. Refusals have the shape that the contract's clients read (`psf:error`,
//! `psf:text`), inside HTTP 200, because one of them reads nothing else; their numbers are those of Live ID, or invented.

use std::collections::BTreeMap;

use bytes::Bytes;
use domain::{SignedDuration, Timestamp};
use http::{HeaderValue, Request, Response, StatusCode, header};
use soap::{
    Element, Envelope, Limits, SoapVersion,
    ns::{self, POLICY, SECURITY, TRUST, UTILITY},
};
use url::Url;

use crate::{Addresses, people, sharepoint};

/// The file; addresses have no case.
pub(super) const FILE: &str = "/extsts.srf";

/// How long a token is good (recorded).
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// How long an answer is (recorded).
const ANSWER_LIFETIME: SignedDuration = SignedDuration::from_mins(5);
/// How wrong a caller's clock may be; invented.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Where the real one is: what callers may name beside the sandbox's own address.
const REAL: &str = "https://login.microsoftonline.com";

const PASSPORT: &str = "http://schemas.microsoft.com/Passport/SoapServices/SOAPFault";

/// The sign-in service: who can sign in, and to what.
#[derive(Clone, Debug, Default)]
pub struct Sts {
    address: String,
    /// The hosts that trust it.
    hosts: Vec<String>,
    /// Passwords by user name in lower case.
    members: BTreeMap<String, String>,
    issued: u64,
}

impl Sts {
    pub(super) fn seeded(addresses: &Addresses) -> Self {
        let services = sharepoint::online_tenants().map(|(tenant, _)| sharepoint::Credentials::online(tenant));
        let services = services.map(|account| (account.login, account.password));
        let people = sharepoint::online_tenants().flat_map(|(tenant, _)| people::of(tenant));
        let people = people.filter(|person| person.in_sharepoint);
        let people = people.map(|person| (person.email.to_owned(), person.password.to_owned()));
        Self {
            address: addresses.identity.clone(),
            hosts: vec![addresses.sharepoint_online.trim_end_matches('/').to_owned()],
            members: services.chain(people).map(|(name, password)| (name.to_lowercase(), password)).collect(),
            issued: 0,
        }
    }

    /// Gives somebody another password. `false` for a name that is nobody's.
    pub fn set_password(&mut self, name: &str, password: &str) -> bool {
        let member = self.members.get_mut(&name.to_lowercase());
        member.map(|known| password.clone_into(known)).is_some()
    }
}

/// Answers a request for a token.
pub(super) fn answer(sts: &mut Sts, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
    match issue(sts, request, now) {
        Ok(answer) => reply(&answer),
        Err(no) => no.answer(),
    }
}

/// A refusal with a number of the caller's.
pub(super) fn refusal(code: &str) -> Response<Bytes> {
    let refusal = Refusal::of(code, code, "An error that was asked for.");
    // `PPCRL_REQUEST_E_AUTH_SERVER_ERROR`: the service's own trouble.
    if code == "0x80048820" { Refusal { blames: "Receiver", ..refusal } } else { refusal }.answer()
}

/// Why there is no token: whose fault it is, the number, the one inside, and the words.
struct Refusal {
    blames: &'static str,
    code: String,
    inner: String,
    text: &'static str,
}

impl Refusal {
    fn of(code: &str, inner: &str, text: &'static str) -> Self {
        Self { blames: "Sender", code: code.to_owned(), inner: inner.to_owned(), text }
    }

    /// No request that the service understands. The code is invented.
    fn malformed(text: &'static str) -> Self {
        Self::of("0x80048833", "0x80048833", text)
    }

    fn answer(&self) -> Response<Bytes> {
        let psf = |local| Element::new(PASSPORT, local);
        let inner = psf("internalerror").with_value("code", &self.inner).with_value("text", self.text);
        let error = psf("error").with_value("value", &self.code).with(inner);
        let code = Element::new(ns::SOAP12, "Code")
            .with_value("Value", format_args!("S:{}", self.blames))
            .with(Element::new(ns::SOAP12, "Subcode").with_value("Value", "wst:FailedAuthentication"));
        let text = Element::new(ns::SOAP12, "Text").with_attribute_in(ns::XML, "lang", "en-US");
        let reason = Element::new(ns::SOAP12, "Reason").with(text.with_text("Authentication Failure"));
        let fault = Element::new(ns::SOAP12, "Fault").with(code).with(reason);
        let fault = fault.with(Element::new(ns::SOAP12, "Detail").with(error));
        reply(&Envelope::new(SoapVersion::V12, fault))
    }
}

fn issue(sts: &mut Sts, request: &Request<Bytes>, now: Timestamp) -> Result<Envelope, Refusal> {
    // Neither the media type nor `SOAPAction` is looked at: clients send all kinds.
    let envelope = Envelope::parse(request.body(), Limits::default())
        .ok()
        .filter(|envelope| envelope.version == SoapVersion::V12)
        .ok_or_else(|| Refusal::malformed("Invalid Request"))?;
    if envelope.addressing().action != format!("{TRUST}/RST/Issue") {
        return Err(Refusal::malformed("Invalid Request: the action is not RST/Issue"));
    }
    let to = envelope.addressing().to;
    if ![&sts.address, REAL].iter().any(|known| to.eq_ignore_ascii_case(&format!("{known}/extSTS.srf"))) {
        return Err(Refusal::malformed("Invalid Request: it is for another service"));
    }
    let security = envelope.headers.iter().find(|header| header.is((SECURITY, "Security")));
    let security = security.ok_or_else(|| Refusal::malformed("Invalid Request: no security header"))?;
    check_time(security, now)?;
    let audience = audience(sts, &envelope.body)?;
    let user = authenticate(sts, security)?;
    sts.issued += 1;
    let expires = now + LIFETIME;
    let token = sharepoint::SecurityToken { number: sts.issued, user, audience: audience.clone(), expires };
    Ok(respond(&token.write(), &audience, now, expires))
}

/// Where a caller says when it asked, it asks now. The code is invented.
fn check_time(security: &Element, now: Timestamp) -> Result<(), Refusal> {
    let Some(stamp) = security.child((UTILITY, "Timestamp")) else { return Ok(()) };
    let time = |local| stamp.child_text(local).trim().parse::<Timestamp>().ok();
    let fits = time("Created")
        .zip(time("Expires"))
        .is_some_and(|(created, expires)| created <= now + SKEW && expires + SKEW > now && created <= expires);
    if fits { Ok(()) } else { Err(Refusal::of("0x80048832", "0x80048832", "The request has expired")) }
}

/// The host that the token is for: one that trusts the service, and a host, not a place on it. A host that is not known
/// is a partner that is not found (`PPCRL_REQUEST_E_PARTNER_NOT_FOUND`); the code of a policy is invented.
fn audience(sts: &Sts, body: &Element) -> Result<String, Refusal> {
    if !body.is((TRUST, "RequestSecurityToken")) || body.child_text("RequestType").trim() != format!("{TRUST}/Issue") {
        return Err(Refusal::malformed("Invalid Request: no request for a token"));
    }
    // No policy at all, and MBI, are both sent by clients that work.
    if body.child((POLICY, "PolicyReference")).is_some_and(|policy| policy.attribute("URI") != Some("MBI")) {
        return Err(Refusal::of("0x80048831", "0x80048831", "The policy is not known"));
    }
    let address = body
        .child((POLICY, "AppliesTo"))
        .and_then(|applies| applies.child((ns::ADDRESSING, "EndpointReference")))
        .map(|endpoint| endpoint.child_text("Address"))
        .and_then(|address| Url::parse(address.trim()).ok())
        .filter(|url| url.path() == "/" && url.query().is_none());
    let host = address.map(|url| url.origin().ascii_serialization());
    let known = host.filter(|host| sts.hosts.iter().any(|known| known.eq_ignore_ascii_case(host)));
    known.ok_or_else(|| Refusal::of("0x8004882A", "0x8004882A", "The site of the request is not known"))
}

fn authenticate(sts: &Sts, security: &Element) -> Result<String, Refusal> {
    let token = security.child((SECURITY, "UsernameToken"));
    let token = token.ok_or_else(|| Refusal::malformed("Invalid Request: no user name"))?;
    let (user, password) = (token.child_text("Username").trim().to_lowercase(), token.child_text("Password"));
    match sts.members.get(&user) {
        Some(known) if *known == password => Ok(user),
        Some(_) => {
            let text = "The entered and stored passwords do not match.";
            Err(Refusal::of("0x80048821", "0x80041012", text))
        }
        None => {
            let text = "The user account does not exist in the directory.";
            Err(Refusal::of("0x80048821", "0x80041034", text))
        }
    }
}

/// The recorded answer, with a token of ours.
fn respond(token: &str, audience: &str, now: Timestamp, expires: Timestamp) -> Envelope {
    let time = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let lifetime = |element: Element, from: Timestamp, until: Timestamp| {
        let created = Element::new(UTILITY, "Created").with_text(time(from));
        element.with(created).with(Element::new(UTILITY, "Expires").with_text(time(until)))
    };
    let must = |element: Element| element.with_attribute_in(ns::SOAP12, "mustUnderstand", "1");
    let header = |local: &str, text: &str| {
        let named = Element::new(ns::ADDRESSING, local).with_attribute_in(UTILITY, "Id", local);
        must(named).with_text(text)
    };
    let stamp = Element::new(UTILITY, "Timestamp").with_attribute_in(UTILITY, "Id", "TS");
    let security = must(Element::new(SECURITY, "Security")).with(lifetime(stamp, now, now + ANSWER_LIFETIME));
    let trust = |local| Element::new(TRUST, local);
    let endpoint = Element::new(ns::ADDRESSING, "EndpointReference").with_value("Address", audience);
    let reference = || {
        let reference = Element::new(SECURITY, "Reference").with_attribute("URI", "euzZqFurd7rgUGVjTUnCah09kbA=");
        Element::new(SECURITY, "SecurityTokenReference").with(reference)
    };
    let binary = Element::new(SECURITY, "BinarySecurityToken").with_attribute("Id", "Compact0").with_text(token);
    let body = trust("RequestSecurityTokenResponse")
        .with(trust("TokenType").with_text("urn:passport:compact"))
        .with(Element::new(POLICY, "AppliesTo").with(endpoint))
        .with(lifetime(trust("Lifetime"), now, expires))
        .with(trust("RequestedSecurityToken").with(binary))
        .with(trust("RequestedAttachedReference").with(reference()))
        .with(trust("RequestedUnattachedReference").with(reference()));
    Envelope::new(SoapVersion::V12, body)
        .with_header(header("Action", &format!("{TRUST}/RSTR/Issue")))
        .with_header(header("To", "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"))
        .with_header(security)
}

fn reply(envelope: &Envelope) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(envelope.to_bytes().unwrap_or_default()));
    *response.status_mut() = StatusCode::OK;
    let kind = HeaderValue::from_static("application/soap+xml; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
