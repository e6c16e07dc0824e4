//! Refusals, in the shape of CRM 4.0 (contract §8; codes of `crm2015_error_codes.tsv`, which kept those of 4.0).

use bytes::Bytes;
use http::{Response, StatusCode, header};
use soap::{Element, Fault, SoapVersion, server::Reply};

/// Why CRM refuses: a code and what it says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `0x…`.
    pub code: String,
    /// For people; quotes what was sent, as CRM does.
    pub description: String,
}

impl Refusal {
    pub(crate) fn new(code: &str, description: impl Into<String>) -> Self {
        Self { code: code.to_owned(), description: description.into() }
    }

    pub(crate) fn invalid(description: impl Into<String>) -> Self {
        Self::new("0x80040203", description)
    }

    pub(crate) fn validation(description: impl std::fmt::Display) -> Self {
        Self::new("0x80044331", format!("A validation error occurred. {description}"))
    }

    pub(crate) fn not_found(entity: &str, id: domain::CrmId) -> Self {
        Self::new("0x80040217", format!("{entity} With Id = {id} Does Not Exist"))
    }

    pub(crate) fn denied() -> Self {
        Self::new("0x80040220", "SecLib::AccessCheckEx failed. Returned hr = -2147187962")
    }

    pub(crate) fn duplicate() -> Self {
        Self::new("0x80040237", "Cannot insert duplicate key.")
    }

    pub(crate) fn no_entity(name: &str) -> Self {
        Self::new("0x80041102", format!("The entity with a name = '{name}' was not found."))
    }

    pub(crate) fn no_attribute(entity: &str, name: &str) -> Self {
        Self::new("0x80041103", format!("'{entity}' entity doesn't contain attribute with Name = '{name}'."))
    }

    pub(crate) fn expired_ticket() -> Self {
        Self::new("0x8004A101", "The ticket specified for authentication is expired")
    }

    pub(crate) fn disabled_user() -> Self {
        Self::new("0x80040225", "The specified user is either disabled or is not a member of any business unit.")
    }

    pub(crate) fn to_response(&self, version: SoapVersion) -> Response<Bytes> {
        let error = Element::new("", "error")
            .with_value("code", &self.code)
            .with_value("description", &self.description)
            .with_value("type", "Platform");
        let fault = Fault::server("Server was unable to process request.").with_detail([error]);
        to_response(Reply::fault(version, &fault))
    }
}

impl From<soap::Error> for Refusal {
    /// A message that cannot be understood.
    fn from(error: soap::Error) -> Self {
        Self::invalid(error.to_string())
    }
}

/// A request that is no SOAP message, or none that the service offers.
pub(crate) fn misunderstood(version: SoapVersion, reason: &str) -> Response<Bytes> {
    to_response(Reply::fault(version, &Fault::client(reason)))
}

/// A reply over HTTP. A result that XML cannot carry is CRM's own failure.
pub(crate) fn to_response(reply: Result<Reply, soap::Error>) -> Response<Bytes> {
    let Ok(reply) = reply else {
        let mut response = Response::new(Bytes::from_static(b"Runtime Error"));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        return response;
    };
    let mut response = Response::new(Bytes::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(reply.content_type));
    response
}
