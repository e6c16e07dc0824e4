//! What our CRM answers where a sample answers, in the state of [`office`](super::office).

use bytes::Bytes;
use contracts::Office;
use domain::CrmId;
use http::{Request, Response};
use sandbox::crm::{self, seed};

use super::{SERVICE, body, execute, of_ours, post_sample, sample, send, typed};

/// Our answer to what a sample answers.
pub(super) fn our_answer(office: &mut Office, file: &str) -> Response<Bytes> {
    let account = seed::account(1);
    let contact = r#"<entity xsi:type="contact"><fullname>Ann</fullname></entity>"#;
    if file.starts_with("fault-") {
        return fault(office, file);
    }
    match file {
        "Create.response.xml" => send(office, &format!("<Create>{contact}</Create>")),
        "Delete.response.xml" => {
            let made = body(send(office, &format!("<Create>{contact}</Create>")).body()).child_text("CreateResult");
            send(office, &format!("<Delete><entityName>contact</entityName><id>{made}</id></Delete>"))
        }
        "Fetch-page1.response.xml" => {
            // One row of the two, and without the list that they are no members of.
            let fetch = sample("Fetch-page1.request.xml").replace("count='5000'", "count='1'");
            let fetch = without(&fetch, "&lt;link-entity", "&lt;/link-entity&gt;");
            let fetch = of_ours(office, &fetch);
            office.post(SERVICE, fetch)
        }
        "Retrieve-account-typed.response.xml" => send(
            office,
            &format!(
                r#"<Retrieve><entityName>account</entityName><id>{account}</id><columnSet xmlns:q="http://schemas.microsoft.com/crm/2006/Query" xsi:type="q:ColumnSet"><q:Attributes>{}</q:Attributes></columnSet></Retrieve>"#,
                attributes(&[
                    "accountid",
                    "createdon",
                    "creditlimit",
                    "donotbulkemail",
                    "industrycode",
                    "name",
                    "numberofemployees",
                    "ownerid",
                    "primarycontactid",
                    "statecode",
                    "statuscode"
                ])
            ),
        ),
        "RetrieveMultiple-empty.response.xml" => {
            let query = sample("RetrieveMultiple-page1.request.xml").replace("2010-06-01", "2030-06-01");
            let query = of_ours(office, &without(&query, "<q1:LinkEntities>", "</q1:LinkEntities>"));
            office.post(SERVICE, query)
        }
        "RetrieveMultiple-page1.response.xml" => {
            let query = sample("RetrieveMultiple-page1.request.xml").replace("<q1:Count>5000<", "<q1:Count>1<");
            let query = of_ours(office, &without(&query, "<q1:LinkEntities>", "</q1:LinkEntities>"));
            office.post(SERVICE, query)
        }
        "Update.response.xml" => post_sample(office, "Update-account-typed.request.xml"),
        "discovery-RetrieveCrmTicket.response.xml" => {
            post_sample(office, "discovery-RetrieveCrmTicket-spla.request.xml")
        }
        "discovery-RetrieveOrganizations.response.xml" => {
            post_sample(office, "discovery-RetrieveOrganizations-spla.request.xml")
        }
        executed if executed.starts_with("Execute-") => execution(office, executed),
        other => post_sample(office, &other.replace(".response.", ".request.")),
    }
}

