//! Site templates: PnP provisioning XML (schema 2022-09), read into the plan of a site.
//!
//! Never ignores what a template says: an element, attribute or token that is not supported is an error with its
//! name and line, before anything is made. Start at [`Template::read`].
//!
//! What is supported is what SharePoint 2007 can be told over its services: parameters, groups and roles, lists with
//! fields, views, rows and roles of their own, and content editor web parts on `default.aspx`. Attributes that only
//! describe the template (`Author`, `Generator`, `ImagePreviewUrl`, `DisplayName` and `Description` of the template,
//! `ID`, the `Version` of the container) are not read. Braces around a word are always a token; other braces are text.

mod caml_grammar;
mod error;
mod fill;
mod grammar;
mod lists;
mod parameters;
mod parts;
mod security;
mod shape;
#[cfg(test)]
mod tests;
mod tokens;

pub use error::{Reason, TemplateError};
pub use parameters::Parameters;

use fill::Filling;
use parameters::Declarations;
use sharepoint::{GroupPlan, ListPlan, PagePlan, RoleGrant, RowPlan};
use soap::{Element, Limits, parse};

/// Our own template of an account's site (ST-05 to ST-07), for tenants that bring none.
pub const ACCOUNT_SITE: &[u8] = include_bytes!("../../../../infra/sharepoint/account-site.xml");

const MAX_BYTES: usize = 1 << 20;
const MAX_FILLED_BYTES: usize = 4 << 20;
const MAX_PARAMETERS: usize = 200;
const MAX_GROUPS: usize = 20;
const MAX_LISTS: usize = 50;
const MAX_FIELDS: usize = 100;
const MAX_VIEWS: usize = 50;
const MAX_ROWS: usize = 1_000;
const MAX_PARTS: usize = 50;

/// A template that holds nothing unknown. Its values are still to come.
#[derive(Clone, Debug)]
pub struct Template {
    declared: Declarations,
    /// The one `ProvisioningTemplate`.
    root: Element,
}

/// A site as it is to be, in the words of the ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SitePlan {
    /// The site definition of 2007. The modern team site (`STS#3`), which 2007 lacks, becomes the blank one (`STS#1`):
    /// neither brings lists, so both end with those of the template.
    pub definition: String,
    /// The version of the template.
    pub version: String,
    /// Lists and libraries.
    pub lists: Vec<ListPlan>,
    /// Rows, by the title of their list.
    pub rows: Vec<(String, Vec<RowPlan>)>,
    /// Owners, members and visitors, in this order, and then the groups that the template adds.
    pub groups: Vec<GroupPlan>,
    /// The names of the groups that people of the record go into.
    pub people: PeopleGroups,
    /// Roles on lists that differ from those of the site, by the title of the list.
    pub list_grants: Vec<(String, Vec<RoleGrant>)>,
    /// Pages.
    pub pages: Vec<PagePlan>,
}

/// The names of the groups that every site has. All begin with the title and the tag of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeopleGroups {
    /// Those who may do everything.
    pub owners: String,
    /// The sales team: those who work with the site.
    pub members: String,
    /// Those who may only read.
    pub visitors: String,
}

impl Template {
    /// Reads a template of at most 1 MiB. Refuses everything that can be refused without knowing values.
    pub fn read(xml: &[u8]) -> Result<Self, TemplateError> {
        let document = parse(xml, Limits { bytes: MAX_BYTES, depth: 48, attributes: 64, ..Limits::default() })?;
        grammar::PROVISIONING.check(&document)?;
        let declared = Declarations::read(&document)?;
        let root = document.within("Templates", |templates| templates.required("ProvisioningTemplate").cloned())?;
        tokens::check(&root, &declared)?;
        check_counts(&root)?;
        Ok(Self { declared, root })
    }

    /// The template's own version, such as `1.0`.
    pub fn version(&self) -> &str {
        self.root.attribute("Version").unwrap_or_default()
    }

    /// Fills in the values. Refuses what only shows now: missing values, names in use twice or not legal.
    pub fn plan(&self, given: &Parameters) -> Result<SitePlan, TemplateError> {
        let filling = Filling::new(&self.declared, given)?;
        let root = filling.element(&self.root)?;
        let groups = security::groups(&root, &filling.groups)?;
        let (mut lists, mut rows, mut list_grants) = (Vec::new(), Vec::new(), Vec::new());
        for (element, list) in lists::plan(&root)? {
            let these = lists::rows(element, &list)?;
            if !these.is_empty() {
                rows.push((list.title.clone(), these));
            }
            let grants = security::grants(element, &groups)?;
            if !grants.is_empty() {
                list_grants.push((list.title.clone(), grants));
            }
            lists.push(list);
        }
        let fill::GroupNames { owners, members, visitors, .. } = filling.groups;
        Ok(SitePlan {
            definition: definition(&root).to_owned(),
            version: self.version().to_owned(),
            lists,
            rows,
            groups,
            people: PeopleGroups { owners, members, visitors },
            list_grants,
            pages: parts::plan(&root)?,
        })
    }
}

fn definition(root: &Element) -> &str {
    match root.attribute("BaseSiteTemplate") {
        None | Some("STS#3") => "STS#1",
        Some(other) => other,
    }
}

fn check_counts(root: &Element) -> Result<(), TemplateError> {
    fn below<'a>(element: &'a Element, path: &[&str]) -> Vec<&'a Element> {
        let found = path.iter().try_fold(element, |element, name| element.child(*name));
        found.into_iter().flat_map(Element::children).collect()
    }
    let limited = |found: &[&Element], what: &'static str, limit: usize| match found.get(limit) {
        Some(excess) => Err(TemplateError::at(excess, Reason::TooMany { what, limit })),
        None => Ok(()),
    };
    limited(&below(root, &["Security", "SiteGroups"]), "groups", MAX_GROUPS)?;
    let lists = below(root, &["Lists"]);
    limited(&lists, "lists", MAX_LISTS)?;
    let mut rows = Vec::new();
    for list in lists.iter().copied() {
        limited(&below(list, &["Fields"]), "fields of one list", MAX_FIELDS)?;
        limited(&below(list, &["Views"]), "views of one list", MAX_VIEWS)?;
        rows.extend(below(list, &["DataRows"]));
    }
    limited(&rows, "rows", MAX_ROWS)?;
    for file in below(root, &["Files"]) {
        limited(&below(file, &["WebParts"]), "web parts on one page", MAX_PARTS)?;
    }
    Ok(())
}
