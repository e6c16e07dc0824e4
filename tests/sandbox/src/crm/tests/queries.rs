use std::collections::BTreeSet;

use proptest::prelude::*;
use soap::Element;

use super::{Desk, QUERY, column_set};
use crate::crm::{seed, wire::ns};

/// A typed page of names, whether there are more, and the cookie.
fn page(desk: &mut Desk, parts: Vec<Element>) -> Result<(Vec<String>, bool, String), String> {
    let query = Element::new(ns::WEB_SERVICES, "query")
        .with_kind(QUERY, "QueryExpression")
        .with(Element::new(QUERY, "EntityName").with_text("account"))
        .with(column_set(QUERY, "ColumnSet", &["name"]))
        .with(Element::new(QUERY, "Distinct").with_text("false"))
        .with_all(parts);
    let reply = desk.call(Element::new(ns::WEB_SERVICES, "RetrieveMultiple").with(query))?;
    let result = reply.required("RetrieveMultipleResult").expect("a result");
    let names = result.child("BusinessEntities").into_iter().flat_map(Element::children);
    let names = names.map(|entity| entity.child_text("name")).collect();
    let cookie = result.attribute("PagingCookie").unwrap_or_default().to_owned();
    Ok((names, result.attribute("MoreRecords") == Some("true"), cookie))
}

fn page_info(number: usize, count: usize, cookie: &str) -> Element {
    Element::new(QUERY, "PageInfo")
        .with_value("PageNumber", number)
        .with_value("Count", count)
        .with_value("PagingCookie", cookie)
}

fn criteria(operator: &str, conditions: &[(&str, &str, &[&str])]) -> Element {
    let condition = |(attribute, operator, values): &(&str, &str, &[&str])| {
        let values = values.iter().fold(Element::new(QUERY, "Values"), |list, value| list.with_value("Value", value));
        Element::new(QUERY, "Condition")
            .with_value("AttributeName", attribute)
            .with_value("Operator", operator)
            .with(values)
    };
    Element::new(QUERY, "Criteria")
        .with_value("FilterOperator", operator)
        .with(Element::new(QUERY, "Conditions").with_all(conditions.iter().map(condition)))
}

fn orders(orders: &[(&str, bool)]) -> Element {
    let order = |(attribute, descending): &(&str, bool)| {
        Element::new(QUERY, "Order")
            .with_value("AttributeName", attribute)
            .with_value("OrderType", if *descending { "Descending" } else { "Ascending" })
    };
    Element::new(QUERY, "Orders").with_all(orders.iter().map(order))
}

fn count(desk: &mut Desk, conditions: &[(&str, &str, &[&str])]) -> Result<usize, String> {
    page(desk, vec![criteria("And", conditions)]).map(|(names, ..)| names.len())
}

#[test]
fn conditions_compare_as_sql_does() {
    let mut desk = Desk::harbour();
    let owner = seed::user(2).to_string();
    let all = seed::HARBOUR_ACCOUNTS.len();
    for (conditions, expected) in [
        (&[][..], all),
        (&[("name", "Equal", &["adventure works"][..])][..], 2),
        (&[("name", "NotEqual", &["Adventure Works"][..])], all - 2),
        (&[("name", "Like", &["%TOYS"][..])], 1),
        (&[("name", "NotLike", &["%o%"][..]), ("name", "Like", &["a%"])], 1), // AUX
        (&[("statecode", "Equal", &["Inactive"][..])], 1),
        (&[("statecode", "Equal", &["0"][..])], all - 1),
        (&[("ownerid", "Equal", &[owner.as_str()][..])], 5),
        (&[("ownerid", "NotIn", &[owner.as_str()][..])], all - 5),
        (&[("tl_siteurl", "Null", &[][..])], all),
        (&[("tl_siteurl", "NotEqual", &["x"][..])], 0),
        (&[("tl_siteurl", "NotNull", &[][..])], 0),
        (&[("numberofemployees", "GreaterThan", &["95"][..]), ("numberofemployees", "LessEqual", &["285"])], 2),
        (&[("numberofemployees", "Between", &["95", "285"][..])], 3),
        (&[("createdon", "On", &["2025-11-22"][..])], all),
        (&[("createdon", "OnOrAfter", &["2025-11-23"][..])], 0),
        (&[("createdon", "GreaterEqual", &["2025-11-22T10:00:00Z"][..])], all),
        (&[("createdon", "GreaterThan", &["2025-11-22T05:00:00"][..])], 0), // without an offset: the user's own time
        (&[("ownerid", "EqualUserId", &[][..])], 0),
    ] {
        assert_eq!(count(&mut desk, conditions), Ok(expected), "{conditions:?}");
    }
    for (conditions, code) in [
        (&[("nothing", "Null", &[][..])][..], "0x80041103"),
        (&[("name", "Equal", &[][..])], "0x80040203"),
        (&[("ownerid", "Equal", &["nobody"][..])], "0x80040203"),
        (&[("name", "NextXWeeks", &["2"][..])], "0x80040203"),
    ] {
        assert_eq!(count(&mut desk, conditions), Err(code.to_owned()), "{conditions:?}");
    }
    let either = criteria("Or", &[("name", "Equal", &["AUX"]), ("address1_city", "Equal", &["london"])]);
    assert_eq!(page(&mut desk, vec![either]).expect("a page").0.len(), 2);
}

