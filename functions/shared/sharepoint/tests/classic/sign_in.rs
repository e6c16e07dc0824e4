//! Signing in, and what comes instead of an answer.

use http::header;
use sharepoint::{SiteError, SiteHost};
use transport::BackError;

use crate::host::{Host, answer, envelope, fault, html, web};

/// One sign-in serves many calls, and one more is made when the ticket is not taken any more.
#[tokio::test]
async fn a_forms_session_is_kept_and_renewed_when_it_ends() {
    let host = Host::default();
    host.world().session = Some("nobody".to_owned());
    let adapter = host.adapter_with("forms");
    adapter.ensure_lists(&web(), &[]).await.unwrap();
    adapter.mark(&web()).await.unwrap();
    assert_eq!(host.asked(), ["Login", "GetListCollection", "GetWeb"]);
    host.forget();
    host.world().session = Some("ended".to_owned());
    adapter.mark(&web()).await.unwrap();
    adapter.find_web(&"berg".parse().unwrap()).await.unwrap();
    assert_eq!(host.asked(), ["GetWeb", "Login", "GetWeb", "GET"]);
}

#[tokio::test]
async fn a_session_that_is_not_taken_even_when_new_is_a_refused_sign_in() {
    let host = Host::default();
    host.world().session = Some("nobody".to_owned());
    let page = || Ok(html("<html>Sign in</html>"));
    host.instead("GetListCollection", page());
    host.instead("GetListCollection", page());
    let error = host.adapter_with("forms").ensure_lists(&web(), &[]).await.unwrap_err();
    assert!(matches!(error, SiteError::SignIn { .. }), "{error}");
    assert_eq!(host.asked(), ["Login", "GetListCollection", "Login", "GetListCollection"]);
}

#[tokio::test]
async fn a_refused_password_is_a_refused_sign_in_and_asked_once() {
    let host = Host::default();
    let refused = "<LoginResponse xmlns='http://schemas.microsoft.com/sharepoint/soap/'><LoginResult>\
                   <ErrorCode>PasswordNotMatch</ErrorCode></LoginResult></LoginResponse>";
    host.instead("Login", Ok(envelope(refused)));
    let error = host.adapter_with("forms").mark(&web()).await.unwrap_err();
    assert!(matches!(error, SiteError::SignIn { operation: "Login", .. }), "{error}");
    assert_eq!(host.asked(), ["Login"]);
}

/// A15: Basic credentials go with every call, so they are tried with one that tells: a wrong password costs one call.
#[tokio::test]
async fn credentials_are_tried_once_before_they_are_used() {
    let host = Host::default();
    let adapter = host.adapter_with("basic");
    host.instead("GetWeb", Ok(answer(401, &[], "")));
    let error = adapter.find_web(&"berg".parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, SiteError::SignIn { until: None, .. }), "{error}");
    assert_eq!(host.asked(), ["GetWeb"]);
    host.forget();
    adapter.find_web(&"berg".parse().unwrap()).await.unwrap();
    adapter.find_web(&"berg".parse().unwrap()).await.unwrap();
    assert_eq!(host.asked(), ["GetWeb", "GET", "GET"]);
}

/// A15: 401 may be a closed door or a password that ended; only the parent tells, and it is asked once.
#[tokio::test]
async fn a_401_is_a_refused_sign_in_only_if_the_parent_says_so_too() {
    let host = Host::default();
    host.instead("GET", Ok(answer(401, &[], "")));
    assert!(host.adapter().find_web(&"berg".parse().unwrap()).await.unwrap().is_some());
    assert_eq!(host.asked(), ["GET", "GetWeb"]);
    let host = Host::default();
    host.instead("GET", Ok(answer(401, &[], "")));
    host.instead("GetWeb", Ok(answer(401, &[], "")));
    let error = host.adapter().find_web(&"berg".parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, SiteError::SignIn { operation: "SignIn", .. }), "{error}");
    assert_eq!(host.asked(), ["GET", "GetWeb"]);
}

