//! WebPartPages.asmx: parts on pages.
//!
//! There is no recorded traffic (contract §13): shapes are those of the hand-made WSDL, texts are typical.

use soap::Element;

use crate::sharepoint::{
    ids,
    page::{Page, WebPart},
    rights::Rights,
};

use super::{Call, Refusal, web_parts};

pub(super) fn run(call: &mut Call<'_>) -> Option<Result<Element, Refusal>> {
    Some(match call.operation {
        "AddWebPart" | "AddWebPartToZone" => add_web_part(call),
        "SaveWebPart" | "SaveWebPart2" => save_web_part(call),
        "DeleteWebPart" => delete_web_part(call),
        "GetWebPartPage" => get_web_part_page(call),
        "GetWebPartProperties" | "GetWebPartProperties2" => get_web_part_properties(call),
        _ => return None,
    })
}

/// The path of the page that a parameter names, as the web's pages are kept.
fn page_path(call: &Call<'_>, parameter: &str) -> Result<String, Refusal> {
    let address = call.text(parameter);
    if address.is_empty() {
        return Err(Refusal::parameter(parameter));
    }
    let path = call.below_web(&address).map(|path| path.to_lowercase());
    let known = path.filter(|path| call.web().is_ok_and(|web| web.pages.contains_key(path)));
    known.ok_or_else(|| Refusal::plain("The Web Part Page cannot be found."))
}

fn page_mut<'c>(call: &'c mut Call<'_>, path: &str) -> Result<&'c mut Page, Refusal> {
    call.web_mut()?.pages.get_mut(path).ok_or_else(Refusal::out_of_range)
}

/// Personal parts would be a user's own; everything here is for all.
fn shared(call: &Call<'_>) -> Result<(), Refusal> {
    call.demand(Rights::CUSTOMIZE_PAGES)?;
    match call.text("storage").as_str() {
        "Shared" | "" => Ok(()),
        _ => Err(Refusal::out_of_range()),
    }
}

/// An unknown zone, or none, leaves the choice to the server: the first zone. Without an order the part goes last.
fn add_web_part(call: &mut Call<'_>) -> Result<Element, Refusal> {
    let path = page_path(call, "pageUrl")?;
    shared(call)?;
    let asked = call.text("zoneId");
    let order = match call.text("zoneIndex").as_str() {
        "" => None,
        index => Some(index.parse::<u32>().map_err(|_| Refusal::out_of_range())?),
    };
    let xml = call.text("webPartXml");
    let part = web_parts::read(call.ids.guid(), &xml)?;
    let id = part.id;
    let page = page_mut(call, &path)?;
    let zone = page.zone_or_first(&asked).map(ToOwned::to_owned);
    let zone = zone.ok_or_else(|| Refusal::plain("The page has no Web Part zone."))?;
    let last = page.parts_in(&zone).last().map_or(0, |part| part.order + 1);
    page.insert(WebPart { order: order.unwrap_or(last), zone, ..part });
    Ok(call.response().with_value(&format!("{}Result", call.operation), id))
}

fn save_web_part(call: &mut Call<'_>) -> Result<Element, Refusal> {
    let path = page_path(call, "pageUrl")?;
    shared(call)?;
    let key = ids::parse(&call.text("storageKey")).ok_or_else(Refusal::out_of_range)?;
    let new = web_parts::read(key, &call.text("webPartXml"))?;
    let part = page_mut(call, &path)?.parts.iter_mut().find(|part| part.id == key).ok_or_else(no_part)?;
    let place = (part.zone.clone(), part.order);
    *part = WebPart { zone: place.0, order: place.1, ..new };
    Ok(call.response())
}

fn delete_web_part(call: &mut Call<'_>) -> Result<Element, Refusal> {
    let path = page_path(call, "pageUrl")?;
    shared(call)?;
    let key = ids::parse(&call.text("storageKey")).ok_or_else(Refusal::out_of_range)?;
    let page = page_mut(call, &path)?;
    let before = page.parts.len();
    page.parts.retain(|part| part.id != key);
    if page.parts.len() == before { Err(no_part()) } else { Ok(call.response()) }
}

fn no_part() -> Refusal {
    Refusal::plain("The Web Part cannot be found on this page.")
}

/// The page's source with its parts inside of their zones, as a designer gets it.
fn get_web_part_page(call: &Call<'_>) -> Result<Element, Refusal> {
    let path = page_path(call, "documentName")?;
    call.demand(Rights::VIEW_PAGES)?;
    let page = call.web()?.page(&path).ok_or_else(Refusal::out_of_range)?;
    let zones: String = page.zones.iter().map(|zone| zone_source(page, zone)).collect();
    let source =
        format!("<%@ Page language=\"C#\" inherits=\"Microsoft.SharePoint.WebPartPages.WebPartPage\" %>\n{zones}");
    Ok(call.response().with_value("GetWebPartPageResult", source))
}

fn zone_source(page: &Page, zone: &str) -> String {
    let keyed = |part: &WebPart| {
        let described = web_parts::describe(part)?.with_attribute("__WebPartId", ids::braced(part.id));
        described.to_xml().ok()
    };
    let parts: String = page.parts_in(zone).into_iter().filter_map(keyed).collect();
    format!(
        "<WebPartPages:WebPartZone runat=\"server\" ID=\"{zone}\"><ZoneTemplate>{parts}</ZoneTemplate>\
         </WebPartPages:WebPartZone>\n"
    )
}

fn get_web_part_properties(call: &Call<'_>) -> Result<Element, Refusal> {
    let path = page_path(call, "pageUrl")?;
    call.demand(Rights::VIEW_PAGES)?;
    let page = call.web()?.page(&path).ok_or_else(Refusal::out_of_range)?;
    let parts = page.zones.iter().flat_map(|zone| page.parts_in(zone)).filter_map(web_parts::describe);
    Ok(call.result([call.element("WebParts").with_all(parts)]))
}