#[test]
fn an_impersonated_user_sees_only_what_that_user_may_read() {
    let mut eva = Desk::harbour().acting_for(seed::user(6));
    let (names, ..) = page(&mut eva, Vec::new()).expect("a page");
    assert_eq!(names, ["Harbour & Sons Shipping", "Ångström & Søn A/S"]);
}

#[test]
fn team_members_are_found_through_a_link() {
    let mut desk = Desk::harbour();
    let team = seed::team(1);
    let result = desk.fetch(&format!(
        "<fetch mapping='logical'><entity name='systemuser'><attribute name='domainname'/><attribute name='isdisabled'/>\
         <order attribute='fullname'/><link-entity name='teammembership' from='systemuserid' to='systemuserid'>\
         <filter><condition attribute='teamid' operator='eq' value='{team}'/></filter></link-entity></entity></fetch>"
    ));
    let result = result.expect("a result");
    let logins: Vec<_> = result.children().map(|row| row.child_text("domainname")).collect();
    assert_eq!(logins, [r"HARBOUR\carla.rossi", r"HARBOUR\greta.holm", r"HARBOUR\daud.rahman"]);
    let greta = result.children().nth(1).expect("the second");
    assert_eq!(greta.child_text("systemuserid"), seed::user(8).braced());
    assert_eq!(greta.required("isdisabled").expect("flag").attribute("name"), Some("Disabled"));
}

