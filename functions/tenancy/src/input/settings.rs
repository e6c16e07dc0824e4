//! A tenant's settings, as an operator says them.

use std::collections::{BTreeMap, BTreeSet};

use tenants::{Budgets, Hosts, LoginRule, Reach, Settings, Timeouts, is_origin};
use url::Url;

use super::{Form, check_text, mailing};

/// Longer names are no names, and stand in mails and on pages.
const LONGEST_NAME: usize = 100;
const MOST_ORIGINS: usize = 20;
const MOST_HOSTS: usize = 20;
/// What a login table may take of its row: DynamoDB's rows have at most 400 KB.
const LARGEST_TABLE: usize = 256 * 1024;
/// Calls a minute. With fewer, a site is not made within any patience (see [`Budgets`]).
const SMALLEST_BUDGET: u32 = 10;
/// Calls a minute. More than any of the services takes.
const LARGEST_BUDGET: u32 = 100_000;
/// Seconds. No call is waited for longer (`transport::Limits`), and more would not fit into a turn of a function.
const LONGEST_TIMEOUT: u32 = 90;

/// Reads the settings in an order to add a tenant. It is active.
pub(crate) fn read(form: &Form<'_>, reach: Reach) -> Option<Settings> {
    let name = form.text("name").filter(|name| {
        let fits = name.chars().count() <= LONGEST_NAME;
        if !fits {
            form.wrong("name", format!("has more than {LONGEST_NAME} characters"));
        }
        fits
    });
    let origins = origins(form, reach);
    let jsonp = form.flag("jsonp");
    let hosts = form.form("hosts").map(|it| Hosts {
        crm: hosts(&it, "crm", reach),
        sharepoint: hosts(&it, "sharepoint", reach),
        exacttarget: if it.optional("exacttarget").is_some() { hosts(&it, "exacttarget", reach) } else { Vec::new() },
    });
    let crm_web = crm_web(form, reach);
    let logins = logins(form);
    let directory = form.has("directory").then(|| form.parsed("directory")).flatten();
    form.optional("directory");
    let budgets = form.optional_form("budgets").map(|it| {
        let range = SMALLEST_BUDGET..=LARGEST_BUDGET;
        Budgets {
            crm: it.number("crm", range.clone()),
            sharepoint: it.number("sharepoint", range.clone()),
            exacttarget: it.number("exacttarget", range),
        }
    });
    let timeouts = form.optional_form("timeouts").map(|it| {
        let range = 1..=LONGEST_TIMEOUT;
        Timeouts {
            crm: it.number("crm", range.clone()),
            sharepoint: it.number("sharepoint", range.clone()),
            exacttarget: it.number("exacttarget", range),
        }
    });
    let mailing = form.optional_form("mailing").map(|it| mailing::read(&it));
    let hosts = hosts?;
    if mailing.is_some() && hosts.exacttarget.is_empty() {
        form.wrong("mailing", "is of no use without hosts.exacttarget");
    }
    // A tenant with an account sends mails, in the usual way if nobody says otherwise.
    let mailing = mailing.or_else(|| (!hosts.exacttarget.is_empty()).then(tenants::Mailing::default));
    Some(Settings {
        name: name?.to_owned(),
        active: true,
        origins,
        jsonp,
        hosts,
        crm_web: crm_web?,
        logins: logins?,
        directory,
        budgets: budgets.unwrap_or_default(),
        timeouts: timeouts.unwrap_or_default(),
        mailing,
    })
}

/// The web origins from which the tenant's pages ring (ST-14).
fn origins(form: &Form<'_>, reach: Reach) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut read = Vec::new();
    for (field, origin) in form.texts("origins", MOST_ORIGINS) {
        if !is_origin(origin) {
            form.inbox.wrong(field, "is not an origin such as https://crm.example.com, as browsers write it");
        } else if reach == Reach::Public && !origin.starts_with("https://") {
            form.inbox.wrong(field, "is not https");
        } else if seen.insert(origin) {
            read.push(origin.to_owned());
        } else {
            form.inbox.wrong(field, "is there twice");
        }
    }
    read
}

/// The hosts of one service. The sandbox has none but its own machine, whatever is said here.
fn hosts(form: &Form<'_>, service: &'static str, reach: Reach) -> Vec<String> {
    let mut read = Vec::new();
    for (field, host) in form.texts(service, MOST_HOSTS) {
        match reach.guard(&[host]) {
            Ok(_) => read.push(host.to_owned()),
            Err(rule) => form.inbox.wrong(field, rule),
        }
    }
    read
}

/// Where people see CRM. It is never called; links to it are shown.
fn crm_web(form: &Form<'_>, reach: Reach) -> Option<Url> {
    let url = form.url("crm_web")?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    let rule = match url.scheme() {
        "https" => None,
        "http" if reach == Reach::Loopback => None,
        _ => Some("is not https"),
    };
    let rule = rule.or((!is_plain || url.fragment().is_some()).then_some("has a user, a query or a fragment"));
    match rule.or((!url.path().ends_with('/')).then_some("does not end with a slash")) {
        None => Some(url),
        Some(rule) => {
            form.wrong("crm_web", rule);
            None
        }
    }
}

/// `"login"`, `"email"` or `{"table": {"DOMAIN\\user": "login"}}`.
fn logins(form: &Form<'_>) -> Option<LoginRule> {
    const RULE: &str = "is neither \"login\" nor \"email\" nor {\"table\": {\"CRM login\": \"SharePoint login\"}}";
    let value = form.required("logins")?;
    match value.as_str() {
        Some("login") => return Some(LoginRule::Login),
        Some("email") => return Some(LoginRule::Email),
        _ => {}
    }
    if !value.is_object() {
        form.wrong("logins", RULE);
        return None;
    }
    let table = form.form("logins")?.form("table")?;
    let mut read: BTreeMap<String, String> = BTreeMap::new();
    let (mut seen, mut size) = (BTreeSet::new(), 0);
    // People's names are no more quoted than secrets: an entry is told by its place.
    for (number, (from, to)) in table.all().enumerate() {
        let field = format!("logins.table, entry {}", number + 1);
        match (check_text(&from.into()), check_text(to)) {
            (Ok(from), Ok(to)) if seen.insert(from.to_ascii_lowercase()) => {
                size += from.len() + to.len();
                read.insert(from.to_owned(), to.to_owned());
            }
            (Ok(_), Ok(_)) => form.inbox.wrong(field, "is there twice, in another case"),
            (Err(rule), _) | (_, Err(rule)) => form.inbox.wrong(field, rule),
        }
    }
    if size > LARGEST_TABLE {
        form.wrong("logins", "is larger than 256 KiB");
        return None;
    }
    Some(LoginRule::Table(read))
}
