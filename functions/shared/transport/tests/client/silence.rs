//! What errors, debug text and logs say, and what they never say.

use http::{HeaderValue, header};
use transport::{BackError, Call, Cause, Guard, GuardError};

use crate::service::{Service, Step, answer_to, error_of, read, status, url, write};

const CANARY: &str = "canary7f3a";

fn assert_silent(shown: &str) {
    assert!(!shown.to_lowercase().contains(CANARY), "{shown}");
}

/// A15: nothing of a call or an answer is shown by anything that could reach a log.
#[tokio::test(start_paused = true)]
async fn errors_and_debug_text_carry_nothing_of_the_call_or_the_answer() {
    let secret = HeaderValue::from_static(CANARY);
    let call = Call::post(url(&format!("https://{CANARY}.crm.test.example/{CANARY}?{CANARY}")), "Create", CANARY)
        .header(header::AUTHORIZATION, secret.clone())
        .header(header::COOKIE, secret)
        .repeatable();
    assert_silent(&format!("{call:?} {call:#?}"));
    let back_errors = [
        BackError::Refused(GuardError::NotPublic),
        BackError::TimedOut { sent: true },
        BackError::NotConnected(Cause::Name),
        BackError::cut(),
        BackError::TooLarge { limit: 1 },
    ];
    let echo = [(header::SET_COOKIE, CANARY), (header::LOCATION, CANARY)];
    let mut steps: Vec<[Step; 3]> = back_errors.map(|e| [Err(e), Err(e), Err(e)]).into();
    for code in [408, 429, 500, 503] {
        steps.push([(); 3].map(|()| status(code, &echo, CANARY)));
    }
    for steps in steps {
        let (error, _) = error_of(call.clone(), steps).await;
        assert_silent(&format!("{error} {error:?} {error:#?}"));
    }
    let (answer, _) = answer_to(call.clone(), [status(200, &echo, CANARY)]).await;
    let answer = answer.unwrap();
    assert_silent(&format!("{answer:?} {answer:#?}"));
    let forbidden = Call { url: url(&format!("https://{CANARY}.evil.test/{CANARY}")), ..call };
    let client = Service::default().client();
    let error = client.send(forbidden).await.unwrap_err();
    assert_silent(&format!("{error} {error:?} {client:?} {:?}", Guard::new(&[format!("{CANARY}.test")])));
}

/// Messages say what was attempted, in lower case and without a full stop.
#[tokio::test(start_paused = true)]
async fn an_error_names_service_operation_status_and_tries() {
    let gone = || status(503, &[], "");
    let (error, _) = error_of(read(), [gone(), gone(), gone()]).await;
    assert_eq!(error.to_string(), "calling crm Read: unavailable, status 503 after 3 tries");
    let (error, _) = error_of(write(), [Err(BackError::NotConnected(Cause::Name))]).await;
    assert_eq!(error.to_string(), "calling crm Create: unavailable, host name not found");
    let (error, _) = error_of(write(), [Err(BackError::cut())]).await;
    assert_eq!(error.to_string(), "calling crm Create: answer cut short");
}
