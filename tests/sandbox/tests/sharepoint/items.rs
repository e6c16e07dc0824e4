//! Rows and files.

use http::StatusCode;
use proptest::prelude::*;
use soap::Element;

use crate::host::{As, BASE, Host, SOAP, code, operation, text, xml};

const WEB: &str = "/sites/harbour/acme";

fn batch(host: &mut Host, list: &str, batch: &str) -> Vec<(String, String)> {
    let body =
        operation(SOAP, "UpdateListItems", &[("listName", list)]).with(Element::new(SOAP, "updates").with(xml(batch)));
    let reply = host.call(WEB, "Lists", &body).expect("a reply");
    let results = reply.child("UpdateListItemsResult").and_then(|result| result.child("Results")).expect("results");
    let results = results.all("Result");
    results.map(|result| (result.attribute("ID").unwrap_or("").to_owned(), result.child_text("ErrorCode"))).collect()
}

fn query(list: &str, query: &str, options: &str, limit: &str) -> Element {
    operation(SOAP, "GetListItems", &[("listName", list), ("viewName", "")])
        .with(Element::new(SOAP, "query").with(xml(query)))
        .with(Element::new(SOAP, "viewFields").with(xml(r#"<ViewFields><FieldRef Name="Title"/></ViewFields>"#)))
        .with_value("rowLimit", limit)
        .with(Element::new(SOAP, "queryOptions").with(xml(options)))
}

/// The titles of a page, and where it ends.
fn read(host: &mut Host, body: &Element) -> (Vec<String>, Option<String>) {
    let reply = host.call(WEB, "Lists", body).expect("a reply");
    let items = reply.child("GetListItemsResult").and_then(|result| result.child("listitems")).expect("items");
    let data = items.child(("urn:schemas-microsoft-com:rowset", "data")).expect("data");
    let rows: Vec<_> = data.all(("#RowsetSchema", "row")).collect();
    assert_eq!(data.attribute("ItemCount"), Some(rows.len().to_string().as_str()));
    let titles = rows.iter().map(|row| row.attribute("ows_Title").unwrap_or("").to_owned()).collect();
    (titles, data.attribute("ListItemCollectionPositionNext").map(ToOwned::to_owned))
}

fn titles(host: &mut Host, condition: &str) -> Vec<String> {
    let body = query("Tasks", &format!("<Query><Where>{condition}</Where></Query>"), "<QueryOptions/>", "0");
    read(host, &body).0
}

fn with_tasks() -> Host {
    let mut host = Host::with_web("acme");
    host.add_list(WEB, "Tasks", 107).expect("a list");
    let done = batch(
        &mut host,
        "Tasks",
        r#"<Batch><Method ID="1" Cmd="New"><Field Name="Title">Alpha</Field><Field Name="PercentComplete">0.5</Field><Field Name="DueDate">2010-07-01T00:00:00Z</Field><Field Name="AssignedTo">-1;#HARBOUR\anna.berg</Field></Method>
           <Method ID="2" Cmd="New"><Field Name="Title">beta</Field><Field Name="PercentComplete">0.25</Field><Field Name="DueDate">2010-07-02T00:00:00Z</Field></Method>
           <Method ID="3" Cmd="New"><Field Name="Title">Gamma</Field><Field Name="Status">Completed</Field></Method></Batch>"#,
    );
    assert!(done.iter().all(|(_, code)| code == "0x00000000"), "{done:?}");
    host
}

#[test]
fn a_query_means_its_rows() {
    let mut host = with_tasks();
    let table: &[(&str, &[&str])] = &[
        (r#"<Eq><FieldRef Name="Title"/><Value Type="Text">ALPHA</Value></Eq>"#, &["Alpha"]),
        (r#"<Neq><FieldRef Name="Title"/><Value Type="Text">alpha</Value></Neq>"#, &["beta", "Gamma"]),
        (r#"<Gt><FieldRef Name="PercentComplete"/><Value Type="Number">0.3</Value></Gt>"#, &["Alpha"]),
        (r#"<Leq><FieldRef Name="PercentComplete"/><Value Type="Number">0.25</Value></Leq>"#, &["beta"]),
        (
            r#"<Geq><FieldRef Name="DueDate"/><Value Type="DateTime">2010-07-01T23:00:00Z</Value></Geq>"#,
            &["Alpha", "beta"],
        ),
        (
            r#"<Gt><FieldRef Name="DueDate"/><Value Type="DateTime" IncludeTimeValue="TRUE">2010-07-01T00:00:00Z</Value></Gt>"#,
            &["beta"],
        ),
        (r#"<Gt><FieldRef Name="DueDate"/><Value Type="DateTime"><Today OffsetDays="16"/></Value></Gt>"#, &["beta"]),
        (r#"<BeginsWith><FieldRef Name="Title"/><Value Type="Text">g</Value></BeginsWith>"#, &["Gamma"]),
        (r#"<Contains><FieldRef Name="Title"/><Value Type="Text">et</Value></Contains>"#, &["beta"]),
        (r#"<IsNull><FieldRef Name="DueDate"/></IsNull>"#, &["Gamma"]),
        (r#"<IsNotNull><FieldRef Name="AssignedTo"/></IsNotNull>"#, &["Alpha"]),
        (r#"<Eq><FieldRef Name="AssignedTo"/><Value Type="User">anna berg</Value></Eq>"#, &["Alpha"]),
        (r#"<Eq><FieldRef Name="Status"/><Value Type="Choice">Not Started</Value></Eq>"#, &["Alpha", "beta"]),
        (r#"<Lt><FieldRef Name="ID"/><Value Type="Counter">2</Value></Lt>"#, &["Alpha"]),
        (
            r#"<Or><Eq><FieldRef Name="ID"/><Value Type="Counter">3</Value></Eq><And><Geq><FieldRef Name="ID"/><Value Type="Counter">1</Value></Geq><Lt><FieldRef Name="ID"/><Value Type="Counter">2</Value></Lt></And></Or>"#,
            &["Alpha", "Gamma"],
        ),
    ];
    for (condition, expected) in table {
        assert_eq!(titles(&mut host, condition), *expected, "{condition}");
    }
}

#[test]
fn a_query_that_2007_does_not_know_is_refused() {
    let mut host = with_tasks();
    let one = r#"<Eq><FieldRef Name="ID"/><Value Type="Counter">1</Value></Eq>"#;
    for (condition, refusal) in [
        (format!("<And>{one}{one}{one}</And>"), "0x82000005"),
        (format!("<And>{one}</And>"), "0x82000005"),
        (r#"<In><FieldRef Name="ID"/><Values><Value Type="Counter">1</Value></Values></In>"#.to_owned(), "0x82000005"),
        (r#"<Eq><FieldRef Name="Nope"/><Value Type="Text">x</Value></Eq>"#.to_owned(), "0x82000007"),
    ] {
        let body = query("Tasks", &format!("<Query><Where>{condition}</Where></Query>"), "<QueryOptions/>", "0");
        assert_eq!(code(&host.call(WEB, "Lists", &body).expect_err("a fault")), refusal, "{condition}");
    }
    let limit = query("Tasks", "<Query/>", "<QueryOptions/>", "-1");
    assert!(host.call(WEB, "Lists", &limit).is_err());
}

#[test]
fn dates_are_the_webs_own_unless_utc_is_asked_for() {
    let mut host = with_tasks();
    for (options, expected) in [
        ("<QueryOptions/>", "2010-07-01 00:00:00"),
        ("<QueryOptions><DateInUtc>TRUE</DateInUtc></QueryOptions>", "2010-07-01T05:00:00Z"),
    ] {
        let mut body = operation(SOAP, "GetListItems", &[("listName", "Tasks"), ("rowLimit", "1")]);
        body = body
            .with(Element::new(SOAP, "viewFields").with(xml(r#"<ViewFields><FieldRef Name="DueDate"/></ViewFields>"#)));
        body = body.with(Element::new(SOAP, "queryOptions").with(xml(options)));
        let reply = host.call(WEB, "Lists", &body).expect("a reply");
        assert!(reply.to_xml().expect("XML").contains(&format!("ows_DueDate=\"{expected}\"")), "{reply:?}");
    }
}

/// A row's own dates obey the flag too, behind the row's number (recorded: `1;#2013-11-05 16:50:12`).
#[test]
fn a_rows_own_dates_are_in_the_form_that_was_asked_for() {
    let mut host = with_tasks();
    for (options, is_local) in
        [("<QueryOptions/>", true), ("<QueryOptions><DateInUtc>TRUE</DateInUtc></QueryOptions>", false)]
    {
        let body = query("Tasks", "<Query/>", options, "1");
        let reply = host.call(WEB, "Lists", &body).expect("a reply").to_xml().expect("XML");
        let of = |name: &str| reply.split(&format!(" ows_{name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
        let (plain, of_row) = (of("Created").expect("a date"), of("Created_x0020_Date").expect("a date"));
        assert_eq!(of_row, format!("1;#{plain}"));
        assert_eq!(plain.ends_with('Z'), !is_local, "{plain}");
    }
}

#[test]
fn each_method_of_a_batch_has_its_own_result() {
    let mut host = with_tasks();
    let results = batch(
        &mut host,
        "Tasks",
        r#"<Batch OnError="Continue"><Method ID="a" Cmd="Update"><Field Name="ID">1</Field><Field Name="owshiddenversion">9</Field><Field Name="Title">x</Field></Method>
           <Method ID="b" Cmd="Update"><Field Name="ID">1</Field><Field Name="owshiddenversion">1</Field><Field Name="Title">Alpha 2</Field></Method>
           <Method ID="c" Cmd="Delete"><Field Name="ID">99</Field></Method>
           <Method ID="d" Cmd="New"><Field Name="Created">2010-01-01T00:00:00Z</Field></Method>
           <Method ID="e" Cmd="New"><Field Name="PercentComplete">half</Field></Method>
           <Method ID="f" Cmd="Move"><Field Name="ID">1</Field></Method>
           <Method ID="g" Cmd="Update"><Field Name="ID">-1</Field></Method>
           <Method ID="h" Cmd="New"><Field Name="AssignedTo">-1;#HARBOUR\nobody</Field></Method>
           <Method ID="i" Cmd="Delete"><Field Name="ID">3</Field></Method></Batch>"#,
    );
    let expected = [
        ("a,Update", "0x81020015"),
        ("b,Update", "0x00000000"),
        ("c,Delete", "0x81020016"),
        ("d,New", "0x8102000a"),
        ("e,New", "0x8102000a"),
        ("f,Move", "0x80070057"),
        ("g,Update", "0x81020014"),
        ("h,New", "0x8102000a"),
        ("i,Delete", "0x00000000"),
    ];
    assert_eq!(results, expected.map(|(id, code)| (id.to_owned(), code.to_owned())));
    let items = &host.web(WEB).list("Tasks").expect("the list").items;
    assert_eq!(items.values().filter_map(|item| item.value("Title")).collect::<Vec<_>>(), ["Alpha 2", "beta"]);
}

#[test]
fn a_batch_that_returns_on_error_cancels_the_rest() {
    let mut host = with_tasks();
    let results = batch(
        &mut host,
        "Tasks",
        r#"<Batch OnError="Return"><Method ID="1" Cmd="Delete"><Field Name="ID">99</Field></Method><Method ID="2" Cmd="Delete"><Field Name="ID">1</Field></Method></Batch>"#,
    );
    assert_eq!(results.iter().map(|(_, code)| code.as_str()).collect::<Vec<_>>(), ["0x81020016", "0x800704c7"]);
    assert_eq!(host.web(WEB).list("Tasks").expect("the list").items.len(), 3);
}

#[test]
fn a_batch_has_at_most_160_methods() {
    let mut host = with_tasks();
    let methods = |count: usize| {
        format!("<Batch>{}</Batch>", r#"<Method ID="1" Cmd="New"><Field Name="Title">x</Field></Method>"#.repeat(count))
    };
    assert_eq!(batch(&mut host, "Tasks", &methods(160)).len(), 160);
    let body = operation(SOAP, "UpdateListItems", &[("listName", "Tasks")])
        .with(Element::new(SOAP, "updates").with(xml(&methods(161))));
    assert!(host.call(WEB, "Lists", &body).is_err());
}

fn copy(host: &mut Host, to: &[&str], bytes: &str) -> Vec<String> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let urls = to.iter().fold(Element::new(SOAP, "DestinationUrls"), |urls, url| urls.with_value("string", url));
    let body = operation(SOAP, "CopyIntoItems", &[("SourceUrl", "http://null")])
        .with(urls)
        .with(xml(&format!(r#"<Fields xmlns="{SOAP}"><FieldInformation Type="Text" DisplayName="Title" InternalName="Title" Id="fa564e0f-0c70-4ab9-b863-0177e6ddd247" Value="MSA"/></Fields>"#)))
        .with_value("Stream", STANDARD.encode(bytes));
    let reply = host.call(WEB, "Copy", &body).expect("a reply");
    let results = reply.child("Results").into_iter().flat_map(|results| results.all("CopyResult"));
    results.map(|result| result.attribute("ErrorCode").unwrap_or("").to_owned()).collect()
}

#[test]
fn a_file_is_stored_and_read_back() {
    let mut host = Host::with_web("acme");
    host.add_list(WEB, "Contracts", 101).expect("a list");
    let at = |path: &str| format!("{BASE}{WEB}/{path}");
    let destinations = [
        at("Contracts/m%20s a.docx"),
        at("Contracts/No/a.docx"),
        "http://other.example/a.docx".to_owned(),
        at("Contracts/a%3Ab.docx"),
        "a.docx".to_owned(),
    ];
    let destinations: Vec<_> = destinations.iter().map(String::as_str).collect();
    let results = copy(&mut host, &destinations, "bytes");
    assert_eq!(results, ["Success", "DestinationInvalid", "DestinationInvalid", "Unknown", "Unknown"]);
    let response = host.get(&format!("{WEB}/Contracts/m%20s%20a.docx"), &As::Service("harbour"));
    assert_eq!((response.status(), text(&response).as_str()), (StatusCode::OK, "bytes"));
    let item = host.web(WEB).list("Contracts").and_then(|list| list.item_at("M S A.docx")).expect("the file");
    assert_eq!((item.value("Title"), item.value("_CopySource")), (Some("MSA"), Some("http://null")));
    let folder = r#"<Batch><Method ID="1" Cmd="New"><Field Name="ID">New</Field><Field Name="FSObjType">1</Field><Field Name="BaseName">Signed</Field></Method>
        <Method ID="2" Cmd="New"><Field Name="Title">no file</Field></Method>
        <Method ID="3" Cmd="Delete"><Field Name="ID">1</Field><Field Name="FileRef">http://sharepoint.example/sites/harbour/acme/Contracts/other.docx</Field></Method></Batch>"#;
    let codes: Vec<_> = batch(&mut host, "Contracts", folder).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["0x00000000", "0x80131600", "0x81020030"]);
    assert_eq!(copy(&mut host, &[&at("Contracts/Signed/a.docx")], "x"), ["Success"]);
    let folder = host
        .call(WEB, "SiteData", &operation(SOAP, "EnumerateFolder", &[("strFolderUrl", "Contracts")]))
        .expect("a reply");
    let urls: Vec<_> = folder
        .child("vUrls")
        .into_iter()
        .flat_map(|urls| urls.all("_sFPUrl"))
        .map(|url| url.child_text("Url"))
        .collect();
    assert_eq!(urls, ["Contracts/m s a.docx", "Contracts/Signed", "Contracts/Forms"]);
}

#[test]
fn a_file_that_is_checked_out_by_another_is_not_overwritten() {
    let mut host = Host::with_web("acme");
    host.add_list(WEB, "Contracts", 101).expect("a list");
    let at = format!("{BASE}{WEB}/Contracts/a.docx");
    copy(&mut host, &[&at], "1");
    let add = operation(
        crate::host::DIRECTORY,
        "AddUserToRole",
        &[("roleName", "Contribute"), ("userLoginName", "HARBOUR\\anna.berg")],
    );
    host.call(WEB, "UserGroup", &add).expect("a reply");
    let anna = host.person("HARBOUR\\anna.berg");
    let out = operation(SOAP, "CheckOutFile", &[("pageUrl", &at), ("checkoutToLocal", "false"), ("lastmodified", "")]);
    assert!(text(&host.call_as(WEB, "Lists", &out, &As::Cookie(&anna))).contains(">true<"));
    assert_eq!(copy(&mut host, &[&at], "2"), ["DestinationCheckedOut"]);
    let back = operation(SOAP, "CheckInFile", &[("pageUrl", &at), ("comment", ""), ("CheckinType", "1")]);
    assert!(text(&host.call_as(WEB, "Lists", &back, &As::Cookie(&anna))).contains(">true<"));
    assert_eq!(copy(&mut host, &[&at], "2"), ["Success"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Every row comes exactly once and in order, whatever the page size, the order, and rows that vanish between pages.
    #[test]
    fn paging_gives_every_row_exactly_once(
        values in proptest::collection::vec(proptest::option::of(0_u8..6), 0..25),
        limit in 1_usize..9,
        ascending: bool,
        vanishing in proptest::option::of(0_usize..25),
    ) {
        let mut host = Host::with_web("acme");
        host.add_list(WEB, "Tasks", 107).expect("a list");
        let method = |(index, value): (usize, &Option<u8>)| {
            let value = value.map(|value| format!(r#"<Field Name="PercentComplete">{value}</Field>"#)).unwrap_or_default();
            format!(r#"<Method ID="{index}" Cmd="New"><Field Name="Title">{index}</Field>{value}</Method>"#)
        };
        let methods = values.iter().enumerate().map(method).collect::<Vec<_>>().concat();
        if !values.is_empty() {
            batch(&mut host, "Tasks", &format!("<Batch>{methods}</Batch>"));
        }
        let order = if ascending { "TRUE" } else { "FALSE" };
        let all = format!(r#"<Query><OrderBy><FieldRef Name="PercentComplete" Ascending="{order}"/></OrderBy></Query>"#);
        let whole = read(&mut host, &query("Tasks", &all, "<QueryOptions/>", "0")).0;
        let mut read_so_far = Vec::new();
        let mut after = String::new();
        loop {
            let options = Element::new("", "QueryOptions")
                .with(Element::new("", "Paging").with_attribute("ListItemCollectionPositionNext", &*after));
            let page = query("Tasks", &all, &options.to_xml().expect("XML"), &limit.to_string());
            let (rows, next) = read(&mut host, &page);
            prop_assert!(rows.len() <= limit && (next.is_none() || !rows.is_empty()));
            read_so_far.extend(rows);
            prop_assert!(read_so_far.len() <= values.len(), "a row came twice: {:?}", read_so_far);
            // One that was read already vanishes: the place must not move.
            if let Some(gone) = vanishing.and_then(|at| read_so_far.get(at)) {
                let id = gone.parse::<u32>().expect("a number") + 1;
                batch(&mut host, "Tasks", &format!(r#"<Batch><Method ID="1" Cmd="Delete"><Field Name="ID">{id}</Field></Method></Batch>"#));
            }
            match next {
                Some(next) => after = next,
                None => break,
            }
        }
        prop_assert_eq!(read_so_far, whole);
    }
}
