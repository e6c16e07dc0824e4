//! The columns that templates bring.

use soap::Element;

use crate::sharepoint::{ids, list::Field};

use super::list_templates::ListTemplate;

/// One built-in column: internal name, display name, type, flags, choices.
///
/// Flags: `r` read only, `h` hidden, `q` required, `c` computed (not shown in forms), `d` date without time.
type Column = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

const NO: &[&str] = &[];

const EVERYWHERE: &[Column] = &[
    ("ContentTypeId", "Content Type ID", "ContentTypeId", "rh", NO),
    ("Title", "Title", "Text", "q", NO),
    ("_ModerationComments", "Approver Comments", "Note", "rh", NO),
    ("File_x0020_Type", "File Type", "Text", "rh", NO),
    ("ID", "ID", "Counter", "r", NO),
    ("ContentType", "Content Type", "Choice", "r", NO),
    ("Modified", "Modified", "DateTime", "r", NO),
    ("Created", "Created", "DateTime", "r", NO),
    ("Author", "Created By", "User", "r", NO),
    ("Editor", "Modified By", "User", "r", NO),
    ("_HasCopyDestinations", "Has Copy Destinations", "Boolean", "rh", NO),
    ("_CopySource", "Copy Source", "Text", "rh", NO),
    ("owshiddenversion", "owshiddenversion", "Integer", "rh", NO),
    ("_UIVersionString", "Version", "Text", "r", NO),
    ("Attachments", "Attachments", "Attachments", "", NO),
    (
        "_ModerationStatus",
        "Approval Status",
        "ModStat",
        "rh",
        &["0;#Approved", "1;#Rejected", "2;#Pending", "3;#Draft"],
    ),
    ("Edit", "Edit", "Computed", "rc", NO),
    ("LinkTitleNoMenu", "Title", "Computed", "rc", NO),
    ("LinkTitle", "Title", "Computed", "rc", NO),
    ("SelectTitle", "Select", "Computed", "rhc", NO),
    ("Order", "Order", "Number", "h", NO),
    ("GUID", "GUID", "Guid", "rh", NO),
    ("FileRef", "URL Path", "Lookup", "rh", NO),
    ("FileDirRef", "Path", "Lookup", "rh", NO),
    ("FileLeafRef", "Name", "File", "h", NO),
    ("Last_x0020_Modified", "Modified", "Lookup", "rh", NO),
    ("Created_x0020_Date", "Created", "Lookup", "rh", NO),
    ("FSObjType", "Item Type", "Lookup", "rh", NO),
    ("PermMask", "Effective Permissions Mask", "Computed", "rhc", NO),
    ("UniqueId", "Unique Id", "Lookup", "rh", NO),
    ("MetaInfo", "Property Bag", "Lookup", "h", NO),
    ("_Level", "Level", "Integer", "rh", NO),
    ("EncodedAbsUrl", "Encoded Absolute URL", "Computed", "rhc", NO),
    ("DocIcon", "Type", "Computed", "rc", NO),
];

const LIBRARY: &[Column] = &[
    ("LinkFilename", "Name", "Computed", "rc", NO),
    ("LinkFilenameNoMenu", "Name", "Computed", "rc", NO),
    ("BaseName", "Name", "Computed", "rhc", NO),
    ("File_x0020_Size", "File Size", "Lookup", "r", NO),
    ("CheckoutUser", "Checked Out To", "User", "r", NO),
    ("_CheckinComment", "Check In Comment", "Lookup", "r", NO),
];

const PRIORITY: Column = ("Priority", "Priority", "Choice", "", &["(1) High", "*(2) Normal", "(3) Low"]);
const ASSIGNED: Column = ("AssignedTo", "Assigned To", "User", "", NO);
const DUE: Column = ("DueDate", "Due Date", "DateTime", "d", NO);

const TASK: &[Column] = &[
    PRIORITY,
    (
        "Status",
        "Status",
        "Choice",
        "",
        &["*Not Started", "In Progress", "Completed", "Deferred", "Waiting on someone else"],
    ),
    ("PercentComplete", "% Complete", "Number", "", NO),
    ASSIGNED,
    ("Body", "Description", "Note", "", NO),
    ("StartDate", "Start Date", "DateTime", "d", NO),
    DUE,
];

