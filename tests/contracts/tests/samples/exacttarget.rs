//! Samples of the e-mail platform: what it was recorded to answer, and what was written from its schema where nothing is
//! recorded, held against the simulator's answers to the same questions.

use std::fs;

use bytes::Bytes;
use contracts::{differences, folder, record};
use domain::{SignedDuration, Timestamp};
use http::{Request, StatusCode};
use sandbox::{
    Addresses,
    exacttarget::{self, State, seed},
};
use soap::{Element, Envelope, Limits, parse};

use crate::{Allowed, Use, each_is_of_a_sample, hold, inventory};

const FOLDER: &str = "exacttarget/samples";
const NS: &str = "http://exacttarget.com/wsdl/partnerAPI";

const KEYS: &str = "keys are the customer's own: of any form";
const MORE: &str = "profile attributes and what an object contains, which no client of ours reads";

const ALLOWED: &[Allowed] = &[
    (
        "recorded-sfmc-sdk/retrieveBulkDataExtension.Retrieve.http200.xml",
        "RetrieveResponseMsg/Results/CustomerKey: is text, theirs GUID",
        KEYS,
    ),
    (
        "recorded-sfmc-sdk/retrieveDataExtension.Retrieve.http200.xml",
        "RetrieveResponseMsg/Results/CustomerKey: is text, theirs GUID",
        KEYS,
    ),
    (
        "recorded-sfmc-sdk/subscriberCreated.Create.http200.xml",
        "CreateResponse/Results/Object/SubscriberKey: is text, theirs int",
        KEYS,
    ),
    (
        "recorded-sfmc-sdk/subscriberFailed.Create.http200.xml",
        "CreateResponse/Results/Object/SubscriberKey: is text, theirs int",
        KEYS,
    ),
    (
        "recorded-sfmc-sdk/subscriberUpdated.Update.http200.xml",
        "UpdateResponse/Results/Object/SubscriberKey: is text, theirs int",
        KEYS,
    ),
    (
        "reconstructed/resp.retrieve.ListSubscriber.xml",
        "RetrieveResponseMsg/Results/SubscriberKey: is guid, theirs text",
        KEYS,
    ),
    (
        "recorded-sfmc-sdk/subscriberDescribed.Describe.http200.xml",
        "DefinitionResponseMsg/ObjectDefinition: lacks <ExtendedProperties>",
        MORE,
    ),
    (
        "recorded-sfmc-sdk/subscriberDescribed.Describe.http200.xml",
        "DefinitionResponseMsg/ObjectDefinition: lacks <ChildObjects>",
        MORE,
    ),
    (
        "recorded-sfmc-sdk/subscriberDescribed.Describe.http200.xml",
        "DefinitionResponseMsg/ObjectDefinition/Properties: lacks <MaxLength>",
        MORE,
    ),
];

/// A platform with a table, an import, a send to it, and all that became of that.
struct Platform {
    state: State,
    now: Timestamp,
    job: u32,
    task: u32,
}

impl Platform {
    fn new() -> Self {
        let addresses = Addresses::by_name(|host| format!("http://{host}.example"));
        let now = "2026-01-15T16:00:00Z".parse().expect("a time");
        let mut platform = Self { state: State::seeded(&addresses, now), now, job: 0, task: 0 };
        platform.ask("Create", &format!("<CreateRequest><Options/>{TABLE}</CreateRequest>"));
        platform.ask("Create", &format!("<CreateRequest><Options/>{IMPORT}</CreateRequest>"));
        platform.ask("Create", &format!("<CreateRequest><Options/>{}</CreateRequest>", platform.send()));
        let account = platform.state.account_mut("harbour").expect("an account");
        let rows = (0..300).map(|n| format!("c-{n},p{n}@example.com\n"));
        let file = rows.fold("SubscriberKey,EmailAddress\n".to_owned(), |file, row| file + &row);
        account.folder.put("people.csv", file).expect("room");
        platform.task = platform.start("ImportDefinition", "people");
        platform.later(60);
        platform.job = platform.start("EmailSendDefinition", "send");
        // Until the last soft bounce was given up.
        platform.later(6 * 24 * 3_600);
        platform
    }

    fn later(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
        self.state.settle(self.now);
    }

