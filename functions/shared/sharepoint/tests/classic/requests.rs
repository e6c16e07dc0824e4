//! Every request that the adapter sends, for a validator outside.

use std::{collections::BTreeSet, path::PathBuf};

use sharepoint::{GroupPlan, Login, ModulePart, NewWeb, Role, RoleGrant, SiteHost, ViewPlan};
use soap::Element;

use crate::{
    host::{Asked, Host, fault, web},
    lists, pages,
};

/// With `TIELINE_REQUEST_BODIES` set to a folder, the bodies are written there as `sharepoint-<number>-<operation>.xml`,
/// and the page's form as `sharepoint-<number>-POST.txt`.
#[tokio::test]
async fn every_operation_is_sent_and_can_be_dumped() {
    let mut asked = Vec::new();
    for sign_in in ["basic", "forms"] {
        let host = Host::default();
        if sign_in == "forms" {
            host.world().session = Some("nobody".to_owned());
        }
        send_everything(&host, sign_in).await;
        asked.append(&mut host.world().asked);
    }
    let operations: BTreeSet<&str> = asked.iter().map(|asked| &*asked.operation).collect();
    assert_eq!(operations.len(), 25 + 2, "{operations:?}");
    let Some(folder) = std::env::var_os("TIELINE_REQUEST_BODIES").map(PathBuf::from) else { return };
    std::fs::create_dir_all(&folder).unwrap();
    for (number, Asked { operation, body }) in asked.iter().enumerate().filter(|(_, asked)| !asked.body.is_empty()) {
        let kind = if operation == "POST" { "txt" } else { "xml" };
        std::fs::write(folder.join(format!("sharepoint-{number:03}-{operation}.{kind}")), body).unwrap();
    }
}

async fn send_everything(host: &Host, sign_in: &str) {
    let adapter = host.adapter_with(sign_in);
    host.world().known.extend(["A\\anna".to_owned(), "A\\bo".to_owned()]);
    let new = NewWeb {
        name: "berg".parse().unwrap(),
        title: "Berg & Söhne".to_owned(),
        description: "d".to_owned(),
        definition: "STS#1".to_owned(),
        mark: "m".to_owned(),
    };
    adapter.create_web(&new).await.unwrap();
    adapter.mark(&web()).await.unwrap();

    let query = Element::new("", "Query")
        .with(Element::new("", "OrderBy").with(Element::new("", "FieldRef").with_attribute("Name", "ID")));
    let limit = Element::new("", "RowLimit").with_attribute("Paged", "TRUE").with_text("30");
    let mut contracts = lists::contracts();
    let second = ViewPlan { name: "Second".to_owned(), caml: contracts.views[0].caml.clone().with(query).with(limit) };
    // Both requests are complete in one: settings, new fields, and a field whose title is to come.
    host.instead("UpdateList", Ok(fault("0x81020015", "conflict")));
    contracts.views.push(second);
    let list = adapter.ensure_lists(&web(), std::slice::from_ref(&contracts)).await.unwrap().remove(0);
    adapter.ensure_lists(&web(), &[contracts]).await.unwrap();
    adapter.ensure_rows(&web(), &list, &[lists::row("a"), lists::row("b"), lists::row("c")]).await.unwrap();
    adapter.ensure_rows(&web(), &list, &[lists::row("a")]).await.unwrap();

    let part = || -> ModulePart { pages::part("P & Q", 0) };
    let made = pages::page("Contracts/A page.aspx", Some("<%@ Page %>"), vec![part()]);
    adapter.ensure_pages(&web(), &[made, pages::page("default.aspx", None, vec![part()])]).await.unwrap();

    let group = GroupPlan { name: "Berg Members".to_owned(), description: String::new(), role: Role::Contribute };
    adapter.ensure_groups(&web(), std::slice::from_ref(&group)).await.unwrap();
    adapter.ensure_groups(&web(), &[group]).await.unwrap();
    let readers = GroupPlan { name: "Berg Readers".to_owned(), description: "d".to_owned(), role: Role::Read };
    adapter.ensure_groups(&web(), std::slice::from_ref(&readers)).await.unwrap();
    host.world().groups.get_mut("Berg Readers").unwrap().role = None;
    adapter.ensure_groups(&web(), &[readers]).await.unwrap();
    let person =
        |login: &str| Login { login: login.to_owned(), name: "N".to_owned(), email: "n@test.example".to_owned() };
    let people = [person("A\\anna"), person("A\\bo"), person("A\\ghost")];
    adapter.ensure_members(&web(), "Berg Members", &people).await.unwrap();
    for role in [Role::FullControl, Role::Read] {
        let grant = RoleGrant { group: "Berg Members".to_owned(), role };
        adapter.ensure_list_roles(&web(), &list, &[grant]).await.unwrap();
    }
}