const ISSUE: &[Column] = &[
    ASSIGNED,
    ("Status", "Issue Status", "Choice", "", &["*Active", "Resolved", "Closed"]),
    PRIORITY,
    ("Comment", "Description", "Note", "", NO),
    ("Category", "Category", "Choice", "", &["(1) Category1", "*(2) Category2", "(3) Category3"]),
    ("V3Comments", "Comments", "Note", "", NO),
    ("DueDate", "Due Date", "DateTime", "", NO),
];

const EVENT: &[Column] = &[
    ("Location", "Location", "Text", "", NO),
    ("EventDate", "Start Time", "DateTime", "q", NO),
    ("EndDate", "End Time", "DateTime", "q", NO),
    ("Description", "Description", "Note", "", NO),
    ("fAllDayEvent", "All Day Event", "AllDayEvent", "", NO),
    ("fRecurrence", "Recurrence", "Recurrence", "", NO),
    ("WorkspaceLink", "Workspace", "CrossProjectLink", "", NO),
];

const CONTACT: &[Column] = &[
    ("FirstName", "First Name", "Text", "", NO),
    ("FullName", "Full Name", "Text", "", NO),
    ("Email", "E-mail Address", "Text", "", NO),
    ("Company", "Company", "Text", "", NO),
    ("JobTitle", "Job Title", "Text", "", NO),
    ("WorkPhone", "Business Phone", "Text", "", NO),
    ("HomePhone", "Home Phone", "Text", "", NO),
    ("CellPhone", "Mobile Phone", "Text", "", NO),
    ("WorkFax", "Fax Number", "Text", "", NO),
    ("WorkAddress", "Address", "Note", "", NO),
    ("WorkCity", "City", "Text", "", NO),
    ("WorkZip", "ZIP/Postal Code", "Text", "", NO),
    ("WorkCountry", "Country/Region", "Text", "", NO),
    ("WebPage", "Web Page", "URL", "", NO),
    ("Comments", "Notes", "Note", "", NO),
];

fn columns_of(template: &ListTemplate) -> &'static [Column] {
    match template.id {
        103 => &[("URL", "URL", "URL", "q", NO), ("Comments", "Notes", "Note", "", NO)],
        104 => &[("Body", "Body", "Note", "", NO), ("Expires", "Expires", "DateTime", "d", NO)],
        105 => CONTACT,
        106 => EVENT,
        107 | 150 => TASK,
        108 | 302 => &[("Body", "Body", "Note", "", NO)],
        109 => &[("Keywords", "Keywords", "Note", "", NO), ("Description", "Description", "Note", "", NO)],
        119 => &[("WikiField", "Wiki Content", "Note", "", NO)],
        301 => &[("Body", "Body", "Note", "", NO), ("PublishedDate", "Published", "DateTime", "q", NO)],
        1100 => ISSUE,
        _ => &[],
    }
}

/// All columns of a new list.
pub(super) fn fields_of(template: &ListTemplate) -> Vec<Field> {
    let library = if template.base_type == 1 { LIBRARY } else { &[] };
    let base = EVERYWHERE.iter().chain(library).map(|column| field_of(column, true));
    let mut fields: Vec<_> = base.chain(columns_of(template).iter().map(|column| field_of(column, false))).collect();
    if template.base_type == 1 {
        // A file has a name; its title may stay empty.
        set(&mut fields, "Title", "Required", "FALSE");
        set(&mut fields, "FileLeafRef", "Required", "TRUE");
        set(&mut fields, "FileLeafRef", "Hidden", "FALSE");
        fields.retain(|field| field.name() != "Attachments");
    }
    if template.id == 105 {
        set(&mut fields, "Title", "DisplayName", "Last Name");
    }
    fields
}

/// Of the list of people, beside those of every list. From memory, but for what the contract's rows carry.
const PERSON: &[Column] = &[
    ("Name", "Account", "Text", "rq", NO),
    ("ImnName", "Name", "Text", "r", NO),
    ("EMail", "Work e-mail", "Text", "", NO),
    ("IsSiteAdmin", "Is Site Admin", "Boolean", "r", NO),
];