/// ST-40: only what speaks of credentials is about the secret. A host in trouble must not look like a wrong password.
#[tokio::test]
async fn a_fault_at_sign_in_is_a_refused_sign_in_only_if_it_speaks_of_credentials() {
    let outcome = |response| async move {
        let host = Host::default();
        host.instead("Login", Ok(response));
        host.adapter_with("forms").mark(&web()).await.unwrap_err()
    };
    for words in ["The user name or password is incorrect.", "Logon failure: unknown user.", "Bad credentials"] {
        let error = outcome(fault("", words)).await;
        assert!(matches!(error, SiteError::SignIn { operation: "Login", .. }), "{words}: {error}");
    }
    let error = outcome(fault("0x80131904", "Cannot open the database.")).await;
    assert!(matches!(&error, SiteError::Refused { operation: "Login", code, .. } if code == "0x80131904"), "{error}");
    let error = outcome(fault("", "Save Conflict")).await;
    assert!(error.is_transient(), "{error}");
    let error = outcome(answer(404, &[(header::CONTENT_TYPE, "text/xml")], "")).await;
    assert!(matches!(&error, SiteError::Refused { operation: "Login", code, .. } if code == "404"), "{error}");
    let error = outcome(answer(401, &[], "")).await;
    assert!(matches!(error, SiteError::SignIn { operation: "Login", .. }), "{error}");
}

/// A page in answer to a SOAP call, 401 and a redirect all mean that the sign-in is not valid.
#[tokio::test]
async fn a_page_in_answer_to_a_service_is_a_refused_sign_in() {
    for response in
        [html("<html>Sign in</html>"), answer(401, &[], ""), answer(302, &[(header::LOCATION, "/_login")], "")]
    {
        let host = Host::default();
        host.instead("GetListCollection", Ok(response));
        let error = host.adapter().ensure_lists(&web(), &[]).await.unwrap_err();
        assert!(matches!(error, SiteError::SignIn { operation: "GetListCollection", .. }), "{error}");
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn a_read_whose_answer_is_lost_is_sent_again_and_a_write_is_not() {
    let host = Host::default();
    host.instead("GetGroupCollectionFromWeb", Err(BackError::lost()));
    host.instead("AddGroup", Err(BackError::lost()));
    let group = sharepoint::GroupPlan {
        name: "Berg Members".to_owned(),
        description: String::new(),
        role: sharepoint::Role::Contribute,
    };
    let error = host.adapter().ensure_groups(&web(), &[group]).await.unwrap_err();
    assert!(matches!(&error, SiteError::Call { operation: "AddGroup", .. }), "{error}");
    assert_eq!(host.asked(), ["GetGroupCollectionFromWeb", "GetGroupCollectionFromWeb", "AddGroup"]);
}

#[tokio::test]
async fn an_answer_that_is_cut_doubled_or_foreign_is_never_believed() {
    let xml = |body: &str| Ok(answer(200, &[(header::CONTENT_TYPE, "text/xml")], body));
    let document = |body| String::from_utf8(envelope(body).into_body().to_vec()).unwrap();
    let whole = document(
        "<GetWebResponse><GetWebResult><Web Url='https://crm.test.example/'/></GetWebResult></GetWebResponse>",
    );
    let cuts = (0..whole.len()).map(|end| (whole[..end].to_owned(), true));
    let others = [
        (format!("{whole}{whole}"), false),
        (format!("<!DOCTYPE x [<!ENTITY a 'b'>]>{whole}"), false),
        (document("<GetListResponse/>"), false),
        (document("<GetWebResponse><GetWebResult><Web Url='nowhere'/></GetWebResult></GetWebResponse>"), false),
    ];
    for (bad, transient) in cuts.chain(others) {
        let host = Host::default();
        host.instead("GetWeb", xml(&bad));
        let error = host.adapter().mark(&web()).await.unwrap_err();
        assert!(matches!(error, SiteError::Unreadable { .. }), "{bad}: {error}");
        assert_eq!(error.is_transient(), transient, "{bad}");
    }
}

#[tokio::test]
async fn a_host_that_is_busy_says_when_to_come_back() {
    let host = Host::default();
    host.instead("GetListCollection", Ok(answer(503, &[(header::RETRY_AFTER, "120")], "")));
    let error = host.adapter().ensure_lists(&web(), &[]).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(domain::SignedDuration::from_secs(120)));
    assert!(error.is_transient());
    host.instead("GetListCollection", Ok(fault("0x80070005", "Access denied.")));
    assert!(!host.adapter().ensure_lists(&web(), &[]).await.unwrap_err().is_transient());
}
