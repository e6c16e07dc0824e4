//! The contract's samples: every reply parses, every comparable request is what we send.
//!
//! The samples are schema-derived or recorded, as the contract's README says; they stay outside of the project.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "the functions that tests share are tests too")]

use std::{collections::BTreeSet, fs, path::PathBuf};

use crm::classic::{
    Columns, Condition, Decimal, Device, DynamicEntity, Filter, Kind, Link, Operator, Order, Query, Reference, Value,
    live_id::{DeviceRequest, IssuedToken, Registered, TokenRequest},
    operations::*,
};
use domain::{CrmId, RecordKind, RecordRef};
use secrecy::ExposeSecret;
use soap::{Element, Envelope, FromXml, Limits, Operation, ToXml};

/// The samples' ids.
const A: &str = "8d0f1b6e-6a3a-df11-9a6d-00155d0a0b01";
const B: &str = "37f4ab96-d755-de11-90b3-001e0b5e0bf6";

fn id(text: &str) -> CrmId {
    text.parse().unwrap()
}

/// The folder of the samples, beside the checkout; `None` where a checkout stands alone.
fn samples() -> Option<PathBuf> {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    while !root.join("Cargo.lock").exists() {
        assert!(root.pop(), "the workspace has a root");
    }
    let folder = root.join("../shared/contracts/dynamics/samples/crm4");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "the contracts are not there");
    println!("skipped: the contracts are not there");
    None
}

fn body(folder: &std::path::Path, name: &str) -> Element {
    let bytes = fs::read(folder.join(name)).unwrap();
    Envelope::parse(&bytes, Limits::default()).unwrap().into_body().unwrap()
}

/// A name for the reader that a sample's reply needs; every file must have one.
fn read(name: &str, body: &Element) -> Result<(), soap::Error> {
    fn as_reply_of<O: Operation>(body: &Element) -> Result<(), soap::Error> {
        O::Reply::from_xml(body).map(|_| ())
    }
    match name {
        "Create.response.xml" => as_reply_of::<Create>(body),
        "Update.response.xml" => as_reply_of::<Update>(body),
        "Fetch-page1.response.xml" => as_reply_of::<Fetch>(body),
        "WhoAmI.response.xml" => as_reply_of::<WhoAmI>(body),
        "Execute-Retrieve-dynamic.response.xml" => as_reply_of::<Retrieve>(body),
        "Execute-RetrieveMultiple-dynamic.response.xml" => as_reply_of::<RetrieveMultiple>(body),
        "Execute-RetrievePrincipalAccess.response.xml" => as_reply_of::<RetrievePrincipalAccess>(body),
        "Execute-RetrieveSharedPrincipalsAndAccess.response.xml" => {
            as_reply_of::<RetrieveSharedPrincipalsAndAccess>(body)
        }
        "Execute-SetStateDynamicEntity.response.xml" => as_reply_of::<SetStateDynamicEntity>(body),
        "discovery-RetrieveCrmTicket.response.xml" => as_reply_of::<RetrieveCrmTicket>(body),
        "discovery-RetrievePolicy.response.xml" => as_reply_of::<RetrievePolicy>(body),
        "discovery-RetrieveOrganizations.response.xml" => as_reply_of::<RetrieveOrganizations>(body),
        // Operations that nothing needs yet, and the typed forms of those that we send dynamically.
        "Delete.response.xml"
        | "Execute-AddMemberList.response.xml"
        | "Execute-CreateRequest.response.xml"
        | "Execute-GrantAccess.response.xml"
        | "Retrieve-account-typed.response.xml"
        | "RetrieveMultiple-empty.response.xml"
        | "RetrieveMultiple-page1.response.xml" => Ok(()),
        other => panic!("{other} is new: say how it is read"),
    }
}

#[test]
fn every_sample_reply_is_read_by_its_operation() {
    let Some(folder) = samples() else { return };
    let mut count = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".response.xml") {
            read(&name, &body(&folder, &name)).unwrap_or_else(|error| panic!("{name}: {error}"));
            count += 1;
        }
    }
    assert!(count >= 19, "{count} samples");
}

