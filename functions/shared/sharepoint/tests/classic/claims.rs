//! Signing in with claims: a token, turned in for cookies (contract §7 C; ST-40, A15).

use http::header;
use sharepoint::{SiteError, SiteHost};
use transport::{BackError, SignInError};

use crate::host::{Host, PARENT, answer, answer_of, body, fault, html, psf_error, refusal, sts_fault, web};

fn host() -> Host {
    let host = Host::default();
    host.world().session = Some("nobody".to_owned());
    host
}

/// Two calls sign in; its two cookies go with every call, and another sign-in follows when they are not taken any more.
#[tokio::test]
async fn a_token_is_turned_in_for_cookies_that_are_kept_and_renewed() {
    let host = host();
    let adapter = host.adapter_with("claims");
    adapter.ensure_lists(&web(), &[]).await.unwrap();
    adapter.mark(&web()).await.unwrap();
    assert_eq!(host.asked(), ["RST", "TurnIn", "GetListCollection", "GetWeb"]);
    host.forget();
    host.world().session = Some("ended".to_owned());
    adapter.mark(&web()).await.unwrap();
    adapter.find_web(&"berg".parse().unwrap()).await.unwrap();
    assert_eq!(host.asked(), ["GetWeb", "RST", "TurnIn", "GetWeb", "GET"]);
}

/// The token is for the host and not for a web on it, and asked for with the user's name.
#[tokio::test]
async fn a_token_is_asked_for_the_host() {
    let host = host();
    host.adapter_with("claims").mark(&web()).await.unwrap();
    let asked = String::from_utf8(host.world().asked[0].body.to_vec()).unwrap();
    assert!(asked.contains(">https://crm.test.example<") && !asked.contains(PARENT), "{asked}");
    assert!(asked.contains(r">HARBOUR\svc<"), "{asked}");
}

/// A page, a redirect to one, and 403 that shows the way to one all mean that the session is over.
#[tokio::test]
async fn what_asks_for_a_sign_in_is_answered_with_one() {
    let required = header::HeaderName::from_static("x-forms_based_auth_required");
    let to = "https://crm.test.example/_forms/default.aspx?ReturnUrl=%2f";
    for over in [
        || answer(403, &[(header::HeaderName::from_static("x-forms_based_auth_required"), "x")], "403 FORBIDDEN"),
        || answer(302, &[(header::LOCATION, "/_layouts/Authenticate.aspx?Source=%2F")], ""),
        || html("<html>Sign in</html>"),
    ] {
        let host = host();
        host.instead("GetListCollection", Ok(over()));
        host.adapter_with("claims").ensure_lists(&web(), &[]).await.unwrap();
        assert_eq!(host.asked(), ["RST", "TurnIn", "GetListCollection", "RST", "TurnIn", "GetListCollection"]);
    }
    for over in [answer(403, &[(required, "x")], ""), answer(302, &[(header::LOCATION, to)], "")] {
        let host = host();
        host.instead("GET", Ok(over));
        host.adapter_with("claims").find_web(&"berg".parse().unwrap()).await.unwrap();
        assert_eq!(host.asked(), ["RST", "TurnIn", "GET", "RST", "TurnIn", "GET"]);
    }
}

/// 403 alone is a no to somebody who is known: no other sign-in would help.
#[tokio::test]
async fn a_closed_door_is_no_reason_to_sign_in_again() {
    let host = host();
    host.instead("GetListCollection", Ok(answer(403, &[], "403 FORBIDDEN")));
    let error = host.adapter_with("claims").ensure_lists(&web(), &[]).await.unwrap_err();
    assert!(matches!(&error, SiteError::Refused { code, .. } if code == "403"), "{error}");
    assert_eq!(host.asked(), ["RST", "TurnIn", "GetListCollection"]);
}

/// A15, ST-40: what can only mean the secret is remembered as that, and anything else as what may pass.
#[tokio::test]
async fn only_the_numbers_that_speak_of_the_password_are_a_sure_refusal() {
    let outcome = |operation, response| async move {
        let host = host();
        host.instead(operation, Ok(response));
        let error = host.adapter_with("claims").mark(&web()).await.unwrap_err();
        let kept = error.refusal().map(|refusal| (refusal.code.to_owned(), refusal.is_sure));
        (kept, host.asked().len())
    };
    let kept = |code: &str, is_sure| Some((code.to_owned(), is_sure));
    for code in ["0x80048821", "0x80048823", "0x80048824", "0x80048827"] {
        assert_eq!(outcome("RST", refusal(code)).await, (kept(code, true), 1));
    }
    assert_eq!(outcome("RST", refusal(" 0x8004886e\n")).await, (kept("0x8004886E", false), 1));
    // What is no number is not repeated.
    for code in ["", "0x", "80048821", "HARBOUR\\svc", "0x80048821 HARBOUR"] {
        assert_eq!(outcome("RST", refusal(code)).await, (kept("none", false), 1), "{code}");
    }
    assert_eq!(outcome("RST", sts_fault("Sender", "")).await, (kept("none", false), 1));
    assert_eq!(outcome("RST", body(&psf_error("0x8004886E"))).await, (kept("0x8004886E", false), 1));
    assert_eq!(outcome("RST", answer(401, &[], "")).await, (kept("HTTP 401", false), 1));
    assert_eq!(outcome("RST", html("<html>Sign in</html>")).await, (None, 1));
    assert_eq!(outcome("TurnIn", answer(200, &[], "")).await, (kept("no cookies", false), 2));
    assert_eq!(outcome("TurnIn", answer(302, &[(header::LOCATION, "/")], "")).await, (kept("no cookies", false), 2));
    let other = [(header::SET_COOKIE, "rtFa=1; path=/")];
    assert_eq!(outcome("TurnIn", answer(200, &other, "")).await, (kept("no cookies", false), 2));
    let to = "/_layouts/Authenticate.aspx?Source=%2F";
    assert_eq!(outcome("TurnIn", answer(302, &[(header::LOCATION, to)], "")).await, (kept("no cookies", false), 2));
    assert_eq!(outcome("TurnIn", answer(401, &[], "")).await, (kept("HTTP 401", false), 2));
    let required = [(header::HeaderName::from_static("x-forms_based_auth_required"), "x")];
    assert_eq!(outcome("TurnIn", answer(403, &required, "")).await, (kept("no cookies", false), 2));
    assert_eq!(outcome("TurnIn", html("<input type='password'>")).await, (kept("no cookies", false), 2));
    assert_eq!(outcome("TurnIn", answer(404, &[], "")).await, (None, 2));
}

