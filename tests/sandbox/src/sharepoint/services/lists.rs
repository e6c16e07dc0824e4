//! Lists.asmx: lists as they are. Their making is in `list_schema`, their rows in `list_items` and `updates`.

use soap::Element;

use crate::sharepoint::{
    caml::in_namespace,
    ids,
    list::List,
    rights::Rights,
    rows::{LIST_VIEW_THRESHOLD, show_utc},
    state::Web,
};

use super::{Call, Refusal, attachments, files, list_items, list_schema, updates};

pub(super) fn run(call: &mut Call<'_>) -> Option<Result<Element, Refusal>> {
    Some(match call.operation {
        "GetListCollection" => get_list_collection(call),
        "GetList" => get_list(call),
        "AddList" => list_schema::add_list(call),
        "UpdateList" => list_schema::update_list(call),
        "DeleteList" => list_schema::delete_list(call),
        "GetListItems" => list_items::get_list_items(call),
        "UpdateListItems" => updates::update_list_items(call),
        "GetAttachmentCollection" => attachments::get_attachment_collection(call),
        "AddAttachment" => attachments::add_attachment(call),
        "DeleteAttachment" => attachments::delete_attachment(call),
        "CheckOutFile" => files::check_out_file(call),
        "CheckInFile" => files::check_in_file(call),
        _ => return None,
    })
}

fn get_list_collection(call: &Call<'_>) -> Result<Element, Refusal> {
    let web = call.web()?;
    let sees = |list: &&List| call.collection.rights_on(call.around.user, &web.path, list).include(Rights::VIEW_ITEMS);
    let lists = web.lists().into_iter().filter(sees).map(|list| list_element(call, web, list));
    Ok(call.result([call.element("Lists").with_all(lists)]))
}

fn get_list(call: &Call<'_>) -> Result<Element, Refusal> {
    let list = call.list("listName")?;
    call.demand_on(list.id, Rights::VIEW_ITEMS)?;
    Ok(call.result([list_with_schema(call, call.web()?, list)]))
}

/// A list with its columns and the web's settings: what GetList and AddList return.
pub(super) fn list_with_schema(call: &Call<'_>, web: &Web, list: &List) -> Element {
    let is_2010 = call.around.generation.is_2010();
    let fields = list.fields.iter().map(|field| {
        let element = in_namespace(&field.0, call.service.namespace);
        // What looks into the database's own table says so; one of other people's clients needs it.
        let is_bare = is_2010 && field.kind() == "Lookup" && field.0.attribute("List").is_none();
        if is_bare { element.with_attribute("List", "Docs") } else { element }
    });
    let regional = call
        .element("RegionalSettings")
        .with_value("Language", 1033)
        .with_value("Locale", 1033)
        .with_value("AdvanceHijri", 0)
        .with_value("CalendarType", 1)
        .with_value("Time24", "False")
        .with_value("TimeZone", 300)
        .with_value("SortOrder", 2070)
        .with_value("Presence", "True");
    let server = call
        .element("ServerSettings")
        .with_value("ServerVersion", call.around.generation.server_version())
        .with_value("RecycleBinEnabled", "True")
        .with_value("ServerRelativeUrl", &web.path);
    list_element(call, web, list).with(call.element("Fields").with_all(fields)).with(regional).with(server)
}

