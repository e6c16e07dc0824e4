//! What others wrote down about the services, held against the simulators: samples by their shape, requirement tables
//! sentence by sentence.
//!
//! Never uses a client of ours, and copies nothing from the contracts: they lie beside the checkout ([`folder()`]). Start at
//! [`differences`]; the cases are in `tests/samples`, the sentences in `tests/requirements`.

mod crm;
mod folder;
mod kind;
mod recording;
mod shape;
mod site;

pub use crm::Office;
pub use folder::{files, folder};
pub use kind::kind_of;
pub use recording::record;
pub use shape::{Keys, differences};
pub use site::{BASE, DIRECTORY, PARTS, SOAP, Site, TOP, WEB, code, operation, text, xml};
