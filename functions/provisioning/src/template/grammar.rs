//! The part of schema 2022-09 that a site of SharePoint 2007 can be made from. Source of names, defaults and
//! counts: `ProvisioningSchema-2022-09.xsd` of the contracts.
//!
//! Attributes whose schema default is what happens anyway may be written out with that value, and with no other.

use super::shape::{
    Content, Occurs,
    Occurs::{Many, Once, Optional},
    Shape,
    Value::{self, Decimal, FieldName, Flag, Metadata, Number, OneOf, Text},
};

pub(super) use super::caml_grammar::{FIELDS, VIEWS};

/// The attribute may say only what would be so without it.
const OFF: Value = OneOf(&["false", "0"], "only false");

pub(super) static PROVISIONING: Shape = Shape {
    attributes: &[
        ("Version", Metadata),
        ("Author", Metadata),
        ("Generator", Metadata),
        ("ImagePreviewUrl", Metadata),
        ("DisplayName", Metadata),
        ("Description", Metadata),
    ],
    children: &[(&PREFERENCES, Optional), (&TEMPLATES, Once)],
    ..Shape::pnp("Provisioning")
};

static PREFERENCES: Shape = Shape {
    attributes: &[("Version", Metadata), ("Author", Metadata), ("Generator", Metadata)],
    children: &[(&PARAMETERS, Optional)],
    ..Shape::pnp("Preferences")
};

static PARAMETERS: Shape = Shape { children: &[(&PARAMETER, Occurs::Some)], ..Shape::pnp("Parameters") };

static PARAMETER: Shape = Shape {
    attributes: &[("Key", Text), ("Required", Flag)],
    required: &["Key"],
    content: Content::Text,
    ..Shape::pnp("Parameter")
};

static TEMPLATES: Shape =
    Shape { attributes: &[("ID", Metadata)], children: &[(&PROVISIONING_TEMPLATE, Once)], ..Shape::pnp("Templates") };

static PROVISIONING_TEMPLATE: Shape = Shape {
    attributes: &[
        ("ID", Metadata),
        ("ImagePreviewUrl", Metadata),
        ("DisplayName", Metadata),
        ("Description", Metadata),
        ("Version", Decimal),
        ("BaseSiteTemplate", OneOf(&["STS#0", "STS#1", "STS#3"], "use STS#0 (team site) or STS#1 (blank site)")),
        ("Scope", OneOf(&["Web", "Undefined"], "a site for a record is a Web")),
    ],
    required: &["ID", "Version"],
    children: &[(&PROPERTY_BAG, Optional), (&SECURITY, Optional), (&LISTS, Optional), (&FILES, Optional)],
    ..Shape::pnp("ProvisioningTemplate")
};

/// Only the empty container: 2007 has no property bag in its services.
static PROPERTY_BAG: Shape = Shape::pnp("PropertyBagEntries");

static SECURITY: Shape = Shape {
    attributes: &[
        ("BreakRoleInheritance", OneOf(&["true", "1"], "the roles of a site are always its own")),
        ("CopyRoleAssignments", OneOf(&["false", "0"], "the roles of a site are always its own")),
        ("ResetRoleInheritance", OFF),
        ("RemoveExistingUniqueRoleAssignments", OFF),
        ("ClearSubscopes", OFF),
    ],
    children: &[(&SITE_GROUPS, Optional), (&PERMISSIONS, Optional)],
    ..Shape::pnp("Security")
};

static SITE_GROUPS: Shape = Shape { children: &[(&SITE_GROUP, Occurs::Some)], ..Shape::pnp("SiteGroups") };

static SITE_GROUP: Shape =
    Shape { attributes: &[("Title", Text), ("Description", Text)], required: &["Title"], ..Shape::pnp("SiteGroup") };

static PERMISSIONS: Shape = Shape { children: &[(&ROLE_ASSIGNMENTS, Optional)], ..Shape::pnp("Permissions") };

static ROLE_ASSIGNMENTS: Shape =
    Shape { children: &[(&ROLE_ASSIGNMENT, Occurs::Some)], ..Shape::pnp("RoleAssignments") };

static ROLE_ASSIGNMENT: Shape = Shape {
    attributes: &[("Principal", Text), ("RoleDefinition", Text), ("Remove", OFF)],
    required: &["Principal", "RoleDefinition"],
    ..Shape::pnp("RoleAssignment")
};

static LISTS: Shape = Shape { children: &[(&LIST_INSTANCE, Occurs::Some)], ..Shape::pnp("Lists") };

/// The list templates of 2007 that a person can make a list from (contract README, 3).
const LIST_TEMPLATES: &[&str] =
    &["100", "101", "102", "103", "104", "105", "106", "107", "108", "109", "115", "119", "120", "150", "1100"];

static LIST_INSTANCE: Shape = Shape {
    attributes: &[
        ("Title", Text),
        ("Description", Text),
        ("TemplateType", OneOf(LIST_TEMPLATES, "use a list template of SharePoint 2007, such as 100, 101, 106 or 107")),
        ("Url", Text),
        ("OnQuickLaunch", Flag),
        ("EnableVersioning", Flag),
        ("MaxVersionLimit", Number(1, 50_000)),
        ("EnableFolderCreation", Flag),
        ("EnableAttachments", Flag),
        ("ForceCheckout", OFF),
        ("EnableMinorVersions", OFF),
        ("EnableModeration", OFF),
        ("RemoveExistingContentTypes", OFF),
        ("ContentTypesEnabled", OFF),
        ("Hidden", OFF),
        ("NoCrawl", OFF),
        ("EnableAudienceTargeting", OFF),
        ("EnableClassicAudienceTargeting", OFF),
        ("ListExperience", OneOf(&["Auto", "ClassicExperience"], "SharePoint 2007 has only the classic one")),
    ],
    required: &["Title", "TemplateType", "Url"],
    children: &[(&FIELDS, Optional), (&VIEWS, Optional), (&DATA_ROWS, Optional), (&LIST_SECURITY, Optional)],
    ..Shape::pnp("ListInstance")
};

