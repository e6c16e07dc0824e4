//! Module parts on the page that every site has.

use super::{assert_refused, document, harbour, plan, plan_with};

const CONTENT_EDITOR: &str = "Microsoft.SharePoint.WebPartPages.ContentEditorWebPart";

fn definition(title: &str, kind: &str) -> String {
    format!(
        "<WebPart xmlns=\"http://schemas.microsoft.com/WebPart/v2\"><!--here-->\n<Title>{title}</Title>\n\
         <Assembly>Microsoft.SharePoint, Version=12.0.0.0</Assembly>\n<TypeName>{kind}</TypeName>\n\
         <Content xmlns=\"http://schemas.microsoft.com/WebPart/v2/ContentEditor\">&lt;b title=\"{{sitename}}\"&gt;</Content>\n\
         </WebPart>"
    )
}

fn part(attributes: &str, contents: &str) -> String {
    format!("<pnp:WebPart {attributes}>\n<pnp:Contents>{contents}</pnp:Contents>\n</pnp:WebPart>")
}

fn page(attributes: &str, parts: &str) -> String {
    document(
        "",
        &format!(
            "<pnp:Files>\n<pnp:File {attributes}>\n<pnp:WebParts>\n{parts}\n</pnp:WebParts></pnp:File></pnp:Files>"
        ),
    )
}

const HOME: &str = "Src='default.aspx' Folder=''";
const LEFT: &str = "Title='T' Zone='Left' Order='2'";

#[test]
fn a_part_is_placed_and_values_in_its_html_are_escaped_for_html() {
    let hostile = crate::template::Parameters::new("\"><script>x</script>", "a-1".parse().expect("a legal web name"));
    let document = page(HOME, &part(LEFT, &definition("T", CONTENT_EDITOR)));
    let plan = plan_with(&document, &hostile).expect("values are data");
    let page = &plan.pages[0];
    assert_eq!((page.path.as_str(), page.source.as_deref()), ("default.aspx", None));
    let placed = &page.parts[0];
    assert_eq!((placed.title.as_str(), placed.zone.as_str(), placed.order), ("T", "Left", 2));
    let html = soap::parse(placed.xml.as_bytes(), soap::Limits::default()).expect("a part is a document");
    assert_eq!(html.child_text("Content"), "<b title=\"&quot;&gt;&lt;script&gt;x&lt;/script&gt;\">");
}

/// Found by fuzzing: a `Content` of another namespace got values that were not made safe for HTML.
#[test]
fn a_part_holds_elements_of_web_parts_only() {
    let whole = definition("T", CONTENT_EDITOR).replace("<!--here-->", "");
    let web_part = "http://schemas.microsoft.com/WebPart/v2";
    for (other, name) in [("urn:x", "Content"), ("", "Content"), (web_part, "Content"), ("urn:x", "Other")] {
        let other = format!("</TypeName><!--here--><{name} xmlns=\"{other}\">{{sitename}}</{name}>");
        let document = page(HOME, &part(LEFT, &whole.replace("</TypeName>", &other)));
        assert_refused(&document, &format!("{name}: not supported"));
    }
}

#[test]
fn a_title_with_a_value_is_the_same_in_both_places() {
    let document =
        page(HOME, &part("Title='{sitename}' Zone='Left' Order='0'", &definition("{sitename}", CONTENT_EDITOR)));
    assert_eq!(plan(&document).pages[0].parts[0].title, harbour().site_title);
}