/// The `List` element with its attributes: those of 2007 (MS-LISTSWS R2396 to R542001002 name the later ones), and
/// those that came with 2010.
pub(super) fn list_element(call: &Call<'_>, web: &Web, list: &List) -> Element {
    let template = list.definition();
    let date = |time: domain::Timestamp| time.strftime("%Y%m%d %H:%M:%S").to_string();
    let says = |flag: bool| if flag { "True" } else { "False" }.to_owned();
    let rooted = |path: &str| format!("{}/{path}", web.path);
    let view = list.default_view().map(|view| rooted(&view.path)).unwrap_or_default();
    let document =
        if list.template == 101 { rooted(&format!("{}/Forms/template.doc", list.root)) } else { String::new() };
    let settings = &list.settings;
    let attributes: [(&str, String); 47] = [
        ("DocTemplateUrl", document),
        ("DefaultViewUrl", view),
        ("MobileDefaultViewUrl", String::new()),
        ("ID", ids::braced(list.id)),
        ("Title", list.title.clone()),
        ("Description", list.description.clone()),
        ("ImageUrl", template.image.to_owned()),
        ("Name", ids::braced(list.id)),
        ("BaseType", template.base_type.to_string()),
        ("FeatureId", template.feature_id()),
        ("ServerTemplate", list.template.to_string()),
        ("Created", date(list.created)),
        ("Modified", date(list.modified)),
        ("LastDeleted", date(list.created)),
        ("Version", list.version.to_string()),
        ("Direction", settings.direction.clone()),
        ("ThumbnailSize", String::new()),
        ("WebImageWidth", String::new()),
        ("WebImageHeight", String::new()),
        ("Flags", "4096".to_owned()),
        ("ItemCount", list.items.len().to_string()),
        ("AnonymousPermMask", "0".to_owned()),
        ("RootFolder", rooted(&list.root)),
        ("ReadSecurity", "1".to_owned()),
        ("WriteSecurity", "1".to_owned()),
        ("Author", list.author.to_string()),
        ("EventSinkAssembly", String::new()),
        ("EventSinkClass", String::new()),
        ("EventSinkData", String::new()),
        ("EmailInsertsFolder", String::new()),
        ("EmailAlias", String::new()),
        ("WebFullUrl", web.path.clone()),
        ("WebId", web.id.to_string()),
        ("SendToLocation", String::new()),
        ("ScopeId", scope_of(call, web, list)),
        ("MajorVersionLimit", settings.version_limit.to_string()),
        ("MajorWithMinorVersionsLimit", "0".to_owned()),
        ("WorkFlowId", String::new()),
        // Of its items, not of the list (MS-LISTSWS R151): none here has permissions of its own.
        ("HasUniqueScopes", says(false)),
        ("AllowDeletion", says(true)),
        ("AllowMultiResponses", says(false)),
        ("EnableAttachments", says(settings.attachments)),
        ("EnableModeration", says(settings.moderation)),
        ("EnableVersioning", says(settings.versioning)),
        ("Hidden", says(settings.hidden)),
        ("EnableMinorVersion", says(settings.minor_versions)),
        ("RequireCheckout", says(settings.require_checkout)),
    ];
    let list =
        attributes.into_iter().fold(call.element("List"), |list, (name, value)| list.with_attribute(name, value));
    let list = [("MultipleDataList", false), ("Ordered", false), ("ShowUser", true)]
        .into_iter()
        .fold(list, |list, (name, flag)| list.with_attribute(name, says(flag)));
    // Of issues only (R164); ours send no mail.
    let list = if template.base_type == 5 { list.with_attribute("EnableAssignedToEmail", says(false)) } else { list };
    if !call.around.generation.is_2010() {
        return list;
    }
    let list = LATER.iter().fold(list, |list, (name, flag)| list.with_attribute(name, says(*flag)));
    list.with_attribute("MaxItemsPerThrottledOperation", LIST_VIEW_THRESHOLD.to_string())
}

/// Attributes that came with 2010 (R2391 to R2418), each with what a plain list says.
const LATER: [(&str, bool); 11] = [
    ("HasExternalDataSource", false),
    ("EnablePeopleSelector", false),
    ("EnableResourceSelector", false),
    ("ThrottleListOperations", true),
    ("ExcludeFromOfflineClient", false),
    ("EnableFolderCreation", false),
    ("IrmEnabled", false),
    ("IsApplicationList", false),
    ("PreserveEmptyValues", false),
    ("StrictTypeCoercion", false),
    ("EnforceDataValidation", false),
];

/// The id of the permissions that hold: the list's own, or those of the web that it inherits from.
fn scope_of(call: &Call<'_>, web: &Web, list: &List) -> String {
    let holder = call.collection.web_of_grants(&web.path).unwrap_or(web);
    let id = if list.grants.is_some() { list.id } else { holder.id };
    ids::named(&format!("scope {id}")).to_string()
}

/// A time as SiteData writes it.
pub(super) fn time(time: domain::Timestamp) -> String {
    show_utc(time)
}