#[test]
fn the_samples_records_are_read_value_by_value() {
    let Some(folder) = samples() else { return };
    let account = Retrieved::from_xml(&body(&folder, "Execute-Retrieve-dynamic.response.xml")).unwrap().0;
    assert_eq!(account.key("accountid"), Ok(id(A)));
    assert_eq!(account.text("name"), Ok("Adventure Works"));
    assert_eq!(account.instant("createdon").unwrap().to_string(), "2010-06-17T14:30:00Z");
    assert_eq!(account.required_reference("ownerid").unwrap().entity.as_deref(), Some("systemuser"));
    assert_eq!((account.boolean("donotbulkemail"), account.picklist("industrycode")), (Ok(Some(false)), Ok(Some(7))));
    assert_eq!((account.state("statecode"), account.get("statuscode")), (Ok("Active"), Some(&Value::Status(1))));

    let page = FetchPage::from_xml(&body(&folder, "Fetch-page1.response.xml")).unwrap();
    let mut rows = page.rows().unwrap();
    let row = rows.next_row().unwrap().unwrap();
    assert_eq!((row.get("fullname"), row.get("donotbulkemail")), (Some("Adam Able"), Some("0")));
    assert_eq!(row.get("contactid").map(id), Some(id(B)));
    assert!(rows.next_row().unwrap().is_none());
}

/// The contacts of a marketing list: the query of the samples.
fn list_members(columns: &[&str], list: &str) -> Query {
    let member = Condition::new("listid", Operator::Equal, [list.to_owned()]);
    Query {
        links: vec![Link {
            outer_attribute: "contactid".to_owned(),
            entity: "listmember".to_owned(),
            attribute: "entityid".to_owned(),
            alias: String::new(),
            columns: Vec::new(),
            filter: Some(Filter::all([member])),
            links: Vec::new(),
        }],
        ..Query::of("contact", Columns::named(columns.iter().copied()))
    }
}

#[test]
fn our_queries_are_those_of_the_samples_on_both_pages() {
    let Some(folder) = samples() else { return };
    let columns = ["contactid", "fullname", "emailaddress1", "donotbulkemail", "modifiedon"];
    let first = Query {
        orders: vec![Order { attribute: "fullname".to_owned(), descending: false }],
        ..list_members(&columns, A)
    }
    .only(Filter::all([
        Condition::new("statecode", Operator::Equal, ["Active".to_owned()]),
        Condition::new("modifiedon", Operator::GreaterEqual, ["2010-06-01T00:00:00Z".to_owned()]),
        Condition::new("emailaddress1", Operator::NotNull, []),
    ]));
    // The samples ask for typed records: the same query stands elsewhere.
    let same = |query: &Query, sample: &str| {
        let ours = RetrieveMultiple(query.clone()).to_xml();
        let ours = ours.required("Request").unwrap().required("Query").unwrap();
        let theirs = body(&folder, sample);
        let theirs = theirs.required("query").unwrap();
        assert_eq!(ours.kind(), theirs.kind());
        assert!(ours.children().eq(theirs.children()), "{ours:?}\n{theirs:?}");
    };
    same(&first, "RetrieveMultiple-page1.request.xml");
    let reply = body(&folder, "RetrieveMultiple-page1.response.xml");
    let result = reply.required("RetrieveMultipleResult").unwrap();
    let cookie = result.required_attribute("PagingCookie").unwrap().to_owned();
    let page = Page { entities: Vec::new(), more: true, cookie };
    same(&page.following(&first).unwrap(), "RetrieveMultiple-page2.request.xml");
}

#[test]
fn our_fetch_xml_is_that_of_the_samples_on_both_pages() {
    let Some(folder) = samples() else { return };
    let columns = ["contactid", "fullname", "ownerid", "createdon", "donotbulkemail"];
    let first = list_members(&columns, &format!("{{{A}}}")).only(Filter::all([Condition::new(
        "statecode",
        Operator::Equal,
        ["0".to_owned()],
    )]));
    let same = |query: &Query, sample: &str| {
        let parsed = |text: &str| soap::parse(text.as_bytes(), Limits::default()).unwrap();
        let theirs = parsed(&body(&folder, sample).child_text("fetchXml").replace("<filter>", "<filter type='and'>"));
        assert_eq!(parsed(Fetch::new(query).unwrap().fetch_xml()), theirs);
    };
    same(&first, "Fetch-page1.request.xml");
    let page = FetchPage::from_xml(&body(&folder, "Fetch-page1.response.xml")).unwrap();
    same(&page.following(&first).unwrap().unwrap(), "Fetch-page2.request.xml");
}

