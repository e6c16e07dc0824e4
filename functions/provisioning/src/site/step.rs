//! The steps of building a site.

use serde::{Deserialize, Serialize};

/// A step: asks whether it is already so, acts, and is then recorded. In the order of [`Step::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The web, under a name of its own.
    Web,
    /// Lists and libraries with fields and views.
    Lists,
    /// Rows of the lists: key facts and the link to the CRM record.
    Links,
    /// Pages with the places of the information modules.
    Pages,
    /// Groups and their roles.
    Groups,
    /// Lists whose roles differ from the web's.
    Roles,
    /// The right people in the groups.
    Members,
    /// The site's address and list ids on the CRM record; the answer to the requests.
    Record,
}

impl Step {
    /// All of them, in order. People get access when everything they will see is there, and protected.
    pub const ALL: [Self; 8] =
        [Self::Web, Self::Lists, Self::Links, Self::Pages, Self::Groups, Self::Roles, Self::Members, Self::Record];

    /// What people read on the status page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Web => "Create the site",
            Self::Lists => "Add lists and libraries",
            Self::Links => "Fill in key facts and links",
            Self::Pages => "Prepare the pages",
            Self::Groups => "Create the groups",
            Self::Members => "Let the team in",
            Self::Roles => "Protect the lists",
            Self::Record => "Tell CRM",
        }
    }
}
