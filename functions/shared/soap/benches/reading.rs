//! How fast a large Fetch reply is read, and with how many allocations, against a bare quick-xml event loop that does
//! nothing. `cargo bench -p soap`. The reply is invented: 5,000 contacts, about 4 MB.

use divan::{AllocProfiler, Bencher, black_box, counter::BytesCount};
use quick_xml::{Reader, events::Event};
use soap::{Element, Envelope, Limits, Rows, SoapVersion, parse};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const ROWS: usize = 5_000;

fn main() {
    divan::main();
}

/// The result set inside of the reply.
fn result_set() -> String {
    let row = |index: usize| {
        let id = format!("{{{index:08X}-6A3A-DF11-9A6D-00155D0A0B01}}");
        let text = |name: &str, value: String| Element::new("", name).with_text(value);
        Element::new("", "result")
            .with(text("contactid", id))
            .with(text("fullname", format!("Adam & Eve Number {index}")))
            .with(text("emailaddress1", format!("person.number.{index}@customer-{}.example", index % 97)))
            .with(text("jobtitle", "Head of Purchasing and Logistics, Northern Region".to_owned()))
            .with(text("address1_line1", format!("{index} Harbour Street, Warehouse District, Building 7")))
            .with(text("address1_city", "Ålesund".to_owned()))
            .with(
                text("ownerid", "{8D0F1B6E-6A3A-DF11-9A6D-00155D0A0B01}".to_owned())
                    .with_attribute("name", "Anna Berg")
                    .with_attribute("dsc", "0")
                    .with_attribute("type", "8"),
            )
            .with(
                text("createdon", "2010-06-17T09:30:00-05:00".to_owned())
                    .with_attribute("date", "6/17/2010")
                    .with_attribute("time", "9:30 AM"),
            )
            .with(text("donotbulkemail", "0".to_owned()).with_attribute("name", "Allow"))
            .with(text("description", "Met at the spring fair; wants a quote for the new terminal. ".repeat(2)))
    };
    let rows = Element::new("", "resultset").with_attribute("morerecords", "1").with_all((0..ROWS).map(row));
    rows.to_xml().expect("the fixture is legal")
}

fn bytes(document: &str) -> BytesCount {
    BytesCount::of_str(document)
}

/// The floor: every event is read and dropped.
#[divan::bench]
fn bare_event_loop(bencher: Bencher) {
    let document = result_set();
    bencher.counter(bytes(&document)).bench(|| {
        let mut reader = Reader::from_str(black_box(&document));
        let mut events = 0_u64;
        while !matches!(reader.read_event().expect("well formed"), Event::Eof) {
            events += 1;
        }
        events
    });
}

/// Every row, every field's text looked at.
#[divan::bench]
fn row_reader(bencher: Bencher) {
    let document = result_set();
    bencher.counter(bytes(&document)).bench(|| {
        let mut rows = Rows::over(black_box(document.as_bytes()), "result", Limits::default()).expect("well formed");
        let mut length = 0;
        while let Some(row) = rows.next_row().expect("well formed") {
            length += row.fields().map(|field| field.text().len()).sum::<usize>();
        }
        assert_eq!(rows.count(), ROWS);
        length
    });
}

/// The same document as a tree.
#[divan::bench]
fn tree(bencher: Bencher) {
    let document = result_set();
    bencher.counter(bytes(&document)).bench(|| parse(black_box(document.as_bytes()), Limits::default()));
}

/// The whole reply: the envelope whose one text is the escaped result set, then its rows.
#[divan::bench]
fn envelope_then_rows(bencher: Bencher) {
    let crm = "http://schemas.microsoft.com/crm/2007/WebServices";
    let body = Element::new(crm, "FetchResponse").with_value("FetchResult", result_set());
    let reply = Envelope::new(SoapVersion::V11, body).to_bytes().expect("legal");
    bencher.counter(BytesCount::new(reply.len())).bench(|| {
        let envelope = Envelope::parse(black_box(&reply), Limits::default()).expect("an envelope");
        let result = envelope.body.child_text("FetchResult");
        let mut rows = Rows::over(result.as_bytes(), "result", Limits::default()).expect("well formed");
        while rows.next_row().expect("well formed").is_some() {}
        rows.count()
    });
}
