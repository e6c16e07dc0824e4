//! Signing in to CRM Online with Live ID (ST-41; contract §3, steps 1 to 6), against scripted answers.
//!
//! They are invented, in the shapes of the contract's samples.

mod server;

use crm::{Crm, CrmError};
use domain::SignedDuration;
use soap::Element;
use transport::{CallError, Guard, GuardError, SignInError};

use server::{Answer, World, crm_fault, fault, fault_of, not_added, policy};

const POLICY: &str = "RetrievePolicy";
const DEVICE: &str = "LiveIdDeviceToken";
const ADD: &str = "LiveIdDeviceAdd";
const USER: &str = "LiveIdUserToken";
const TICKET: &str = "RetrieveCrmTicket";
const ME: &str = "WhoAmI";

/// The whole way once, and then only the calls that are wanted.
#[tokio::test]
async fn a_sign_in_goes_from_the_policy_over_the_device_and_the_user_to_the_ticket() {
    let world = World::new();
    let (one, two) = tokio::join!(world.crm.who_am_i(), world.crm.who_am_i());
    assert_eq!(one.unwrap(), two.unwrap());
    world.crm.who_am_i().await.unwrap();
    assert_eq!(world.calls(), [POLICY, DEVICE, USER, TICKET, ME, ME, ME]);
    assert_eq!(world.server().named, ("D1".to_owned(), "MBI_SSL".to_owned()));
}

/// Live ID registers a name once: nobody asks for it who need not.
#[tokio::test]
async fn a_device_is_registered_where_it_is_not_known_and_only_there() {
    for code in ["0x80048821", "0x80048800"] {
        let world = World::new();
        world.says(DEVICE, fault(code));
        world.crm.who_am_i().await.unwrap();
        assert_eq!(world.calls(), [POLICY, DEVICE, ADD, DEVICE, USER, TICKET, ME]);
    }
    // Its name is there: the answer to an earlier try was lost.
    let world = World::new();
    world.says(DEVICE, fault("0x80048821"));
    world.says(ADD, not_added("dc13"));
    world.crm.who_am_i().await.unwrap();
    assert_eq!(world.calls(), [POLICY, DEVICE, ADD, DEVICE, USER, TICKET, ME]);
}

/// CRM's ticket ends before the device's token: two calls sign in again (contract §3, step 6).
#[tokio::test]
async fn an_expired_ticket_is_renewed_from_the_user_on_and_once() {
    let world = World::new();
    world.crm.who_am_i().await.unwrap();
    world.calls();
    world.says(ME, crm_fault("0x8004A101"));
    world.crm.who_am_i().await.unwrap();
    assert_eq!(world.calls(), [ME, USER, TICKET, ME]);
    for _ in 0..2 {
        world.says(ME, crm_fault("0x8004A101"));
    }
    let error = world.crm.who_am_i().await.unwrap_err();
    assert!(matches!(&error, CrmError::SignIn { operation: ME, code, .. } if code == "0x8004A101"), "{error}");
    assert_eq!(world.calls(), [ME, USER, TICKET, ME]);
}

#[tokio::test]
async fn a_device_token_that_is_over_is_not_shown_again() {
    let world = World::new();
    world.crm.who_am_i().await.unwrap();
    world.clock.advance(SignedDuration::from_hours(24));
    world.calls();
    world.says(ME, crm_fault("0x8004A101"));
    world.crm.who_am_i().await.unwrap();
    assert_eq!(world.calls(), [ME, POLICY, DEVICE, USER, TICKET, ME]);
}

/// What was kept may be worth nothing any more: once, everything is asked anew.
#[tokio::test]
async fn a_renewal_that_is_refused_for_what_was_kept_begins_from_the_beginning() {
    for (operation, refused) in
        [(USER, fault("0x80048800")), (USER, fault("0x80048831")), (TICKET, crm_fault("0x8004A103"))]
    {
        let world = World::new();
        world.crm.who_am_i().await.unwrap();
        world.calls();
        world.says(ME, crm_fault("0x8004A101"));
        world.says(operation, refused);
        world.says(POLICY, policy("MBI_KEY"));
        world.crm.who_am_i().await.unwrap();
        let calls = world.calls();
        let begun = if operation == USER { vec![ME, USER] } else { vec![ME, USER, TICKET] };
        assert_eq!(calls, [begun, vec![POLICY, DEVICE, USER, TICKET, ME]].concat());
        assert_eq!(world.server().named.1, "MBI_KEY");
    }
}

/// A15: a wrong password is tried once, at the beginning and in the middle, however many wait for it.
#[tokio::test]
async fn a_refused_password_is_tried_once() {
    for code in ["0x80048821", "0x80048823"] {
        let world = World::new();
        world.says(USER, fault(code));
        let (one, two) = tokio::join!(world.crm.who_am_i(), world.crm.who_am_i());
        for outcome in [one, two] {
            let error = outcome.unwrap_err();
            assert!(matches!(&error, CrmError::SignIn { operation: USER, code: said, .. } if said == code), "{error}");
            assert!(error.refusal().is_some_and(|refusal| refusal.is_sure));
            assert!(!format!("{error:?}").contains("Müller"));
        }
        assert_eq!(world.calls(), [POLICY, DEVICE, USER]);
        world.crm.who_am_i().await.unwrap();
        world.calls();
        world.says(ME, crm_fault("0x8004A101"));
        world.says(USER, fault(code));
        world.crm.who_am_i().await.unwrap_err();
        assert_eq!(world.calls(), [ME, USER]);
    }
}

