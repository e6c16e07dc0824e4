//! The promises, one module per flow.

mod budgets;
mod connections;
mod costs;
mod doorbell;
mod faults;
mod isolation;
mod mid_flow;
mod names;
mod people;
mod press_makes_a_site;
mod press_refusals;
mod presses;
mod quiet;
mod status;
mod tokens;

/// Owns Harbour's first account; presses in most stories.
const ANNA: &str = r"HARBOUR\anna.berg";
/// In sales like the others, with no part in Harbour's first account.
const INES: &str = r"HARBOUR\ines.costa";
