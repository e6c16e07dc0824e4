//! SiteData.asmx: what there is, for those who only look.

use domain::Timestamp;
use soap::Element;

use crate::sharepoint::{
    address, ids,
    list::List,
    rights::{Grants, Rights},
    state::Web,
};

use super::{Call, Refusal, lists::time};

pub(super) fn run(call: &Call<'_>) -> Option<Result<Element, Refusal>> {
    Some(match call.operation {
        "GetListCollection" => get_list_collection(call),
        "GetSite" => get_site(call),
        "GetWeb" => get_web(call),
        "GetSiteAndWeb" => get_site_and_web(call),
        "GetURLSegments" => Ok(get_url_segments(call)),
        "EnumerateFolder" => enumerate_folder(call),
        _ => return None,
    })
}

fn visible<'c>(call: &'c Call<'_>, web: &'c Web) -> impl Iterator<Item = &'c List> {
    let sees = |list: &&List| call.collection.rights_on(call.around.user, &web.path, list).include(Rights::VIEW_ITEMS);
    web.lists().into_iter().filter(sees)
}

fn get_list_collection(call: &Call<'_>) -> Result<Element, Refusal> {
    let web = call.web()?;
    let lists = visible(call, web).map(|list| {
        let base = match list.definition().base_type {
            1 => "DocumentLibrary",
            4 => "Survey",
            5 => "Issue",
            _ => "GenericList",
        };
        let view = list.default_view().map(|view| format!("{}/{}", web.path, view.path)).unwrap_or_default();
        call.element("_sList")
            .with_value("InternalName", ids::braced(list.id))
            .with_value("Title", &list.title)
            .with_value("Description", &list.description)
            .with_value("BaseType", base)
            .with_value("BaseTemplate", list.definition().site_data)
            .with_value("DefaultViewUrl", view)
            .with_value("LastModified", time(list.modified))
            .with_value("PermId", 0)
            .with_value("InheritedSecurity", list.grants.is_none())
            .with_value("AllowAnonymousAccess", false)
            .with_value("AnonymousViewListItems", false)
            .with_value("ReadSecurity", 1)
    });
    let lists = call.element("vLists").with_all(lists);
    Ok(call.response().with_value("GetListCollectionResult", 0).with(lists))
}

fn get_site(call: &Call<'_>) -> Result<Element, Refusal> {
    call.demand(Rights::MANAGE_PERMISSIONS)?;
    let webs: Vec<_> = call.collection.webs.values().collect();
    let last = webs.iter().map(|web| web.modified).max().unwrap_or(call.now());
    let site = modified(call.element("sSiteMetadata"), last)
        .with_value("SmallSite", false)
        .with_value("PortalUrl", "")
        .with_value("UserProfileGUID", "")
        .with_value("ValidSecurityInfo", true);
    let webs = webs.into_iter().map(|web| web_with_time(call, web));
    let users = Element::new("", "Users").with_all(call.collection.users.values().map(|user| {
        Element::new("", "User")
            .with_attribute("ID", user.id.to_string())
            .with_attribute("Name", &*user.name)
            .with_attribute("LoginName", &*user.login)
            .with_attribute("Email", &*user.email)
            .with_attribute("IsSiteAdmin", if user.is_site_admin { "True" } else { "False" })
    }));
    let groups = Element::new("", "Groups").with_all(call.collection.groups.values().map(|group| {
        Element::new("", "Group").with_attribute("ID", group.id.to_string()).with_attribute("Name", &*group.name)
    }));
    Ok(call
        .response()
        .with_value("GetSiteResult", 0)
        .with(site)
        .with(call.element("vWebs").with_all(webs))
        .with_value("strUsers", as_text(&users))
        .with_value("strGroups", as_text(&groups))
        .with(call.element("vGroups")))
}

fn get_web(call: &Call<'_>) -> Result<Element, Refusal> {
    let web = call.web()?;
    let author = call.collection.member_name(web.author);
    let metadata = call
        .element("sWebMetadata")
        .with_value("WebID", web.id.braced())
        .with_value("Title", &web.title)
        .with_value("Description", &web.description)
        .with_value("Author", author)
        .with_value("Language", 1033);
    let metadata = modified(metadata, web.modified)
        .with_value("NoIndex", "False")
        .with_value("ValidSecurityInfo", true)
        .with_value("InheritedSecurity", web.grants.is_none())
        .with_value("AllowAnonymousAccess", false)
        .with_value("AnonymousViewListItems", false)
        .with_value("Permissions", permissions(&call.collection.grants(&web.path)))
        .with_value("ExternalSecurity", false)
        .with_value("IsBucketWeb", false)
        .with_value("UsedInAutocat", false);
    let children = call.collection.children(&web.path).map(|web| web_with_time(call, web));
    let lists = visible(call, web).map(|list| {
        call.element("_sListWithTime")
            .with_value("InternalName", ids::braced(list.id))
            .with_value("LastModified", time(list.modified))
            .with_value("IsEmpty", list.items.is_empty())
    });
    let pages = web.pages.values().filter(|page| !page.path.contains('/'));
    let pages = pages.map(|page| entry(call, &page.path, web.modified, false));
    Ok(call
        .response()
        .with_value("GetWebResult", 0)
        .with(metadata)
        .with(call.element("vWebs").with_all(children))
        .with(call.element("vLists").with_all(lists))
        .with(call.element("vFPUrls").with_all(pages)))
}

