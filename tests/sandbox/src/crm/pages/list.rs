//! The list of accounts that the visitor may see.

use maud::{Markup, html};

use super::Visitor;
use crate::crm::{Principal, Right, Value};

pub(super) fn show(visitor: &Visitor<'_>, query: &str) -> Markup {
    let wanted = crate::form::value(query.as_bytes(), "q").unwrap_or_default();
    let organisation = visitor.organisation;
    let text = |record: &crate::crm::Record, name: &str| {
        record.get(name).and_then(Value::as_text).unwrap_or_default().to_owned()
    };
    let principal = Principal::User(visitor.user);
    let is_found = |name: &str| name.to_lowercase().contains(&wanted.to_lowercase());
    let mut rows: Vec<_> = organisation
        .records("account")
        .filter(|(id, _)| organisation.rights(principal, "account", *id).contains(&Right::Read))
        .map(|(id, record)| {
            let owner = record.get("ownerid").and_then(Value::as_id);
            let owner = owner.and_then(|owner| organisation.name_of("systemuser", owner)).unwrap_or_default();
            let is_active = record.get("statecode").and_then(Value::as_number) == Some(0);
            let has_site = record.get("tl_siteenabled").and_then(Value::as_flag) == Some(true);
            (text(record, "name"), id, text(record, "address1_city"), owner, is_active, has_site)
        })
        .filter(|row| is_found(&row.0))
        .collect();
    rows.sort_by_key(|row| (row.0.to_lowercase(), row.1));
    let content = html! {
        div.toolbar role="toolbar" aria-label="Accounts" { a href={ "/" (organisation.name) "/sends" } { "E-mail sends" } }
        h1 { "Accounts" }
        form.search role="search" method="get" action={ "/" (organisation.name) "/" } {
            label for="q" { "Search for accounts" }
            input id="q" name="q" type="search" value=(wanted) dir="auto";
            button type="submit" { "Find" }
        }
        table.grid {
            caption { (rows.len()) @if rows.len() == 1 { " account" } @else { " accounts" } }
            thead {
                tr {
                    th scope="col" { "Account Name" }
                    th scope="col" { "City" }
                    th scope="col" { "Owner" }
                    th scope="col" { "Status" }
                    th scope="col" { "Site" }
                }
            }
            tbody {
                @for (name, id, city, owner, is_active, has_site) in &rows {
                    tr {
                        td { a href={ "/" (organisation.name) "/accounts/" (id) } dir="auto" { (name) } }
                        td dir="auto" { (city) }
                        td dir="auto" { (owner) }
                        td { @if *is_active { "Active" } @else { "Inactive" } }
                        td { @if *has_site { "Yes" } @else { "No" } }
                    }
                }
            }
        }
    };
    visitor.frame("Accounts", &content)
}