/// P1: the service's own trouble is no refusal, whichever way it says so: the next try may go well.
#[tokio::test]
async fn the_trouble_of_the_sign_in_service_is_passing() {
    for trouble in [
        refusal("0x80048820"),
        body(&psf_error("0x80048820")),
        sts_fault("Receiver", &psf_error("0x8004886E")),
        sts_fault("Receiver", &psf_error("0x80048821")),
        sts_fault("Receiver", ""),
        fault("", "x"),
    ] {
        let host = host();
        host.instead("RST", Ok(trouble));
        let adapter = host.adapter_with("claims");
        let error = adapter.mark(&web()).await.unwrap_err();
        assert!(error.is_transient() && error.refusal().is_none(), "{error}");
        adapter.mark(&web()).await.unwrap();
        assert_eq!(host.asked(), ["RST", "RST", "TurnIn", "GetWeb"]);
    }
}

/// A host that sends its cookies on the way to another page has signed in, whichever page that is.
#[tokio::test]
async fn cookies_count_wherever_the_host_leads() {
    for to in ["/", "/_layouts/Authenticate.aspx?Source=%2F", "/_forms/default.aspx"] {
        let host = host();
        host.world().session = Some("FedAuth=F".to_owned());
        let cookie = (header::SET_COOKIE, "FedAuth=F; path=/; HttpOnly");
        host.instead("TurnIn", Ok(answer(302, &[(header::LOCATION, to), cookie], "")));
        host.adapter_with("claims").mark(&web()).await.unwrap();
        assert_eq!(host.asked(), ["RST", "TurnIn", "GetWeb"], "{to}");
    }
}

/// A token is good once: where the answer to it is lost, another one is asked for the next time.
#[tokio::test]
async fn a_token_is_not_turned_in_twice() {
    let host = host();
    host.instead("RST", Err(BackError::lost()));
    host.instead("TurnIn", Err(BackError::lost()));
    let adapter = host.adapter_with("claims");
    let error = adapter.mark(&web()).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert_eq!(host.asked(), ["RST", "RST", "TurnIn"]);
    adapter.mark(&web()).await.unwrap();
    assert_eq!(host.asked(), ["RST", "RST", "TurnIn", "RST", "TurnIn", "GetWeb"]);
}

/// The answer of the sign-in service is hostile until it is read (A18).
#[tokio::test]
async fn an_answer_that_is_cut_or_foreign_gives_no_token() {
    let whole = String::from_utf8(answer_of("t=x").into_body().to_vec()).unwrap();
    let cuts = (0..whole.len()).step_by(7).map(|end| whole[..end].to_owned());
    let foreign =
        [format!("<!DOCTYPE x>{whole}"), format!("{whole}{whole}"), whole.replace("BinarySecurityToken", "Other")];
    for bad in cuts.chain(foreign) {
        let host = host();
        host.instead("RST", Ok(answer(200, &[(header::CONTENT_TYPE, "application/soap+xml")], &bad)));
        let error = host.adapter_with("claims").mark(&web()).await.unwrap_err();
        assert!(matches!(error, SiteError::Unreadable { .. }), "{bad}: {error}");
        assert_eq!(host.asked(), ["RST"]);
    }
}

/// A5: the sign-in service is called only if it is on the tenant's list.
#[tokio::test]
async fn a_sign_in_service_elsewhere_is_not_called() {
    let host = host();
    let error = host.adapter_at_sts("https://sts.evil.example/extSTS.srf").mark(&web()).await.unwrap_err();
    assert!(matches!(&error, SiteError::Call { source: transport::CallError::Refused(_), .. }), "{error}");
    assert!(host.asked().is_empty());
}

/// A claims host tells of somebody by a name that holds the one it was told.
#[tokio::test]
async fn a_member_who_is_there_under_their_claim_is_not_added_again() {
    let host = host();
    let login = |name: &str| sharepoint::Login { login: name.to_owned(), name: String::new(), email: String::new() };
    let adapter = host.adapter_with("claims");
    let members = ["i:0#.f|membership|anna@b.example", "i:0#.f|other|bo@b.example"].map(str::to_owned);
    host.world().groups.insert("G".to_owned(), crate::host::Group { members: members.into(), ..Default::default() });
    host.world().known.extend(["anna@b.example", "bo@b.example"].map(str::to_owned));
    adapter.ensure_members(&web(), "G", &[login("Anna@b.example")]).await.unwrap();
    assert_eq!(host.asked(), ["RST", "TurnIn", "GetUserCollectionFromGroup"]);
    adapter.ensure_members(&web(), "G", &[login("bo@b.example")]).await.unwrap();
    assert_eq!(host.asked().last().map(String::as_str), Some("AddUserToGroup"), "another provider's is somebody else");
}
