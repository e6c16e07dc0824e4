//! What the packaged button does in CRM: it makes a request record as the person who presses.

use domain::{CrmId, Timestamp};

use super::{
    State,
    fault::Refusal,
    organisation::{Fields, Organisation},
    value::Value,
};

/// The length of `tl_name` (`infra/crm/entities.json`).
const LONGEST_NAME: usize = 100;

impl State {
    /// Presses *Create site* on an account as the user with this login: the record's id.
    pub fn press(&mut self, tenant: &str, login: &str, account: CrmId, now: Timestamp) -> Result<CrmId, Refusal> {
        let organisation =
            self.organisation_mut(tenant).ok_or_else(|| Refusal::invalid("There is no such organisation."))?;
        let user = organisation.user(login).ok_or_else(Refusal::denied)?;
        organisation.press(user, account, now)
    }
}

impl Organisation {
    /// Presses *Create site* on an account as this user: the record's id.
    pub fn press(&mut self, user: CrmId, account: CrmId, now: Timestamp) -> Result<CrmId, Refusal> {
        let caller = self.caller(user)?;
        let title = format!("Site for {}", self.name_of("account", account).unwrap_or_default());
        let fields = Fields::from([
            ("tl_name".to_owned(), Some(Value::Text(fit(&title, LONGEST_NAME)))),
            ("tl_target".to_owned(), Some(Value::Text(format!("account:{account}")))),
            ("tl_accountid".to_owned(), Some(Value::Reference { entity: "account".to_owned(), id: account })),
        ]);
        self.create(&caller, "tl_siterequest", &fields, now)
    }
}

/// As much of the text as has room in so many UTF-16 units.
fn fit(text: &str, units: usize) -> String {
    let mut room = units;
    let has_room = |c: &char| {
        let fits = c.len_utf16() <= room;
        room = room.saturating_sub(c.len_utf16());
        fits
    };
    text.chars().take_while(has_room).collect()
}
