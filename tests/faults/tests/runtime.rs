//! What a runtime does to a function: a panic, a time limit, a freeze, a death in the middle of a batch.