#[test]
fn our_requests_are_those_of_the_samples() {
    let Some(folder) = samples() else { return };
    let same = |request: &dyn ToXml, sample: &str| assert_eq!(request.to_xml(), body(&folder, sample), "{sample}");
    same(&WhoAmI, "WhoAmI.request.xml");
    same(
        &Retrieve { entity: "account".to_owned(), id: id(A), columns: Columns::All },
        "Execute-Retrieve-dynamic.request.xml",
    );
    let state = SetStateDynamicEntity {
        entity: "campaignresponse".to_owned(),
        id: id(A),
        state: "Closed".to_owned(),
        status: -1,
    };
    same(&state, "Execute-SetStateDynamicEntity.request.xml");
    for (proof, kind) in [
        (Proof::Password { user: "CONTOSO\\integration".to_owned(), password: "secret".into() }, "spla"),
        (Proof::Passport("t=EwBQA...&p=".into()), "passport"),
    ] {
        let ticket = RetrieveCrmTicket { organization: "contoso".to_owned(), proof: proof.clone() };
        same(&ticket, &format!("discovery-RetrieveCrmTicket-{kind}.request.xml"));
        same(&RetrieveOrganizations { proof }, &format!("discovery-RetrieveOrganizations-{kind}.request.xml"));
    }
    same(&RetrievePolicy, "discovery-RetrievePolicy.request.xml");

    let party = DynamicEntity::new("activityparty").with("partyid", Value::Lookup(Reference::to("contact", id(B))));
    let response = DynamicEntity::new("campaignresponse")
        .with("subject", Value::String("Clicked - June newsletter".to_owned()))
        .with("regardingobjectid", Value::Lookup(Reference::to("campaign", id(A))))
        .with("channeltypecode", Value::Picklist(1))
        .with("responsecode", Value::Picklist(1))
        .with("receivedon", Value::DateTime("2010-06-17T09:30:00-05:00".parse().unwrap()))
        .with("customer", Value::Parties(vec![party]));
    same(&Create(response), "Create-campaignresponse-dynamic.request.xml");

    let send = DynamicEntity::new("new_emailsend")
        .with("new_emailsendid", Value::Key(id(A)))
        .with("new_sentcount", Value::Number(1201))
        .with("new_campaignid", Value::Null(Kind::Lookup));
    same(&Update(send), "Update-dynamicentity.request.xml");
}

/// The sample writes its instant with an offset and a null without a body; both say the same.
#[test]
fn every_value_of_the_sample_record_is_written_alike() {
    let Some(folder) = samples() else { return };
    let decimal = |text: &str| text.parse::<Decimal>().unwrap();
    let send = DynamicEntity::new("new_emailsend")
        .with("new_name", Value::String("June newsletter".to_owned()))
        .with("new_scheduledon", Value::DateTime("2010-06-17T14:30:00Z".parse().unwrap()))
        .with("new_sentcount", Value::Number(1200))
        .with("new_istest", Value::Boolean(false))
        .with("new_cost", Value::Money(decimal("19.9500")))
        .with("new_openrate", Value::Decimal(decimal("0.3125")))
        .with("new_score", Value::Float(0.5))
        .with("new_status", Value::Picklist(3))
        .with("new_campaignid", Value::Lookup(Reference::to("campaign", id(A))))
        .with("ownerid", Value::Owner(Reference::to("systemuser", id(A))))
        .with("new_senton", Value::Null(Kind::DateTime));
    let theirs = fs::read_to_string(folder.join("Create-dynamicentity.request.xml")).unwrap();
    let theirs = theirs.replace("2010-06-17T09:30:00-05:00", "2010-06-17T14:30:00Z");
    let theirs = Envelope::parse(theirs.as_bytes(), Limits::default()).unwrap();
    assert_eq!(Create(send).to_xml(), theirs.body);
}

/// The sample's target is a custom entity, ours are the records that have sites.
#[test]
fn the_question_about_access_has_the_shape_of_the_sample() {
    let Some(folder) = samples() else { return };
    let target = RecordRef { kind: RecordKind::Account, id: id(A) };
    let ours = RetrievePrincipalAccess { target, principal: Principal::User(id(B)) };
    let theirs = fs::read_to_string(folder.join("Execute-RetrievePrincipalAccess.request.xml")).unwrap();
    let theirs = theirs.replace("new_emailsend", "account");
    assert_eq!(ours.to_xml(), Envelope::parse(theirs.as_bytes(), Limits::default()).unwrap().body);
}

/// Contract §8: the sample faults are sorted as its table says.
#[test]
fn the_sample_faults_carry_a_code_where_ours_looks_for_it() {
    let Some(folder) = samples() else { return };
    let mut codes = BTreeSet::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.starts_with("fault-") {
            let bytes = fs::read(folder.join(&name)).unwrap();
            let fault = Envelope::parse(&bytes, Limits::default()).unwrap().into_body().unwrap_err();
            codes.insert(fault.detail_text("code").unwrap());
        }
    }
    assert!(codes.contains("0x8004A101") && codes.contains("0x80040217") && codes.len() >= 6, "{codes:?}");
}

