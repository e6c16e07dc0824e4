//! The services, as much of them as is asked.

use soap::Element;

use super::{Group, HOST, List, SOAP, World};

const DIRECTORY: &str = "http://schemas.microsoft.com/sharepoint/soap/directory/";
const WEB_PARTS: &str = "http://microsoft.com/sharepoint/webpartpages";
const ROWSET: &str = "urn:schemas-microsoft-com:rowset";

type Answer = Result<Element, (&'static str, &'static str)>;

impl World {
    pub(super) fn answer(&mut self, operation: &str, web: &str, service: &str, request: &Element) -> Answer {
        match service {
            "Webs.asmx" => Ok(self.web(web)),
            "Lists.asmx" | "Views.asmx" => self.list_service(operation, web, request),
            "SiteData.asmx" => Ok(self.folder(request)),
            "Copy.asmx" => Ok(self.copy(request)),
            "WebPartPages.asmx" => Ok(self.web_parts(operation, request)),
            _ => self.directory(operation, request),
        }
    }

    /// Below an address that is no web, the next web above answers.
    fn web(&self, path: &str) -> Element {
        let (path, description) = match self.webs.get_key_value(path) {
            Some((path, description)) => (path.as_str(), description.as_str()),
            None => ("/sites/harbour", "The parent [tieline parent]"),
        };
        let web = Element::new(SOAP, "Web").with_attribute("Title", "t").with_attribute("Url", format!("{HOST}{path}"));
        wrapped(SOAP, "GetWeb", web.with_attribute("Description", description))
    }

    fn list_service(&mut self, operation: &str, web: &str, request: &Element) -> Answer {
        let name = request.child_text("listName");
        if operation == "GetListCollection" {
            let lists = self.lists.iter().map(|list| list.element(web, false));
            return Ok(wrapped(SOAP, operation, Element::new(SOAP, "Lists").with_all(lists)));
        }
        let found = self.lists.iter_mut().find(|list| list.id == name || list.title == name);
        if operation == "AddList" {
            if found.is_some() {
                return Err(("0x81020012", "A list with the specified title already exists."));
            }
            let id = format!("{{00000000-0000-4000-8000-{:012}}}", self.lists.len());
            let list = List {
                id,
                title: name,
                template: request.child_text("templateID"),
                fields: [("Title".to_owned(), "Title".to_owned())].into(),
                views: vec!["All Items".to_owned()],
                ..List::default()
            };
            self.lists.push(list);
            let list = self.lists.last().unwrap();
            return Ok(wrapped(SOAP, operation, list.element(web, true)));
        }
        // No code, as WSS 3 has it (MS-LISTSWS R2504).
        let list = found.ok_or(("", "List does not exist."))?;
        match operation {
            "GetList" => Ok(wrapped(SOAP, operation, list.element(web, true))),
            "UpdateList" => list.update(request),
            "GetViewCollection" => {
                let view = |name: &String| Element::new(SOAP, "View").with_attribute("DisplayName", name);
                Ok(wrapped(SOAP, operation, Element::new(SOAP, "Views").with_all(list.views.iter().map(view))))
            }
            "AddView" => {
                list.views.push(request.child_text("viewName"));
                Ok(wrapped(SOAP, operation, Element::new(SOAP, "View")))
            }
            "GetListItems" => Ok(list.page(request)),
            _ => Ok(list.add_rows(request)),
        }
    }

    fn folder(&self, request: &Element) -> Element {
        let folder = request.child_text("strFolderUrl") + "/";
        let entry =
            |file: &String| Element::new(SOAP, "_sFPUrl").with_value("Url", file).with_value("IsFolder", "false");
        let files = self.files.iter().filter(|file| file.starts_with(&folder)).map(entry);
        Element::new(SOAP, "EnumerateFolderResponse").with(Element::new(SOAP, "vUrls").with_all(files))
    }

    fn copy(&mut self, request: &Element) -> Element {
        let to = request.child("DestinationUrls").unwrap().child_text("string");
        let path = to.split_once("/berg/").unwrap().1.to_owned();
        let code = if path.starts_with("Nowhere/") { "DestinationInvalid" } else { "Success" };
        self.files.insert(path);
        let result =
            Element::new(SOAP, "CopyResult").with_attribute("ErrorCode", code).with_attribute("DestinationUrl", to);
        Element::new(SOAP, "CopyIntoItemsResponse").with(Element::new(SOAP, "Results").with(result))
    }