    fn start(&mut self, kind: &str, key: &str) -> u32 {
        let reply = self.ask("Perform", &start(kind, key));
        let task = reply.child("Results").and_then(|it| it.child("Result")).and_then(|it| it.child("Task"));
        task.expect("a task").child_text("ID").parse().expect("a number")
    }

    fn send(&self) -> String {
        let id = self.state.account("harbour").expect("an account").tables["people"].object_id;
        format!(
            r#"<Objects i:type="EmailSendDefinition"><CustomerKey>send</CustomerKey><Name>send</Name><Description>x</Description><CategoryID>1</CategoryID><SendClassification><PartnerKey i:nil="true"/><ObjectID i:nil="true"/><CustomerKey>{}</CustomerKey></SendClassification><SendDefinitionList><PartnerKey i:nil="true"/><ObjectID i:nil="true"/><SendDefinitionListType>SourceList</SendDefinitionListType><CustomObjectID>{id}</CustomObjectID><DataSourceTypeID>CustomObject</DataSourceTypeID><IsTestObject>false</IsTestObject><Name/></SendDefinitionList><Email><PartnerKey i:nil="true"/><ID>{}</ID><ObjectID i:nil="true"/></Email></Objects>"#,
            seed::COMMERCIAL,
            seed::NEWS
        )
    }

    /// The body of an answer.
    fn ask(&mut self, action: &str, body: &str) -> Element {
        self.ask_as("sandbox-harbour-api-1", action, body)
    }

    fn ask_as(&mut self, password: &str, action: &str, body: &str) -> Element {
        let token = if password == "token" {
            "<fueloauth xmlns=\"http://exacttarget.com\">T</fueloauth>".to_owned()
        } else {
            let ns = soap::ns::SECURITY;
            format!(
                r#"<w:Security xmlns:w="{ns}"><w:UsernameToken><w:Username>harbour_api</w:Username><w:Password>{password}</w:Password></w:UsernameToken></w:Security>"#
            )
        };
        let (soap, xsi) = (soap::ns::SOAP11, soap::ns::XSI);
        let envelope = format!(
            r#"<s:Envelope xmlns:s="{soap}" xmlns:i="{xsi}" xmlns="{NS}"><s:Header>{token}</s:Header><s:Body>{body}</s:Body></s:Envelope>"#
        );
        let request = Request::post("/Service.asmx").header("SOAPAction", action).body(Bytes::from(envelope));
        let response = exacttarget::handle(&mut self.state, &request.expect("a request"), self.now);
        if response.status() == StatusCode::OK {
            record("exacttarget", action, &response);
        }
        body_of(response.body())
    }

    fn refused(&mut self, code: &str) -> Element {
        let request = Request::post("/Service.asmx").header("SOAPAction", "Create").body(Bytes::new());
        let response = exacttarget::refusal(&request.expect("a request"), code, self.now);
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        body_of(response.body())
    }

    fn retrieve(&mut self, kind: &str, properties: &[&str], filter: Option<(&str, &str)>, size: usize) -> Element {
        let properties =
            properties.iter().fold(String::new(), |all, name| all + &format!("<Properties>{name}</Properties>"));
        let filter = filter.map(|(property, value)| {
            format!(
                r#"<Filter i:type="SimpleFilterPart"><Property>{property}</Property><SimpleOperator>equals</SimpleOperator><Value>{value}</Value></Filter>"#
            )
        });
        let filter = filter.unwrap_or_default();
        self.ask(
            "Retrieve",
            &format!(
                "<RetrieveRequestMsg><RetrieveRequest><Options><BatchSize>{size}</BatchSize></Options><ObjectType>{kind}\
                 </ObjectType>{properties}{filter}</RetrieveRequest></RetrieveRequestMsg>"
            ),
        )
    }

    /// Events of the job, with what is asked for of all of them, and more.
    fn events(&mut self, kind: &str, more: &[&str], size: usize) -> Element {
        let common = [
            "Client.ID",
            "SendID",
            "SubscriberKey",
            "EventDate",
            "EventType",
            "TriggeredSendDefinitionObjectID",
            "BatchID",
        ];
        let job = self.job.to_string();
        self.retrieve(kind, &[&common, more].concat(), Some(("SendID", &job)), size)
    }

    fn import_result(&mut self, properties: &[&str]) -> Element {
        let task = self.task.to_string();
        self.retrieve("ImportResultsSummary", properties, Some(("TaskResultID", &task)), 10)
    }
}

