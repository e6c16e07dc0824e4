//! Tricks with the parts of the page.

use super::{PAGE, of, same};
use crate::{Document, Reader, readers::FORM_PAGE};

const FORM: &str = r#"<form name="aspnetForm" method="post" action="newsbweb.aspx" id="aspnetForm">"#;
const DIGEST: &str = r#"<input type="hidden" name="__REQUESTDIGEST" value="0xAB,01 Mar 2026 12:00:00 -0000">"#;
const STATE: &str = r#"<input type="hidden" name="__VIEWSTATE" value="/wEPDwUK+=">"#;

pub(super) fn documents() -> Vec<Document> {
    let groups = [
        ("address", addresses()),
        ("around", around()),
        ("inside", swallowed()),
        ("part", parts()),
        ("bytes", bytes()),
    ];
    let grouped = groups
        .into_iter()
        .flat_map(|(group, documents)| documents.into_iter().map(move |document| document.of_group(group)));
    grouped.collect()
}

/// The page with a part of it written otherwise.
fn changed(name: &str, from: &str, to: &str) -> Document {
    assert!(FORM_PAGE.contains(from), "the page has what is changed: {from}");
    of(name, FORM_PAGE.replacen(from, to, 1))
}

/// What stands in front of the form's first field.
fn inside(name: &str, what: &str) -> Document {
    changed(name, FORM, &format!("{FORM}{what}"))
}

/// Where the form is sent. Credentials go with it.
fn addresses() -> Vec<Document> {
    let elsewhere = [
        "https://evil.test/",
        "http://evil.test/",
        "//evil.test/",
        "///evil.test/",
        "\\\\evil.test\\",
        "/\\evil.test/",
        "http://sites.test.example/",
        "https://sites.test.example:444/",
        "https://sites.test.example:80/",
        "https://sites.test.example.evil.test/",
        "https://evil.test/sites.test.example",
        "https://sites.test.example@evil.test/",
        "https://user@sites.test.example/",
        "https://user:secret@sites.test.example/x",
        "https://169.254.169.254/latest/",
        "http://169.254.169.254/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://localhost/",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://sites.test.example/",
        "mailto:a@evil.test",
        "blob:https://sites.test.example/x",
        "about:blank",
        "https://",
        "https://sites.test.example./",
        "\u{9}//evil.test/",
        "\n//evil.test",
        "htt\nps://evil.test/",
        "https://crm.test.example/",
        "https://test.example/",
        "https://xn--sites-.test.example/",
        "//sites.test.example:443@evil.test/",
    ];
    let here = [
        "https://sites.test.example/sites/harbour/_layouts/newsbweb.aspx",
        "//sites.test.example/sites/harbour/_layouts/newsbweb.aspx",
        "https:newsbweb.aspx",
        "HTTPS://SITES.TEST.EXAMPLE/sites/harbour/_layouts/newsbweb.aspx",
        "./newsbweb.aspx",
        "newsbweb.aspx#x",
        "\u{9}newsbweb.aspx ",
        "https://sites.test.example:443/sites/harbour/_layouts/newsbweb.aspx",
    ];
    let other_pages = [
        "/sites/other/_layouts/deleteweb.aspx",
        "",
        "?x=1",
        "../../../../../x",
        "https://sites.test.example/%00",
        "https://sites.test.example\\@evil.test/",
    ];
    let action = |to: &str| FORM_PAGE.replacen("action=\"newsbweb.aspx\"", &format!("action=\"{to}\""), 1);
    let name = |to: &str| format!("{to:?}");
    let refused = elsewhere.iter().map(|to| of(name(to), action(to)));
    let to_the_page = here.iter().map(|to| same(of(name(to), action(to))));
    // The same host decides itself what its pages do.
    let harmless = other_pages.iter().map(|to| of(name(to), action(to)).but_harmless_to(PAGE));
    refused.chain(to_the_page).chain(harmless).collect()
}

