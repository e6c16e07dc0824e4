//! A process that is polled by hand: it stands still, or dies, where a test wants it to. Whole histories of such deaths are
//! in `tests/faults`.

use std::{
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

/// Polls a process so often and leaves it there. Whether it came to its end.
pub(crate) async fn run_for<F: Future>(mut process: Pin<&mut F>, polls: usize) -> Option<F::Output> {
    for _ in 0..polls {
        if let Poll::Ready(output) = step(process.as_mut()).await {
            return Some(output);
        }
    }
    None
}

/// Lets a process die after so many polls. What it answered, if it came to its end before.
pub(crate) async fn cut<F: Future>(process: F, polls: usize) -> Option<F::Output> {
    run_for(pin!(process), polls).await
}

/// One poll. The sleep lets the runtime wake what waits and, where all of it waits for time, its paused clock go on.
pub(crate) async fn step<F: Future>(mut process: Pin<&mut F>) -> Poll<F::Output> {
    let polled = std::future::poll_fn(|context| Poll::Ready(process.as_mut().poll(context))).await;
    if polled.is_pending() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    polled
}
