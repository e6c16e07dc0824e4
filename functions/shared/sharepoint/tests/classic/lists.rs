//! Lists with fields and views, and their rows.

use std::collections::BTreeMap;

use sharepoint::{FieldPlan, ListPlan, ListSettings, RowPlan, SiteError, SiteHost, ViewPlan};
use soap::Element;

use crate::host::{Host, List, envelope, fault, web};

fn field(name: &str, title: &str) -> FieldPlan {
    let caml = Element::new("", "Field").with_attribute("Type", "Text").with_attribute("Name", name);
    FieldPlan { name: name.to_owned(), caml: caml.with_attribute("DisplayName", title) }
}

fn view(name: &str) -> ViewPlan {
    let fields = Element::new("", "ViewFields").with(Element::new("", "FieldRef").with_attribute("Name", "Title"));
    ViewPlan { name: name.to_owned(), caml: Element::new("", "View").with_attribute("Type", "HTML").with(fields) }
}

pub(crate) fn contracts() -> ListPlan {
    ListPlan {
        title: "Contracts".to_owned(),
        description: "Contracts and amendments".to_owned(),
        template: 101,
        url: "Contracts".to_owned(),
        settings: ListSettings { versioning: Some(true), on_quick_launch: Some(true), ..ListSettings::default() },
        fields: vec![
            field("ContractStatus", "Contract status"),
            field("Value", "Value"),
            field("Due_x0020_on", "Due on"),
        ],
        views: vec![view("Pending")],
    }
}

fn tasks() -> ListPlan {
    let settings = ListSettings::default();
    let (title, url) = ("Tasks".to_owned(), "Lists/Tasks".to_owned());
    ListPlan { title, description: String::new(), template: 107, url, settings, fields: Vec::new(), views: Vec::new() }
}

/// ST-05: the fewest calls that 2007 takes for it.
#[tokio::test]
async fn lists_are_made_with_settings_fields_and_views() {
    let host = Host::default();
    let lists = host.adapter().ensure_lists(&web(), &[tasks(), contracts()]).await.unwrap();
    assert_eq!(lists.iter().map(|list| &*list.title).collect::<Vec<_>>(), ["Tasks", "Contracts"]);
    let asked = ["GetListCollection", "AddList", "AddList", "UpdateList", "UpdateList", "AddView"];
    assert_eq!(host.asked(), asked);
    let world = host.world();
    let made = &world.lists[1];
    assert_eq!(made.settings["EnableVersioning"], "TRUE");
    let fields: Vec<_> = made.fields.iter().map(|(name, title)| (&**name, &**title)).collect();
    let expected =
        [("ContractStatus", "Contract status"), ("Due_x0020_on", "Due on"), ("Title", "Title"), ("Value", "Value")];
    assert_eq!(fields, expected);
    assert_eq!(made.views, ["All Items", "Pending"]);
}

/// P1
#[tokio::test]
async fn a_second_time_nothing_is_changed() {
    let host = Host::default();
    let first = host.adapter().ensure_lists(&web(), &[tasks(), contracts()]).await.unwrap();
    host.forget();
    let again = host.adapter().ensure_lists(&web(), &[tasks(), contracts()]).await.unwrap();
    assert_eq!(host.asked(), ["GetListCollection", "GetList", "GetViewCollection"]);
    assert_eq!(again, first);
}

/// P1: the list was made, but its fields and views were not.
#[tokio::test]
async fn a_list_that_is_partly_there_is_completed() {
    let host = Host::default();
    host.adapter()
        .ensure_lists(&web(), &[ListPlan { fields: vec![field("Value", "Value")], views: Vec::new(), ..contracts() }])
        .await
        .unwrap();
    host.forget();
    host.adapter().ensure_lists(&web(), &[contracts()]).await.unwrap();
    let asked = ["GetListCollection", "GetList", "UpdateList", "UpdateList", "GetViewCollection", "AddView"];
    assert_eq!(host.asked(), asked);
    assert_eq!(host.world().lists[0].fields["ContractStatus"], "Contract status");
}

/// What people changed is left alone: a title, another field, another view.
#[tokio::test]
async fn what_people_changed_is_left_alone() {
    let host = Host::default();
    host.adapter().ensure_lists(&web(), &[contracts()]).await.unwrap();
    host.world().lists[0].fields.insert("ContractStatus".to_owned(), "State".to_owned());
    host.adapter().ensure_lists(&web(), &[contracts()]).await.unwrap();
    assert_eq!(host.world().lists[0].fields["ContractStatus"], "State");
}

/// 0x81020012: made by somebody else since the lists were read.
#[tokio::test]
async fn a_title_in_use_is_a_list_that_is_there() {
    let host = Host::default();
    host.world().lists.push(List {
        id: "{A}".to_owned(),
        title: "Tasks".to_owned(),
        template: "107".to_owned(),
        ..List::default()
    });
    let empty = "<GetListCollectionResponse xmlns='http://schemas.microsoft.com/sharepoint/soap/'><GetListCollectionResult>\
                 <Lists/></GetListCollectionResult></GetListCollectionResponse>";
    host.instead("GetListCollection", Ok(envelope(empty)));
    let lists = host.adapter().ensure_lists(&web(), &[tasks()]).await.unwrap();
    assert_eq!(lists[0].id, "{A}");
    assert_eq!(host.asked(), ["GetListCollection", "AddList", "GetList"]);
}

