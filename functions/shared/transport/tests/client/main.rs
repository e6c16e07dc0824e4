//! The client's judgement, repeats and redirects, over the back in this process and a clock that moves when told.

#![allow(clippy::unwrap_used, reason = "the functions that tests share are tests too")]

mod redirects;
mod service;
mod silence;

use std::time::Duration;

use domain::SignedDuration;
use http::{HeaderValue, header};
use proptest::prelude::*;
use transport::{BackError, Call, CallError, Cause, GuardError};

use crate::service::{Service, Step, answer_to, error_of, read, status, url, write};

/// The request that arrives is the call, without its fragment.
#[tokio::test]
async fn a_call_arrives_as_it_was_made() {
    let service = Service::default();
    let call = write().header(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    let client = service.client();
    assert_eq!(client.send(call).await.unwrap().body, "done");
    client.send(read()).await.unwrap();
    let requests = service.take_requests();
    let first = &requests[0];
    assert_eq!((first.method().as_str(), first.body().as_ref()), ("POST", b"<a/>".as_slice()));
    assert_eq!(first.headers()[header::CONTENT_TYPE], "text/xml");
    assert_eq!(first.headers()[header::HOST], "crm.test.example");
    assert_eq!(requests[1].uri(), "https://crm.test.example/x?q=1");
}

/// A5: a refused endpoint is never called, and not counted.
#[tokio::test]
async fn a_call_to_a_forbidden_endpoint_is_not_sent() {
    let service = Service::default();
    let client = service.client();
    let error = client.send(Call::get(url("https://evil.test/"), "Read")).await.unwrap_err();
    assert_eq!(error, CallError::Refused(GuardError::Host));
    assert!(!error.is_transient() && !error.may_have_landed());
    assert!(service.asked().is_empty() && client.counts().is_empty());
}

/// A fault inside HTTP 500 is an answer, not an outage; 500 without XML is an outage.
#[tokio::test]
async fn a_soap_fault_inside_500_is_an_answer_and_another_500_is_not() {
    let xml = (header::CONTENT_TYPE, "text/xml; charset=utf-8");
    let (fault, asked) = answer_to(read(), [status(500, &[xml], "<soap:Envelope/>")]).await;
    assert_eq!((fault.unwrap().status.as_u16(), asked), (500, 1));
    let html = (header::CONTENT_TYPE, "text/html");
    let (error, asked) = error_of(read(), [status(500, &[html], "<html>Runtime Error</html>")]).await;
    assert!(matches!(error, CallError::Unavailable { status: Some(500), .. }), "{error}");
    assert!(error.is_transient() && error.may_have_landed());
    assert_eq!(asked, 1, "a 500 is not repeated at once");
}

/// SharePoint contract, section 2: 509 (bandwidth limit) is worth a retry with delay. Nobody knows what it did before.
#[tokio::test]
async fn a_bandwidth_limit_means_later_and_is_not_met_with_more_calls() {
    let (error, asked) = error_of(read(), [status(509, &[], "")]).await;
    assert!(matches!(error, CallError::Unavailable { status: Some(509), retry_after: None, .. }), "{error}");
    assert!(error.is_transient() && error.may_have_landed());
    assert_eq!(asked, 1, "at once it would be more of the same");
}

/// Statuses that do not mean *later* are the caller's to judge.
#[tokio::test]
async fn other_statuses_are_answers() {
    for code in [200, 201, 204, 301, 302, 400, 401, 403, 404, 409, 412, 501] {
        let (answer, asked) = answer_to(read(), [status(code, &[], "")]).await;
        assert_eq!((answer.unwrap().status.as_u16(), asked), (code, 1));
    }
}

/// P6: no call before `Retry-After`: the error goes to the caller at once, with the wait.
#[tokio::test]
async fn a_call_that_is_told_to_wait_is_not_repeated_even_if_repeatable() {
    let wait = (header::RETRY_AFTER, "120");
    for code in [408, 429, 502, 503, 504, 509] {
        let (error, asked) = error_of(read(), [status(code, std::slice::from_ref(&wait), "")]).await;
        assert_eq!(asked, 1, "{code}");
        assert_eq!(error.retry_after(), Some(SignedDuration::from_secs(120)), "{code}");
        assert!(error.is_transient(), "{code}");
    }
    let (error, asked) = error_of(read(), [status(429, &[], "")]).await;
    assert!(matches!(error, CallError::Throttled { retry_after: None, sent: false, .. }), "{error}");
    assert_eq!(asked, 1);
    let (error, _) =
        error_of(read(), [status(503, &[(header::RETRY_AFTER, "Sun, 01 Mar 2026 12:00:30 GMT")], "")]).await;
    assert_eq!(error.retry_after(), Some(SignedDuration::from_secs(30)));
    assert!(!error.may_have_landed(), "a 503 with a time to come back is a refusal before the work");
}

/// P6, P7: a repeat that is not to be sent now says when, and still says that the first try may have had its effect.
#[tokio::test(start_paused = true)]
async fn a_repeat_that_is_put_off_does_not_hide_what_the_first_try_may_have_done() {
    let later = || Err(BackError::Later { wait: SignedDuration::from_secs(30) });
    let service = Service::that([Err(BackError::lost()), later()]);
    let client = service.client();
    let error = client.send(read()).await.unwrap_err();
    assert!(matches!(error, CallError::Later { sent: true, .. }), "{error}");
    assert_eq!(error.retry_after(), Some(SignedDuration::from_secs(30)));
    assert!(error.is_transient() && error.may_have_landed());
    assert_eq!(client.counts().get("Read"), Some(&1), "the second was not sent");
    assert_eq!(error.to_string(), "calling crm Read: not before 30 s from now");
    let (error, asked) = error_of(read(), [later()]).await;
    assert!(matches!(error, CallError::Later { sent: false, .. }), "{error}");
    assert_eq!(asked, 1, "and is not tried again at once");
}

/// A repeatable call is sent three times at most, 100 to 400 ms apart.
#[tokio::test(start_paused = true)]
async fn a_repeatable_call_is_sent_again_twice_at_most_after_short_pauses() {
    let failures: [fn() -> Step; 8] = [
        || status(502, &[], ""),
        || status(503, &[(header::RETRY_AFTER, "soon")], ""),
        || status(504, &[], ""),
        || status(408, &[], ""),
        || Err(BackError::refused_connection()),
        || Err(BackError::lost()),
        || Err(BackError::cut()),
        || Err(BackError::TimedOut { sent: true }),
    ];
    for failure in failures {
        let service = Service::that([failure(), failure()]);
        assert_eq!(service.client().send(read()).await.unwrap().body, "done");
        let times = service.times();
        for pair in times.windows(2) {
            let pause = pair[1] - pair[0];
            assert!((Duration::from_millis(100)..=Duration::from_millis(401)).contains(&pause), "{pause:?}");
        }
        let (error, asked) = error_of(read(), [failure(), failure(), failure()]).await;
        assert_eq!(asked, 3);
        assert!(error.is_transient(), "{error}");
    }
}

/// P6: a call with an effect is never sent again by the client, whatever happened.
#[tokio::test(start_paused = true)]
async fn a_call_with_an_effect_is_sent_once() {
    for failure in [
        status(502, &[], ""),
        status(503, &[], ""),
        status(408, &[], ""),
        Err(BackError::refused_connection()),
        Err(BackError::lost()),
        Err(BackError::cut()),
        Err(BackError::TimedOut { sent: false }),
    ] {
        let (error, asked) = error_of(write(), [failure]).await;
        assert_eq!(asked, 1, "{error}");
    }
    let (answer, asked) = answer_to(write().repeatable(), [Err(BackError::lost())]).await;
    assert!(answer.is_ok());
    assert_eq!(asked, 2, "it is sent again once it says that it may be");
}

/// Rule 4 of the architecture: the caller learns whether to ask before acting again.
#[tokio::test(start_paused = true)]
async fn an_error_says_whether_the_effect_may_exist() {
    let landed = |step: Step| async move { error_of(write(), [step]).await.0.may_have_landed() };
    assert!(landed(Err(BackError::lost())).await);
    assert!(landed(Err(BackError::cut())).await);
    assert!(landed(Err(BackError::TimedOut { sent: true })).await);
    assert!(landed(Err(BackError::TooLarge { limit: 1 })).await);
    assert!(landed(status(502, &[], "")).await);
    assert!(landed(status(504, &[], "")).await);
    assert!(!landed(Err(BackError::refused_connection())).await);
    assert!(!landed(Err(BackError::NotConnected(Cause::Tls))).await);
    assert!(!landed(Err(BackError::TimedOut { sent: false })).await);
    assert!(!landed(status(429, &[], "")).await);
    // An earlier try counts, whatever the last one says.
    for last in [status(429, &[], ""), Err(BackError::Refused(GuardError::NotPublic))] {
        let (error, asked) = error_of(write().repeatable(), [Err(BackError::lost()), last]).await;
        assert!(error.may_have_landed(), "{error}");
        assert_eq!(asked, 2);
    }
}

/// A certificate or a page that is too large does not get better at once.
#[tokio::test(start_paused = true)]
async fn refused_tls_and_answers_too_large_are_not_repeated() {
    let (error, asked) = error_of(read(), [Err(BackError::NotConnected(Cause::Tls))]).await;
    assert_eq!((error.is_transient(), asked), (true, 1));
    let (error, asked) = error_of(read(), [Err(BackError::TooLarge { limit: 9 })]).await;
    assert_eq!((error.is_transient(), asked), (false, 1));
}

/// A cut answer never looks like a short one.
#[tokio::test(start_paused = true)]
async fn an_answer_shorter_than_announced_is_an_error() {
    let short = || status(200, &[(header::CONTENT_LENGTH, "100")], "<rows>");
    let (error, _) = error_of(write(), [short()]).await;
    assert!(matches!(error, CallError::Broken { cause: Cause::Cut, .. }), "{error}");
    let (answer, _) = answer_to(read(), [status(200, &[(header::CONTENT_LENGTH, "6")], "<rows>")]).await;
    assert_eq!(answer.unwrap().body, "<rows>");
}

/// P6: in a long outage repeats are about a tenth of the calls, not twice as many.
#[tokio::test(start_paused = true)]
async fn a_long_outage_is_not_met_with_three_times_the_calls() {
    let service = Service::that((0..3_000).map(|_| status(503, &[], "")));
    let client = service.client();
    for _ in 0..1_000 {
        client.clone().send(read()).await.unwrap_err();
    }
    assert!((1_100..=1_110).contains(&service.asked().len()), "{}", service.asked().len());
}

/// The demo reports these as `upstream_calls`.
#[tokio::test(start_paused = true)]
async fn counts_are_of_calls_sent_and_are_shared_between_clones() {
    let client = Service::that([Err(BackError::lost())]).client();
    client.send(read()).await.unwrap();
    client.clone().send(write()).await.unwrap();
    assert_eq!(client.counts().into_iter().collect::<Vec<_>>(), [("Create", 1), ("Read", 2)]);
}

/// ST-40 and the SharePoint contract: a page in answer to SOAP means that nobody is signed in.
#[tokio::test]
async fn a_page_in_answer_to_soap_is_a_sign_in_page() {
    let page = status(200, &[(header::CONTENT_TYPE, "text/html")], "<html>Sign in</html>");
    let error = Service::that([page]).client().send_soap(write()).await.unwrap_err();
    assert!(matches!(error, CallError::SignInPage { service: "crm", operation: "Create" }), "{error}");
    assert!(!error.is_transient() && !error.may_have_landed());
}

fn any_step() -> impl Strategy<Value = (u16, Option<u32>)> {
    (prop::sample::select(vec![200_u16, 404, 408, 429, 500, 502, 503, 504, 509]), prop::option::of(0_u32..9_999))
}

proptest! {
    /// P6: after any `Retry-After` nothing more is sent, and never more than three times in all.
    #[test]
    fn nothing_is_sent_after_an_answer_that_says_wait(steps in prop::collection::vec(any_step(), 3), again: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let answers: Vec<Step> = steps.iter().map(|(code, wait)| {
            let wait = wait.map(|seconds| seconds.to_string());
            let headers: Vec<_> = wait.iter().map(|text| (header::RETRY_AFTER, text.as_str())).collect();
            status(*code, &headers, "")
        }).collect();
        let call = if again { read() } else { write() };
        let (outcome, asked) = runtime.block_on(answer_to(call, answers));
        let most = if again { 3 } else { 1 };
        prop_assert!(asked <= most, "sent {} times", asked);
        prop_assert!(steps[..asked - 1].iter().all(|(_, wait)| wait.is_none()));
        if let Err(error) = outcome {
            let wait = error.retry_after();
            let (_, told) = steps[asked - 1];
            prop_assert_eq!(wait, told.map(|s| SignedDuration::from_secs(i64::from(s.min(3_600)))));
        }
    }
}
