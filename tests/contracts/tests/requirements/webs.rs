//! `Webs` and `Sites`.

use contracts::{BASE, SOAP, Site, TOP, WEB, operation, text};
use soap::Element;

use crate::{attribute, found, with_lists};

/// A web with one below and one beside.
fn site() -> Site {
    let mut site = Site::with_web();
    site.make_web(WEB, "below");
    site.make_web(&format!("{WEB}/below"), "deep");
    site.make_web(TOP, "beside");
    site
}

fn webs(reply: &Element) -> Vec<(String, String)> {
    let webs = found(reply, "Webs").children();
    webs.map(|web| {
        assert_eq!(web.attributes().count(), 2, "title and address only: {web:?}");
        (attribute(web, "Title").to_owned(), attribute(web, "Url").replace(BASE, ""))
    })
    .collect()
}

/// MS-WEBSS R368, R373, R378, R379, R380, R381, R382
#[test]
fn the_webs_directly_below_are_told_with_title_and_address() {
    let reply = site().ask("Webs", &operation(SOAP, "GetWebCollection", &[]));
    assert_eq!(webs(&reply), [("below".to_owned(), format!("{WEB}/below"))]);
}

/// MS-WEBSS R140, R141, R148, R153, R154, R155, R158, R159, R713
#[test]
fn all_webs_of_the_collection_are_told_from_wherever_it_is_asked() {
    let mut site = site();
    let mut told = webs(&site.ask("Webs", &operation(SOAP, "GetAllSubWebCollection", &[])));
    told.sort_by(|a, b| a.1.cmp(&b.1));
    let paths: Vec<_> = told.iter().map(|(_, path)| path.as_str()).collect();
    assert_eq!(
        paths,
        [TOP, WEB, "/sites/harbour/acme/below", "/sites/harbour/acme/below/deep", "/sites/harbour/beside"]
    );
    assert!(told.iter().all(|(title, _)| !title.is_empty()));
}

/// MS-WEBSS R343, R347, R348, R353, R361, R362, R690, R689, R857, R693, R694, R695, R696, R636, R637, R638, R639, R1016,
/// R69700100, R69700200
#[test]
fn a_web_says_its_title_address_description_language_and_theme() {
    let mut site = site();
    let whole = format!("{BASE}{WEB}");
    let reply = site.ask("Webs", &operation(SOAP, "GetWeb", &[("webUrl", &whole)]));
    let web = found(&reply, "Web");
    let mut names: Vec<_> = web.attributes().map(|(name, _)| &*name.local).collect();
    names.sort_unstable();
    // Ids, alternative addresses and switches came later.
    assert_eq!(names, ["Description", "Language", "Theme", "Title", "Url"]);
    assert_eq!((attribute(web, "Title"), attribute(web, "Url"), attribute(web, "Language")), ("acme", &*whole, "1033"));
}

/// MS-WEBSS R349, R350, R721, R722
#[test]
fn a_web_must_be_named_and_be_there() {
    let mut site = site();
    assert_eq!(site.refused("Webs", &operation(SOAP, "GetWeb", &[])), "0x82000001");
    for wrong in ["", &*format!("{BASE}/sites/harbour/none"), "http://other.example/", "::"] {
        assert_eq!(site.refused("Webs", &operation(SOAP, "GetWeb", &[("webUrl", wrong)])), "0x82000001", "{wrong:?}");
    }
}

/// MS-WEBSS R617, R620, R621, R633
#[test]
fn a_page_belongs_to_the_innermost_web() {
    let mut site = site();
    for (page, web) in [
        (format!("{WEB}/default.aspx"), WEB.to_owned()),
        (format!("{WEB}/below/Lists/Tasks/AllItems.aspx"), format!("{WEB}/below")),
        (format!("{TOP}/anything/at/all.aspx"), TOP.to_owned()),
    ] {
        let body = operation(SOAP, "WebUrlFromPageUrl", &[("pageUrl", &format!("{BASE}{page}"))]);
        assert_eq!(site.ask("Webs", &body).child_text("WebUrlFromPageUrlResult"), format!("{BASE}{web}"), "{page}");
    }
    site.refused("Webs", &operation(SOAP, "WebUrlFromPageUrl", &[("pageUrl", "http://other.example/a.aspx")]));
}