/// 0x81020015: read once more, then the caller repeats.
#[tokio::test]
async fn a_list_changed_meanwhile_is_read_once_more() {
    let conflict = || Ok(fault("0x81020015", "conflict"));
    let host = Host::default();
    host.instead("UpdateList", conflict());
    host.adapter().ensure_lists(&web(), &[contracts()]).await.unwrap();
    let asked = ["GetListCollection", "AddList", "UpdateList", "GetList", "UpdateList", "UpdateList", "AddView"];
    assert_eq!(host.asked(), asked);

    let host = Host::default();
    host.instead("UpdateList", conflict());
    host.instead("UpdateList", conflict());
    let error = host.adapter().ensure_lists(&web(), &[contracts()]).await.unwrap_err();
    assert!(matches!(error, SiteError::Conflict { operation: "UpdateList" }) && error.is_transient());
}

#[tokio::test]
async fn a_field_that_was_not_made_or_got_another_name_is_a_refusal() {
    let reply = |method: &str| {
        envelope(&format!(
            "<UpdateListResponse xmlns='http://schemas.microsoft.com/sharepoint/soap/'><UpdateListResult><Results><NewFields>\
             {method}</NewFields></Results></UpdateListResult></UpdateListResponse>"
        ))
    };
    let one = ListPlan { fields: vec![field("Value", "Value")], ..contracts() };
    for (method, code) in [
        ("<Method><ErrorCode>0x81020014</ErrorCode><ErrorText>Not installed.</ErrorText></Method>", "0x81020014"),
        ("<Method><ErrorCode>0x00000000</ErrorCode><Field Name='Value0'/></Method>", "field-name"),
    ] {
        let host = Host::default();
        host.instead("UpdateList", Ok(reply(method)));
        let error = host.adapter().ensure_lists(&web(), std::slice::from_ref(&one)).await.unwrap_err();
        assert!(matches!(&error, SiteError::Refused { code: is, .. } if is == code), "{error}");
    }
    let host = Host::default();
    host.instead("UpdateList", Ok(reply("")));
    let error = host.adapter().ensure_lists(&web(), &[one]).await.unwrap_err();
    assert!(matches!(error, SiteError::Unreadable { .. }), "{error}");
}

/// Whatever is wrong with any plan is said before anything is made.
#[tokio::test]
async fn a_plan_that_cannot_be_made_is_refused_before_anything_is() {
    let host = Host::default();
    let elsewhere = ListPlan { url: "Lists/Contracts".to_owned(), ..contracts() };
    assert!(host.adapter().ensure_lists(&web(), &[tasks(), elsewhere]).await.is_err());
    assert_eq!(host.asked(), [""; 0]);
    host.world().lists.push(List {
        id: "{A}".to_owned(),
        title: "contracts".to_owned(),
        template: "100".to_owned(),
        ..List::default()
    });
    assert!(host.adapter().ensure_lists(&web(), &[tasks(), contracts()]).await.is_err());
    assert_eq!(host.asked(), ["GetListCollection"]);
}

pub(crate) fn row(title: &str) -> RowPlan {
    let values = [("Title".to_owned(), title.to_owned()), ("Value".to_owned(), format!("of {title}"))];
    RowPlan { key: "Title".to_owned(), values: BTreeMap::from(values) }
}

/// Rows are told apart by their key over all pages.
#[tokio::test]
async fn only_missing_rows_are_made() {
    let host = Host::default();
    let list = host.adapter().ensure_lists(&web(), &[contracts()]).await.unwrap().remove(0);
    host.adapter().ensure_rows(&web(), &list, &[row("a"), row("b"), row("c"), row("a")]).await.unwrap();
    host.forget();
    host.adapter().ensure_rows(&web(), &list, &[row("c"), row("d")]).await.unwrap();
    assert_eq!(host.asked(), ["GetListItems", "GetListItems", "UpdateListItems"]);
    let titles: Vec<_> = host.world().lists[0].rows.iter().map(|row| row["Title"].clone()).collect();
    assert_eq!(titles, ["a", "b", "c", "d"]);
    assert_eq!(host.world().lists[0].rows[3]["Value"], "of d");
}

#[tokio::test]
async fn more_rows_than_a_batch_takes_are_made_in_several() {
    let host = Host::default();
    let list = host.adapter().ensure_lists(&web(), &[tasks()]).await.unwrap().remove(0);
    let rows: Vec<_> = (0..161).map(|number| row(&number.to_string())).collect();
    host.forget();
    host.adapter().ensure_rows(&web(), &list, &rows).await.unwrap();
    assert_eq!(host.asked(), ["GetListItems", "UpdateListItems", "UpdateListItems"]);
    assert_eq!(host.world().lists[0].rows.len(), 161);
}

#[tokio::test]
async fn a_row_that_was_not_made_is_a_refusal() {
    let host = Host::default();
    let list = host.adapter().ensure_lists(&web(), &[tasks()]).await.unwrap().remove(0);
    let reply = |results: &str| {
        envelope(&format!(
            "<UpdateListItemsResponse xmlns='http://schemas.microsoft.com/sharepoint/soap/'><UpdateListItemsResult><Results>\
             {results}</Results></UpdateListItemsResult></UpdateListItemsResponse>"
        ))
    };
    let failed = "<Result ID='1,New'><ErrorCode>0x82000007</ErrorCode><ErrorText>No such field.</ErrorText></Result>";
    host.instead("UpdateListItems", Ok(reply(failed)));
    let error = host.adapter().ensure_rows(&web(), &list, &[row("a")]).await.unwrap_err();
    assert!(matches!(error, SiteError::Refused { code, .. } if code == "0x82000007"));
    host.instead("UpdateListItems", Ok(reply("")));
    let error = host.adapter().ensure_rows(&web(), &list, &[row("a")]).await.unwrap_err();
    assert!(matches!(error, SiteError::Unreadable { .. }), "{error}");
    let keyless = RowPlan { key: "Other".to_owned(), ..row("a") };
    assert!(host.adapter().ensure_rows(&web(), &list, &[keyless]).await.is_err());
}