/// A sample of Live ID with values in the places that the recording leaves open.
fn live_id(folder: &std::path::Path, name: &str, values: &[(&str, &str)]) -> Vec<u8> {
    let text = fs::read_to_string(folder.join("../liveid").join(name)).unwrap();
    values.iter().fold(text, |text, (place, value)| text.replace(place, value)).into_bytes()
}

/// ST-41: our requests to Live ID are those of the CRM 4.0 SDK, element by element and in its order. Only the id that
/// the client chooses for itself is ours.
#[test]
fn our_requests_to_live_id_are_those_of_the_recorded_client() {
    let Some(folder) = samples() else { return };
    let device = || Device { name: "tieline".to_owned(), password: "device <&> 1".into() };
    let token =
        Element::new("http://www.w3.org/2001/04/xmlenc#", "EncryptedData").with_attribute("Id", "BinaryDAToken0");
    let token_xml = token.to_xml().unwrap();
    let user = TokenRequest::User {
        user: "tieline@lakeside.example".to_owned(),
        password: "open <&> sesame".into(),
        device: token,
        partner: "crm.dynamics.com".to_owned(),
        policy: "MBI_SSL".to_owned(),
    };
    let envelope = user.to_envelope();
    let header = envelope.headers.iter().find(|header| header.is("AuthInfo")).unwrap();
    let application = header.child_text("HostingApp");
    let values = [
        ("%CLIENT_GUID%", &*application),
        ("%DEVICE_NAME%", "tieline"),
        ("%DEVICE_PASSWORD%", "device &lt;&amp;&gt; 1"),
        ("%USERNAME%", "tieline@lakeside.example"),
        ("%PASSWORD%", "open &lt;&amp;&gt; sesame"),
        ("%DEVICE_TOKEN_INNERXML%", &token_xml),
        ("%PARTNER%", "crm.dynamics.com"),
        ("%POLICY%", "MBI_SSL"),
    ];
    let sample = |name: &str| live_id(&folder, name, &values);
    let add = soap::parse(&sample("sdk40-device-add-request.xml"), Limits::default()).unwrap();
    assert_eq!(DeviceRequest(device()).to_xml(), add);
    for (request, name) in [(TokenRequest::Device(device()), "sdk40-rst-device.xml"), (user, "sdk40-rst-user.xml")] {
        let recorded = Envelope::parse(&sample(name), Limits::default()).unwrap();
        assert_eq!(request.to_envelope(), recorded, "{name}");
    }
}

/// CRM Online is spoken to as a shipping client did.
#[test]
fn our_requests_to_crm_online_are_those_of_the_recorded_client() {
    let Some(folder) = samples() else { return };
    let same = |request: &dyn ToXml, name: &str| {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let text = text.replace("%ORGANIZATION%", "lakeside").replace("%LIVEID%", "t=EwBQA&p=");
        assert_eq!(request.to_xml(), Envelope::parse(text.as_bytes(), Limits::default()).unwrap().body, "{name}");
    };
    same(&RetrievePolicy, "gooddata-discovery-RetrievePolicy.template.xml");
    let ticket = RetrieveCrmTicket { organization: "lakeside".to_owned(), proof: Proof::Passport("t=EwBQA&p=".into()) };
    same(&ticket, "gooddata-discovery-RetrieveCrmTicket-passport.template.xml");
}

#[test]
fn the_sample_replies_of_live_id_are_read() {
    let Some(folder) = samples() else { return };
    let reply = Envelope::parse(&live_id(&folder, "rstr-user-passport.authored.xml", &[]), Limits::default()).unwrap();
    let issued = IssuedToken::from_xml(&reply.into_body().unwrap()).unwrap();
    assert_eq!(issued.expires.to_string(), "2010-06-18T09:00:00Z");
    assert_eq!(issued.ticket().unwrap().expose_secret(), "t=EwBQA-REDACTED&p=");
    let added = live_id(&folder, "device-add-response.authored.xml", &[]);
    let added = soap::parse(&added, Limits::default()).unwrap();
    assert_eq!(Registered::from_xml(&added).unwrap(), Registered::Now);
    let fault = Envelope::parse(&live_id(&folder, "fault-passport.authored.xml", &[]), Limits::default()).unwrap();
    assert_eq!(fault.into_body().unwrap_err().detail_text("value").as_deref(), Some("0x80048821"));
}