    fn web_parts(&mut self, operation: &str, request: &Element) -> Element {
        let parts = self.parts.entry(request.child_text("pageUrl")).or_default();
        if operation == "AddWebPartToZone" {
            let part = soap::parse(request.child_text("webPartXml").as_bytes(), soap::Limits::default()).unwrap();
            parts.push(part.child_text("Title"));
            return wrapped(WEB_PARTS, operation, Element::new(WEB_PARTS, "guid"));
        }
        let v2 = "http://schemas.microsoft.com/WebPart/v2";
        let part = |title: &String| Element::new(v2, "WebPart").with_value("Title", title);
        wrapped(WEB_PARTS, operation, Element::new(WEB_PARTS, "WebParts").with_all(parts.iter().map(part)))
    }

    fn directory(&mut self, operation: &str, request: &Element) -> Answer {
        let text = |name| request.child_text(name);
        let group = text("groupName");
        let twice = |held: Element| Ok(wrapped(DIRECTORY, operation, Element::new(DIRECTORY, operation).with(held)));
        let listed = |list: &str, item: &'static str, name: &'static str, names: Vec<&String>| {
            let items = names.into_iter().map(|value| Element::new(DIRECTORY, item).with_attribute(name, value));
            twice(Element::new(DIRECTORY, list).with_all(items))
        };
        let nobody = ("0x80131600", "The user does not exist or is not unique.");
        match operation {
            "GetGroupCollectionFromWeb" => {
                let on_web = self.groups.iter().filter(|(_, group)| group.role.is_some());
                return twice(
                    Element::new(DIRECTORY, "Groups").with_all(on_web.map(|(name, group)| group.element(name))),
                );
            }
            "AddGroup" if self.groups.contains_key(&group) => {
                return Err(("0x81020043", "The specified name is already in use."));
            }
            "AddGroup" => {
                let members = [text("defaultUserLoginName")].into();
                self.groups.insert(group, Group { description: text("description"), role: None, members });
                return Ok(done(operation));
            }
            "GetPermissionCollection" | "AddPermission" | "UpdatePermission" => {
                return self.permissions(operation, request);
            }
            _ => {}
        }
        let found = self.groups.get_mut(&group).ok_or(("0x80131600", "Group cannot be found."))?;
        if operation == "GetGroupInfo" {
            return twice(found.element(&group));
        }
        let Group { role, members, .. } = found;
        match operation {
            "GetRoleCollectionFromGroup" => listed("Roles", "Role", "Name", role.iter().collect()),
            "AddGroupToRole" => {
                *role = Some(text("roleName"));
                Ok(done(operation))
            }
            "GetUserCollectionFromGroup" => listed("Users", "User", "LoginName", members.iter().collect()),
            "AddUserToGroup" if self.known.contains(&text("userLoginName")) => {
                members.insert(text("userLoginName"));
                Ok(done(operation))
            }
            "AddUserCollectionToGroup" => {
                let users = request.child("usersInfoXml").and_then(|xml| xml.child("Users")).unwrap();
                let logins: Vec<_> =
                    users.all("User").map(|user| user.attribute("LoginName").unwrap().to_owned()).collect();
                if !logins.iter().all(|login| self.known.contains(login)) {
                    return Err(nobody);
                }
                members.extend(logins);
                Ok(done(operation))
            }
            _ => Err(nobody),
        }
    }

    fn permissions(&mut self, operation: &str, request: &Element) -> Answer {
        let title = request.child_text("objectName");
        let list = self.lists.iter_mut().find(|list| list.title == title).ok_or(("", "List does not exist."))?;
        if operation != "GetPermissionCollection" {
            let (group, mask) = (request.child_text("permissionIdentifier"), request.child_text("permissionMask"));
            // Adding takes nothing away; changing is for those who have something.
            assert_eq!(operation == "UpdatePermission", list.masks.contains_key(&group), "{operation}");
            list.masks.insert(group, mask);
            return Ok(done(operation));
        }
        let permission = |(group, mask): (&String, &String)| {
            Element::new(DIRECTORY, "Permission").with_attribute("GroupName", group).with_attribute("Mask", mask)
        };
        let permissions = Element::new(DIRECTORY, "Permissions").with_all(list.masks.iter().map(permission));
        Ok(wrapped(DIRECTORY, operation, Element::new(DIRECTORY, operation).with(permissions)))
    }
}

impl Group {
    fn element(&self, name: &str) -> Element {
        Element::new(DIRECTORY, "Group").with_attribute("Name", name).with_attribute("Description", &*self.description)
    }
}

