//! Whether the platform is well (contract §7): asked only after something failed, and every ten minutes while it is not.

use soap::{Element, Error, FromXml, ToXml};

use super::Message;
use crate::NS;

/// Asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetSystemStatus;

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemStatus {
    /// Well.
    Ok,
    /// Not now, as planned.
    InMaintenance,
    /// Out of order.
    UnplannedOutage,
}

impl ToXml for GetSystemStatus {
    fn to_xml(&self) -> Element {
        Element::new(NS, "SystemStatusRequestMsg")
    }
}

impl Message for GetSystemStatus {
    type Reply = SystemStatus;
    const NAME: &'static str = "GetSystemStatus";

    fn is_repeatable(&self) -> bool {
        true
    }
}

impl FromXml for SystemStatus {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        body.within("Results", |results| {
            results.within("Result", |result| match result.required("SystemStatus")?.text().trim() {
                "OK" => Ok(Self::Ok),
                "InMaintenance" => Ok(Self::InMaintenance),
                "UnplannedOutage" => Ok(Self::UnplannedOutage),
                other => Err(Error::unexpected("a status", other).under("SystemStatus")),
            })
        })
    }
}
