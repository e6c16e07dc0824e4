//! Sites.asmx of 2007: no CreateWeb, no DeleteWeb, no GetSite (MS-SITESS R3781, R3791, R534).

use soap::Element;

use crate::sharepoint::{digest, templates::WEB_DEFINITIONS};

use super::{Call, Refusal};

pub(super) fn run(call: &Call<'_>) -> Option<Result<Element, Refusal>> {
    match call.operation {
        "GetUpdatedFormDigest" => Some(Ok(get_updated_form_digest(call))),
        "GetSiteTemplates" => Some(get_site_templates(call)),
        _ => None,
    }
}

fn get_updated_form_digest(call: &Call<'_>) -> Element {
    let around = call.around;
    let digest = digest::issue(&around.seal, &around.login, &around.web, around.now);
    call.response().with_value("GetUpdatedFormDigestResult", digest)
}

fn get_site_templates(call: &Call<'_>) -> Result<Element, Refusal> {
    if call.text("LCID") != "1033" {
        // MS-SITESS R157.
        return Err(Refusal::coded("0x81070209", "The language is not supported on the server."));
    }
    let templates = WEB_DEFINITIONS.iter().zip(1..).map(|((name, title, category, description, _), id)| {
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