static DATA_ROWS: Shape = Shape {
    attributes: &[
        ("KeyColumn", FieldName),
        ("UpdateBehavior", OneOf(&["Skip"], "a row that is there is left alone (Skip)")),
    ],
    required: &["KeyColumn"],
    children: &[(&DATA_ROW, Many)],
    ..Shape::pnp("DataRows")
};

static DATA_ROW: Shape = Shape { children: &[(&DATA_VALUE, Occurs::Some)], ..Shape::pnp("DataRow") };

static DATA_VALUE: Shape = Shape {
    attributes: &[("FieldName", FieldName)],
    required: &["FieldName"],
    content: Content::Text,
    ..Shape::pnp("DataValue")
};

static LIST_SECURITY: Shape = Shape { children: &[(&BREAK_INHERITANCE, Once)], ..Shape::pnp("Security") };

static BREAK_INHERITANCE: Shape = Shape {
    // A list that was just made has no scopes below it, so both values of ClearSubscopes do the same.
    attributes: &[("CopyRoleAssignments", Flag), ("ClearSubscopes", Flag)],
    required: &["CopyRoleAssignments", "ClearSubscopes"],
    children: &[(&ROLE_ASSIGNMENT, Many)],
    ..Shape::pnp("BreakRoleInheritance")
};

static FILES: Shape = Shape { children: &[(&FILE, Many)], ..Shape::pnp("Files") };

static FILE: Shape = Shape {
    attributes: &[
        ("Src", OneOf(&["default.aspx"], "only default.aspx, the page that every site has, takes module parts")),
        ("Folder", OneOf(&[""], "default.aspx lies in no folder")),
        ("Overwrite", OneOf(&["false", "0"], "the page stays; only parts are placed on it")),
    ],
    required: &["Src", "Folder"],
    children: &[(&WEB_PARTS, Optional)],
    ..Shape::pnp("File")
};

static WEB_PARTS: Shape = Shape { children: &[(&WEB_PART, Occurs::Some)], ..Shape::pnp("WebParts") };

static WEB_PART: Shape = Shape {
    attributes: &[
        ("Title", Text),
        ("Zone", OneOf(&["Left", "Right"], "default.aspx has the zones Left and Right")),
        ("Order", Number(0, 1_000)),
    ],
    required: &["Title", "Zone", "Order"],
    children: &[(&CONTENTS, Once)],
    ..Shape::pnp("WebPart")
};

static CONTENTS: Shape = Shape { content: Content::WebPart, ..Shape::pnp("Contents") };

/// What to write instead of an element that is not supported.
pub(super) fn instead_of_element(name: &str) -> Option<&'static str> {
    Some(match name {
        "Provisioning" | "ProvisioningTemplate" => {
            "a template is a Provisioning of schema 2022-09 with one Templates/ProvisioningTemplate"
        }
        "ProvisioningTemplateFile" | "ProvisioningTemplateReference" | "Sequence" => {
            "write one Templates/ProvisioningTemplate into this file"
        }
        "PropertyBagEntry" => {
            "the services of SharePoint 2007 have no property bag; put what people should see into DataRows of a list"
        }
        "Page" | "Pages" | "ClientSidePage" | "ClientSidePages" => {
            "SharePoint 2007 has no such pages; put web parts on default.aspx under Files/File"
        }
        "Directory" => "put web parts on default.aspx under Files/File",
        "webParts" => "write a WebPart of version 2 (http://schemas.microsoft.com/WebPart/v2)",
        "SiteFields" | "FieldRefs" | "ContentTypes" | "ContentTypeBindings" => {
            "write each Field under the Fields of its list"
        }
        "FieldDefaults" | "DefaultColumnValues" => "write Default inside of the Field",
        "AdditionalAdministrators" | "AdditionalOwners" | "AdditionalMembers" | "AdditionalVisitors" | "Members" => {
            "people come from the record in CRM"
        }
        "RoleDefinitions" => {
            "use {roledefinition:Administrator}, {roledefinition:Contributor}, {roledefinition:Reader}"
        }
        "Localizations" => "write the texts into the template",
        "In" | "Includes" => "SharePoint 2007 has no such condition; nest Eq in Or",
        _ => return None,
    })
}

/// What to write instead of an attribute that is not supported.
pub(super) fn instead_of_attribute(element: &str, name: &str) -> Option<&'static str> {
    Some(match (element, name) {
        ("SiteGroup", "Owner") => "leave it out: a group belongs to the account that makes the site",
        ("Security", "AssociatedOwnerGroup" | "AssociatedMemberGroup" | "AssociatedVisitorGroup") => {
            "leave it out: the owners, members and visitors of a site are named after it"
        }
        ("View", "Url" | "Name") => "leave it out: SharePoint 2007 names the view's page after DisplayName",
        ("Field", "EnforceUniqueValues") => "leave it out: SharePoint 2007 has no unique columns",
        ("DataRow", "Key") => "leave it out: the key is the row's value in the KeyColumn",
        ("File", "TargetFileName" | "Level") => "leave it out: default.aspx is there from the start",
        _ => return None,
    })
}