fn start(kind: &str, key: &str) -> String {
    format!(
        r#"<PerformRequestMsg><Action>start</Action><Definitions><Definition i:type="{kind}"><CustomerKey>{key}</CustomerKey></Definition></Definitions></PerformRequestMsg>"#
    )
}

const TABLE: &str = r#"<Objects i:type="DataExtension"><CustomerKey>people</CustomerKey><Name>people</Name><Description/><IsSendable>true</IsSendable><IsTestable>false</IsTestable><SendableDataExtensionField><Name>SubscriberKey</Name></SendableDataExtensionField><SendableSubscriberField><Name>Subscriber Key</Name><Value/></SendableSubscriberField><Fields><Field><Name>SubscriberKey</Name><MaxLength>50</MaxLength><IsRequired>true</IsRequired><IsPrimaryKey>true</IsPrimaryKey><FieldType>Text</FieldType></Field><Field><Name>EmailAddress</Name><FieldType>EmailAddress</FieldType></Field><Field><Name>FirstName</Name><MaxLength>50</MaxLength><FieldType>Text</FieldType></Field></Fields></Objects>"#;

const IMPORT: &str = r#"<Objects i:type="ImportDefinition"><CustomerKey>people</CustomerKey><Name>people</Name><AllowErrors>true</AllowErrors><DestinationObject i:type="DataExtension"><CustomerKey>people</CustomerKey></DestinationObject><FieldMappingType>InferFromColumnHeadings</FieldMappingType><FileSpec>people.csv</FileSpec><FileType>CSV</FileType><RetrieveFileTransferLocation><CustomerKey>ExactTarget Enhanced FTP</CustomerKey></RetrieveFileTransferLocation><UpdateType>AddAndUpdate</UpdateType></Objects>"#;

fn body_of(bytes: &[u8]) -> Element {
    Envelope::parse(bytes, Limits::default()).expect("an envelope").body
}

fn subscriber(key: &str, address: &str) -> String {
    format!(
        r#"<Objects i:type="Subscriber"><EmailAddress>{address}</EmailAddress><SubscriberKey>{key}</SubscriberKey></Objects>"#
    )
}

