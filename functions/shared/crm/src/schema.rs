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

/// One mail to many, as a user made it.
pub mod send {
    /// The entity.
    pub const ENTITY: &str = "tl_send";
    /// Its key.
    pub const ID: &str = "tl_sendid";
    /// What people call it.
    pub const NAME: &str = "tl_name";
    /// The campaign that it counts for; who gets it, where nothing else is named.
    pub const CAMPAIGN: &str = "tl_campaignid";
    /// The list that gets it.
    pub const LIST: &str = "tl_listid";
    /// The lead that gets it.
    pub const LEAD: &str = "tl_leadid";
    /// The contact that gets it.
    pub const CONTACT: &str = "tl_contactid";
    /// The account that gets it.
    pub const ACCOUNT: &str = "tl_accountid";
    /// The mail's number at the e-mail platform.
    pub const EMAIL: &str = "tl_email";
    /// The subject, instead of the mail's own.
    pub const SUBJECT: &str = "tl_subject";
    /// Not to be mailed before.
    pub const SCHEDULED: &str = "tl_scheduled";
    /// Waits for approval.
    pub const HOLD: &str = "tl_hold";
    /// Not wanted any more.
    pub const CANCEL: &str = "tl_cancel";
    /// 1 to 10, in the order of [`SendStatus::ALL`](crate::SendStatus::ALL).
    pub const STATUS: &str = "tl_status";
    /// Why, for people.
    pub const REASON: &str = "tl_reason";
    /// How many people were listed.
    pub const LISTED: &str = "tl_listed";
    /// How many were left out.
    pub const EXCLUDED: &str = "tl_excluded";
    /// How many the platform mailed.
    pub const ACCEPTED: &str = "tl_accepted";
    /// How many it could not mail.
    pub const FAILED: &str = "tl_failed";
    /// How many for each reason.
    pub const EXCLUSIONS: &str = "tl_exclusions";
    /// How many parts there are.
    pub const PARTS: &str = "tl_parts";
    /// The platform's number of the release.
    pub const JOB: &str = "tl_job";
    /// When it was released.
    pub const RELEASED_ON: &str = "tl_releasedon";
}

/// What Tieline adds to a campaign (EX-13).
pub mod campaign {
    /// Whether nothing is sent for it.
    pub const MAIL_OFF: &str = "tl_mailoff";
}
