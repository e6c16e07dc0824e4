//! Files that the simulated e-mail platform imports: the input is the file.
#![no_main]

use std::sync::OnceLock;

use bytes::Bytes;
use domain::{SignedDuration, Timestamp};
use fuzz::canary;
use http::Request;
use libfuzzer_sys::fuzz_target;
use sandbox::{Addresses, exacttarget};

const BEGIN: &str = "2026-06-01T08:00:00Z";

fuzz_target!(|file: &[u8]| {
    let (mut state, begin) = prepared();
    let account = state.account_mut("harbour").expect("an account");
    account.folder.put("people.csv", Bytes::copy_from_slice(file)).expect("room");
    ask(&mut state, "Perform", START, begin);
    state.settle(begin + SignedDuration::from_hours(1));
    let account = state.account("harbour").expect("an account");
    let outcome = account.imports[0].outcome.as_ref().expect("it is over");
    let rows = account.tables["people"].rows.len();
    if let Ok(counts) = outcome {
        // Each row of the file is told once, and what went in is there.
        assert_eq!(counts.total, counts.successful + counts.duplicated + counts.errors);
        assert_eq!(counts.errors, account.imports[0].refused.len());
        assert_eq!(rows, counts.successful);
        canary!(account.tables["people"].rows.iter().any(|row| row.get("Name").is_some_and(|name| name.contains('"'))));
    } else {
        assert_eq!(rows, 0, "an import that failed left rows");
    }
    assert_eq!(account.folder.names().count(), 0, "the file goes away");
});

/// A platform with a table and an import into it, and when it is.
fn prepared() -> (exacttarget::State, Timestamp) {
    static PREPARED: OnceLock<exacttarget::State> = OnceLock::new();
    let begin = BEGIN.parse().expect("an instant");
    let state = PREPARED.get_or_init(|| {
        let addresses = Addresses::by_name(|name| format!("http://{name}.test"));
        let mut state = exacttarget::State::seeded(&addresses, begin);
        ask(&mut state, "Create", MAKE, begin);
        state
    });
    (state.clone(), begin)
}

fn ask(state: &mut exacttarget::State, action: &str, body: &str, now: Timestamp) {
    let envelope = format!(
        r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://exacttarget.com/wsdl/partnerAPI"><s:Header><w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><w:UsernameToken><w:Username>harbour_api</w:Username><w:Password>sandbox-harbour-api-1</w:Password></w:UsernameToken></w:Security></s:Header><s:Body>{body}</s:Body></s:Envelope>"#
    );
    let request = Request::post("/Service.asmx").header("SOAPAction", action).body(Bytes::from(envelope));
    let response = exacttarget::handle(state, &request.expect("a request"), now);
    let text = String::from_utf8_lossy(response.body()).into_owned();
    assert!(text.contains("<OverallStatus>OK</OverallStatus>"), "{text}");
}

const START: &str = r#"<PerformRequestMsg><Action>start</Action><Definitions><Definition i:type="ImportDefinition"><CustomerKey>people</CustomerKey></Definition></Definitions></PerformRequestMsg>"#;

const MAKE: &str = r#"<CreateRequest><Options/><Objects i:type="DataExtension"><CustomerKey>people</CustomerKey><Name>people</Name><Fields><Field><Name>Key</Name><MaxLength>20</MaxLength><IsRequired>true</IsRequired><IsPrimaryKey>true</IsPrimaryKey><FieldType>Text</FieldType></Field><Field><Name>Email</Name><FieldType>EmailAddress</FieldType></Field><Field><Name>Name</Name><MaxLength>20</MaxLength><FieldType>Text</FieldType></Field><Field><Name>Born</Name><FieldType>Date</FieldType></Field><Field><Name>Count</Name><FieldType>Number</FieldType></Field></Fields></Objects><Objects i:type="ImportDefinition"><CustomerKey>people</CustomerKey><Name>people</Name><AllowErrors>true</AllowErrors><DestinationObject i:type="DataExtension"><CustomerKey>people</CustomerKey></DestinationObject><FieldMappingType>InferFromColumnHeadings</FieldMappingType><FileSpec>people.csv</FileSpec><FileType>CSV</FileType><RetrieveFileTransferLocation><CustomerKey>ExactTarget Enhanced FTP</CustomerKey></RetrieveFileTransferLocation><UpdateType>AddAndUpdate</UpdateType></Objects></CreateRequest>"#;
