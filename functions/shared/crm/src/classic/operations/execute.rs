//! What `Execute` wraps around a request and its response.

use soap::{Element, Error};

use crate::classic::ns::SERVICES;

/// `Execute` with a request of one type. `OptionalParameters` is required by the schema and empty; published clients
/// leave it out (contract §6).
pub(super) fn execute(kind: &str, fill: impl FnOnce(Element) -> Element) -> Element {
    let request =
        Element::new(SERVICES, "Request").with_kind(SERVICES, kind).with(Element::new(SERVICES, "OptionalParameters"));
    Element::new(SERVICES, "Execute").with(fill(request))
}

/// Reads the response inside of an `ExecuteResponse`, whose type must be this one.
pub(super) fn response<T>(
    body: &Element,
    kind: &str,
    read: impl FnOnce(&Element) -> Result<T, Error>,
) -> Result<T, Error> {
    body.within("Response", |response| match response.required_kind()? {
        found if found == kind => read(response),
        found => Err(Error::unexpected(kind, found)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classic::operations::parsed;

    #[test]
    fn a_response_of_another_type_is_refused() {
        let body = parsed(
            r#"<ExecuteResponse xmlns="urn:x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Response xsi:type="WhoAmIResponse"/></ExecuteResponse>"#,
        );
        let error = response(&body, "RetrieveResponse", |_| Ok(())).unwrap_err();
        assert_eq!(error.to_string(), "Response: expected RetrieveResponse, found \"WhoAmIResponse\"");
    }
}