/// What stands around the form, or in its tag.
fn around() -> Vec<Document> {
    let head = |name: &str, what: &str| changed(name, "<head>", &format!("<head>{what}"));
    let before = |name: &str, what: &str| changed(name, FORM, &format!("{what}{FORM}"));
    let behind = |name: &str, what: &str| changed(name, "</body>", &format!("{what}</body>"));
    let form = |name: &str, to: &str| changed(name, FORM, to);
    vec![
        same(head("a base elsewhere", "<base href='https://evil.test/'>")),
        same(head("a refresh to elsewhere", "<meta http-equiv=refresh content='0;url=https://evil.test/'>")),
        same(head("a refresh to metadata", "<meta http-equiv=refresh content='0;url=http://169.254.169.254/'>")),
        same(head("a declared encoding", "<meta charset=utf-7>")),
        same(head("a policy", "<meta http-equiv=Content-Security-Policy content=\"form-action 'none'\">")),
        same(head("a sheet of styles from elsewhere", "<link rel=stylesheet href=//evil.test/>")),
        same(head("a script from elsewhere", "<script src=//evil.test/></script>")),
        same(head("a manifest", "<link rel=manifest href=http://169.254.169.254/>")),
        same(before("a frame", "<iframe src=//evil.test/></iframe>")),
        same(before("an image of this machine", "<img src=http://127.0.0.1/ onerror=alert(1)>")),
        same(before("an object", "<object data=file:///etc/passwd></object>")),
        same(before("another form", "<form action=//evil.test/><input name=__VIEWSTATE value=decoy></form>")),
        same(before("a form of the name, not the id", "<form name=aspnetForm action=//evil.test/></form>")),
        same(before("a form whose id begins so", "<form id=aspnetForm2 action=//evil.test/></form>")),
        same(before("a form whose id is in small letters", "<form id=aspnetform action=//evil.test/></form>")),
        same(before("a form in a comment", "<!-- <form id=aspnetForm action=//evil.test/> -->")),
        same(before("a form in a script", "<script><form id=aspnetForm action=//evil.test/></script>")),
        same(before("a form in a style", "<style><form id=aspnetForm action=//evil.test/></style>")),
        same(before("a form in a title", "<title><form id=aspnetForm action=//evil.test/></title>")),
        same(before("a form in a box", "<textarea><form id=aspnetForm action=//evil.test/></textarea>")),
        same(before("a form in a template", "<template><form id=aspnetForm action=//evil.test/></form></template>")),
        same(before("a form in a frame", "<iframe><form id=aspnetForm action=//evil.test/></iframe>")),
        same(before("a form for no frames", "<noframes><form id=aspnetForm action=//evil.test/></form></noframes>")),
        same(before("a comment that no frames end", "<noframes><!-- </noframes>")),
        same(before("a script that no frames end", "<noframes><script></noframes>")),
        same(before("no frames that a template does not end", "<template><noframes></template></noframes></template>")),
        same(before("a form for no objects", "<noembed><form id=aspnetForm action=//evil.test/></form></noembed>")),
        same(before("a form in an example", "<xmp><form id=aspnetForm action=//evil.test/></form></xmp>")),
        same(before(
            "a form for readers without scripts",
            "<noscript><form id=aspnetForm action=//evil.test/></noscript>",
        )),
        same(before("a form in an attribute", "<p title='<form id=aspnetForm action=//evil.test/>'>")),
        same(before("a form in an end tag", "</p title='<form id=aspnetForm action=//evil.test/>'>")),
        same(before("a form in a declaration", "<!DOCTYPE html '<form id=aspnetForm action=//evil.test/'>")),
        before("the form of the id first, elsewhere", "<form id=aspnetForm action=//evil.test/></form>"),
        before("an open form around it", "<form action=//evil.test/>"),
        before("a comment that does not end", "<!-- "),
        before("a script that does not end", "<script>"),
        before("a box that does not end", "<textarea>"),
        before("a title that does not end", "<title>"),
        before("a template that does not end", "<template>"),
        before("no frames that do not end", "<noframes>"),
        before("plain text from here", "<plaintext>"),
        before("a quote that does not end", "<p title='"),
        same(behind("a second form of the id", "<form id=aspnetForm action=//evil.test/></form>")),
        same(behind("a field of the form by name", "<input form=aspnetForm name=x value=y>")),
        same(behind("text behind", "</html><html>")),
        form("no form", ""),
        form("a form without an id", "<form action=newsbweb.aspx>"),
        form("a form in capitals of its id", "<form action=newsbweb.aspx id=ASPNETFORM>"),
        form("a form with two ids", "<form id=x id=aspnetForm action=newsbweb.aspx>"),
        same(form("a form with two actions", "<form id=aspnetForm action=newsbweb.aspx action=//evil.test/>")),
        same(form("a form in capitals", "<FORM ID=aspnetForm ACTION=newsbweb.aspx>")),
        same(form("a form that is got", "<form method=get id=aspnetForm action=newsbweb.aspx>")),
        same(form(
            "a form in parts",
            "<form method=post enctype=multipart/form-data id=aspnetForm action=newsbweb.aspx>",
        )),
        same(form(
            "a form in text",
            "<form enctype=text/plain accept-charset=utf-7 id=aspnetForm action=newsbweb.aspx>",
        )),
        same(form("a form for another window", "<form target=evil id=aspnetForm action=newsbweb.aspx>")),
        same(form("a form with its own script", "<form onsubmit='return false' id=aspnetForm action=newsbweb.aspx>")),
        form("a form with slashes", "<form/id=aspnetForm/action=newsbweb.aspx>"),
        same(form("references in the form's tag", "<form id=&#97;spnetForm action=&#110;ewsbweb.aspx>")),
    ]
}

