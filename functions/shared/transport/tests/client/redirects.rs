//! Redirects: an answer, unless the caller asks to follow.

use http::header;
use transport::{CallError, GuardError};

use crate::service::{Service, Step, read, status, write};

fn redirect(to: &str) -> Step {
    status(302, &[(header::LOCATION, to)], "")
}

/// A5: a redirect is an answer; only `send_following` follows it, within one host.
#[tokio::test]
async fn redirects_are_followed_only_when_asked_and_only_within_the_host() {
    let service = Service::that([redirect("/y")]);
    assert!(service.client().send(read()).await.unwrap().is_redirect());
    assert_eq!(service.asked().len(), 1);

    let service = Service::that([redirect("/y"), redirect("z?p=2"), redirect("https://crm.test.example/w")]);
    assert_eq!(service.client().send_following(read()).await.unwrap().body, "done");
    assert_eq!(service.asked()[1..], ["/y", "/z?p=2", "/w"].map(|path| format!("https://crm.test.example{path}")));

    for elsewhere in [
        "https://evil.test/",
        "//evil.test/",
        "\\\\evil.test/",
        "http://crm.test.example/",
        "https://crm.test.example:8443/",
        "https://below.crm.test.example/",
        "https://crm.test.example.evil.test/",
        "http://169.254.169.254/",
        "data:text/html,x",
        "https://[",
    ] {
        let service = Service::that([redirect(elsewhere)]);
        let answer = service.client().send_following(read()).await.unwrap();
        assert_eq!((answer.location(), service.asked().len()), (Some(elsewhere), 1));
    }

    let service = Service::that([redirect("https://user@crm.test.example/")]);
    let error = service.client().send_following(read()).await.unwrap_err();
    assert_eq!(error, CallError::Refused(GuardError::UserInfo));

    let service = Service::that((0..9).map(|_| redirect("/again")));
    assert!(service.client().send_following(read()).await.unwrap().is_redirect());
    assert_eq!(service.asked().len(), 4, "three redirects are followed");

    let service = Service::that([redirect("/y")]);
    assert!(service.client().send_following(write()).await.unwrap().is_redirect());
    assert_eq!(service.asked().len(), 1, "a POST is never sent elsewhere");
}
