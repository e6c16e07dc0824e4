//! Documents that are XML, or not even that, and not what was asked for.

use super::carriers::Carrier;
use crate::{Document, Reader, document::joined};

const BOTH: &[Reader] = &[Reader::Tree, Reader::Rows];
const MESSAGE: &[Reader] = &[Reader::Tree, Reader::Rows, Reader::Envelope];

pub(super) fn documents() -> Vec<Document> {
    [messages(), answers(), templates(), bytes()].into_iter().flatten().collect()
}

fn refused(name: &str, text: &str) -> Document {
    let bytes = text.as_bytes().to_vec();
    Document::refused(format!("shape/{name}"), move || bytes.clone())
}

/// A document with a part of it written otherwise.
fn changed(carrier: Carrier, name: &str, from: &str, to: &str) -> Document {
    let (plain, name) = (carrier.plain(), format!("{}: {name}", carrier.name));
    assert!(plain.contains(from), "the carrier has what is changed: {from}");
    refused(&name, &plain.replace(from, to))
}

/// Envelopes that are none, or that say the same in another way.
fn messages() -> Vec<Document> {
    let crm = |name, from, to| changed(Carrier::CRM, name, from, to);
    let same = |document: Document| {
        let readers = Carrier::CRM.readers;
        document.but_harmless_to(readers).saying(Carrier::CRM.plain(), &[Reader::Crm])
    };
    let header = |text: &str| format!("<soap:Header>{text}</soap:Header><soap:Body>");
    let must = header("<x:Security xmlns:x='urn:x' soap:mustUnderstand='1' soap:actor='http://169.254.169.254/'/>");
    vec![
        same(refused("crm: another prefix", &Carrier::CRM.plain().replace("soap:", "Env-1:").replace(":soap=", ":Env-1="))),
        same(crm("the prefix of xsi bound anew", "<Response xsi", "<Response xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i")),
        same(crm("a header that must be understood", "<soap:Body>", &must)),
        same(crm("two actions", "<soap:Body>", &header(&"<a:Action xmlns:a='http://www.w3.org/2005/08/addressing'>x</a:Action>".repeat(2)))),
        same(crm("an included file", "<UserId>", "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/passwd'/><UserId>")),
        same(crm("a schema to fetch", "<ExecuteResponse", "<ExecuteResponse xsi:schemaLocation='urn:x http://169.254.169.254/x.xsd'")),
        same(crm("a base", "<ExecuteResponse", "<ExecuteResponse xml:base='http://evil.test/'")),
        same(crm("version 1.2", "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")),
        crm("an envelope of nobody", "http://schemas.xmlsoap.org/soap/envelope/", "urn:envelope").but_harmless_to(BOTH),
        crm("an envelope of nearly 1.1", "/soap/envelope/", "/soap/envelope").but_harmless_to(BOTH),
        crm("two headers", "<soap:Body>", &header("").replace("<soap:Body>", "<soap:Header/><soap:Body>")).but_harmless_to(BOTH),
        crm("two bodies", "</soap:Envelope>", "<soap:Body><x/></soap:Body></soap:Envelope>").but_harmless_to(BOTH),
        crm("a header behind the body", "</soap:Envelope>", "<soap:Header/></soap:Envelope>").but_harmless_to(BOTH),
        crm("two elements in the body", "</soap:Body>", "<x/></soap:Body>").but_harmless_to(BOTH),
        crm("a body in a body", "<soap:Body>", "<soap:Body><soap:Body/>").but_harmless_to(BOTH),
        crm("a fault behind the answer", "</soap:Body>", "<soap:Fault/></soap:Body>").but_harmless_to(BOTH),
        refused("an empty body", "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body/></s:Envelope>").but_harmless_to(BOTH),
        refused("no body", "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'/>").but_harmless_to(BOTH),
        refused("a body of text", "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>x</s:Body></s:Envelope>").but_harmless_to(BOTH),
        refused("an empty fault", "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><s:Fault/></s:Body></s:Envelope>").but_harmless_to(MESSAGE),
        refused("a fault of another version", "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><t:Fault xmlns:t='http://www.w3.org/2003/05/soap-envelope'/></s:Body></s:Envelope>").but_harmless_to(MESSAGE),
        changed(Carrier::FAULT, "instructions inside", "<faultstring>", "<?php system('id') ?><faultstring>").but_harmless_to(MESSAGE),
        changed(Carrier::FAULT, "a code to follow", "0x80040220", "http://169.254.169.254/").but_harmless_to(MESSAGE),
        changed(Carrier::FAULT, "a code that is long", "0x80040220", &"8".repeat(100_000)).but_harmless_to(MESSAGE),
        changed(Carrier::FAULT, "a detail in a detail", "<detail>", "<detail><detail><detail/></detail>").but_harmless_to(MESSAGE),
    ]
}

