//! Webs.asmx.

use soap::Element;

use crate::sharepoint::{
    address, ids,
    rights::Rights,
    state::Web,
    templates::{LIST_TEMPLATES, ListTemplate},
};

use super::{Call, Refusal};

pub(super) fn run(call: &Call<'_>) -> Option<Result<Element, Refusal>> {
    Some(match call.operation {
        "GetWeb" => get_web(call),
        "GetWebCollection" => Ok(get_web_collection(call)),
        "GetAllSubWebCollection" => Ok(get_all_sub_web_collection(call)),
        "GetListTemplates" => Ok(get_list_templates(call)),
        "WebUrlFromPageUrl" => web_url_from_page_url(call),
        _ => return None,
    })
}

fn get_web(call: &Call<'_>) -> Result<Element, Refusal> {
    let asked = call.text("webUrl");
    let path = match asked.as_str() {
        "." => Some(call.around.web.clone()),
        address => address::path_on(&call.around.base, address),
    };
    let web = path.and_then(|path| call.collection.web(&path)).filter(|web| is_visible(call, web));
    // MS-WEBSS R743, R744: one code for none, and for one that is no web's.
    let web = web.ok_or_else(|| Refusal::parameter("webUrl"))?;
    let element = web_element(call, web)
        .with_attribute("Description", &*web.description)
        .with_attribute("Language", "1033")
        .with_attribute("Theme", "none");
    let element = if call.around.generation.is_2010() { with_later(call, web, element) } else { element };
    Ok(call.result([element]))
}

/// What came with 2010 (MS-WEBSS R1092 to R1096).
fn with_later(call: &Call<'_>, web: &Web, element: Element) -> Element {
    element
        .with_attribute("FarmId", ids::named("farm").braced().to_string())
        .with_attribute("Id", web.id.braced().to_string())
        .with_attribute("ExcludeFromOfflineClient", "False")
        .with_attribute("CellStorageWebServiceEnabled", "True")
        .with_attribute("AlternateUrls", format!("{}/", call.around.base))
}

/// The webs directly below that the user may see.
fn get_web_collection(call: &Call<'_>) -> Element {
    let children = call.collection.children(&call.around.web).filter(|web| is_visible(call, web));
    let webs = call.element("Webs").with_all(children.map(|web| web_element(call, web)));
    call.result([webs])
}

fn get_all_sub_web_collection(call: &Call<'_>) -> Element {
    let webs = call.collection.webs.values().filter(|web| is_visible(call, web));
    let webs = call.element("Webs").with_all(webs.map(|web| web_element(call, web)));
    call.result([webs])
}

fn is_visible(call: &Call<'_>, web: &Web) -> bool {
    call.collection.rights(call.around.user, &web.path).include(Rights::REMOTE)
}

/// No id: that came with 2010 (MS-WEBSS R637).
fn web_element(call: &Call<'_>, web: &Web) -> Element {
    let address = call.around.absolute(&web.path);
    call.element("Web").with_attribute("Title", &*web.title).with_attribute("Url", address)
}

fn get_list_templates(call: &Call<'_>) -> Element {
    let template = |template: &ListTemplate| {
        call.element("ListTemplate")
            .with_attribute("Name", template.name)
            .with_attribute("DisplayName", template.title)
            .with_attribute("Type", template.id.to_string())
            .with_attribute("BaseType", template.base_type.to_string())
            .with_attribute("FeatureId", template.feature_id())
            .with_attribute("OnQuickLaunch", "TRUE")
            .with_attribute("SecurityBits", "11")
            .with_attribute("Image", template.image)
    };
    call.result([call.element("ListTemplates").with_all(LIST_TEMPLATES.iter().map(template))])
}

fn web_url_from_page_url(call: &Call<'_>) -> Result<Element, Refusal> {
    let path = address::path_on(&call.around.base, &call.text("pageUrl"));
    let found = path.as_deref().and_then(|path| call.collection.web_above(path));
    let (web, _) = found.ok_or_else(Refusal::out_of_range)?;
    Ok(call.response().with_value("WebUrlFromPageUrlResult", call.around.absolute(&web.path)))
}