/// What the simulator answers to the question behind a sample.
#[expect(clippy::too_many_lines, reason = "one arm, one sample")]
fn ours(file: &str) -> Element {
    let mut it = Platform::new();
    let create = |objects: String| format!("<CreateRequest><Options/>{objects}</CreateRequest>");
    let status =
        ["ImportDefinitionCustomerKey", "StartDate", "DestinationID", "ImportType", "ImportStatus", "TaskResultID"];
    let counts = ["EndDate", "NumberSuccessful", "NumberDuplicated", "NumberErrors", "TotalRows"];
    match file {
        "recorded-sfmc-sdk/expiredToken.Create.http500.xml" | "reconstructed/resp.fault.token-expired.http500.xml" => {
            it.refused("Token Expired")
        }
        "reconstructed/resp.fault.login-failed.http500.xml" => {
            it.ask_as("guess", "Create", &create(subscriber("a", "a@b.test")))
        }
        "reconstructed/resp.fault.rate-limited.http500.xml" => it.refused("17"),
        "reconstructed/resp.fault.in-maintenance.http500.xml" => it.refused("9"),
        "recorded-sfmc-sdk/noObjectHandlerFound.Retrieve.http200.xml" => it.retrieve("DeliveryProfile", &["ID"], None, 10),
        "reconstructed/resp.retrieve.error.bad-property.xml" => it.retrieve("BounceEvent", &["BounceReason"], None, 10),
        "recorded-sfmc-sdk/retrieveBulkDataExtension.Retrieve.http200.xml" => {
            it.ask("Create", &create(TABLE.replace(">people<", ">others<")));
            it.retrieve("DataExtension", &["CustomerKey"], None, 1)
        }
        "recorded-sfmc-sdk/retrieveDataExtension.Retrieve.http200.xml" => {
            it.retrieve("DataExtension", &["CustomerKey"], None, 10)
        }
        "recorded-sfmc-sdk/subscribeUnsub.Execute.http200.xml" | "recorded-fuelsdk-node/execute-response.xml" => it.ask(
            "Execute",
            "<ExecuteRequestMsg><Requests><Name>LogUnsubEvent</Name><Parameters><Name>SubscriberKey</Name><Value>c-1</Value>\
             </Parameters></Requests></ExecuteRequestMsg>",
        ),
        "recorded-sfmc-sdk/subscriberCreated.Create.http200.xml" => it.ask("Create", &create(subscriber("a", "a@b.test"))),
        "recorded-sfmc-sdk/subscriberFailed.Create.http200.xml" => {
            it.ask("Create", &create(subscriber("c-1", "p1@example.com")))
        }
        "reconstructed/resp.create.Subscriber.has-error-partial.xml" => {
            it.ask("Create", &create(subscriber("a", "a@b.test") + &subscriber("b", "abuse@b.test")))
        }
        "recorded-sfmc-sdk/subscriberUpdated.Update.http200.xml" => {
            let object = subscriber("c-1", "p1@example.com");
            it.ask("Update", &format!("<UpdateRequest><Options/>{object}</UpdateRequest>"))
        }
        "recorded-sfmc-sdk/subscriberDeleted.Delete.http200.xml" => {
            let object = subscriber("c-1", "p1@example.com");
            it.ask("Delete", &format!("<DeleteRequest><Options/>{object}</DeleteRequest>"))
        }
        "recorded-sfmc-sdk/subscriberDescribed.Describe.http200.xml" => it.ask(
            "Describe",
            "<DefinitionRequestMsg><DescribeRequests><ObjectDefinitionRequest><ObjectType>Subscriber</ObjectType>\
             </ObjectDefinitionRequest></DescribeRequests></DefinitionRequestMsg>",
        ),
        "recorded-sfmc-devtools/9999999__emailSendDefinition__delete-response.xml" => it.ask(
            "Delete",
            r#"<DeleteRequest><Options/><Objects i:type="EmailSendDefinition"><CustomerKey>send</CustomerKey></Objects></DeleteRequest>"#,
        ),
        "reconstructed/resp.getsystemstatus.ok.xml" => it.ask("GetSystemStatus", "<SystemStatusRequestMsg/>"),
        "reconstructed/resp.perform.start.EmailSendDefinition.xml" => {
            it.ask("Perform", &start("EmailSendDefinition", "send"))
        }
        "reconstructed/resp.retrieve.SentEvent.more-data.xml" => it.events("SentEvent", &[], 3),
        "reconstructed/resp.retrieve.SentEvent.last-page.xml" => it.events("SentEvent", &[], 2_500),
        "reconstructed/resp.retrieve.OpenEvent.xml" => it.events("OpenEvent", &[], 2_500),
        "reconstructed/resp.retrieve.ClickEvent.xml" => it.events("ClickEvent", &["URLID", "URL"], 2_500),
        "reconstructed/resp.retrieve.BounceEvent.all-categories.xml" => {
            it.events("BounceEvent", &["SMTPCode", "BounceCategory", "SMTPReason", "BounceType"], 2_500)
        }
        "reconstructed/resp.retrieve.UnsubEvent.xml" => {
            let job = it.job;
            it.ask(
                "Execute",
                &format!(
                    "<ExecuteRequestMsg><Requests><Name>LogUnsubEvent</Name><Parameters><Name>SubscriberKey</Name><Value>c-1\
                     </Value></Parameters><Parameters><Name>JobID</Name><Value>{job}</Value></Parameters></Requests>\
                     </ExecuteRequestMsg>"
                ),
            );
            it.later(3_600);
            it.events("UnsubEvent", &["IsMasterUnsubscribed"], 2_500)
        }
        "recorded-sfmc-devtools/9999999__dataExtension__create-response.xml" => {
            // What was asked for is what was echoed, but for what the platform gave it.
            let theirs = theirs(file);
            let object = theirs.child("Results").and_then(|results| results.child("Object")).expect("an object");
            let given = ["PartnerKey", "ObjectID"];
            let sent = object.children().filter(|child| !given.contains(&child.local())).cloned();
            let asked = Element::new(NS, "Objects").with_kind(NS, "DataExtension").with_all(sent);
            it.ask("Create", &create(asked.to_xml().expect("XML")))
        }
        "reconstructed/resp.retrieve.Send.summary.xml" => {
            let job = it.job.to_string();
            let all = [
                "CreatedDate", "ModifiedDate", "ID", "Email.ID", "SendDate", "FromAddress", "FromName", "Duplicates",
                "InvalidAddresses", "ExistingUndeliverables", "ExistingUnsubscribes", "HardBounces", "SoftBounces",
                "OtherBounces", "ForwardedEmails", "UniqueClicks", "UniqueOpens", "NumberSent", "NumberDelivered",
                "Unsubscribes", "MissingAddresses", "Subject", "PreviewURL", "SentDate", "EmailName", "Status",
                "NumberTargeted", "NumberErrored", "NumberExcluded", "Additional",
            ];
            it.retrieve("Send", &all, Some(("ID", &job)), 10)
        }
        "reconstructed/resp.retrieve.ImportResultsSummary.Completed.xml" => it.import_result(&[&status[..], &counts].concat()),
        "reconstructed/resp.retrieve.ImportResultsSummary.Error.xml" => {
            it.task = it.start("ImportDefinition", "people");
            it.later(60);
            it.import_result(&[&status[..], &["EndDate"]].concat())
        }
        "reconstructed/resp.retrieve.ImportResultsSummary.New.xml" => {
            it.task = it.start("ImportDefinition", "people");
            it.later(1);
            it.import_result(&status)
        }
        "reconstructed/resp.retrieve.ImportResultsSummary.Processing.xml" => {
            it.task = it.start("ImportDefinition", "people");
            it.later(3);
            it.import_result(&status)
        }
        "reconstructed/resp.retrieve.ListSubscriber.xml" => {
            let list = seed::NEWSLETTER.to_string();
            let wanted = ["CreatedDate", "ModifiedDate", "Status", "ListID", "SubscriberKey"];
            it.retrieve("ListSubscriber", &wanted, Some(("ListID", &list)), 10)
        }
        _ => panic!("{file}: nothing is asked for it"),
    }
}

