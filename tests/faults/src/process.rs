//! An invocation: a future that is polled by hand. Dropping it is its process's death.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use domain::Timestamp;
use http::StatusCode;
use tokio::sync::Notify;

use crate::{Invoked, system::Process};

/// What came of an invocation.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The HTTP API answered.
    Rang(StatusCode),
    /// Messages were handed over, or a timer fired.
    Done,
}

/// One invocation that is under way.
pub(crate) struct Invocation {
    pub(crate) of: Invoked,
    pub(crate) number: u32,
    pub(crate) polls: u32,
    pub(crate) process: Process,
    /// The press that is rung.
    pub(crate) press: Option<usize>,
    /// Stands still until this minute.
    pub(crate) frozen_until: Option<u32>,
    pub(crate) began: Timestamp,
    future: Pin<Box<dyn Future<Output = Outcome>>>,
    bell: Arc<Bell>,
}

impl Invocation {
    pub(crate) fn new(
        (of, number): (Invoked, u32),
        process: Process,
        press: Option<usize>,
        ring: &Arc<Notify>,
        began: Timestamp,
        future: impl Future<Output = Outcome> + 'static,
    ) -> Self {
        process.begin();
        let bell = Arc::new(Bell { rung: AtomicBool::new(true), anybody: Arc::clone(ring) });
        let future = Box::pin(future);
        Self { of, number, polls: 0, process, press, frozen_until: None, began, future, bell }
    }

    /// Whether a poll can bring it forward.
    pub(crate) fn is_awake(&self) -> bool {
        self.frozen_until.is_none() && self.bell.rung.load(Ordering::Relaxed)
    }

    /// One poll. Work that called itself awake is awake at once only after the runtime had its turn.
    pub(crate) fn poll(&mut self) -> Poll<Outcome> {
        self.bell.rung.store(false, Ordering::Relaxed);
        self.polls += 1;
        let waker = Waker::from(Arc::clone(&self.bell));
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }
}

/// Rings when an invocation can go on: for itself, and for whoever waits for any.
struct Bell {
    rung: AtomicBool,
    anybody: Arc<Notify>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Relaxed);
        self.anybody.notify_one();
    }
}
