//! The promises, one module per flow.

mod budgets;
mod claims;
mod connections;
mod costs;
mod doorbell;
mod isolation;
mod issues;
mod jsonp;
mod mid_flow;
mod names;
mod online;
mod operators;
mod patience;
mod people;
mod polled;
mod press_makes_a_site;
mod press_refusals;
mod presses;
mod quiet;
mod refused_sign_ins;
mod second_judge;
mod sends;
mod skew;
mod status;
mod tenants;
mod tokens;
mod versions;

/// Owns Harbour's first account; presses in most stories.
const ANNA: &str = r"HARBOUR\anna.berg";
/// In sales like the others, with no part in Harbour's first account.
const INES: &str = r"HARBOUR\ines.costa";
/// Operates every tenant, from the partner's directory.
const OLGA: &str = "olga.brandt@partner.example";
/// Operates Harbour.
const HARRY: &str = "harry.lund@harbour.example";
/// Operates Northwind.
const NORA: &str = "nora.quinn@northwind.example";