/// What lies in an envelope, or in what of one was printed.
fn theirs(file: &str) -> Element {
    let folder = folder(FOLDER).expect("asked for only where it is");
    let root = parse(&fs::read(folder.join(file)).expect("a sample"), Limits::default()).expect("XML");
    let body = root.child("Body").unwrap_or(&root);
    body.children().next().expect("a message").clone()
}

/// FX-01: what the simulator answers has the shape of what the platform was recorded to answer.
#[test]
fn answers_have_the_shape_of_samples() {
    if folder(FOLDER).is_none() {
        return;
    }
    let mut compared = Vec::new();
    for (file, _) in inventory::EXACTTARGET.iter().filter(|(_, meant)| *meant == Use::SameShape) {
        hold(file, &differences(&theirs(file), &ours(file), &[]), ALLOWED);
        compared.push(*file);
    }
    each_is_of_a_sample(ALLOWED, &compared);
}

/// Requests that others wrote are carried out, or refused as the inventory says.
#[test]
fn what_others_ask_is_carried_out() {
    let Some(folder) = folder(FOLDER) else { return };
    for (file, meant) in inventory::EXACTTARGET.iter().filter(|(file, _)| file.contains("/req.")) {
        let sample = fs::read_to_string(folder.join(file)).expect("a sample");
        // Said of ours: our table, our send, our mail.
        let sample = sample
            .replace("CRM_ESD_77001", "send")
            .replace("CRM_SEND_77001", "people")
            .replace("CRM_IMP_77001_0001", if file.contains("perform") { "people" } else { "import" });
        let mut it = Platform::new();
        let sample = sample
            .replace(">77001<", &format!(">{}<", it.job))
            .replace(">1234<", &format!(">{}<", seed::NEWSLETTER))
            .replace(">c-0001<", ">c-1<");
        let message = Envelope::parse(sample.as_bytes(), Limits::default()).expect("an envelope").body;
        let action = match message.local() {
            "CreateRequest" => "Create",
            "UpdateRequest" => "Update",
            "RetrieveRequestMsg" => "Retrieve",
            "PerformRequestMsg" => "Perform",
            "DefinitionRequestMsg" => "Describe",
            "ExecuteRequestMsg" => "Execute",
            "SystemStatusRequestMsg" => "GetSystemStatus",
            other => panic!("{file}: {other}"),
        };
        let reply = it.ask(action, &message.to_xml().expect("XML"));
        let text = reply.to_xml().expect("XML");
        match meant {
            Use::CarriedOut => assert!(!text.contains(">Error") && !text.contains("Fault"), "{file}: {text}"),
            Use::Refused(code, _) => assert!(text.contains(code), "{file}: {text}"),
            other => panic!("{file}: a request is not {other:?}"),
        }
    }
}
