//! What a seed decides: a seed is a history.

/// The numbers of a seed, the same on every machine and in every release.
#[derive(Clone, Debug)]
pub struct Random(platform::memory::Random);

impl Random {
    /// Begins at a seed.
    pub const fn new(seed: u64) -> Self {
        Self(platform::memory::Random::new(seed))
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0.next()
    }

    /// A number below `bound`; 0 if that is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        let remainder = self.0.next() % u64::from(bound.max(1));
        u32::try_from(remainder).expect("a remainder of a u32 is one")
    }

    /// One of some.
    pub fn of<'a, T>(&mut self, some: &'a [T]) -> &'a T {
        &some[self.0.below(some.len())]
    }
}
