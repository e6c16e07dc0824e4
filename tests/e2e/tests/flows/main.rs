//! The promises, one module per flow.

mod faults;
mod press_makes_a_site;
