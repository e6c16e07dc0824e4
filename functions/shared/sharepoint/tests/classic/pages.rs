//! Pages and the web parts on them.

use sharepoint::{ModulePart, PagePlan, SiteError, SiteHost};
use soap::Element;

use crate::host::{Host, web};

pub(crate) fn part(title: &str, order: u32) -> ModulePart {
    let part = Element::new("http://schemas.microsoft.com/WebPart/v2", "WebPart").with_value("Title", title);
    let xml = part.to_xml().unwrap();
    ModulePart { title: title.to_owned(), zone: "Left".to_owned(), order, xml }
}

pub(crate) fn page(path: &str, source: Option<&str>, parts: Vec<ModulePart>) -> PagePlan {
    PagePlan { path: path.to_owned(), source: source.map(ToOwned::to_owned), parts }
}

/// ST-06
#[tokio::test]
async fn pages_are_made_and_get_their_parts_once() {
    let host = Host::default();
    let pages = [
        page("default.aspx", None, vec![part("Account summary", 0), part("Open tasks", 1)]),
        page("Pages/Customer.aspx", Some("<%@ Page %>"), vec![part("Customer", 0)]),
        page("Pages/Empty.aspx", Some("<%@ Page %>"), Vec::new()),
    ];
    host.adapter().ensure_pages(&web(), &pages).await.unwrap();
    let asked = [
        "GetWebPartProperties2",
        "AddWebPartToZone",
        "AddWebPartToZone", // default.aspx
        "EnumerateFolder",
        "CopyIntoItems",
        "AddWebPartToZone", // Customer.aspx
        "CopyIntoItems",    // Empty.aspx, in the folder that is known already
    ];
    assert_eq!(host.asked(), asked);
    let parts = host.world().parts.clone();
    assert_eq!(parts["https://crm.test.example/sites/harbour/berg/default.aspx"], ["Account summary", "Open tasks"]);

    host.forget();
    host.adapter().ensure_pages(&web(), &pages).await.unwrap();
    assert_eq!(host.asked(), ["GetWebPartProperties2", "EnumerateFolder", "GetWebPartProperties2"]);
    assert_eq!(host.world().parts, parts);
}

/// The call succeeds, its result does not.
#[tokio::test]
async fn a_page_that_could_not_be_copied_is_a_refusal() {
    let host = Host::default();
    let error =
        host.adapter().ensure_pages(&web(), &[page("Nowhere/A.aspx", Some("x"), Vec::new())]).await.unwrap_err();
    assert!(matches!(error, SiteError::Refused { code, .. } if code == "DestinationInvalid"));
}