#[test]
fn a_fetch_leaves_nulls_out_and_names_what_numbers_mean() {
    let mut desk = Desk::harbour();
    let result = desk.fetch(
        "<fetch mapping='logical' count='1'><entity name='account'><all-attributes/><filter type='and'>\
         <condition attribute='name' operator='like' value='Blue%'/></filter></entity></fetch>",
    );
    let result = result.expect("a result");
    assert_eq!(result.attribute("morerecords"), Some("0"));
    let row = result.required("result").expect("a row");
    assert!(row.child("tl_siteurl").is_none());
    let owner = row.required("ownerid").expect("an owner");
    assert_eq!((owner.attribute("name"), owner.attribute("type")), (Some("Anna Berg"), Some("8")));
    let state = row.required("statecode").expect("a state");
    assert_eq!((state.text().as_str(), state.attribute("name")), ("1", Some("Inactive")));
    for bad in [
        "",
        "<fetch/>",
        "<fetch><entity name='nothing'/></fetch>",
        "<fetch><entity name='account'><attribute name='x'/></entity></fetch>",
    ] {
        assert!(desk.fetch(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_linked_column_comes_under_its_alias() {
    let mut desk = Desk::harbour();
    let result = desk.fetch(
        "<fetch mapping='logical'><entity name='account'><attribute name='name'/><filter><condition attribute='name' \
         operator='eq' value='AUX'/></filter><link-entity name='systemuser' from='systemuserid' to='ownerid' alias='who'>\
         <attribute name='fullname'/></link-entity></entity></fetch>",
    );
    let row = result.expect("a result").required("result").expect("a row").clone();
    assert_eq!(row.child_text("who.fullname"), "داود رحمن");
}

#[test]
fn a_query_by_attribute_finds_equals() {
    let mut desk = Desk::harbour();
    let list = |outer: &str, inner: &str, text: &str| Element::new(QUERY, outer).with_value(inner, text);
    let query = Element::new(ns::WEB_SERVICES, "Query")
        .with_kind(QUERY, "QueryByAttribute")
        .with(Element::new(QUERY, "EntityName").with_text("systemuser"))
        .with(column_set(QUERY, "ColumnSet", &["fullname"]))
        .with(list("Attributes", "Attribute", "domainname"))
        .with(list("Values", "Value", r"harbour\ANNA.BERG"));
    let reply = desk.execute("RetrieveMultipleRequest", [query]).expect("a reply");
    let found = reply.required((ns::ENTITIES, "BusinessEntityCollection")).expect("a collection");
    let found: Vec<_> = found.child("BusinessEntities").into_iter().flat_map(Element::children).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].child_text("fullname"), "Anna Berg");
}

#[test]
fn a_cookie_of_other_orders_or_of_no_shape_is_refused() {
    let mut desk = Desk::harbour();
    let (_, more, cookie) = page(&mut desk, vec![page_info(1, 3, ""), orders(&[("name", false)])]).expect("a page");
    assert!(more);
    let other = vec![page_info(2, 3, &cookie), orders(&[("createdon", false)])];
    assert_eq!(page(&mut desk, other), Err("0x80041129".to_owned()));
    assert_eq!(page(&mut desk, vec![page_info(2, 3, "<cookie")]), Err("0x8004112A".to_owned()));
}

/// What is made or removed before the cookie's place does not shift the next page.
#[test]
fn a_page_begins_behind_the_last_row_whatever_changed_before_it() {
    let mut desk = Desk::harbour();
    let sorted = || orders(&[("name", false)]);
    let (first, _, cookie) = page(&mut desk, vec![page_info(1, 4, ""), sorted()]).expect("a page");
    let (expected, ..) = page(&mut desk, vec![page_info(2, 4, &cookie), sorted()]).expect("a page");
    desk.delete("account", seed::account(6)).expect("gone");
    assert!(first.contains(&"***???".to_owned()));
    let (after, ..) = page(&mut desk, vec![page_info(2, 4, &cookie), sorted()]).expect("a page");
    assert_eq!(after, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_page_size_gives_every_row_exactly_once(
        size in 1..20_usize,
        column in prop::sample::select(vec!["name", "ownerid", "numberofemployees", "createdon", "tl_siteurl", "statecode"]),
        descending: bool,
        with_cookie: bool,
    ) {
        let mut desk = Desk::harbour();
        // Some nulls and some values.
        for number in [2, 4, 7] {
            let key = seed::account(number).to_string();
            let url = format!("http://sharepoint.test/{}", number % 3);
            desk.update("account", &[("Key", "accountid", &key), ("String", "tl_siteurl", &url)]).expect("an update");
        }
        let (mut cookie, mut names, mut number) = (String::new(), Vec::new(), 1);
        loop {
            let info = page_info(number, size, if with_cookie { &cookie } else { "" });
            let (rows, more, next) = page(&mut desk, vec![info, orders(&[(column, descending)])]).expect("a page");
            prop_assert!(rows.len() == size || !more);
            names.extend(rows);
            if !more {
                break;
            }
            (cookie, number) = (next, number + 1);
        }
        prop_assert_eq!(names.len(), seed::HARBOUR_ACCOUNTS.len());
        let distinct: BTreeSet<_> = names.iter().map(String::as_str).collect();
        let expected: BTreeSet<_> = seed::HARBOUR_ACCOUNTS.iter().map(|account| account.0).collect();
        prop_assert_eq!(distinct, expected);
    }
}

#[test]
fn a_page_has_at_most_five_thousand_rows() {
    let mut desk = Desk::harbour();
    let harbour = desk.state.organisation_mut("harbour").expect("the organisation");
    let pattern = harbour.record("account", seed::account(1)).expect("an account").clone();
    for number in 0..5_010_u128 {
        let id = domain::CrmId::new(uuid::Uuid::from_u128(0xffff_0000_0000_4000_8000_0000_0000_0000 + number));
        let mut record = pattern.clone();
        record.insert("accountid".to_owned(), crate::crm::Value::Id(id));
        harbour.put("account", id, record);
    }
    let (first, more, cookie) = page(&mut desk, vec![page_info(1, 9_999, "")]).expect("a page");
    assert_eq!((first.len(), more), (5_000, true));
    let (second, more, _) = page(&mut desk, vec![page_info(2, 9_999, &cookie)]).expect("a page");
    assert_eq!((second.len(), more), (10 + seed::HARBOUR_ACCOUNTS.len(), false));
}
