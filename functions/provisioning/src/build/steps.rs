//! What each step does. Every one of them may be repeated after a crash anywhere inside of it.

use std::sync::OnceLock;

use crm::{Access, Account, Crm, CrmError, Note, Person, RequestState, SiteOnRecord};
use domain::{CrmId, RecordRef};
use sharepoint::{ListRef, Login, MemberOutcome, NewWeb, SiteError, Web};
use tenants::Trouble;

use super::{Desk, Hands, note_id};
use crate::{
    site::{self, Facts, Member, Outcome, Site, Step},
    template::{ACCOUNT_SITE, Parameters, SitePlan, Template},
};

pub(super) async fn run(step: Step, desk: &mut Desk<'_>, hands: &Hands) -> Result<(), Trouble> {
    match step {
        Step::Web => make_web(desk, hands).await,
        Step::Lists => {
            let plan = plan(desk, hands)?;
            let lists = hands.sites.ensure_lists(web(&desk.row.value)?, &plan.lists).await?;
            desk.row.value.facts.lists = lists;
            Ok(())
        }
        Step::Links => {
            for (title, rows) in &plan(desk, hands)?.rows {
                let site = &desk.row.value;
                hands.sites.ensure_rows(web(site)?, list(site, title)?, rows).await?;
            }
            Ok(())
        }
        Step::Pages => Ok(hands.sites.ensure_pages(web(&desk.row.value)?, &plan(desk, hands)?.pages).await?),
        Step::Groups => Ok(hands.sites.ensure_groups(web(&desk.row.value)?, &plan(desk, hands)?.groups).await?),
        Step::Members => let_people_in(desk, hands).await,
        Step::Roles => {
            for (title, grants) in &plan(desk, hands)?.list_grants {
                let site = &desk.row.value;
                hands.sites.ensure_list_roles(web(site)?, list(site, title)?, grants).await?;
            }
            Ok(())
        }
        Step::Record => tell_crm(desk, hands).await,
    }
}

/// Finds the web that is this record's, or makes it under the first name that is free.
///
/// The name is in the journal before the web is made, so that a repeat asks for the same one; whose a web is, is
/// told by the mark that it is made with, so that a name taken by somebody else is never mistaken for our own.
async fn make_web(desk: &mut Desk<'_>, hands: &Hands) -> Result<(), Trouble> {
    let record = desk.row.value.record;
    let account = active_account(hands, record).await?;
    if desk.row.value.facts.name.is_none() {
        let owner = account.owner_name.clone().unwrap_or_default();
        let facts = &mut desk.row.value.facts;
        (facts.name, facts.owner) = (Some(account.name.clone()), Some(owner));
    }
    let name = desk.row.value.facts.name.clone().unwrap_or_default();
    let mark = site::mark(&desk.tenant, record);
    let decided = desk.row.value.facts.web_name.clone();
    let names = decided.into_iter().chain(site::candidates(record, &name));
    for web_name in names {
        let mut found = hands.sites.find_web(&web_name).await?;
        if found.is_none() {
            desk.row.value.facts.web_name = Some(web_name.clone());
            // Planned before anything is made: a template that cannot be applied makes nothing.
            let definition = plan(desk, hands)?.definition;
            desk.write(Some(desk.lease.until())).await?;
            let new = NewWeb {
                name: web_name.clone(),
                title: site::title(record, &name),
                description: "Made by Tieline for an account in CRM".to_owned(),
                definition,
                mark: mark.clone(),
            };
            match hands.sites.create_web(&new).await {
                Ok(web) => {
                    desk.row.value.facts.web = Some(web);
                    return Ok(());
                }
                // Made between the look and the act: by an earlier try that landed late, or by somebody else.
                Err(SiteError::NameTaken { .. }) => found = hands.sites.find_web(&web_name).await?,
                Err(error) => return Err(error.into()),
            }
        }
        if let Some(web) = found
            && hands.sites.mark(&web).await?.as_deref() == Some(&*mark)
        {
            let facts = &mut desk.row.value.facts;
            (facts.web_name, facts.web) = (Some(web_name), Some(web));
            return Ok(());
        }
    }
    Err(Trouble::last("every name that the site could have is taken in SharePoint"))
}

/// How many people of a record its row keeps; a row of the table has room for about three times as many.
const MOST_KEPT: usize = 1_000;

/// Maps the people of the record to SharePoint and puts them into the groups; those who cannot be are listed.
async fn let_people_in(desk: &mut Desk<'_>, hands: &Hands) -> Result<(), Trouble> {
    let people = match hands.crm.people(desk.row.value.record).await {
        Err(CrmError::NotFound { .. }) => return Err(Trouble::last("the record was deleted in CRM")),
        people => people?,
    };
    let plan = plan(desk, hands)?;
    let web = web(&desk.row.value)?.clone();
    let mut members: Vec<Member> = Vec::new();
    for (access, group, outcome) in [
        (Access { read: true, write: true }, &plan.people.members, Outcome::Contributor),
        (Access { read: true, write: false }, &plan.people.visitors, Outcome::Reader),
    ] {
        let entitled = people.iter().filter(|person| person.access.write == access.write && person.access.read);
        let (logins, left_out) = logins(entitled, hands);
        members.extend(left_out);
        if logins.is_empty() {
            continue;
        }
        let wanted: Vec<Login> = logins.iter().map(|(_, login)| login.clone()).collect();
        let outcomes = hands.sites.ensure_members(&web, group, &wanted).await?;
        members.extend(logins.iter().zip(outcomes).map(|((person, _), reply)| {
            let outcome = match reply {
                MemberOutcome::Member => outcome,
                MemberOutcome::Unresolved => Outcome::Unknown,
            };
            Member::of(person, outcome)
        }));
    }
    let facts = &mut desk.row.value.facts;
    facts.members = members.iter().filter(|member| member.has_access()).count();
    // Those left out first: of a very large team the row keeps what a person has to see to.
    members.sort_by(|one, other| {
        (one.has_access(), &one.name, one.user).cmp(&(other.has_access(), &other.name, other.user))
    });
    members.truncate(MOST_KEPT);
    facts.people = members;
    Ok(())
}

