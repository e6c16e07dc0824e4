//! The sign-in service of claims, and the place where its tokens are turned in. Invented, after the contract.

use bytes::Bytes;
use http::{Request, Response, header};

use super::{World, answer, soap_body};

/// Which of the two calls of a claims sign-in this is.
pub(crate) fn operation(request: &Request<Bytes>) -> Option<&'static str> {
    match (request.uri().host(), request.uri().path_and_query()?.as_str()) {
        (Some("login.microsoftonline.com"), "/extSTS.srf") => Some("RST"),
        (_, "/_forms/default.aspx?wa=wsignin1.0") => Some("TurnIn"),
        _ => None,
    }
}

pub(crate) fn answer_of(token: &str) -> Response<Bytes> {
    body(&format!(
        "<RequestSecurityTokenResponse><RequestedSecurityToken><BinarySecurityToken Id='Compact0'>{token}\
         </BinarySecurityToken></RequestedSecurityToken></RequestSecurityTokenResponse>"
    ))
}

/// A refusal with this number.
pub(crate) fn refusal(code: &str) -> Response<Bytes> {
    sts_fault("Sender", &psf_error(code))
}

/// A fault of SOAP 1.2 with this detail.
pub(crate) fn sts_fault(kind: &str, detail: &str) -> Response<Bytes> {
    body(&format!(
        "<s:Fault xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Code><s:Value>s:{kind}</s:Value></s:Code>\
         <s:Detail>{detail}</s:Detail></s:Fault>"
    ))
}

/// What the service says of a refusal.
pub(crate) fn psf_error(code: &str) -> String {
    format!(
        "<p:error xmlns:p='http://schemas.microsoft.com/Passport/SoapServices/SOAPFault'><p:value>{code}</p:value>\
         <p:internalerror><p:code>0x80041012</p:code><p:text>no</p:text></p:internalerror></p:error>"
    )
}

pub(crate) fn body(body: &str) -> Response<Bytes> {
    let xml =
        format!("<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body>{body}</s:Body></s:Envelope>");
    answer(200, &[(header::CONTENT_TYPE, "application/soap+xml; charset=utf-8")], &xml)
}

pub(super) fn answer_to(world: &mut World, request: &Request<Bytes>) -> Response<Bytes> {
    if operation(request) == Some("RST") {
        assert_eq!(soap_body(request).local(), "RequestSecurityToken");
        world.log_ins += 1;
        return answer_of(&format!("t=T{}&amp;p=", world.log_ins));
    }
    // The raw token, not as the value of a field.
    assert_eq!(request.body(), &format!("t=T{}&p=", world.log_ins));
    let session = format!("rtFa=R{0}; FedAuth=F{0}", world.log_ins);
    let mut response = answer(200, &[], "");
    for cookie in session.split("; ") {
        response.headers_mut().append(header::SET_COOKIE, format!("{cookie}; path=/; HttpOnly").parse().unwrap());
    }
    response.headers_mut().append(header::SET_COOKIE, "other=1; path=/".parse().unwrap());
    world.session = Some(session);
    response
}