/// What swallows fields, or seems to be some.
fn swallowed() -> Vec<Document> {
    vec![
        same(inside("fields in a comment", "<!-- <input name=x value=y> -->")),
        same(inside("fields in a script", "<script>document.write('<input name=x value=y></form>')</script>")),
        same(inside(
            "fields in a script in a comment in a script",
            "<script><!--<script></script><input name=x>--></script>",
        )),
        same(inside("fields in a style", "<style><input name=x></form></style>")),
        same(inside("fields in a title", "<title><input name=x></title>")),
        same(inside("fields in a template", "<template><input name=x></form></template>")),
        same(inside("fields in templates in templates", "<template><template></template><input name=x></template>")),
        same(inside("fields in a frame", "<iframe><input name=x></iframe>")),
        same(inside("fields for no frames", "<noframes><input name=x></form></noframes>")),
        same(inside("fields for no objects", "<noembed><input name=x></form></noembed>")),
        same(inside("fields in an example", "<xmp><input name=x></form></xmp>")),
        same(inside("fields for readers without scripts", "<noscript><input name=x></noscript>")),
        same(inside("fields in an attribute", "<p title='<input name=x>'>")),
        same(inside("a form in the form", "<form action=//evil.test/>")),
        same(inside("the form in the form", "<form id=aspnetForm action=//evil.test/>")),
        same(inside("a closed off field", "<input name=x disabled>")),
        same(inside("an image to press", "<input type=image name=x src=//evil.test/>")),
        same(inside("a file to send", "<input type=file name=x value=/etc/passwd>")),
        same(inside("buttons", "<input type=submit name=x value=1><input type=reset name=y><button name=z>")),
        same(inside("buttons that go elsewhere", "<button name=x formaction=//evil.test/ formmethod=get>")),
        same(inside("an unchecked box", "<input type=checkbox name=x value=y>")),
        same(inside("a field without a name", "<input value=x><input name='' value=y>")),
        same(inside("a list that has nothing", "<select name=x></select>")),
        inside("a form that ends at once", "</form>"),
        inside("a box that does not end", "<textarea name=x>"),
        inside("a script that does not end", "<script>"),
        inside("a script that hides its end", "<script><!--<script>"),
        inside("a style that does not end", "<style>"),
        inside("a title that does not end", "<title>"),
        inside("a template that does not end", "<template>"),
        inside("a comment that does not end", "<!--"),
        inside("an attribute that does not end", "<p title=\""),
        inside("plain text from here", "<plaintext>"),
        inside("a password", "<input type=\"password\" name=p>"),
        inside("a password in capitals", "<INPUT TYPE='PASSWORD'>"),
        same(inside("a password in a comment", "<!-- <input type=\"password\"> -->")),
        inside("a field that is a box of more", "<textarea name=x>\n</form></textarea>").but_harmless_to(PAGE),
        inside("a list with markup", "<select name=x><option selected><b>y</b></select>").but_harmless_to(PAGE),
        inside("fields in a drawing", "<svg><input name=x value=y></svg>").but_harmless_to(PAGE),
        inside("a field of a strange name", "<input name=\"x&#13;&#10;Set-Cookie: y\" value=\"&#0;&amp;=%00\">")
            .but_harmless_to(PAGE),
        inside("a field with a line end", "<input name=x value='a\r\nb'>").but_harmless_to(PAGE),
        inside("a field that is no hidden one", "<input type=hidden name=_charset_>").but_harmless_to(PAGE),
    ]
}

