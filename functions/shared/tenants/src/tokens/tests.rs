use std::{
    pin::Pin,
    sync::atomic::{AtomicU32, Ordering},
    task::{Context, Poll, Waker},
};

use domain::VirtualClock;
use platform::memory::Memory;
use proptest::prelude::*;
use transport::{SignInError, Tokens};

use super::*;

#[derive(Clone, Debug)]
struct Failed;

impl SignInError for Failed {
    fn refusal(&self) -> Option<Refusal<'_>> {
        None
    }

    fn refused(_: String, _: Timestamp) -> Self {
        Self
    }

    fn later(_: SignedDuration) -> Self {
        Self
    }
}

type Caller<'t> = Pin<Box<dyn Future<Output = Result<Token, Failed>> + 't>>;

/// Polls the callers in the order that `order` gives, each of them now and then, and lets time pass.
async fn run(mut callers: Vec<Caller<'_>>, order: &[usize]) -> Vec<Token> {
    let (mut tokens, mut turn) = (Vec::new(), 0);
    while !callers.is_empty() {
        let at = if turn % 8 == 0 { turn / 8 } else { order[turn % order.len()] } % callers.len();
        turn += 1;
        if let Poll::Ready(token) = callers[at].as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            tokens.push(token.expect("nobody fails"));
            drop(callers.remove(at));
        }
        if turn.is_multiple_of(64) {
            tokio::time::advance(Duration::from_millis(50)).await;
        }
        assert!(turn < 100_000, "nobody gets any further");
    }
    tokens
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// P10: nine callers in three processes, in any order: one sign-in; and one more when all of them are refused.
    #[test]
    fn callers_in_several_processes_sign_in_once(order in proptest::collection::vec(0_usize..9, 1..200)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let memory = Memory::new(Arc::new(VirtualClock::at(Timestamp::UNIX_EPOCH)), 0);
        let tenant = "harbour".parse().expect("a tenant id");
        let processes = [(); 3].map(|()| {
            let store = LedgerTokens::new(&memory.platform(), &tenant, "crm", "a secret".to_owned().into(), crate::seal::ROUNDS);
            Tokens::<Failed>::new(Arc::new(store))
        });
        let sign_ins = AtomicU32::new(0);
        let sign_in = || async {
            tokio::task::yield_now().await;
            let number = sign_ins.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok(Token { text: format!("ticket {number}").into(), expires_at: None })
        };
        runtime.expect("a runtime").block_on(async {
            let mut refused = None;
            for round in 1..=3 {
                let callers = (0..9).map(|caller: usize| {
                    let token = processes[caller % 3].get(refused.as_ref(), sign_in);
                    Box::pin(token) as Caller<'_>
                });
                let tokens = run(callers.collect(), &order).await;
                assert_eq!(sign_ins.load(Ordering::SeqCst), round);
                assert!(tokens.iter().all(|token| token.is(&tokens[0])), "one ticket for all");
                refused = tokens.into_iter().next();
            }
        });
    }
}
