//! Who works on a record (ST-04).

use std::collections::{BTreeMap, BTreeSet};

use domain::{CrmId, RecordRef};
use soap::{Error, Problem, Row};

use super::{
    ClassicCrm, Columns, Condition, DynamicEntity, Filter, Link, Operator, Query,
    adapter::unreadable,
    operations::{Principal, RetrieveMultiple, RetrieveSharedPrincipalsAndAccess, Shares},
    value::yes_or_no,
};
use crate::{Access, CrmError, Person, Reason};

/// What is read of a user.
pub(super) const USER_COLUMNS: [&str; 5] =
    ["systemuserid", "fullname", "domainname", "internalemailaddress", "isdisabled"];
/// How many users are asked for in one call: SQL Server, on which CRM stands, takes 2,100 parameters.
const MOST_IDS: usize = 500;

/// The owner, those whom the record is shared with, and the members of teams that it is shared with. A share that does
/// not let its principal read does not count.
pub(super) async fn find(crm: &ClassicCrm, target: RecordRef) -> Result<Vec<Person>, CrmError> {
    let mut found = Found::default();
    let columns = Columns::named(["ownerid"]);
    let record = crm.record(target.kind.entity(), target.id, columns).await?;
    let record = record.ok_or(CrmError::NotFound { operation: "Retrieve" })?;
    // In CRM 4.0 only users own records (contract §5: owner is a systemuser).
    let owner = record.required_reference("ownerid").map_err(unreadable("Retrieve"))?.id;
    found.add(owner, Access { read: true, write: true }, Reason::Owner);

    let teams = found.add_shares(crm.call(&RetrieveSharedPrincipalsAndAccess { target }).await?);
    if !teams.is_empty() {
        add_members(crm, &mut found, &teams).await?;
    }
    add_users(crm, &mut found).await?;
    Ok(found.into_people())
}

/// Finds out who is in the teams. One query joins users, memberships and teams.
async fn add_members(crm: &ClassicCrm, found: &mut Found, teams: &BTreeMap<CrmId, Access>) -> Result<(), CrmError> {
    let mut query = Some(members_of(teams.keys()));
    while let Some(asked) = query {
        let page = crm.fetch(&asked).await?;
        let mut read = || -> Result<Option<Query>, Error> {
            let mut rows = page.rows()?;
            while let Some(row) = rows.next_row()? {
                found.add_member(row, teams)?;
            }
            page.following(&asked)
        };
        query = read().map_err(unreadable("Fetch"))?;
    }
    Ok(())
}

/// A user in several of the teams has several rows. CRM's cookie is keyed by the user, so a page that ends between two of
/// them could hide the second: the user is still found, without that team's reason. It takes 5,000 memberships.
fn members_of<'t>(teams: impl Iterator<Item = &'t CrmId>) -> Query {
    let link = |outer: &str, entity: &str, alias: &str, column: &str| Link {
        outer_attribute: outer.to_owned(),
        entity: entity.to_owned(),
        attribute: outer.to_owned(),
        alias: alias.to_owned(),
        columns: vec![column.to_owned()],
        filter: None,
        links: Vec::new(),
    };
    let ours = Filter::all([Condition::new("teamid", Operator::In, teams.map(ToString::to_string))]);
    let team = link("teamid", "team", "team", "name");
    let membership = Link {
        filter: Some(ours),
        links: vec![team],
        ..link("systemuserid", "teammembership", "membership", "teamid")
    };
    Query { links: vec![membership], ..Query::of("systemuser", Columns::named(USER_COLUMNS)) }
}

/// Reads the users of whom only the id is known so far. CRM leaves out whom it does not show us.
async fn add_users(crm: &ClassicCrm, found: &mut Found) -> Result<(), CrmError> {
    let unknown: Vec<CrmId> = found.people.iter().filter(|(_, one)| one.user.is_none()).map(|(id, _)| *id).collect();
    for ids in unknown.chunks(MOST_IDS) {
        let these = Condition::new("systemuserid", Operator::In, ids.iter().map(ToString::to_string));
        let query = Query::of("systemuser", Columns::named(USER_COLUMNS)).only(Filter::all([these]));
        let page = crm.call(&RetrieveMultiple(query)).await?;
        for user in &page.entities {
            found.add_user(user).map_err(unreadable("RetrieveMultiple"))?;
        }
    }
    Ok(())
}