fn modified(element: Element, time_of: Timestamp) -> Element {
    element.with_value("LastModified", time(time_of)).with_value("LastModifiedForceRecrawl", time(time_of))
}

fn web_with_time(call: &Call<'_>, web: &Web) -> Element {
    call.element("_sWebWithTime")
        .with_value("Url", call.around.absolute(&web.path))
        .with_value("LastModified", time(web.modified))
}

fn permissions(grants: &Grants) -> String {
    as_text(&Element::new("", "permissions").with_all(grants.iter().map(|(member, grant)| {
        Element::new("", "permission")
            .with_attribute("memberid", member.to_string())
            .with_attribute("mask", grant.rights().0.to_string())
    })))
}

/// Some values are XML written as text.
fn as_text(element: &Element) -> String {
    element.to_xml().unwrap_or_default()
}

fn get_site_and_web(call: &Call<'_>) -> Result<Element, Refusal> {
    let path = address::path_on(&call.around.base, &call.text("strUrl")).ok_or_else(Refusal::out_of_range)?;
    let (web, _) = call.collection.web_above(&path).ok_or_else(Refusal::out_of_range)?;
    Ok(call
        .response()
        .with_value("GetSiteAndWebResult", 0)
        .with_value("strSite", call.around.absolute(&call.collection.path))
        .with_value("strWeb", call.around.absolute(&web.path)))
}

fn get_url_segments(call: &Call<'_>) -> Element {
    let path = address::path_on(&call.around.base, &call.text("strURL"));
    let found = path.as_deref().and_then(|path| call.collection.web_above(path));
    let Some((web, below)) = found else { return call.response().with_value("GetURLSegmentsResult", false) };
    let list = web.list_above(below);
    let item = list.and_then(|(list, inside)| list.item_at(inside));
    call.response()
        .with_value("GetURLSegmentsResult", true)
        .with_value("strWebID", web.id.braced())
        .with_value("strBucketID", "")
        .with_value("strListID", list.map(|(list, _)| list.id.braced().to_string()).unwrap_or_default())
        .with_value("strItemID", item.map(|item| item.id.to_string()).unwrap_or_default())
}

/// One level of a folder, with `Forms` of a library.
fn enumerate_folder(call: &Call<'_>) -> Result<Element, Refusal> {
    let web = call.web()?;
    let missing = || Refusal::plain("The folder does not exist.");
    let folder = call.below_web(&call.text("strFolderUrl")).ok_or_else(missing)?;
    let folder = folder.trim_matches('/');
    let mut entries = Vec::new();
    if folder.is_empty() {
        let roots = visible(call, web).map(|list| entry(call, &list.root, list.modified, true));
        entries.extend(web.page("default.aspx").map(|page| entry(call, &page.path, web.modified, false)));
        entries.extend(roots);
    } else {
        let (list, inside) = web.list_above(folder).ok_or_else(missing)?;
        call.demand_on(list.id, Rights::VIEW_ITEMS)?;
        if !list.has_folder(inside) {
            return Err(missing());
        }
        let here = list.items.values().filter(|item| list.is_library() && item.folder.eq_ignore_ascii_case(inside));
        entries.extend(here.map(|item| entry(call, &list.path_of(&item.path()), item.modified, item.is_folder)));
        if list.is_library() && inside.is_empty() {
            entries.push(entry(call, &list.path_of("Forms"), list.created, true));
        }
    }
    let urls = call.element("vUrls").with_all(entries);
    Ok(call.response().with_value("EnumerateFolderResult", 0).with(urls))
}

fn entry(call: &Call<'_>, path: &str, time_of: Timestamp, is_folder: bool) -> Element {
    call.element("_sFPUrl")
        .with_value("Url", path)
        .with_value("LastModified", time(time_of))
        .with_value("IsFolder", is_folder)
}
