//! Sites.asmx. CreateWeb, DeleteWeb, GetSite and GetUpdatedFormDigestInformation came with 2010 (MS-SITESS R3781,
//! R3791, R5341, R5381).

use soap::Element;

use crate::sharepoint::{
    address, digest, ids,
    names::check_web_name,
    rights::{Grant, Grants, Rights, Role},
    state::parent_path,
    templates::{NewWeb, WEB_DEFINITIONS, is_taken, make_web},
};

use super::{Call, Refusal};

pub(super) fn run(call: &mut Call<'_>) -> Option<Result<Element, Refusal>> {
    Some(match call.operation {
        "GetUpdatedFormDigest" => Ok(get_updated_form_digest(call)),
        "GetSiteTemplates" => get_site_templates(call),
        _ if !call.around.generation.is_2010() => return None,
        "GetUpdatedFormDigestInformation" => get_updated_form_digest_information(call),
        "GetSite" => get_site(call),
        "CreateWeb" => create_web(call),
        "DeleteWeb" => delete_web(call),
        _ => return None,
    })
}

fn get_updated_form_digest(call: &Call<'_>) -> Element {
    let around = call.around;
    let digest = digest::issue(&around.seal, &around.login, &around.web, around.now);
    call.response().with_value("GetUpdatedFormDigestResult", digest)
}

/// Of the web that holds the page, or of this one where none is named (R405, R549).
fn get_updated_form_digest_information(call: &Call<'_>) -> Result<Element, Refusal> {
    let around = call.around;
    let web = match call.text("url") {
        none if none.is_empty() => call.web()?,
        page => {
            let path = address::path_on(&around.base, &page).ok_or_else(Refusal::out_of_range)?;
            call.collection.web_above(&path).ok_or_else(Refusal::out_of_range)?.0
        }
    };
    let digest = digest::issue(&around.seal, &around.login, &web.path, around.now);
    let result = call
        .element("GetUpdatedFormDigestInformationResult")
        .with_value("DigestValue", digest)
        .with_value("TimeoutSeconds", digest::LIFETIME.as_secs())
        .with_value("WebFullUrl", around.absolute(&web.path))
        .with_value("LibraryVersion", around.generation.server_version())
        .with_value("SupportedSchemaVersions", "14.0.0.0");
    Ok(call.response().with(result))
}

/// XML written as text (R136, R367, R375). The address must be on this host (R132).
fn get_site(call: &Call<'_>) -> Result<Element, Refusal> {
    let path = address::path_on(&call.around.base, &call.text("SiteUrl")).ok_or_else(Refusal::out_of_range)?;
    call.collection.web_above(&path).ok_or_else(Refusal::out_of_range)?;
    let collection = &call.collection.path;
    let site = Element::new("", "Site")
        .with_attribute("Url", call.around.absolute(collection))
        .with_attribute("Id", ids::named(&format!("collection {}", collection.to_lowercase())).braced().to_string())
        .with_attribute("UserCodeEnabled", "false");
    Ok(call.response().with_value("GetSiteResult", site.to_xml().unwrap_or_default()))
}

fn get_site_templates(call: &Call<'_>) -> Result<Element, Refusal> {
    let is_installed = call.text("LCID") == "1033";
    if !is_installed && !call.around.generation.is_2010() {
        // R1561; since 2010 the list is empty (R400).
        return Err(Refusal::coded("0x81070209", "The language is not supported on the server."));
    }
    let offered = WEB_DEFINITIONS.iter().zip(1..).filter(|_| is_installed);
    let templates = offered.map(|((name, title, category, description, _), id)| {
        call.element("Template")
            .with_attribute("ID", id.to_string())
            .with_attribute("Title", *title)
            .with_attribute("Name", *name)
            .with_attribute("IsUnique", "false")
            .with_attribute("IsHidden", "false")
            .with_attribute("Description", *description)
            .with_attribute("ImageUrl", "/_layouts/images/stsprev.png")
            .with_attribute("IsCustom", "false")
            .with_attribute("IsSubWebOnly", "false")
            .with_attribute("IsRootWebOnly", "false")
            .with_attribute("DisplayCategory", *category)
            // FilterCategories is for custom templates only (R183).
            .with_attribute("HasProvisionClass", "false")
    });
    let list = call.element("TemplateList").with_all(templates);
    Ok(call.response().with_value("GetSiteTemplatesResult", 0).with(list))
}

fn create_web(call: &mut Call<'_>) -> Result<Element, Refusal> {
    call.demand(Rights::MANAGE_SUBWEBS)?;
    let (name, title) = (call.text("url"), call.text("title"));
    let parent = call.around.web.clone();
    check_web_name(&parent, &name).map_err(|bad| Refusal::coded("0x80131600", bad.page_text(&name)))?;
    let path = format!("{parent}/{name}");
    if is_taken(call.collection, &parent, &name) {
        // R282.
        return Err(Refusal::coded("0x800700b7", format!("The Web site address \"{path}\" is already in use.")));
    }
    let definition = call.text("templateName");
    if !WEB_DEFINITIONS.iter().any(|known| known.0 == definition) {
        // R283, R296.
        return Err(Refusal::coded("0x8102009f", "The template you have chosen is invalid or cannot be found."));
    }
    // Zero and none are the server's own language (R515, R552).
    if !["", "0", "1033"].contains(&&*call.text("language")) {
        return Err(Refusal::coded("0x81070209", "The language is not supported on the server."));
    }
    let is_unique = ["true", "1"].contains(&&*call.text("uniquePermissions").to_lowercase());
    let author = call.around.user;
    let new = NewWeb {
        path: path.clone(),
        title: if title.is_empty() { name } else { title },
        description: call.text("description"),
        definition,
        author,
        // R518: the one who makes it and nobody else; R519, R555.
        grants: is_unique.then(|| Grants::from([(author, Grant::of(Role::FullControl))])),
        on_quick_launch: false,
    };
    let web = make_web(new, call.ids, call.around.now);
    call.collection.webs.insert(path.to_lowercase(), web);
    let made = call.element("CreateWeb").with_attribute("Url", call.around.absolute(&path));
    Ok(call.result([made]))
}

/// A web directly below that has none below itself (which SharePoint refuses to delete; from memory).
fn delete_web(call: &mut Call<'_>) -> Result<Element, Refusal> {
    call.demand(Rights::MANAGE_SUBWEBS)?;
    let path = format!("{}/{}", call.around.web, call.text("url"));
    let web = call.collection.web(&path).filter(|web| {
        parent_path(&call.collection.path, &web.path)
            .is_some_and(|parent| parent.eq_ignore_ascii_case(&call.around.web))
    });
    let Some(web) = web else { return Err(Refusal::coded("0x80070002", "There is no Web named as requested.")) };
    let path = web.path.clone();
    if call.collection.children(&path).next().is_some() {
        let text = format!("Error deleting Web site \"{path}\". You can't delete a site that has subsites.");
        return Err(Refusal::coded("0x80131600", text));
    }
    call.collection.webs.remove(&path.to_lowercase());
    Ok(call.response())
}