/// Each template that is told makes a list.
///
/// MS-WEBSS R297, R308, R309
#[test]
fn every_list_template_that_is_told_can_be_used() {
    let mut site = with_lists();
    let reply = site.ask("Webs", &operation(SOAP, "GetListTemplates", &[]));
    let templates: Vec<_> = found(&reply, "ListTemplates").all("ListTemplate").cloned().collect();
    assert!(templates.len() > 10);
    for template in templates {
        let (title, kind) = (attribute(&template, "DisplayName"), attribute(&template, "Type"));
        let list = site.add_list(&format!("{title} {kind}"), kind.parse().expect("a number"));
        let list = found(&list, "List");
        assert_eq!(attribute(list, "ServerTemplate"), kind);
        assert_eq!(attribute(list, "BaseType"), attribute(&template, "BaseType"));
        assert_eq!(attribute(list, "FeatureId"), attribute(&template, "FeatureId"));
    }
}

/// MS-SITESS R153, R156, R157, R1561, R155, R159, R168, R170, R175, R183
#[test]
fn site_templates_are_told_in_a_language_that_is_installed() {
    let mut site = Site::with_web();
    let ask = |language: &str| operation(SOAP, "GetSiteTemplates", &[("LCID", language)]);
    let reply = site.ask("Sites", &ask("1033"));
    assert_eq!(reply.child_text("GetSiteTemplatesResult"), "0");
    let templates: Vec<_> = found(&reply, "TemplateList").children().collect();
    assert!(!templates.is_empty());
    for template in templates {
        let (name, number) = attribute(template, "Name").split_once('#').expect("a definition and its number");
        assert!(!name.is_empty() && number.parse::<u32>().is_ok());
        assert_eq!(attribute(template, "IsUnique"), "false");
        assert!(attribute(template, "ImageUrl").starts_with('/'));
        assert_eq!(template.attribute("FilterCategories"), None, "none of them is somebody's own");
    }
    assert_eq!(site.refused("Sites", &ask("1031")), "0x81070209");
}

/// MS-SITESS R185, R192, R482, R493, R332, R368, R537, R334, R335, R336
#[test]
fn a_new_security_validation_is_bound_to_its_user_and_time() {
    let mut site = Site::with_web();
    let digest = |site: &mut Site| {
        site.ask("Sites", &operation(SOAP, "GetUpdatedFormDigest", &[])).child_text("GetUpdatedFormDigestResult")
    };
    let first = digest(&mut site);
    let (value, time) = first.split_once(',').expect("two values");
    assert!(value.starts_with("0x") && time == "15 Jun 2010 18:00:00 -0000", "{first}");
    site.now += domain::SignedDuration::from_mins(1);
    let second = digest(&mut site);
    assert_ne!(first, second);

    // The page that makes webs wants one: given to this user, for this web, not longer ago than half an hour.
    let made = |site: &mut Site, digest: &str, name: &str| {
        let mut fields = site.new_web_form(WEB, name);
        fields.retain(|(field, _)| field != "__REQUESTDIGEST");
        fields.push(("__REQUESTDIGEST".to_owned(), digest.to_owned()));
        let answer = site.submit(WEB, &fields);
        let refused = text(&answer).contains(sandbox::sharepoint::DIGEST_REFUSAL);
        assert_ne!(answer.status() == 302, refused);
        !refused
    };
    assert!(made(&mut site, &second, "a"));
    assert!(!made(&mut site, &format!("{value},15 Jun 2010 18:01:00 -0000"), "b"), "a time of somebody's own making");
    site.now += domain::SignedDuration::from_mins(29);
    assert!(made(&mut site, &second, "b"));
    site.now += domain::SignedDuration::from_mins(2);
    assert!(!made(&mut site, &second, "c"), "too old");
    let answer = site.answer_at(TOP, "Sites", &operation(SOAP, "GetUpdatedFormDigest", &[]));
    let other =
        text(&answer).split("Result>").nth(1).and_then(|rest| rest.split('<').next()).expect("a digest").to_owned();
    assert!(!made(&mut site, &other, "c"), "another web's");
}
