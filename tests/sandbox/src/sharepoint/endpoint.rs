//! SOAP in, SOAP out.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use soap::{
    Element, Fault, Limits, SoapVersion,
    server::{Reply, Request as Message},
};

use super::{
    people_list,
    rights::Rights,
    route::{self, Visit},
    services::{self, Call, Refusal, SOAP, Service, Surroundings},
    state::State,
};

/// Reads the message of a request.
pub(super) fn read(request: &Request<Bytes>) -> Result<Message, soap::Error> {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    Message::read(text("content-type").unwrap_or(""), text("soapaction"), request.body(), Limits::default())
}

/// Carries out an operation on a web for a signed-in user.
pub(super) fn answer(
    state: &mut State,
    key: &str,
    visit: &Visit<'_>,
    around: &Surroundings,
    file: &str,
) -> Response<Bytes> {
    let Some(service) = Service::of_file(file) else { return super::pages::not_found() };
    let message = match understood(visit.request, service) {
        Ok(message) => message,
        Err(response) => return *response,
    };
    let version = message.envelope.version;
    let State { collections, ids, .. } = state;
    let Some(collection) = collections.get_mut(key) else { return super::pages::not_found() };
    if !collection.rights(around.user, &around.web).include(Rights::REMOTE) {
        return route::closed(around);
    }
    let operation = message.operation().to_owned();
    let body = &message.envelope.body;
    let people = around.generation.is_2010().then(|| people_list::of(collection, around.now));
    let mut call = Call { service, operation: &operation, body, collection, ids, around, people: people.as_ref() };
    match services::run(&mut call) {
        Some(Ok(body)) => reply(Reply::result(version, body)),
        Some(Err(Refusal::Unauthorized)) => route::closed(around),
        Some(Err(refusal)) => reply(Reply::fault(version, &refusal.to_fault())),
        None => reply(Reply::fault(version, &unknown_action(&service.action(&operation)))),
    }
}

/// Authentication.asmx is for those who are not signed in yet.
pub(super) fn authenticate(state: &mut State, visit: &Visit<'_>) -> Response<Bytes> {
    let service = Service { name: "Authentication", namespace: SOAP };
    let message = match understood(visit.request, service) {
        Ok(message) => message,
        Err(response) => return *response,
    };
    let version = message.envelope.version;
    let Some((body, ticket)) = services::authenticate(state, message.operation(), &message.envelope.body, visit.now)
    else {
        return reply(Reply::fault(version, &unknown_action(&service.action(message.operation()))));
    };
    let mut response = reply(Reply::result(version, body));
    if let Some(ticket) = ticket
        && let Ok(cookie) = HeaderValue::from_str(&format!("{}={ticket}; path=/; HttpOnly", state.generation.cookie()))
    {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// A fault in the version that the request speaks.
pub(super) fn fault(request: &Request<Bytes>, fault: &Fault) -> Response<Bytes> {
    let version = read(request).map_or(SoapVersion::V11, |message| message.envelope.version);
    reply(Reply::fault(version, fault))
}

/// The message, if it is one that the service could mean: a POST of XML whose action and body name one operation.
fn understood(request: &Request<Bytes>, service: Service) -> Result<Message, Box<Response<Bytes>>> {
    if request.method() != Method::POST {
        return Err(Box::new(status(StatusCode::METHOD_NOT_ALLOWED)));
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if kind != "text/xml" && kind != "application/soap+xml" {
        return Err(Box::new(status(StatusCode::UNSUPPORTED_MEDIA_TYPE)));
    }
    let message = read(request).map_err(|_| {
        let text = "Server was unable to read request. ---> There is an error in XML document.";
        Box::new(reply(Reply::fault(SoapVersion::V11, &Fault::client(text))))
    })?;
    let operation = message.operation();
    let body: &Element = &message.envelope.body;
    let meant = body.is((service.namespace, operation));
    let right = message.action.is_empty() || message.action == service.action(operation);
    if meant && right {
        return Ok(message);
    }
    let named = if message.action.is_empty() { service.action(operation) } else { message.action.clone() };
    Err(Box::new(reply(Reply::fault(message.envelope.version, &unknown_action(&named)))))
}

fn unknown_action(action: &str) -> Fault {
    Fault::client(format!("Server did not recognize the value of HTTP Header SOAPAction: {action}."))
}

fn reply(reply: Result<Reply, soap::Error>) -> Response<Bytes> {
    // A value that XML cannot carry was let in by a name rule that the real one has too: it fails alike.
    let Ok(reply) = reply else { return status(StatusCode::INTERNAL_SERVER_ERROR) };
    let mut response = Response::new(Bytes::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    response
}

fn status(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}