/// The name of the device is somebody else's: the account of the user is not tried at all.
#[tokio::test]
async fn a_device_that_is_refused_says_so_and_the_user_is_not_tried() {
    let world = World::new();
    for _ in 0..2 {
        world.says(DEVICE, fault("0x80048821"));
    }
    world.says(ADD, not_added("dc13"));
    let error = world.crm.who_am_i().await.unwrap_err();
    assert_eq!(error.to_string(), "LiveIdDeviceToken: sign-in to CRM was refused (code 0x80048821)");
    assert!(error.refusal().is_some_and(|refusal| refusal.is_sure));
    assert_eq!(world.calls(), [POLICY, DEVICE, ADD, DEVICE]);
    world.says(DEVICE, fault("0x80048821"));
    world.says(ADD, not_added("dc9"));
    let error = world.crm.who_am_i().await.unwrap_err();
    assert_eq!(error.to_string(), "LiveIdDeviceAdd: sign-in to CRM was refused (code dc9)");
    assert!(error.refusal().is_some_and(|refusal| refusal.is_sure));
}

/// What is of the service, the policy or the partner says nothing of the password: it is asked again soon.
#[tokio::test]
async fn what_is_not_of_the_secret_is_no_sure_refusal() {
    for (operation, answer, code) in [
        (USER, fault("0x80048831"), "0x80048831"),
        (USER, fault_of("Sender", "0x8004882A", 500), "0x8004882A"),
        (DEVICE, fault("0x80048834"), "0x80048834"),
        (TICKET, crm_fault("0x80048405"), "0x80048405"),
        (TICKET, crm_fault("0x8004A103"), "0x8004A103"),
        (POLICY, (401, "text/plain", String::new()), "HTTP 401"),
        (USER, (401, "text/plain", String::new()), "HTTP 401"),
    ] {
        let world = World::new();
        // A device that is refused is registered, in case that nobody did, and asks again.
        for _ in 0..2 {
            world.says(operation, answer.clone());
        }
        let error = world.crm.who_am_i().await.unwrap_err();
        assert!(matches!(&error, CrmError::SignIn { code: said, .. } if said == code), "{error}");
        assert!(error.refusal().is_some_and(|refusal| !refusal.is_sure), "{error}");
    }
}

/// P7: the service's own trouble passes.
#[tokio::test]
async fn live_id_in_trouble_is_no_refusal() {
    for (operation, answer) in [
        (USER, fault("0x80048820")),
        (DEVICE, fault_of("Receiver", "0x80041234", 500)),
        (
            DEVICE,
            (
                200,
                "application/soap+xml",
                "<S:Envelope xmlns:S='http://www.w3.org/2003/05/soap-envelope'><S:Bo".to_owned(),
            ),
        ),
    ] {
        let world = World::new();
        world.says(operation, answer);
        let error = world.crm.who_am_i().await.unwrap_err();
        assert!(error.is_transient() && error.refusal().is_none(), "{error}");
    }
    let world = World::new();
    world.says(DEVICE, fault("0x80048821"));
    world.says(ADD, not_added("dc11"));
    let error = world.crm.who_am_i().await.unwrap_err();
    assert!(matches!(error, CrmError::Busy { operation: ADD, .. }), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_none_of_live_id_is_a_typed_error() {
    let odd = |answer: Answer, operation: &'static str| async move {
        let world = World::new();
        if operation == ADD {
            world.says(DEVICE, fault("0x80048821"));
        }
        world.says(operation, answer);
        world.crm.who_am_i().await.unwrap_err().to_string()
    };
    let page = || (200, "text/html", "<html>Müller, sign in</html>".to_owned());
    for operation in [DEVICE, USER, ADD] {
        let text = odd(page(), operation).await;
        assert_eq!(text, format!("{operation}: sign-in to CRM was refused (code sign-in page)"));
        let text = odd((404, "text/plain", "Müller".to_owned()), operation).await;
        assert_eq!(text, format!("{operation}: sign-in to CRM was refused (code HTTP 404)"));
        let text = odd((200, "text/xml", "<a>Müller</a>".to_owned()), operation).await;
        assert!(
            text.starts_with(&format!("{operation}: CRM's answer cannot be read")) && !text.contains("Müller"),
            "{text}"
        );
    }
    let elsewhere = Element::new("urn:x", "RequestSecurityTokenResponse").to_xml().unwrap();
    let body = format!(
        r#"<S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body>{elsewhere}</S:Body></S:Envelope>"#
    );
    let text = odd((200, "application/soap+xml", body), USER).await;
    assert!(text.contains("cannot be read"), "{text}");
}

/// A5: Live ID's hosts are on the tenant's list, or nothing is sent to them.
#[tokio::test]
async fn passwords_go_only_to_hosts_that_the_guard_allows() {
    let world = World::at("https://login.example.test", Guard::loopback());
    let error = world.crm.who_am_i().await.unwrap_err();
    let CrmError::Call { operation: DEVICE, source: CallError::Refused(GuardError::Host) } = error else {
        panic!("{error}")
    };
    assert_eq!(world.calls(), [POLICY]);
    let world = World::at("http://login.live.com", Guard::sandbox(&["live.com"]).unwrap());
    let error = world.crm.who_am_i().await.unwrap_err();
    assert!(matches!(error, CrmError::Call { source: CallError::Refused(GuardError::Scheme), .. }), "{error}");
}