/// Answers to another question.
fn answers() -> Vec<Document> {
    let crm = |name, from, to| changed(Carrier::CRM, name, from, to).but_harmless_to(MESSAGE);
    let sharepoint = |name, from, to| changed(Carrier::SHAREPOINT, name, from, to);
    let result = |name, from, to| changed(Carrier::RESULT, name, from, to).but_harmless_to(BOTH);
    vec![
        crm("another type", "WhoAmIResponse", "RetrieveResponse"),
        crm("no type", " xsi:type=\"WhoAmIResponse\"", ""),
        crm("no id", "UserId>", "Other>"),
        crm("an id that is none", "6b29fc40-ca47-1067-b31d-00dd010662da", "1 OR 1=1"),
        crm("an id that is long", "6b29fc40-ca47-1067-b31d-00dd010662da", &"6".repeat(1_000_000)),
        crm("an id that is nil", "<UserId>6b29fc40-ca47-1067-b31d-00dd010662da", "<UserId xsi:nil='true'>"),
        crm("an id of other digits", "6b29fc40", "６b29fc40"),
        crm("an id with markup", "6b29fc40-", "<b>6b29fc40</b>-"),
        sharepoint("another operation", "GetWebResponse", "GetWebCollectionResponse").but_harmless_to(MESSAGE),
        sharepoint("no result", "GetWebResult>", "Other>").but_harmless_to(MESSAGE),
        sharepoint("no address", " Url=", " Uri=").but_harmless_to(MESSAGE),
        sharepoint("an address that is none", "https://sites.test.example", "https://[").but_harmless_to(MESSAGE),
        sharepoint("an address elsewhere", "/sites/harbour/berg", "/sites/other")
            .but_harmless_to(Carrier::SHAREPOINT.readers),
        sharepoint("an address of this machine", "https://sites.test.example/sites/harbour/berg", "file:///etc/passwd")
            .but_harmless_to(Carrier::SHAREPOINT.readers),
        sharepoint("a mark of two", "[tieline harbour]", "[tieline a [tieline b]]")
            .but_harmless_to(Carrier::SHAREPOINT.readers),
        sharepoint("a mark that is no UTF-8", "[tieline harbour]", "[tieline %FF%FE]")
            .but_harmless_to(Carrier::SHAREPOINT.readers),
        result("silence about more", " morerecords=\"1\"", ""),
        result("more that is no boolean", "morerecords=\"1\"", "morerecords=\"maybe\""),
        result("more in a namespace only", "morerecords=\"1\"", "xmlns:morerecords=\"1\""),
        result("a cookie of 1 MB", "&lt;cookie page", &"&lt;".repeat(250_000)).but_harmless_to(Carrier::RESULT.readers),
        result("a cookie with a query", "&lt;cookie", "&quot;/&gt;&lt;fetch&gt;&lt;")
            .but_harmless_to(Carrier::RESULT.readers),
        result("rows in rows", "</result>", "<result><result/></result></result>")
            .but_harmless_to(Carrier::RESULT.readers),
    ]
}

