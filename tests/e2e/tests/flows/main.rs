//! The promises, one module per flow.

mod press_makes_a_site;
