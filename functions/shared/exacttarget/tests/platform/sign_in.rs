//! EX-39: two sign-ins; what ended is renewed once, what is refused is tried once.

use std::sync::Arc;

use domain::SignedDuration;
use exacttarget::{ExactTarget, ExactTargetError, TOKEN_REQUEST, operations::GetSystemStatus};
use soap::ns;

use crate::server::*;

fn fine() -> Said {
    reply(
        "<SystemStatusResponseMsg><Results><Result><StatusCode>OK</StatusCode><SystemStatus>OK</SystemStatus></Result>\
         </Results><OverallStatus>OK</OverallStatus></SystemStatusResponseMsg>",
    )
}

/// EX-39: WS-Security 1.0, the password as it is, in a header that must be understood.
#[tokio::test]
async fn a_user_signs_in_with_every_call() {
    let world = World::saying([fine()]);
    world.as_user().send(&GetSystemStatus).await.unwrap();
    let heard = world.heard();
    assert_eq!(heard[0].action, "GetSystemStatus");
    let header = sent(&heard[0]).headers.remove(0);
    assert!(header.is((ns::SECURITY, "Security")));
    assert_eq!(header.attribute((ns::SOAP11, "mustUnderstand")), Some("1"));
    let token = header.child("UsernameToken").unwrap();
    assert_eq!((&*token.child_text("Username"), &*token.child_text("Password")), ("harbour_api", "open sesame"));
    assert!(token.child("Password").unwrap().attribute("Type").is_some_and(|kind| kind.ends_with("#PasswordText")));
}

/// A package's token is a header of its own, directly below the SOAP header; its answer says where the service is.
#[tokio::test]
async fn a_package_asks_for_a_token_and_sends_it_as_fueloauth() {
    let world = World::saying([fine(), fine()]);
    let platform = world.as_package();
    platform.send(&GetSystemStatus).await.unwrap();
    platform.send(&GetSystemStatus).await.unwrap();
    let heard = world.heard();
    let asked: serde_json::Value = serde_json::from_slice(&heard[0].body).unwrap();
    let expected = serde_json::json!({
        "grant_type": "client_credentials", "client_id": "c1", "client_secret": "open sesame", "account_id": 1_111_111,
    });
    assert_eq!(asked, expected);
    assert_eq!(heard.len(), 3, "one token for two calls");
    let header = sent(&heard[2]).headers.remove(0);
    assert!(header.is(("http://exacttarget.com", "fueloauth")));
    assert_eq!(header.text(), "T1");
}

/// A token lasts for 1,079 seconds: it is asked for again when that is over, and not before.
#[tokio::test]
async fn a_token_is_asked_for_once_in_its_life() {
    let world = World::saying((0..4).map(|_| fine()));
    let platform = world.as_package();
    for (wait, asked) in [(0, 1), (1_000, 0), (48, 0), (2, 1)] {
        world.clock.advance(SignedDuration::from_secs(wait));
        platform.send(&GetSystemStatus).await.unwrap();
        let tokens = world.actions().iter().filter(|action| *action == TOKEN_REQUEST).count();
        assert_eq!(tokens, asked, "{wait} s later");
    }
}

/// What a token that ended was sent with did nothing: it is sent once more, with a new one.
#[tokio::test]
async fn an_ended_token_is_renewed_once_and_the_call_repeated_once() {
    let world = World::saying([token_expired(), fine()]);
    world.as_package().send(&GetSystemStatus).await.unwrap();
    assert_eq!(world.actions(), [TOKEN_REQUEST, "GetSystemStatus", TOKEN_REQUEST, "GetSystemStatus"]);
    let world = World::saying([token_expired(), token_expired()]);
    let error = world.as_package().send(&GetSystemStatus).await.unwrap_err();
    assert!(matches!(&error, ExactTargetError::SignIn { code, .. } if code == "Token Expired"), "{error:?}");
    assert_eq!(world.actions().len(), 4, "and not again");
}

/// One sign-in for all who wait for it: a hundred users of a token that ended cost one.
#[tokio::test]
async fn a_hundred_users_of_an_ended_token_ask_for_one_new_one() {
    let world = World::saying((0..100).map(|_| token_expired()).chain((0..100).map(|_| fine())));
    let platform = Arc::new(world.as_package());
    let users = (0..100).map(|_| {
        let platform = Arc::clone(&platform);
        tokio::spawn(async move { platform.send(&GetSystemStatus).await })
    });
    for user in users.collect::<Vec<_>>() {
        user.await.unwrap().unwrap();
    }
    let tokens = world.actions().iter().filter(|action| *action == TOKEN_REQUEST).count();
    assert_eq!(tokens, 2, "the first one, and one instead of it");
}

/// A wrong password is no reason to try again: accounts are locked for that.
#[tokio::test]
async fn a_refused_sign_in_is_final() {
    for text in ["Login Failed", "Login failed", "Somebody else"] {
        let world = World::saying([fault("q0:Security", text, "")]);
        let error = world.as_user().send(&GetSystemStatus).await.unwrap_err();
        assert!(matches!(&error, ExactTargetError::SignIn { code, .. } if code == "Login Failed"), "{error:?}");
        assert!(!error.is_transient());
        assert_eq!(world.actions().len(), 1);
    }
    let refused = r#"{"error":"invalid_client","error_description":"c1 / open sesame is wrong"}"#;
    let world = World::saying([(401, JSON, refused.to_owned())]);
    let error = world.as_package().send(&GetSystemStatus).await.unwrap_err();
    assert_eq!(error.to_string(), "signing in for RequestToken: refused with invalid_client");
    assert_eq!(world.actions(), [TOKEN_REQUEST]);
}

/// Rate limits, outages and maintenance pass; other faults do not (contract §7).
#[tokio::test]
async fn later_is_told_from_never_by_the_code() {
    for (code, is_transient) in [(2, true), (9, true), (10, true), (17, true), (11, false), (8, false), (218, false)] {
        let world = World::saying([api_fault(code)]);
        let error = world.as_user().send(&GetSystemStatus).await.unwrap_err();
        assert_eq!(error.is_transient(), is_transient, "{code}: {error:?}");
        assert_eq!(world.actions().len(), 1, "nothing is repeated at once");
    }
}

/// ST-36: neither the secret nor what the platform said of it is in an error.
#[tokio::test]
async fn no_error_repeats_a_secret() {
    let said =
        [(400, JSON, r#"{"error":"open sesame"}"#), (400, JSON, "open sesame"), (200, JSON, r#"{"access_token":7}"#)];
    for (status, kind, body) in said {
        let world = World::saying([(status, kind, body.to_owned())]);
        let error = world.as_package().send(&GetSystemStatus).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("sesame"), "{error:?}");
    }
}

/// A token is not sent where TLS ends.
#[tokio::test]
async fn a_token_that_came_inside_of_tls_does_not_leave_it() {
    let world = World::saying([]);
    let mut connection = package(None);
    if let exacttarget::SignIn::Package(package) = &mut connection.sign_in {
        package.token = "https://localhost:5602/v2/token".parse().unwrap();
    }
    let error = ExactTarget::new(connection, world.client()).send(&GetSystemStatus).await.unwrap_err();
    assert!(matches!(error, ExactTargetError::Call { .. }), "{error:?}");
    assert_eq!(world.actions(), [TOKEN_REQUEST]);
}
