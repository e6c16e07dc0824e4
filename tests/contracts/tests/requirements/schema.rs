//! `Lists.UpdateList`: columns and settings.

use contracts::Site;
use soap::Element;

use crate::{attribute, find, found, holding, on, with_lists};

fn versioned(version: &str) -> Element {
    on("UpdateList", "Tasks")
        .with(holding("listProperties", r#"<List Description="changed"/>"#))
        .with_value("listVersion", version)
}

/// MS-LISTSWS R887, R889, R2040, R890, R2041, R891, R2042, R899, R2060
#[test]
fn a_schema_is_changed_only_from_the_version_that_is_there() {
    let mut site = with_lists();
    for (version, code) in
        [("one", "none"), ("4294967296", "none"), ("-1", "none"), ("7", "0x81020015"), ("4294967295", "0x81020015")]
    {
        assert_eq!(site.refused("Lists", &versioned(version)), code, "{version}");
        assert_eq!(site.list("Tasks").description, "");
    }
    site.ask("Lists", &versioned("0"));
    assert_eq!(site.list("Tasks").description, "changed");
    assert_eq!(site.refused("Lists", &versioned("0")), "0x81020015", "the list has another version now");
    // Without a version nothing is compared.
    let other = holding("listProperties", r#"<List Description="again"/>"#);
    site.ask("Lists", &on("UpdateList", "Tasks").with(other));
    assert_eq!(site.list("Tasks").description, "again");
}

fn method(inside: &str, attributes: &str) -> String {
    format!(r#"<Fields><Method ID="m1"{attributes}>{inside}</Method></Fields>"#)
}

/// The outcome of a part of the reply: its code, and whether the column came with it.
fn outcome(reply: &Element, part: &str) -> (String, bool) {
    let method = found(found(reply, part), "Method");
    assert_eq!(attribute(method, "ID"), "m1");
    (method.child_text("ErrorCode"), method.child("Field").is_some())
}

/// MS-LISTSWS R1211, R1445, R1448, R1449, R2250, R1451, R2062, R2063, R2064, R2065, R2066
#[test]
fn each_change_of_a_column_has_its_own_result() {
    let mut site = with_lists();
    let done = ("0x00000000".to_owned(), true);
    let good = [
        ("newFields", r#"<Field Type="Text" DisplayName="Colour"/>"#),
        ("updateFields", r#"<Field Name="Colour" Type="Text" Required="TRUE"/>"#),
        ("deleteFields", r#"<Field Name="Colour"/>"#),
    ];
    for (part, field) in good {
        let reply = site.ask("Lists", &on("UpdateList", "Tasks").with(holding(part, &method(field, ""))));
        let results = found(&reply, "Results");
        let names: Vec<_> = results.children().map(Element::local).collect();
        assert_eq!(names, ["NewFields", "UpdateFields", "DeleteFields", "ListProperties"]);
        let name = format!("{}{}", part[..1].to_uppercase(), &part[1..]);
        assert_eq!(outcome(&reply, &name), done, "{part}");
    }
    assert!(site.list("Tasks").field("Colour").is_none());
    for (part, field) in [
        ("newFields", r#"<Field Type="Hologram" DisplayName="X"/>"#),
        ("updateFields", r#"<Field Name="Nope"/>"#),
        ("deleteFields", r#"<Field Name="Nope"/>"#),
    ] {
        let reply = site.ask("Lists", &on("UpdateList", "Tasks").with(holding(part, &method(field, ""))));
        let name = format!("{}{}", part[..1].to_uppercase(), &part[1..]);
        let (code, _) = outcome(&reply, &name);
        assert!(code != done.0 && code.starts_with("0x") && code.len() == 10, "{part}: {code}");
        assert!(!found(&reply, "Method").child_text("ErrorText").is_empty(), "{part}");
    }
}

fn columns_of_the_view(site: &Site, named: &str) -> bool {
    let list = site.list("Tasks");
    list.default_view().is_some_and(|view| view.fields.iter().any(|field| field == named))
}

/// MS-LISTSWS R265, R266
#[test]
fn a_column_goes_into_the_view_that_is_named() {
    let mut site = with_lists();
    let id = sandbox::sharepoint::braced(site.list("Tasks").default_view().expect("a view").id);
    for (name, attributes, shown) in [
        ("Nowhere", String::new(), false),
        ("Empty", r#" AddToView="""#.to_owned(), true),
        ("Named", format!(r#" AddToView="{id}""#), true),
    ] {
        let field = format!(r#"<Field Type="Text" DisplayName="{name}"/>"#);
        let reply =
            site.ask("Lists", &on("UpdateList", "Tasks").with(holding("newFields", &method(&field, &attributes))));
        assert!(find(&reply, "Field").is_some());
        assert_eq!(columns_of_the_view(&site, name), shown, "{name}");
    }
}