#[derive(Default)]
struct Found {
    people: BTreeMap<CrmId, One>,
}

#[derive(Default)]
struct One {
    access: Access,
    reasons: BTreeSet<Reason>,
    user: Option<User>,
}

struct User {
    name: String,
    login: String,
    email: Option<String>,
    disabled: bool,
}

impl Found {
    fn add(&mut self, user: CrmId, access: Access, reason: Reason) -> &mut One {
        let one = self.people.entry(user).or_default();
        one.access = one.access.or(access);
        one.reasons.insert(reason);
        one
    }

    /// Notes the users and gives the teams back.
    fn add_shares(&mut self, shares: Shares) -> BTreeMap<CrmId, Access> {
        let mut teams: BTreeMap<CrmId, Access> = BTreeMap::new();
        for share in shares.0 {
            let access = Access::from(&share.rights);
            match share.principal {
                _ if !access.read => {}
                Principal::User(user) => {
                    self.add(user, access, Reason::Share);
                }
                Principal::Team(team) => {
                    let given = teams.entry(team).or_default();
                    *given = given.or(access);
                }
            }
        }
        teams
    }

    fn add_member(&mut self, row: &Row<'_>, teams: &BTreeMap<CrmId, Access>) -> Result<(), Error> {
        let team = id_in(linked(row, "teamid"), "teamid")?;
        let access =
            *teams.get(&team).ok_or_else(|| Error::unexpected("a team asked for", "another").under("teamid"))?;
        let user = id_in(row.get("systemuserid"), "systemuserid")?;
        let name = linked(row, "name").unwrap_or_default().to_owned();
        let one = self.add(user, access, Reason::TeamShare(name));
        let text = |attribute| row.get(attribute).unwrap_or_default();
        let disabled = row.get("isdisabled").map(yes_or_no).transpose().map_err(|error| error.under("isdisabled"))?;
        one.user = Some(User::new(text("fullname"), text("domainname"), text("internalemailaddress"), disabled));
        Ok(())
    }

    fn add_user(&mut self, user: &DynamicEntity) -> Result<(), Error> {
        let id = user.key("systemuserid")?;
        let name = user.text("fullname")?;
        let (login, email) = (user.text("domainname")?, user.text("internalemailaddress")?);
        let read = User::new(name, login, email, user.boolean("isdisabled")?);
        if let Some(one) = self.people.get_mut(&id) {
            one.user = Some(read);
        }
        Ok(())
    }

    fn into_people(self) -> Vec<Person> {
        let person = |(id, One { access, reasons, user }): (CrmId, One)| {
            // Nobody is dropped in silence: without a login, the site's report lists them as left out.
            let user = user.unwrap_or_else(|| User::new(&id.to_string(), "", "", None));
            let User { name, login, email, disabled } = user;
            Person { id, name, login, email, disabled, access, reasons: reasons.into_iter().collect() }
        };
        let mut people: Vec<Person> = self.people.into_iter().map(person).collect();
        people.sort_by(|one, other| (&one.name, one.id).cmp(&(&other.name, other.id)));
        people
    }
}

impl User {
    fn new(name: &str, login: &str, email: &str, disabled: Option<bool>) -> Self {
        let email = (!email.is_empty()).then(|| email.to_owned());
        Self { name: name.to_owned(), login: login.to_owned(), email, disabled: disabled.unwrap_or_default() }
    }
}

impl Access {
    fn or(self, other: Self) -> Self {
        Self { read: self.read || other.read, write: self.write || other.write }
    }
}

/// A column of a linked entity. CRM writes it as `alias.column`; which alias does not matter here, because no column of
/// the user has such a name.
fn linked<'r>(row: &'r Row<'_>, column: &str) -> Option<&'r str> {
    let is_it = |name: &str| name.rsplit_once('.').is_some_and(|(_, local)| local == column);
    row.fields().find(|field| is_it(field.name())).map(|field| field.text())
}

fn id_in(text: Option<&str>, attribute: &str) -> Result<CrmId, Error> {
    let text = text.ok_or_else(|| Error::new(Problem::Missing).under(attribute))?;
    text.trim().parse().map_err(|_| Error::unexpected("CrmId", text).under(attribute))
}