/// The answer to an `Execute`.
fn execution(office: &mut Office, file: &str) -> Response<Bytes> {
    let account = seed::account(1);
    let target = |kind: &str| {
        format!(
            r#"<Target xsi:type="Target{kind}Dynamic"><EntityName>account</EntityName><EntityId>{account}</EntityId></Target>"#
        )
    };
    let principal = |id: CrmId| {
        let core = "xmlns=\"http://schemas.microsoft.com/crm/2006/CoreTypes\"";
        format!("<PrincipalId {core}>{id}</PrincipalId><Type {core}>User</Type>")
    };
    match file {
        "Execute-CreateRequest.response.xml" => {
            let record = "<Contact><fullname>Ann</fullname></Contact>";
            execute(office, "Create", &format!(r#"<Target xsi:type="TargetCreateContact">{record}</Target>"#))
        }
        "Execute-GrantAccess.response.xml" => {
            let mask = "<AccessMask xmlns=\"http://schemas.microsoft.com/crm/2006/CoreTypes\">ReadAccess</AccessMask>";
            let who = format!(
                "<Principal xmlns=\"http://schemas.microsoft.com/crm/2006/CoreTypes\">{}</Principal>",
                principal(seed::user(3))
            );
            execute(
                office,
                "GrantAccess",
                &format!("{}<PrincipalAccess>{who}{mask}</PrincipalAccess>", target("Owned")),
            )
        }
        "Execute-RetrieveMultiple-dynamic.response.xml" => {
            let query = query(
                "account",
                &[
                    "accountid",
                    "name",
                    "ownerid",
                    "createdon",
                    "donotbulkemail",
                    "industrycode",
                    "statecode",
                    "statuscode",
                ],
                50,
            );
            let request =
                format!("<Query {query}</Query>").replace("<Query ", "<Query xsi:type=\"q:QueryExpression\" ");
            send(
                office,
                &format!(
                    r#"<Execute><Request xsi:type="RetrieveMultipleRequest" ReturnDynamicEntities="true"><OptionalParameters/>{request}</Request></Execute>"#
                ),
            )
        }
        "Execute-RetrievePrincipalAccess.response.xml" => {
            let who = format!("<Principal>{}</Principal>", principal(seed::user(2)));
            execute(office, "RetrievePrincipalAccess", &format!("{}{who}", target("Owned")))
        }
        "Execute-RetrieveSharedPrincipalsAndAccess.response.xml" => {
            execute(office, "RetrieveSharedPrincipalsAndAccess", &target("Owned"))
        }
        "Execute-SetStateDynamicEntity.response.xml" => {
            let core = "xmlns=\"http://schemas.microsoft.com/crm/2006/CoreTypes\"";
            let moniker = format!("<Entity><Id {core}>{account}</Id><Name {core}>account</Name></Entity>");
            execute(office, "SetStateDynamicEntity", &format!("{moniker}<State>Inactive</State><Status>-1</Status>"))
        }
        other => post_sample(office, &other.replace(".response.", ".request.")),
    }
}

fn fault(office: &mut Office, file: &str) -> Response<Bytes> {
    let account = seed::account(1);
    match file {
        "fault-duplicate.xml" => {
            let known = format!("<accountid>{account}</accountid><name>x</name>");
            typed(office, "Create", "account", &known)
        }
        "fault-expired-ticket.xml" => {
            "no ticket".clone_into(&mut office.ticket);
            execute(office, "WhoAmI", "")
        }
        "fault-object-not-found.xml" => {
            let nobody = "11111111-2222-3333-4444-555555555555";
            send(office, &format!("<Delete><entityName>account</entityName><id>{nobody}</id></Delete>"))
        }
        // An assistant, for whom the integration user acts, may not delete what it only reads.
        "fault-privilege-denied.xml" => {
            let who = format!(
                "<CallerId xmlns=\"http://schemas.microsoft.com/crm/2007/CoreTypes\">{}</CallerId>",
                seed::user(6)
            );
            let message = sample("WhoAmI.request.xml");
            let delete = format!(
                "<Delete xmlns=\"http://schemas.microsoft.com/crm/2007/WebServices\"><entityName>account</entityName><id>{account}</id></Delete>"
            );
            let (head, _) = message.split_once("<Execute").expect("a body");
            let nobody = "<CallerId xmlns=\"http://schemas.microsoft.com/crm/2007/CoreTypes\">00000000-0000-0000-0000-000000000000</CallerId>";
            let message =
                format!("{}{delete}</soap:Body></soap:Envelope>", of_ours(office, head).replace(nobody, &who));
            office.post(SERVICE, message)
        }
        // What no input brings about: the fault switches do.
        "fault-generic-sql.xml" => switched("0x80044150"),
        "fault-sql-timeout.xml" => switched("0x80044151"),
        other => panic!("{other} is new: say what brings it about"),
    }
}

fn switched(code: &str) -> Response<Bytes> {
    crm::refusal(&Request::post(SERVICE).body(Bytes::new()).expect("a request"), code)
}

fn attributes(names: &[&str]) -> String {
    names.iter().map(|name| format!("<q:Attribute>{name}</q:Attribute>")).collect::<Vec<_>>().concat()
}

/// The rest of a query's element, behind its name.
fn query(entity: &str, columns: &[&str], count: u32) -> String {
    format!(
        r#"xmlns:q="http://schemas.microsoft.com/crm/2006/Query"><q:EntityName>{entity}</q:EntityName><q:ColumnSet xsi:type="q:ColumnSet"><q:Attributes>{}</q:Attributes></q:ColumnSet><q:Distinct>false</q:Distinct><q:PageInfo><q:PageNumber>1</q:PageNumber><q:Count>{count}</q:Count></q:PageInfo>"#,
        attributes(columns)
    )
}

/// A text without what stands between two marks, these included.
fn without(text: &str, start: &str, end: &str) -> String {
    let (before, rest) = text.split_once(start).expect("the beginning");
    let (_, after) = rest.split_once(end).expect("the end");
    format!("{before}{after}")
}
