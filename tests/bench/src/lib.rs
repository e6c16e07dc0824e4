//! Figures: speed, calls, allocations
