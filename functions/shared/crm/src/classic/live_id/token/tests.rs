use proptest::prelude::*;
use soap::Limits;

use super::*;

/// Invented, in the shape of the contract's sample.
fn response(lifetime: &str, token: &str) -> Element {
    let xml = format!(
        r#"<t:RequestSecurityTokenResponse xmlns:t="{TRUST}" xmlns:u="{UTILITY}" xmlns:o="{SECURITY}">{lifetime}{token}</t:RequestSecurityTokenResponse>"#
    );
    soap::parse(xml.as_bytes(), Limits::default()).unwrap()
}

const LIFETIME: &str = "<t:Lifetime><u:Expires>2010-06-18T09:00:00Z</u:Expires></t:Lifetime>";
const TOKEN: &str =
    "<t:RequestedSecurityToken><o:BinarySecurityToken>t=a&amp;p=</o:BinarySecurityToken></t:RequestedSecurityToken>";

#[test]
fn a_token_is_read_with_its_end_and_anything_less_is_an_error_that_says_where() {
    let issued = IssuedToken::from_xml(&response(LIFETIME, TOKEN)).unwrap();
    assert_eq!(issued.expires.to_string(), "2010-06-18T09:00:00Z");
    assert_eq!(issued.ticket().unwrap().expose_secret(), "t=a&p=");
    let error =
        |lifetime: &str, token: &str| IssuedToken::from_xml(&response(lifetime, token)).err().unwrap().to_string();
    assert_eq!(error("", TOKEN), "Lifetime: missing");
    assert_eq!(error("<t:Lifetime/>", TOKEN), "Lifetime/Expires: missing");
    let soon = "<t:Lifetime><u:Expires>soon</u:Expires></t:Lifetime>";
    assert!(error(soon, TOKEN).starts_with("Lifetime/Expires: expected Timestamp"), "{}", error(soon, TOKEN));
    assert_eq!(error(LIFETIME, ""), "RequestedSecurityToken: missing");
    assert_eq!(
        error(LIFETIME, "<t:RequestedSecurityToken>t=</t:RequestedSecurityToken>"),
        "RequestedSecurityToken/*: missing"
    );
    let two = "<t:RequestedSecurityToken><a/><b/></t:RequestedSecurityToken>";
    assert!(error(LIFETIME, two).contains("one element"), "{}", error(LIFETIME, two));
    let other = soap::parse(b"<RequestSecurityTokenResponse/>", Limits::default()).unwrap();
    assert!(IssuedToken::from_xml(&other).is_err(), "the name in no namespace is another");
    for token in ["<a>t=</a>", "<o:BinarySecurityToken> </o:BinarySecurityToken>"] {
        let token = format!("<t:RequestedSecurityToken>{token}</t:RequestedSecurityToken>");
        assert!(IssuedToken::from_xml(&response(LIFETIME, &token)).unwrap().ticket().is_err(), "{token}");
    }
}

#[test]
fn a_fault_is_known_by_its_value_and_nothing_else_of_it_is_told() {
    let fault = |detail: &str| {
        let detail = soap::parse(format!("<d>{detail}</d>").as_bytes(), Limits::default()).unwrap();
        code(&Fault::client("Anna's password").with_detail(detail.children().cloned()))
    };
    let both = "<error><value>0x80048821</value><internalerror><code>0x80041012</code></internalerror></error>";
    assert_eq!(fault(both), "0x80048821");
    assert_eq!(fault("<error><internalerror><code>0x8004882a</code></internalerror></error>"), "0x8004882A");
    assert_eq!((fault("<error><value>Anna</value></error>"), fault("")), ("none".to_owned(), "none".to_owned()));
}

/// A text that XML can carry; line ends are not kept by every reader.
fn text() -> impl Strategy<Value = String> {
    "[ -~äß漢🚢]{1,40}"
}

proptest! {
    /// What a request says is what its reader reads, whatever is in a name or a password.
    #[test]
    fn every_request_is_read_back_as_it_was_meant(user in text(), password in text(), partner in text(), policy in text()) {
        let device = Element::new("urn:x", "EncryptedData").with_attribute("Id", &*policy).with_text(&*password);
        let request = TokenRequest::User {
            user: user.clone(),
            password: password.clone().into(),
            device: device.clone(),
            partner: partner.clone(),
            policy: policy.clone(),
        };
        let envelope = request.to_envelope();
        let read = Envelope::parse(&envelope.to_bytes().unwrap(), Limits::default()).unwrap();
        prop_assert_eq!(&read, &envelope);
        let security = read.headers.iter().find(|header| header.is("Security")).unwrap();
        let name = security.required("UsernameToken").unwrap();
        prop_assert_eq!((name.child_text("Username"), name.child_text("Password")), (user, password));
        prop_assert_eq!(only_child(security.required("BinarySecurityToken").unwrap()).unwrap(), &device);
        let endpoint = read.body.required("AppliesTo").unwrap().required("EndpointReference").unwrap();
        prop_assert_eq!(endpoint.child_text("Address"), partner);
        prop_assert_eq!(read.body.required("PolicyReference").unwrap().attribute("URI"), Some(&*policy));
    }

    /// A device's token comes back into the next request as it came, through the text that is kept of it.
    #[test]
    fn a_device_token_is_carried_on_as_it_came(cipher in "[A-Za-z0-9+/=]{1,80}", id in "[A-Za-z0-9]{1,20}") {
        let token = format!(
            r#"<t:RequestedSecurityToken><e:EncryptedData xmlns:e="http://www.w3.org/2001/04/xmlenc#" Id="{id}"><e:CipherData><e:CipherValue>{cipher}</e:CipherValue></e:CipherData></e:EncryptedData></t:RequestedSecurityToken>"#
        );
        let issued = IssuedToken::from_xml(&response(LIFETIME, &token)).unwrap();
        let kept = issued.token.to_xml().unwrap();
        prop_assert_eq!(soap::parse(kept.as_bytes(), Limits::default()).unwrap(), issued.token);
    }
}
