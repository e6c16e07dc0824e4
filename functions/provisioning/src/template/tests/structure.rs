//! What is not supported is said by name and line.

use soap::Problem;

use super::{Template, TemplateError, assert_refused, document, plan};

#[test]
fn an_empty_template_is_a_blank_site_with_its_three_groups() {
    let plan = plan(&document("", ""));
    assert_eq!((plan.definition.as_str(), plan.version.as_str()), ("STS#1", "1.0"));
    assert_eq!((plan.lists.len(), plan.groups.len(), plan.pages.len()), (0, 3, 0));
}

#[test]
fn an_element_that_is_not_supported_is_named_with_what_to_use_instead() {
    let cases = [
        ("ClientSidePages", "; SharePoint 2007 has no such pages; put web parts on default.aspx under Files/File"),
        ("Pages", "; SharePoint 2007 has no such pages; put web parts on default.aspx under Files/File"),
        ("SiteFields", "; write each Field under the Fields of its list"),
        ("ContentTypes", "; write each Field under the Fields of its list"),
        ("Features", ""),
        ("Navigation", ""),
        ("Workflows", ""),
        ("Theme", ""),
        ("NotInAnySchema", ""),
    ];
    for (name, instead) in cases {
        let content = format!("\n<!-- one more line -->\n<pnp:{name}/><!--here-->");
        assert_refused(&document("", &content), &format!("{name}: not supported{instead}"));
    }
}

#[test]
fn what_stands_beside_the_template_is_refused_too() {
    for name in ["Localizations", "Tenant", "Sequence", "Teams", "AzureActiveDirectory", "Drive"] {
        let document = document("", "").replace("<pnp:Templates>", &format!("<pnp:{name}/><!--here--><pnp:Templates>"));
        let error = Template::read(document.as_bytes()).expect_err("the fixture is not supported");
        assert!(matches!(error, TemplateError::Refused { line: 4, element, .. } if element == name));
    }
    let external =
        document("", "").replace("<pnp:Templates>", "<pnp:Templates><pnp:ProvisioningTemplateFile/><!--here-->");
    assert_refused(
        &external,
        "ProvisioningTemplateFile: not supported; write one Templates/ProvisioningTemplate into this file",
    );
}

#[test]
fn an_element_of_another_namespace_is_not_taken_for_ours() {
    let document = document("", "<Lists xmlns='urn:other'/><!--here-->");
    assert_refused(&document, "Lists: not supported");
}

#[test]
fn a_template_of_another_schema_version_is_refused() {
    let document = document("", "").replace("2022/09", "2015/05").replace("Provisioning xmlns", "Provisioning \nxmlns");
    let error = Template::read(document.as_bytes()).expect_err("the fixture is of 2015");
    assert_eq!(
        error.to_string(),
        "site template, line 2: Provisioning: not supported; \
         a template is a Provisioning of schema 2022-09 with one Templates/ProvisioningTemplate"
    );
}

#[test]
fn attributes_and_their_values_are_refused_by_name() {
    let template = |attributes: &str| {
        document("", "")
            .replace("ID=\"T\" Version=\"1.0\">", &format!("ID=\"T\" Version=\"1.0\" {attributes}><!--here-->"))
    };
    let cases = [
        ("TemplateCultureInfo='1033'", "attribute TemplateCultureInfo is not supported"),
        ("Scope='RootSite'", "this value of Scope is not supported; a site for a record is a Web"),
        (
            "BaseSiteTemplate='SITEPAGEPUBLISHING#0'",
            "this value of BaseSiteTemplate is not supported; use STS#0 (team site) or STS#1 (blank site)",
        ),
        ("xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:nil='true'", "attribute xsi:nil is not supported"),
        ("xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:type='pnp:X'", "attribute xsi:type is not supported"),
        ("xmlns:o='urn:other' o:Scope='Web'", "attribute Scope is not supported"),
    ];
    for (attributes, reason) in cases {
        assert_refused(&template(attributes), &format!("ProvisioningTemplate: {reason}"));
    }
    let version = |value: &str| document("", "").replace("Version=\"1.0\">", &format!("{value}><!--here-->"));
    assert_refused(&version(""), "ProvisioningTemplate: attribute Version is missing");
    assert_refused(&version("Version='new'"), "ProvisioningTemplate: Version must be a number such as 1.0");
}

#[test]
fn the_base_template_is_one_that_2007_has() {
    for (modern, classic) in [("STS#3", "STS#1"), ("STS#0", "STS#0"), ("STS#1", "STS#1")] {
        let based = document("", "").replace("ID=\"T\"", &format!("ID=\"T\" BaseSiteTemplate=\"{modern}\""));
        assert_eq!(plan(&based).definition, classic);
    }
}

#[test]
fn there_is_one_template_and_each_of_its_parts_once() {
    let twice = document("", "")
        .replace("</pnp:Templates>", "<pnp:ProvisioningTemplate ID='U' Version='1.0'/><!--here--></pnp:Templates>");
    assert_refused(&twice, "ProvisioningTemplate: the element is there already, in line 5");
    let lists = "<pnp:Files/>\n<pnp:Files/><!--here-->";
    assert_refused(&document("", lists), "Files: the element is there already, in line 6");
    let none = "<x:Provisioning xmlns:x='http://schemas.dev.office.com/PnP/2022/09/ProvisioningSchema'><!--here-->\
                </x:Provisioning>";
    assert_refused(none, "Provisioning: element Templates is missing");
}

#[test]
fn stray_text_is_refused() {
    assert_refused(&document("", "<pnp:Lists><!--here-->\nhello</pnp:Lists>"), "Lists: text does not belong here");
}

#[test]
fn a_property_bag_is_refused_unless_it_is_empty() {
    plan(&document("", "<pnp:PropertyBagEntries/>"));
    let full =
        "<pnp:PropertyBagEntries>\n<pnp:PropertyBagEntry Key='a' Value='b'/><!--here-->\n</pnp:PropertyBagEntries>";
    assert_refused(
        &document("", full),
        "PropertyBagEntry: not supported; the services of SharePoint 2007 have no property bag; \
         put what people should see into DataRows of a list",
    );
}

#[test]
fn more_than_a_mebibyte_is_refused_unread() {
    let document = document("", &" ".repeat(1 << 20));
    let error = Template::read(document.as_bytes()).expect_err("the fixture is too large");
    assert!(matches!(error, TemplateError::Unreadable(error) if *error.problem() == Problem::TooLarge(1 << 20)));
}

#[test]
fn a_document_that_is_cut_or_has_a_doctype_is_refused() {
    let whole = document("", "");
    let cut = Template::read(&whole.as_bytes()[..whole.len() - 5]).expect_err("the fixture is cut");
    assert!(matches!(cut, TemplateError::Unreadable(_)), "{cut}");
    let doctype = whole.replace("?>", "?><!DOCTYPE a [<!ENTITY b 'c'>]>");
    let error = Template::read(doctype.as_bytes()).expect_err("the fixture has a DOCTYPE");
    assert!(matches!(error, TemplateError::Unreadable(error) if *error.problem() == Problem::Doctype));
}
