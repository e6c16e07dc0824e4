//! The names of Tieline's own entities and attributes in CRM.
//!
//! Defined once in `infra/crm/entities.json`; a test holds these names against it.

/// The record that the button makes: the proof of a press (architecture, rule 2).
pub mod site_request {
    /// The entity.
    pub const ENTITY: &str = "tl_siterequest";
    /// Its key.
    pub const ID: &str = "tl_siterequestid";
    /// A title for people.
    pub const NAME: &str = "tl_name";
    /// What the button saw: `account:<id>`. Must agree with [`ACCOUNT`].
    pub const TARGET: &str = "tl_target";
    /// The account that the site is for.
    pub const ACCOUNT: &str = "tl_accountid";
    /// 1 new, 2 accepted, 3 ready, 4 refused.
    pub const STATUS: &str = "tl_status";
    /// Why it was refused, for people.
    pub const REASON: &str = "tl_reason";
    /// The finished site.
    pub const SITE_URL: &str = "tl_siteurl";
}

/// What Tieline adds to an account (ST-10, ST-12).
pub mod account {
    /// Whether the account has a site.
    pub const SITE_ENABLED: &str = "tl_siteenabled";
    /// The site's address.
    pub const SITE_URL: &str = "tl_siteurl";
    /// The ids of the site's lists: a JSON object from list title to list id.
    pub const SITE_LISTS: &str = "tl_sitelists";
}