#[test]
fn what_cannot_be_placed_is_refused() {
    let unmarked = |contents: &str| contents.replace("<!--here-->", "");
    let whole = unmarked(&definition("T", CONTENT_EDITOR));
    let file = |attributes: &str| {
        page(attributes, &part(LEFT, &whole))
            .replace("<pnp:WebParts>", "<!--here--><pnp:WebParts>")
            .replace("'>\n<!--here-->", "'><!--here-->\n")
    };
    let placed = |attributes: &str| {
        page(HOME, &part(attributes, &whole))
            .replace("<pnp:Contents>", "<!--here--><pnp:Contents>")
            .replace("'>\n<!--here-->", "'><!--here-->\n")
    };
    let cases = [
        (
            file("Src='home.aspx' Folder=''"),
            "File: this value of Src is not supported; \
             only default.aspx, the page that every site has, takes module parts",
        ),
        (
            file("Src='default.aspx' Folder='Pages'"),
            "File: this value of Folder is not supported; default.aspx lies in no folder",
        ),
        (
            file("Src='default.aspx' Folder='' Overwrite='true'"),
            "File: this value of Overwrite is not supported; the page stays; only parts are placed on it",
        ),
        (
            file("Src='default.aspx' Folder='' TargetFileName='a.aspx'"),
            "File: attribute TargetFileName is not supported; leave it out: default.aspx is there from the start",
        ),
        (
            placed("Title='T' Zone='Bottom' Order='0'"),
            "WebPart: this value of Zone is not supported; default.aspx has the zones Left and Right",
        ),
        (placed("Title='T' Zone='Left' Order='-1'"), "WebPart: Order must be a whole number within its limits"),
        (placed("Title=' ' Zone='Left' Order='1'"), "WebPart: attribute Title is missing"),
        (
            page(HOME, &part(LEFT, "<webParts/><!--here-->")),
            "webParts: not supported; write a WebPart of version 2 (http://schemas.microsoft.com/WebPart/v2)",
        ),
        (page(HOME, &part(LEFT, "<!--here-->")), "Contents: element WebPart is missing"),
        (page(HOME, &part(LEFT, &format!("<!--here-->{whole}{whole}"))), "Contents: content must be one WebPart"),
        (
            page(HOME, &part(LEFT, &definition("Other", CONTENT_EDITOR))),
            "WebPart: Title must be the Title of the element around it",
        ),
        (
            page(HOME, &part(LEFT, &whole.replace("</TypeName>", "X</TypeName><!--here-->"))),
            "TypeName: this value of text is not supported; use Microsoft.SharePoint.WebPartPages.ContentEditorWebPart",
        ),
        (
            page(
                HOME,
                &part(
                    LEFT,
                    &whole.replace("</Assembly>", "</Assembly><!--here-->").replace("Microsoft.SharePoint,", "Evil,"),
                ),
            ),
            "Assembly: text must be the assembly Microsoft.SharePoint",
        ),
        (
            page(HOME, &part(LEFT, &definition("T", CONTENT_EDITOR).replace("TypeName", "Other"))),
            "WebPart: element TypeName is missing",
        ),
        (
            page(
                HOME,
                &part(LEFT, &whole.replace("</TypeName>", "</TypeName>\n<TypeName>Other</TypeName><!--here-->")),
            ),
            "TypeName: the element is there already, in line 13",
        ),
    ];
    for (document, message) in cases {
        assert_refused(&document, message);
    }
}

#[test]
fn parts_and_pages_differ() {
    let whole = definition("T", CONTENT_EDITOR).replace("<!--here-->", "");
    let twice = format!("{}\n{}", part(LEFT, &whole), part(LEFT, &whole).replacen('>', "><!--here-->", 1));
    assert_refused(&page(HOME, &twice), "WebPart: the Title is there already, in line 9");
    let files = format!("<pnp:Files>\n<pnp:File {HOME}/>\n<pnp:File {HOME}/><!--here--></pnp:Files>");
    assert_refused(&document("", &files), "File: the file is there already, in line 7");
    let directory = document("", "<pnp:Files><pnp:Directory/><!--here--></pnp:Files>");
    assert_refused(&directory, "Directory: not supported; put web parts on default.aspx under Files/File");
    let many: Vec<String> = (0..=50).map(|n| part(&format!("Title='{n}' Zone='Left' Order='0'"), &whole)).collect();
    let last = many.join("\n");
    let (before, after) = last.split_at(last.rfind("<pnp:Contents>").expect("the fixture has parts"));
    let many = format!("{}<!--here-->\n{after}", before.trim_end());
    assert_refused(&page(HOME, &many), "WebPart: more than 50 web parts on one page");
}
