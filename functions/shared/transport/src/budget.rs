//! How many repeats a client may make.

use std::sync::atomic::{AtomicU32, Ordering};

/// What a repeat costs; a first try earns one. So repeats are at most a tenth of the calls in a long outage (P6).
const COST: u32 = 10;
/// What can be saved up, and what a client begins with: ten repeats.
const MOST: u32 = 10 * COST;

/// Repeats are paid for by calls, so that an outage is not answered with three times the load.
#[derive(Debug)]
pub(crate) struct Budget(AtomicU32);

impl Budget {
    pub(crate) fn full() -> Self {
        Self(AtomicU32::new(MOST))
    }

    /// A first try was made.
    pub(crate) fn earn(&self) {
        self.update(|saved| (saved < MOST).then_some(saved + 1));
    }

    /// Whether a repeat may be made; pays for it.
    pub(crate) fn pay(&self) -> bool {
        self.update(|saved| saved.checked_sub(COST))
    }

    fn update(&self, change: impl FnMut(u32) -> Option<u32>) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P6: at most a tenth of the calls of a long outage are repeats, after the ten that were saved up.
    #[test]
    fn repeats_are_a_tenth_of_the_calls_of_a_long_outage() {
        let budget = Budget::full();
        let mut repeats = 0;
        for _ in 0..10_000 {
            budget.earn();
            while budget.pay() {
                repeats += 1;
            }
        }
        assert_eq!(repeats, 1_000 + 9);
    }
}
