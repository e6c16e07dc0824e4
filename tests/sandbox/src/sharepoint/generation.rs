//! Which product a host runs, and what that decides.

/// The product (contract §1.2; requirements/product-behavior.tsv, columns wss3 and spf2010).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Generation {
    /// Windows SharePoint Services 3.0.
    #[default]
    Of2007,
    /// SharePoint Foundation 2010, which SharePoint Online ran when it began.
    Of2010,
}

impl Generation {
    /// What the header that identifies the product says (contract §1: 12 and 14; the rest of the number is invented).
    pub const fn server_version(self) -> &'static str {
        match self {
            Self::Of2007 => "12.0.0.6421",
            Self::Of2010 => "14.0.0.6029",
        }
    }

    /// The cookie of a session: MS-AUTHWS R127, R126.
    pub(crate) const fn cookie(self) -> &'static str {
        match self {
            Self::Of2007 => ".ASPXAUTH",
            Self::Of2010 => "FedAuth",
        }
    }

    pub(crate) fn is_2010(self) -> bool {
        self == Self::Of2010
    }
}
