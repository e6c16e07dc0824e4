//! The codes that the simulated CRM refuses with, by the names that the vendor's table has for them.

use std::{collections::BTreeMap, fs};

use contracts::{Office, folder};
use sandbox::crm::seed;
use soap::Element;

const SERVICES: &str = "http://schemas.microsoft.com/crm/2007/WebServices";
const DISCOVERY: &str = "http://schemas.microsoft.com/crm/2007/CrmDiscoveryService";

/// An operation written as XML in the namespace of the service.
fn operation(ns: &str, xml: &str) -> Element {
    let name = xml.split(['<', '>', '/', ' ']).nth(1).expect("an element");
    let xml =
        xml.replacen(&format!("<{name}"), &format!("<{name} xmlns=\"{ns}\" xmlns:i=\"{XSI}\" xmlns:q=\"{QUERY}\""), 1);
    contracts::xml(&xml)
}

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const QUERY: &str = "http://schemas.microsoft.com/crm/2006/Query";

fn account(values: &str) -> String {
    format!(r#"<Update><entity i:type="account"><accountid>{}</accountid>{values}</entity></Update>"#, seed::account(1))
}

fn query(rest: &str) -> String {
    format!(
        r#"<RetrieveMultiple><query i:type="q:QueryExpression"><q:EntityName>account</q:EntityName>
           <q:ColumnSet i:type="q:AllColumns"/><q:Distinct>false</q:Distinct>{rest}</query></RetrieveMultiple>"#
    )
}

/// Contract §8.
#[test]
fn every_refusal_has_the_code_that_the_vendors_table_names() {
    let Some(errors) = folder("dynamics/errors") else { return };
    let table = fs::read_to_string(errors.join("crm2015_error_codes.tsv")).expect("the table");
    let names: BTreeMap<String, &str> = table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.split('\t');
            Some((cells.next()?.to_uppercase(), cells.nth(1)?))
        })
        .collect();
    let nobody = "11111111-2222-3333-4444-555555555555";
    let cookie = |text: &str| {
        let page = format!("<q:PageNumber>2</q:PageNumber><q:Count>2</q:Count><q:PagingCookie>{text}</q:PagingCookie>");
        let order = "<q:Orders><q:Order><q:AttributeName>name</q:AttributeName><q:OrderType>Ascending</q:OrderType></q:Order></q:Orders>";
        query(&format!("<q:PageInfo>{page}</q:PageInfo>{order}"))
    };
    let close = |state: &str, status: i32| {
        let core = "xmlns=\"http://schemas.microsoft.com/crm/2006/CoreTypes\"";
        format!(
            r#"<Execute><Request i:type="SetStateDynamicEntityRequest"><Entity><Id {core}>{}</Id><Name {core}>account</Name></Entity><State>{state}</State><Status>{status}</Status></Request></Execute>"#,
            seed::account(1)
        )
    };
    for (asked, name) in [
        ("<Nonsense/>".to_owned(), "InvalidArgument"),
        (r#"<Execute><Request i:type="NoSuchRequest"/></Execute>"#.to_owned(), "InvalidArgument"),
        (account("<numberofemployees>many</numberofemployees>"), "InvalidArgument"),
        (format!("<Delete><entityName>account</entityName><id>{nobody}</id></Delete>"), "ObjectDoesNotExist"),
        (account(&format!("<primarycontactid type=\"contact\">{nobody}</primarycontactid>")), "ObjectDoesNotExist"),
        (account(&format!("<name>{}</name>", "x".repeat(161))), "StringLengthTooLong"),
        (
            format!(
                r#"<Create><entity i:type="account"><accountid>{}</accountid><name>x</name></entity></Create>"#,
                seed::account(1)
            ),
            "DuplicateRecord",
        ),
        (format!("<Delete><entityName>nothing</entityName><id>{nobody}</id></Delete>"), "QueryBuilderNoEntity"),
        (
            query(
                "<q:Orders><q:Order><q:AttributeName>nothing</q:AttributeName><q:OrderType>Ascending</q:OrderType></q:Order></q:Orders>",
            ),
            "QueryBuilderNoAttribute",
        ),
        (
            query(
                "<q:Criteria><q:FilterOperator>And</q:FilterOperator><q:Conditions><q:Condition>\
                 <q:AttributeName>nothing</q:AttributeName><q:Operator>NotNull</q:Operator></q:Condition></q:Conditions></q:Criteria>",
            ),
            "QueryBuilderNoAttribute",
        ),
        (cookie("no cookie"), "QueryBuilderInvalidPagingCookie"),
        (
            cookie("&lt;cookie page='1'&gt;&lt;accountid last='x' first='x'/&gt;&lt;/cookie&gt;"),
            "QueryBuilderPagingOrderBy",
        ),
        (close("Inactive", 1), "InvalidState"),
        (account(&format!("<ownerid type=\"systemuser\">{}</ownerid>", seed::user(8))), "unManagedidsusernotenabled"),
    ] {
        let fault = Office::default().call(&operation(SERVICES, &asked)).expect_err(&asked);
        let code = fault.detail_text("code").expect("a code");
        assert_eq!(names.get(&code.to_uppercase()), Some(&name), "{code}: {asked}");
    }
    let mut stale = Office::default();
    stale.state.expire_tickets();
    let request = r#"<Execute><Request i:type="WhoAmIRequest"/></Execute>"#;
    let wrong = r#"<Execute><Request i:type="RetrieveCrmTicketRequest"><OrganizationName>harbour</OrganizationName>
        <UserId>HARBOUR\tieline</UserId><Password>wrong</Password></Request></Execute>"#;
    for (fault, name) in [
        (stale.call(&operation(SERVICES, request)), "ExpiredAuthTicket"),
        (stale.discover(&operation(DISCOVERY, wrong)), "AccessDenied"),
    ] {
        let code = fault.expect_err(name).detail_text("code").expect("a code");
        assert_eq!(names.get(&code.to_uppercase()), Some(&name), "{code}");
    }
}