/// What the client needs, missing or twice.
fn parts() -> Vec<Document> {
    let twice = |part: &str| format!("{part}{}", part.replace("value=\"", "value=\"x"));
    let mut documents = vec![
        changed("no digest", DIGEST, ""),
        changed("a digest that is closed off", DIGEST, &DIGEST.replace("<input", "<input disabled")),
        changed("a digest outside", DIGEST, "").also_before(DIGEST),
        changed("no view state", STATE, ""),
        changed("a view state in a comment", STATE, &format!("<!-- {STATE} -->")),
        changed("two digests", DIGEST, &twice(DIGEST)).but_harmless_to(PAGE),
        changed("two view states", STATE, &twice(STATE)).but_harmless_to(PAGE),
        changed("a view state in parts", STATE, &format!("{STATE}<input type=hidden name=__VIEWSTATE1 value=x>"))
            .but_harmless_to(PAGE),
        changed("a view state of markup", "/wEPDwUK+=", "&quot;&gt;&lt;script&gt;").but_harmless_to(PAGE),
        changed("no definitions", "m$LbWebTemplate", "m$Other"),
        changed("a definition that is not offered", "STS#1", "STS#2"),
        changed(
            "a definition in another list",
            "<option value=\"STS#1\">",
            "</select><select name=x><option value=\"STS#1\">",
        ),
        changed("definitions that are closed off", "<select ", "<select disabled "),
        changed("no permissions", "m$idPermSection$u\" value=\"radUniqueYes", "m$other\" value=\"radUniqueYes"),
        changed("permissions that say only no", "radUniqueYes", "radUniqueNo"),
        changed(
            "permissions that are no choice",
            "<input type=\"radio\" name=\"m$idPermSection$u\" value=\"radUniqueYes",
            "<input type=\"text\" name=\"m$idPermSection$u\" value=\"radUniqueYes",
        ),
        changed("no name", "TxtCreateSubwebName", "TxtName"),
        changed("no title", "TxtCreateSubwebTitle", "TxtTitle"),
        changed("no description", "TxtCreateSubwebDescription", "TxtDescription"),
        changed("no button", "BtnCreateSubweb", "BtnCancel"),
        changed("no target", "__EVENTTARGET", "__EVENT"),
        changed("a name that only ends so", "m$TxtCreateSubwebName", "mTxtCreateSubwebName"),
    ];
    documents.push(
        of("an error page", "<html><body><form id=aspnetForm><span id=x_LabelMessage>No.</span></form></body></html>")
            .but_harmless_to(&[Reader::ErrorPage]),
    );
    documents.push(of(
        "a sign-in page",
        "<html><body><form id=aspnetForm><input type=\"password\" name=p></form></body></html>",
    ));
    documents
        .push(of("a page of somebody else", "<html><body><form id=login action=//evil.test/></form></body></html>"));
    documents
}

/// Encodings, and what is no page.
fn bytes() -> Vec<Document> {
    let utf_16 = FORM_PAGE.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let with = |bytes: &[u8]| [bytes, FORM_PAGE.as_bytes()].concat();
    let in_title = |bytes: &[u8]| {
        let (before, after) = FORM_PAGE.split_once("New SharePoint").expect("the page has a title");
        [before.as_bytes(), bytes, after.as_bytes()].concat()
    };
    let in_name = |bytes: &[u8]| {
        let (before, after) = FORM_PAGE.split_once("aspnetForm\">").expect("the page has a form");
        [before.as_bytes(), bytes, b"aspnetForm\">", after.as_bytes()].concat()
    };
    vec![
        of("nothing", ""),
        of("a space", " "),
        of("text", "Service Unavailable"),
        of("JSON", "{\"form\": \"aspnetForm\"}"),
        of(
            "an envelope",
            "<soap:Envelope xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'><soap:Body/></soap:Envelope>",
        ),
        of("UTF-16", utf_16.clone()),
        of("UTF-16 with its mark", [b"\xFF\xFE".as_slice(), &utf_16].concat()),
        of("UTF-7", FORM_PAGE.replace('<', "+ADw-")),
        of("gzip", b"\x1F\x8B\x08\0\0\0\0\0\0\x03".to_vec()),
        of(
            "overlong less-thans",
            FORM_PAGE
                .as_bytes()
                .iter()
                .flat_map(|b| if *b == b'<' { vec![0xC0, 0xBC] } else { vec![*b] })
                .collect::<Vec<_>>(),
        ),
        of("fullwidth less-thans", FORM_PAGE.replace('<', "＜")),
        of("a NUL in the form's id", in_name(b"\0")),
        of("no UTF-8 in the form's id", in_name(b"\xFF")),
        of("an invisible letter in the form's id", in_name("\u{200B}".as_bytes())),
        of("a NUL in each tag's name", FORM_PAGE.replace("<form", "<\0form")),
        same(of("the mark of UTF-8", with(b"\xEF\xBB\xBF"))),
        same(of("a NUL in front", with(b"\0"))),
        same(of("no UTF-8 in the title", in_title(b"\xFF\xC0\x80\xED\xA0\x80"))),
        same(of("text that runs backwards", in_title("\u{202E}".as_bytes()))),
        same(of("an escape of ISO-2022", in_title(b"\x1B$B"))),
        same(of("line ends of old", FORM_PAGE.replace('\n', "\r"))),
        same(of(
            "tags in capitals",
            FORM_PAGE.replace("<input", "<INPUT").replace("<select", "<SELECT").replace("</form", "</FORM"),
        )),
    ]
}

impl Document {
    /// With more of the page in front of the form.
    fn also_before(self, what: &'static str) -> Self {
        let page = String::from_utf8(self.bytes()).expect("the page is text");
        of(self.name, page.replacen(FORM, &format!("{what}{FORM}"), 1))
    }
}