/// All columns of the list of people, and those of its one view.
pub(super) fn fields_of_people() -> (Vec<Field>, &'static [&'static str]) {
    let base = EVERYWHERE.iter().filter(|column| column.0 != "Attachments").map(|column| field_of(column, true));
    let fields = base.chain(PERSON.iter().map(|column| field_of(column, false))).collect();
    (fields, &["ID", "Name", "Title", "ImnName", "EMail", "ContentType"])
}

fn set(fields: &mut [Field], name: &str, attribute: &str, value: &str) {
    if let Some(field) = fields.iter_mut().find(|field| field.name() == name) {
        field.0 = field.0.clone().with_attribute(attribute, value);
    }
}

/// The columns of the default view.
pub(super) fn view_fields_of(template: &ListTemplate) -> &'static [&'static str] {
    match template.id {
        103 => &["DocIcon", "Edit", "URL", "Comments"],
        104 => &["Attachments", "LinkTitle", "Modified"],
        105 => &["Attachments", "LinkTitle", "FirstName", "Company", "WorkPhone", "HomePhone", "Email"],
        106 => &["fRecurrence", "Attachments", "WorkspaceLink", "LinkTitle", "Location", "EventDate", "EndDate"],
        107 | 150 => &["Attachments", "LinkTitle", "AssignedTo", "Status", "Priority", "DueDate", "PercentComplete"],
        108 => &["LinkTitle", "Author", "Modified"],
        1100 => &["Attachments", "ID", "LinkTitle", "AssignedTo", "Status", "Priority", "DueDate"],
        _ if template.base_type == 1 => &["DocIcon", "LinkFilename", "Modified", "Editor"],
        _ => &["Attachments", "LinkTitle"],
    }
}

fn field_of(column: &Column, everywhere: bool) -> Field {
    let (name, display, kind, flags, choices) = *column;
    let mut element = field(name, display, kind);
    for (flag, attribute) in [('r', "ReadOnly"), ('h', "Hidden"), ('q', "Required")] {
        if flags.contains(flag) {
            element = element.with_attribute(attribute, "TRUE");
        }
    }
    if everywhere {
        element = element.with_attribute("FromBaseType", "TRUE");
    }
    if flags.contains('d') {
        element = element.with_attribute("Format", "DateOnly");
    }
    if !choices.is_empty() {
        let plain = choices.iter().map(|choice| choice.trim_start_matches('*'));
        let all = plain.map(|choice| Element::new("", "CHOICE").with_text(choice));
        element = element.with(Element::new("", "CHOICES").with_all(all));
        if let Some(default) = choices.iter().find_map(|choice| choice.strip_prefix('*')) {
            element = element.with(Element::new("", "Default").with_text(default));
        }
    }
    Field(element)
}

/// The element of a column that SharePoint brings itself.
fn field(name: &str, display: &str, kind: &str) -> Element {
    // Ids that are the same on every SharePoint; the others are the sandbox's own.
    let id = match name {
        "ContentTypeId" => "{03e45e84-1992-4d42-9116-26f756012634}".to_owned(),
        "Title" => "{fa564e0f-0c70-4ab9-b863-0177e6ddd247}".to_owned(),
        "ID" => "{1d22ea11-1e32-424e-89ab-9fedbadb6ce1}".to_owned(),
        "Modified" => "{28cf69c5-fa48-462a-b5cd-27b6f9d2bd5f}".to_owned(),
        "Editor" => "{d31655d1-1d5b-4511-95a1-7a09e9b75bf2}".to_owned(),
        other => ids::named(&format!("column {other}")).braced().to_string(),
    };
    let element = Element::new("", "Field")
        .with_attribute("ID", id)
        .with_attribute("Type", kind)
        .with_attribute("Name", name)
        .with_attribute("DisplayName", display)
        .with_attribute("SourceID", "http://schemas.microsoft.com/sharepoint/v3")
        .with_attribute("StaticName", name);
    match name {
        "ContentTypeId" => element.with_attribute("Sealed", "TRUE"),
        "Created" | "Modified" => element.with_attribute("StorageTZ", "TRUE"),
        _ if kind == "User" => element.with_attribute("List", "UserInfo"),
        _ => element,
    }
}

/// A CAML element copied into no namespace, children included: callers send it in none or in the service's.
pub(crate) fn caml_field(element: &Element) -> Element {
    crate::sharepoint::caml::in_namespace(element, "")
}