/// Who has a sign-in name by the tenant's rule, and who is left out and why.
fn logins<'p>(people: impl Iterator<Item = &'p Person>, hands: &Hands) -> (Vec<(&'p Person, Login)>, Vec<Member>) {
    let (mut logins, mut left_out) = (Vec::new(), Vec::new());
    for person in people {
        if person.disabled {
            left_out.push(Member::of(person, Outcome::Disabled));
        } else if let Some(login) = hands.settings.logins.login_of(person) {
            logins.push((person, login));
        } else {
            left_out.push(Member::of(person, Outcome::NoLogin));
        }
    }
    (logins, left_out)
}

/// Address, list ids and flag onto the record (ST-10, ST-12), then the answers, then a note for people.
async fn tell_crm(desk: &mut Desk<'_>, hands: &Hands) -> Result<(), Trouble> {
    let site = &desk.row.value;
    active_account(hands, site.record).await?;
    let url = url(site)?;
    let lists = site.facts.lists.iter().map(|list| (list.title.clone(), list.id.clone())).collect();
    hands.crm.write_site(site.record, &SiteOnRecord { url: url.clone(), lists }).await?;
    for request in &site.requests {
        answer(&*hands.crm, *request, &RequestState::Ready(url.clone())).await?;
    }
    let text = report(&url, &site.facts);
    let id = note_id(&desk.tenant, site, &text);
    hands.crm.add_note(site.record, &Note { id, subject: "SharePoint site ready".to_owned(), text }).await?;
    Ok(())
}

/// Answers a request. One that somebody deleted needs no answer.
pub(super) async fn answer(crm: &dyn Crm, request: CrmId, state: &RequestState) -> Result<(), CrmError> {
    match crm.answer_request(request, state).await {
        Err(CrmError::NotFound { .. }) => Ok(()),
        answered => answered,
    }
}

/// What the note on the record says: where the site is, and who could not be let in and why.
fn report(url: &str, facts: &Facts) -> String {
    let members = facts.people.iter().filter(|member| member.has_access()).count();
    let left_out =
        facts.people.iter().filter_map(|member| Some(format!("\n{} {}.", member.name, member.outcome.why_not()?)));
    format!("The site is at {url}\nPeople with access: {members}{}", left_out.collect::<String>())
}

/// The record as it is now: a site for a record that is gone or deactivated goes no further.
async fn active_account(hands: &Hands, record: RecordRef) -> Result<Account, Trouble> {
    match hands.crm.account(record.id).await? {
        None => Err(Trouble::last("the record was deleted in CRM")),
        Some(Account { active: false, .. }) => Err(Trouble::last("the record was deactivated in CRM")),
        Some(account) => Ok(account),
    }
}

/// The plan of the site: a pure function of the template and of what is in the journal.
fn plan(desk: &Desk<'_>, hands: &Hands) -> Result<SitePlan, Trouble> {
    let (record, facts) = (desk.row.value.record, &desk.row.value.facts);
    let name = facts.name.as_deref().unwrap_or_default();
    let web_name = facts.web_name.clone().ok_or_else(|| Trouble::bug("the web has no name yet"))?;
    let owner = facts.owner.as_deref().unwrap_or_default();
    let address = record_url(hands, record)?;
    let title = site::title(record, name);
    // The web's name tags the groups: it is unique in the collection, whatever name and id somebody gives a record.
    let parameters = Parameters::new(title.clone(), web_name)
        .with("AccountName", title)
        .with("RecordId", record.id.to_string())
        .with("RecordUrl", address)
        .with("OwnerName", owner);
    template()?.plan(&parameters).map_err(|error| Trouble::last(format!("the template account-site.xml: {error}")))
}

/// Where people see the record in CRM 4.0 (contract: `WebApplicationUrl` and the entity's edit page).
fn record_url(hands: &Hands, record: RecordRef) -> Result<String, Trouble> {
    let page = hands.settings.crm_web.join("sfa/accts/edit.aspx").map_err(Trouble::bug)?;
    Ok(format!("{page}?id={}", record.id.braced()))
}

fn template() -> Result<&'static Template, Trouble> {
    static TEMPLATE: OnceLock<Result<Template, String>> = OnceLock::new();
    let read = TEMPLATE.get_or_init(|| Template::read(ACCOUNT_SITE).map_err(|error| error.to_string()));
    read.as_ref().map_err(|error| Trouble::last(format!("the template account-site.xml: {error}")))
}

fn web(site: &Site) -> Result<&Web, Trouble> {
    site.facts.web.as_ref().ok_or_else(|| Trouble::bug("the journal has no web"))
}

fn list<'s>(site: &'s Site, title: &str) -> Result<&'s ListRef, Trouble> {
    let found = site.facts.lists.iter().find(|list| list.title == title);
    found.ok_or_else(|| Trouble::bug(format_args!("the journal has no list {title:?}")))
}

/// The finished site's address.
pub(super) fn url(site: &Site) -> Result<String, Trouble> {
    Ok(web(site)?.url.to_string())
}
