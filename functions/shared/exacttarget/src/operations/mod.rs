//! The messages of the partnerAPI that we send: one operation, one file. `SOAPAction` is the operation's bare name.

mod describe;
mod execute;
mod perform;
mod results;
mod retrieve;
mod save;
mod system_status;

pub use describe::{Describe, Described, PropertyOf};
pub use execute::{LogUnsubEvent, Logged};
pub use perform::{Performed, Start};
pub use results::{Outcome, Results};
pub use retrieve::{Retrieve, Retrieved};
pub use save::{Create, Delete, Update};
pub use system_status::{GetSystemStatus, SystemStatus};

use soap::{FromXml, ToXml};

use crate::{ExactTargetError, Overall};

/// A request and the reply that belongs to it.
pub trait Message: ToXml {
    /// What the platform answers.
    type Reply: FromXml;

    /// The operation's name.
    const NAME: &'static str;

    /// Whether it may be sent again at once when its answer is lost. Reads may, but for later pages.
    fn is_repeatable(&self) -> bool {
        false
    }

    /// What an `OverallStatus` means for this message: by itself everything but *OK* is an error. Where there are results,
    /// they may say more.
    fn judge(&self, overall: &Overall, _has_results: bool) -> Result<(), ExactTargetError> {
        match overall {
            Overall::Ok => Ok(()),
            failed => Err(error(Self::NAME, "an object", failed.clone())),
        }
    }
}

/// The error that an `OverallStatus` is.
pub(crate) fn error(operation: &'static str, object: &str, overall: Overall) -> ExactTargetError {
    let object = object.to_owned();
    match overall {
        Overall::PropertiesRefused(names) => ExactTargetError::PropertiesRefused { operation, object, names },
        Overall::UnknownObject => ExactTargetError::UnknownObject { operation, object },
        Overall::NotPermitted => ExactTargetError::NotPermitted { operation, object },
        Overall::Ok | Overall::MoreDataAvailable | Overall::Mixed | Overall::Failed => {
            ExactTargetError::Failed { operation, object }
        }
    }
}
