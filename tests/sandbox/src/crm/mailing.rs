//! People, lists, campaigns and sends: what a marketing department makes in CRM, and what the *Send* button makes.
//!
//! CRM writes members of lists and items of campaigns by messages; here they are written behind the service's back, and read
//! by queries as everywhere (contract §5).

use domain::{CrmId, Timestamp};

use super::{
    State,
    fault::Refusal,
    organisation::{Fields, Organisation, Record},
    seed,
    value::Value,
};

/// Somebody with an address.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewPerson<'p> {
    /// `contact`, `lead` or `account`.
    pub kind: &'p str,
    /// The first name; an account has none.
    pub first: &'p str,
    /// The last name, or an account's name.
    pub last: &'p str,
    /// The address; empty: none.
    pub email: &'p str,
    /// Whether they want no mails.
    pub opted_out: bool,
}

/// What a send record says when the button makes it.
#[derive(Clone, Debug, Default)]
pub struct NewSend {
    /// What it is called.
    pub name: String,
    /// What is named, by the attribute: `tl_listid` and its like.
    pub targets: Vec<(&'static str, CrmId)>,
    /// The number of the mail.
    pub email: i64,
    /// Not before.
    pub scheduled: Option<Timestamp>,
    /// Whether it waits for approval.
    pub hold: bool,
}

impl State {
    /// Presses *Send E-mail* as the user with this login: the record's id.
    pub fn press_send(&mut self, tenant: &str, login: &str, new: &NewSend, now: Timestamp) -> Result<CrmId, Refusal> {
        let organisation =
            self.organisation_mut(tenant).ok_or_else(|| Refusal::invalid("There is no such organisation."))?;
        let user = organisation.user(login).ok_or_else(Refusal::denied)?;
        organisation.press_send(user, new, now)
    }
}

impl Organisation {
    /// Presses *Send E-mail* as this user: the record's id.
    pub fn press_send(&mut self, user: CrmId, new: &NewSend, now: Timestamp) -> Result<CrmId, Refusal> {
        let caller = self.caller(user)?;
        let mut fields = Fields::from([
            ("tl_name".to_owned(), Some(Value::Text(new.name.clone()))),
            ("tl_email".to_owned(), Some(Value::Number(new.email))),
            ("tl_hold".to_owned(), Some(Value::Flag(new.hold))),
            ("tl_scheduled".to_owned(), new.scheduled.map(Value::Moment)),
        ]);
        for (attribute, id) in &new.targets {
            let entity = attribute.trim_start_matches("tl_").trim_end_matches("id").to_owned();
            fields.insert((*attribute).to_owned(), Some(Value::Reference { entity, id: *id }));
        }
        self.create(&caller, "tl_send", &fields, now)
    }

    /// Adds somebody, who belongs to the first of the sales people.
    pub fn add_person(&mut self, new: &NewPerson<'_>, now: Timestamp) -> CrmId {
        let id = self.mint();
        let text = |text: &str| Value::Text(text.to_owned());
        let key = format!("{}id", new.kind);
        let mut fields = vec![(key.as_str(), Value::Id(id)), ("donotbulkemail", Value::Flag(new.opted_out))];
        if new.kind == "account" {
            fields.push(("name", text(new.last)));
        } else {
            fields.push(("firstname", text(new.first)));
            fields.push(("lastname", text(new.last)));
            fields.push(("fullname", Value::Text(format!("{} {}", new.first, new.last))));
        }
        if !new.email.is_empty() {
            fields.push(("emailaddress1", text(new.email)));
        }
        self.add(new.kind, id, &fields, now);
        id
    }

    /// Adds a marketing list of one kind, with its members.
    pub fn add_list(&mut self, name: &str, kind: &str, members: &[CrmId], now: Timestamp) -> CrmId {
        let id = self.mint();
        let code = match kind {
            "account" => 1,
            "lead" => 4,
            _ => 2,
        };
        let count = i64::try_from(members.len()).unwrap_or(i64::MAX);
        let fields = [
            ("listid", Value::Id(id)),
            ("listname", Value::Text(name.to_owned())),
            ("createdfromcode", Value::Number(code)),
            ("membercount", Value::Number(count)),
        ];
        self.add("list", id, &fields, now);
        for member in members {
            self.put_member("listmember", ("listid", id), (kind, *member));
        }
        id
    }

    /// Adds a campaign with its lists.
    pub fn add_campaign(&mut self, name: &str, lists: &[CrmId], now: Timestamp) -> CrmId {
        let id = self.mint();
        self.add("campaign", id, &[("campaignid", Value::Id(id)), ("name", Value::Text(name.to_owned()))], now);
        for list in lists {
            self.put_member("campaignitem", ("campaignid", id), ("list", *list));
        }
        id
    }

    fn put_member(&mut self, entity: &str, (of, whole): (&str, CrmId), (kind, member): (&str, CrmId)) {
        let id = self.mint();
        let fields = [
            (format!("{entity}id"), Value::Id(id)),
            (of.to_owned(), Value::Id(whole)),
            ("entityid".to_owned(), Value::Id(member)),
            ("entitytype".to_owned(), Value::Text(kind.to_owned())),
        ];
        self.put(entity, id, fields.into());
    }

    fn add(&mut self, entity: &str, id: CrmId, fields: &[(&str, Value)], now: Timestamp) {
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let user = |number| Value::Reference { entity: "systemuser".to_owned(), id: seed::user(number) };
        let unit = Value::Reference { entity: "businessunit".to_owned(), id: self.business_unit };
        let mut record = Record::from([
            ("createdon".to_owned(), Value::Moment(now)),
            ("modifiedon".to_owned(), Value::Moment(now)),
            ("createdby".to_owned(), user(1)),
            ("modifiedby".to_owned(), user(1)),
            ("ownerid".to_owned(), user(2)),
            ("owningbusinessunit".to_owned(), unit),
            ("statecode".to_owned(), Value::Number(0)),
            ("statuscode".to_owned(), Value::Number(1)),
        ]);
        record.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        self.put(entity, id, record);
    }
}