impl List {
    fn element(&self, web: &str, whole: bool) -> Element {
        let mut list = Element::new(SOAP, "List")
            .with_attribute("ID", &*self.id)
            .with_attribute("Title", &*self.title)
            .with_attribute("ServerTemplate", &*self.template)
            .with_attribute("Version", self.version.to_string())
            .with_attribute("DefaultViewUrl", format!("{web}/Lists/{}/AllItems.aspx", self.title));
        for name in ["EnableVersioning", "EnableAttachments"] {
            list = list.with_attribute(name, self.settings.get(name).map_or("False", String::as_str));
        }
        if !whole {
            return list;
        }
        let field = |(name, title): (&String, &String)| {
            Element::new(SOAP, "Field").with_attribute("Name", name).with_attribute("DisplayName", title)
        };
        list.with(Element::new(SOAP, "Fields").with_all(self.fields.iter().map(field)))
    }

    /// A new field's name comes from its title, as on the real host.
    fn update(&mut self, request: &Element) -> Answer {
        let expected = request.child_text("listVersion");
        if !expected.is_empty() && expected != self.version.to_string() {
            return Err(("0x81020015", "Your changes conflict with those made concurrently by another user."));
        }
        self.version += 1;
        if let Some(list) = request.child("listProperties").and_then(|part| part.child(("", "List"))) {
            self.settings.extend(list.attributes().map(|(name, value)| (name.local.to_string(), value.to_owned())));
        }
        let mut results = Element::new(SOAP, "Results");
        for (part, answer) in [("newFields", "NewFields"), ("updateFields", "UpdateFields")] {
            let methods = request.child(part).and_then(|part| part.child(("", "Fields")));
            let mut answers = Element::new(SOAP, answer);
            for method in methods.iter().flat_map(|fields| fields.all(("", "Method"))) {
                let field = method.child(("", "Field")).unwrap();
                let title = field.attribute("DisplayName").unwrap();
                let name = if part == "newFields" {
                    title.replace(' ', "_x0020_")
                } else {
                    field.attribute("Name").unwrap().to_owned()
                };
                self.fields.insert(name.clone(), title.to_owned());
                let id = method.attribute("ID").unwrap();
                let result =
                    Element::new(SOAP, "Method").with_attribute("ID", id).with_value("ErrorCode", "0x00000000");
                answers = answers.with(result.with(Element::new(SOAP, "Field").with_attribute("Name", name)));
            }
            results = results.with(answers);
        }
        let list = Element::new(SOAP, "ListProperties").with_attribute("Version", self.version.to_string());
        Ok(wrapped(SOAP, "UpdateList", results.with(list)))
    }

    /// Two rows a page, whatever was asked for.
    fn page(&self, request: &Element) -> Element {
        let options = request.child("queryOptions").and_then(|part| part.child(("", "QueryOptions"))).unwrap();
        let from: usize = options
            .child("Paging")
            .and_then(|paging| paging.attribute("ListItemCollectionPositionNext"))
            .map_or(0, |place| place.strip_prefix("Paged=TRUE&p_ID=").unwrap().parse().unwrap());
        let row = |row: &std::collections::BTreeMap<String, String>| {
            row.iter().fold(Element::new("#RowsetSchema", "row"), |element, (name, value)| {
                element.with_attribute(&format!("ows_{name}"), value)
            })
        };
        let rows: Vec<_> = self.rows.iter().skip(from).take(2).map(row).collect();
        let mut data = Element::new(ROWSET, "data").with_attribute("ItemCount", rows.len().to_string());
        if from + 2 < self.rows.len() {
            data = data.with_attribute("ListItemCollectionPositionNext", format!("Paged=TRUE&p_ID={}", from + 2));
        }
        wrapped(SOAP, "GetListItems", Element::new(SOAP, "listitems").with(data.with_all(rows)))
    }

    fn add_rows(&mut self, request: &Element) -> Element {
        let batch = request.child("updates").and_then(|part| part.child(("", "Batch"))).unwrap();
        let mut results = Element::new(SOAP, "Results");
        for method in batch.all(("", "Method")) {
            let field = |field: &Element| (field.attribute("Name").unwrap().to_owned(), field.text());
            self.rows.push(method.all(("", "Field")).map(field).filter(|(name, _)| name != "ID").collect());
            let id = format!("{},New", method.attribute("ID").unwrap());
            results = results
                .with(Element::new(SOAP, "Result").with_attribute("ID", id).with_value("ErrorCode", "0x00000000"));
        }
        wrapped(SOAP, "UpdateListItems", results)
    }
}

fn wrapped(ns: &str, operation: &str, held: Element) -> Element {
    let result = Element::new(ns, &format!("{operation}Result")).with(held);
    Element::new(ns, &format!("{operation}Response")).with(result)
}

fn done(operation: &str) -> Element {
    Element::new(DIRECTORY, &format!("{operation}Response"))
}
