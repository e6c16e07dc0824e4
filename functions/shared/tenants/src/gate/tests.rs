use std::task::Poll;

use domain::VirtualClock;
use http::{HeaderMap, StatusCode, header};
use platform::memory::Memory;
use proptest::prelude::*;

use super::*;

/// What the service says to one call.
#[derive(Clone, Copy, Debug)]
enum Said {
    Fine,
    Later(u16, u32),
    Trouble,
    Lost,
    /// By the resolver: nothing is sent.
    Inside,
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        4 => Just(Said::Fine),
        1 => (prop_oneof![Just(429_u16), Just(503)], 0_u32..100).prop_map(|(status, s)| Said::Later(status, s)),
        4 => Just(Said::Trouble),
        2 => Just(Said::Lost),
    ]
}

/// Milliseconds between two deliveries: often none at all.
fn pause() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), 0_i64..2_000, 0_i64..40_000]
}

/// Says what it is told to, and counts.
#[derive(Default)]
struct Service(Mutex<(u32, Option<Said>)>);

#[async_trait]
impl Back for Service {
    async fn send(&self, _: &Call) -> Result<Answer, BackError> {
        let mut state = self.0.lock().expect("no panic while locked");
        state.0 += 1;
        let mut headers = HeaderMap::new();
        let status = match state.1.expect("a test says it first") {
            Said::Fine => StatusCode::OK,
            Said::Trouble => StatusCode::BAD_GATEWAY,
            Said::Lost => return Err(BackError::lost()),
            Said::Inside => return Err(BackError::Refused(transport::GuardError::NotPublic)),
            Said::Later(status, seconds) => {
                headers.insert(header::RETRY_AFTER, seconds.into());
                StatusCode::from_u16(status).expect("a status")
            }
        };
        Ok(Answer { status, headers, body: bytes::Bytes::new() })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// P6, P7: deliveries in several processes, each beginning with a look, keep the service's times and its breaker
    /// as one process would that sees every answer.
    #[test]
    fn several_processes_do_what_one_would(
        steps in proptest::collection::vec((0_usize..3, pause(), said()), 1..80),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let clock = VirtualClock::at(Timestamp::UNIX_EPOCH);
        let memory = Memory::new(Arc::new(clock.clone()), 0);
        let (service, tenant) = (Arc::new(Service::default()), "harbour".parse().expect("a tenant id"));
        let gates = [(); 3].map(|()| Gate::new(&memory.platform(), &tenant, "crm", None, service.clone()));
        let (mut one, mut sent) = (Budget::default(), 0);
        let call = Call::get("https://crm.example/".parse().expect("a URL"), "Test");
        for (process, millis, said) in steps {
            clock.advance(SignedDuration::from_millis(millis));
            service.0.lock().expect("no panic while locked").1 = Some(said);
            gates[process].look_again();
            let outcome = runtime.block_on(gates[process].send(&call));
            match one.ask(clock.now(), None, Portion::NONE) {
                Ok(_) => {
                    sent += 1;
                    one.hear(heard(&outcome, clock.now()).expect("it was sent"), clock.now());
                }
                Err(until) => {
                    let Err(BackError::Later { wait }) = outcome else { panic!("sent before {until}") };
                    prop_assert!(clock.now() + wait >= until && wait <= SignedDuration::from_hours(1));
                }
            }
            prop_assert_eq!(service.0.lock().expect("no panic while locked").0, sent);
        }
    }
}

/// P7: a probe whose call is not sent after all is not one. The next who comes may ask.
#[tokio::test]
async fn a_probe_that_is_not_sent_keeps_nobody_waiting() {
    for stalls_after in 0.. {
        let clock = VirtualClock::at(Timestamp::UNIX_EPOCH);
        let memory = Memory::new(Arc::new(clock.clone()), 0);
        let (service, tenant) = (Arc::new(Service::default()), "harbour".parse().expect("a tenant id"));
        let [stalled, other] = [(); 2].map(|()| Gate::new(&memory.platform(), &tenant, "crm", None, service.clone()));
        let call = Call::get("https://crm.example/".parse().expect("a URL"), "Test");
        let says = |said| service.0.lock().expect("no panic while locked").1 = Some(said);
        says(Said::Lost);
        while !matches!(other.send(&call).await, Err(BackError::Later { .. })) {}
        let (last_call, lease) = (SignedDuration::from_secs(40), SignedDuration::from_secs(60));
        clock.advance(last_call - SignedDuration::from_secs(1));
        says(Said::Fine);
        let calls = || service.0.lock().expect("no panic while locked").0;
        let before = calls();
        stalled.look_again();
        let mut delivery = Box::pin(fence::until(Timestamp::UNIX_EPOCH + last_call, stalled.send(&call)));
        for _ in 0..stalls_after {
            if std::future::poll_fn(|context| Poll::Ready(delivery.as_mut().poll(context))).await.is_ready() {
                assert!(stalls_after > 4, "a call has more points than {stalls_after}");
                return;
            }
        }
        clock.advance(lease - last_call);
        let is_sent = delivery.await.is_ok();
        assert_eq!(is_sent, calls() > before, "stalled after {stalls_after} polls");
        other.look_again();
        assert!(other.send(&call).await.is_ok(), "stalled after {stalls_after} polls: nobody may call");
    }
}

/// P7: the same where the sockets refuse an address that the name has by now.
#[tokio::test]
async fn a_probe_that_the_sockets_refuse_keeps_nobody_waiting() {
    let clock = VirtualClock::at(Timestamp::UNIX_EPOCH);
    let memory = Memory::new(Arc::new(clock.clone()), 0);
    let (service, tenant) = (Arc::new(Service::default()), "harbour".parse().expect("a tenant id"));
    let gate = Gate::new(&memory.platform(), &tenant, "crm", None, service.clone());
    let call = Call::get("https://crm.example/".parse().expect("a URL"), "Test");
    let says = |said| service.0.lock().expect("no panic while locked").1 = Some(said);
    says(Said::Lost);
    while !matches!(gate.send(&call).await, Err(BackError::Later { .. })) {}
    clock.advance(SignedDuration::from_secs(40));
    says(Said::Inside);
    gate.look_again();
    assert!(matches!(gate.send(&call).await, Err(BackError::Refused(_))));
    says(Said::Fine);
    assert!(gate.send(&call).await.is_ok(), "the probe was not sent");
}
