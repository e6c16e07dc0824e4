//! `Views`.

use contracts::{Site, WEB};
use sandbox::sharepoint::{View, braced};
use soap::Element;

use crate::{attribute, found, holding, on, with_lists};

fn adding(name: &str) -> Element {
    let body = on("AddView", "Tasks").with_value("viewName", name);
    body.with(holding("viewFields", r#"<ViewFields><FieldRef Name="Title"/></ViewFields>"#))
        .with(holding("query", "<Query/>"))
}

fn view<'s>(site: &'s Site, name: &str) -> &'s View {
    site.list("Tasks").view(name).expect("the view is there")
}

/// MS-VIEWSS R265001, R265002, R101
#[test]
fn a_view_needs_a_name_and_a_type_that_there_is() {
    let mut site = with_lists();
    let nameless = on("AddView", "Tasks").with(holding("viewFields", "<ViewFields/>"));
    for body in [nameless, adding(""), adding("x").with_value("type", "Gantt"), adding("x").with_value("type", "List")]
    {
        site.refused("Views", &body);
    }
    assert_eq!(site.list("Tasks").views.len(), 1);
}

/// MS-VIEWSS R102, R103, R93, R94, R100, R10001, R10002, R96, R8005
#[test]
fn a_view_is_made_as_it_was_asked_for() {
    let mut site = with_lists();
    for (kind, stored) in [
        (Some("Html"), "HTML"),
        (Some("Grid"), "GRID"),
        (Some("Calendar"), "CALENDAR"),
        (Some(""), "HTML"),
        (None, "HTML"),
    ] {
        let name = format!("view {kind:?}");
        let body = kind.into_iter().fold(adding(&name), |body, kind| body.with_value("type", kind));
        let reply = site.ask("Views", &body);
        let made = found(&reply, "View");
        assert_eq!((attribute(made, "Type"), attribute(made, "DisplayName")), (stored, &*name));
        assert_eq!(made.children().map(Element::local).collect::<Vec<_>>(), ["Query", "ViewFields", "RowLimit"]);
        assert_eq!(found(&reply, "AddViewResult").text(), "", "nothing behind the view");
        assert!(!view(&site, &name).is_default);
    }
    let bare = on("AddView", "Tasks").with_value("viewName", "bare").with(holding("viewFields", "<ViewFields/>"));
    let bare = bare.with(holding("query", "<Query/>")).with_value("makeViewDefault", "true");
    site.ask("Views", &bare);
    let made = view(&site, "bare");
    assert_eq!((made.fields.len(), made.query.children().count(), made.is_default), (0, 0, true));
    assert_eq!(site.list("Tasks").views.iter().filter(|view| view.is_default).count(), 1);
}

/// MS-VIEWSS R95, R9501, R9502, R9503, R9504
#[test]
fn a_view_shows_a_hundred_rows_a_page_unless_told_otherwise() {
    let mut site = with_lists();
    for (name, limit, expected) in [
        ("absent", None, (100, true)),
        ("empty", Some("<RowLimit/>"), (100, true)),
        ("thirty", Some("<RowLimit>30</RowLimit>"), (30, false)),
        ("paged", Some("<RowLimit Paged=\"TRUE\">30</RowLimit>"), (30, true)),
    ] {
        let body = limit.into_iter().fold(adding(name), |body, limit| body.with(holding("rowLimit", limit)));
        site.ask("Views", &body);
        let made = view(&site, name);
        assert_eq!((made.row_limit, made.paged), expected, "{name}");
    }
    let empty = adding("empty parameter").with(Element::new(contracts::SOAP, "rowLimit"));
    site.ask("Views", &empty);
    assert_eq!(view(&site, "empty parameter").row_limit, 100);
}

/// MS-VIEWSS R22, R23, R2301, R2302, R24, R109, R110, R106
#[test]
fn a_view_is_named_by_its_id_and_the_default_one_by_nothing() {
    let mut site = with_lists();
    site.ask("Views", &adding("Open"));
    let open = braced(view(&site, "Open").id);
    for operation in ["GetView", "DeleteView"] {
        for wrong in ["Open", "{11111111-2222-3333-4444-555555555555}"] {
            site.refused("Views", &on(operation, "Tasks").with_value("viewName", wrong));
        }
    }
    let named =
        |site: &mut Site, body: &Element| attribute(found(&site.ask("Views", body), "View"), "DisplayName").to_owned();
    let get = on("GetView", "Tasks");
    assert_eq!(named(&mut site, &get.clone().with_value("viewName", &open)), "Open");
    for default in [get.clone(), get.clone().with_value("viewName", "")] {
        assert_eq!(named(&mut site, &default), "All Tasks");
    }
    site.ask("Views", &on("DeleteView", "Tasks").with_value("viewName", &open));
    assert!(site.list("Tasks").view("Open").is_none());
    site.ask("Views", &on("DeleteView", "Tasks"));
    assert!(site.list("Tasks").views.is_empty());
    site.refused("Views", &get);
}

/// MS-VIEWSS R113, R114, R161
#[test]
fn the_collection_has_every_view_with_its_place_on_the_server() {
    let mut site = with_lists();
    site.ask("Views", &adding("Open"));
    let reply = site.ask("Views", &on("GetViewCollection", "Tasks"));
    let views: Vec<_> = found(&reply, "Views").all("View").collect();
    let shown: Vec<_> = views.iter().map(|view| (attribute(view, "DisplayName"), attribute(view, "Url"))).collect();
    let at = |page: &str| format!("{WEB}/Lists/Tasks/{page}.aspx");
    assert_eq!(shown, [("All Tasks", &*at("AllItems")), ("Open", &*at("Open"))]);
    for view in views {
        assert_eq!(contracts::kind_of(attribute(view, "Name")), "{GUID}");
        for name in ["Type", "Level", "BaseViewID", "ContentTypeID", "ImageUrl"] {
            assert!(!attribute(view, name).is_empty(), "{name}");
        }
        assert_eq!(view.children().count(), 0, "the collection has outlines only");
    }
}
