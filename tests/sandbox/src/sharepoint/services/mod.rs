//! The ASMX services of a web: `{web}/_vti_bin/{Service}.asmx`.
//!
//! One file per service. A file's `run` maps operation names to functions; what is not there is what the generation
//! lacks, or what no one here has asked for, and is answered as an unknown action.

mod attachments;
mod authentication;
mod call;
mod copy;
mod files;
mod list_items;
mod list_schema;
mod lists;
mod permissions;
mod principals;
mod refusal;
mod site_data;
mod sites;
mod updates;
mod user_group;
mod values;
mod views;
mod web_part_pages;
mod web_parts;
mod webs;

pub(crate) use authentication::answer as authenticate;
pub(crate) use call::{Call, Surroundings};
pub(crate) use principals::add_group;
pub(crate) use refusal::{Refusal, any_fault};

use soap::Element;

/// A service: its name in addresses and counts, and the namespace of its messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    pub(crate) name: &'static str,
    pub(crate) namespace: &'static str,
}

/// The namespace of most services.
pub(crate) const SOAP: &str = "http://schemas.microsoft.com/sharepoint/soap/";
const DIRECTORY: &str = "http://schemas.microsoft.com/sharepoint/soap/directory/";
/// Without a slash at the end, unlike the others (wsdl/usable/WebPartPages.wsdl).
const WEB_PART_PAGES: &str = "http://microsoft.com/sharepoint/webpartpages";

const SERVICES: &[Service] = &[
    Service { name: "Authentication", namespace: SOAP },
    Service { name: "Copy", namespace: SOAP },
    Service { name: "Lists", namespace: SOAP },
    Service { name: "Permissions", namespace: DIRECTORY },
    Service { name: "SiteData", namespace: SOAP },
    Service { name: "Sites", namespace: SOAP },
    Service { name: "UserGroup", namespace: DIRECTORY },
    Service { name: "Views", namespace: SOAP },
    Service { name: "WebPartPages", namespace: WEB_PART_PAGES },
    Service { name: "Webs", namespace: SOAP },
];

impl Service {
    /// The service of a file name such as `lists.asmx`; addresses have no case.
    pub(crate) fn of_file(file: &str) -> Option<Self> {
        let file = file.to_lowercase();
        let name = file.strip_suffix(".asmx")?;
        SERVICES.iter().copied().find(|service| service.name.to_lowercase() == name)
    }

    /// The value of `SOAPAction` for an operation.
    pub(crate) fn action(self, operation: &str) -> String {
        format!("{}/{operation}", self.namespace.trim_end_matches('/'))
    }
}

/// Carries out an operation for a signed-in user. `None` when the service has no such operation.
pub(crate) fn run(call: &mut Call<'_>) -> Option<Result<Element, Refusal>> {
    match call.service.name {
        "Copy" => copy::run(call),
        "Lists" => lists::run(call),
        "Permissions" => permissions::run(call),
        "SiteData" => site_data::run(call),
        "Sites" => sites::run(call),
        "UserGroup" => user_group::run(call),
        "Views" => views::run(call),
        "WebPartPages" => web_part_pages::run(call),
        "Webs" => webs::run(call),
        _ => None,
    }
}