/// Templates that ask for what a site cannot be.
fn templates() -> Vec<Document> {
    let template = |name, from, to: &str| changed(Carrier::TEMPLATE, name, from, to).but_harmless_to(BOTH);
    let inside = |name, what: &str| template(name, "<pnp:Lists>", &format!("{what}<pnp:Lists>"));
    let bomb = (0..9).map(|n| {
        format!("<pnp:Parameter Key=\"P{}\">{}</pnp:Parameter>", n + 1, format!("{{parameter:P{n}}}").repeat(10))
    });
    let bomb = format!("<pnp:Parameter Key=\"P0\">lol</pnp:Parameter>{}</pnp:Parameters>", bomb.collect::<String>());
    let list = |n| format!("<pnp:ListInstance Title=\"L{n}\" TemplateType=\"100\" Url=\"Lists/L{n}\"/>");
    vec![
        inside(
            "an included file",
            "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/passwd'/>",
        ),
        inside(
            "a provider of code",
            "<pnp:Providers><pnp:Provider Enabled='true' HandlerType='System.Diagnostics.Process'/></pnp:Providers>",
        ),
        inside(
            "a file from elsewhere",
            "<pnp:Files><pnp:File Src='http://169.254.169.254/' Folder='' Overwrite='true'/></pnp:Files>",
        ),
        inside("an element of nobody", "<x/>"),
        inside("a script", "<script>alert(1)</script>"),
        inside("51 lists", &format!("<pnp:Lists>{}</pnp:Lists>", (0..51).map(list).collect::<String>())),
        template(
            "1,001 rows",
            "<pnp:DataRow>",
            &("<pnp:DataRow><pnp:DataValue FieldName=\"Title\">x</pnp:DataValue></pnp:DataRow>".repeat(1_000)
                + "<pnp:DataRow>"),
        ),
        template(
            "201 parameters",
            "</pnp:Parameters>",
            &(joined(200, |n| format!("<pnp:Parameter Key=\"P{n}\">x</pnp:Parameter>")) + "</pnp:Parameters>"),
        ),
        template("a billion laughs of parameters", "</pnp:Parameters>", &bomb),
        template("a parameter that asks for itself", "not known", "{parameter:OwnerName}"),
        template("a parameter that nobody declares", "{parameter:OwnerName}", "{parameter:Other}"),
        template("a token that is not closed", "{parameter:OwnerName}", "{parameter:OwnerName"),
        template("a token of nobody", "{parameter:OwnerName}", "{fileuniqueid:x}"),
        template("an address with a way up", "Lists/Facts", "../../_layouts/Facts"),
        template("an address of another host", "Lists/Facts", "https://evil.test/Facts"),
        template("an attribute of nobody", "<pnp:Lists>", "<pnp:Lists onclick='x'>"),
        template("another schema", "2022/09", "2099/01"),
        template("2 MB of comments", "<pnp:Lists>", &("<!-- -->".repeat(250_000) + "<pnp:Lists>")),
        template(
            "two templates",
            "</pnp:Templates>",
            "<pnp:ProvisioningTemplate ID=\"U\" Version=\"1.0\"/></pnp:Templates>",
        ),
    ]
}

/// What is no XML in UTF-8 at all.
fn bytes() -> Vec<Document> {
    let of = |name: &str, bytes: Vec<u8>| Document::refused(format!("shape/{name}"), move || bytes.clone());
    let plain = Carrier::CRM.plain();
    let utf_16 = |to: fn(u16) -> [u8; 2]| plain.encode_utf16().flat_map(to).collect::<Vec<u8>>();
    let utf_32 = plain.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect::<Vec<u8>>();
    let marked = |mark: &[u8], bytes: Vec<u8>| [mark, &bytes].concat();
    vec![
        of("nothing", Vec::new()),
        of("a space", b" ".to_vec()),
        of("a byte order mark", b"\xEF\xBB\xBF".to_vec()),
        of("a declaration", b"<?xml version='1.0'?>".to_vec()),
        of("a comment", b"<!-- -->".to_vec()),
        of("UTF-16, little", utf_16(u16::to_le_bytes)),
        of("UTF-16, big", utf_16(u16::to_be_bytes)),
        of("UTF-16, little, with its mark", marked(b"\xFF\xFE", utf_16(u16::to_le_bytes))),
        of("UTF-16, big, with its mark", marked(b"\xFE\xFF", utf_16(u16::to_be_bytes))),
        of("UTF-16 with the mark of UTF-8", marked(b"\xEF\xBB\xBF", utf_16(u16::to_be_bytes))),
        of("UTF-32", utf_32.clone()),
        of("UTF-32 with its mark", marked(b"\0\0\xFE\xFF", utf_32)),
        of("UTF-7", plain.replace('<', "+ADw-").into_bytes()),
        of("JSON", br#"{"d":{"results":[]}}"#.to_vec()),
        of("text", b"Service Unavailable".to_vec()),
        of("a page", b"<!DOCTYPE html><html><body><br>Sign in</body></html>".to_vec()),
        of("a page of XHTML", b"<html xmlns='http://www.w3.org/1999/xhtml'><body>&nbsp;</body></html>".to_vec()),
        of("gzip", b"\x1F\x8B\x08\0\0\0\0\0\0\x03\xB3\x49\xD4\xB7\x03\0".to_vec()),
        of("an image", b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR".to_vec()),
        of("chunks of HTTP", format!("{:x}\r\n{plain}\r\n0\r\n\r\n", plain.len()).into_bytes()),
        of(
            "parts of MIME",
            format!("--MIMEBoundary\r\nContent-Type: application/xop+xml\r\n\r\n{plain}\r\n--MIMEBoundary--")
                .into_bytes(),
        ),
        of("the document twice", format!("{plain}{plain}").into_bytes()),
        of("the document backwards", plain.bytes().rev().collect()),
    ]
}
