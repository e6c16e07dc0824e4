"""zeep speaks every operation that our adapter uses, to a SharePoint of 2007 and to one of 2010 online.

Which ones those are is read from the adapter: one that is added there and not here fails.
"""

import re
from itertools import count

import pytest
import zeep.exceptions

from conftest import ROOT
from sharepoint_zeep import SharePoint, code

OPERATIONS = ROOT / "functions" / "shared" / "sharepoint" / "src" / "classic" / "operation"
LIBRARY = "Fremde Dokumente"
CONTRIBUTE, READ = 1011028719, 138612833
# The collection keeps a group for good; names are used once.
GROUPS = (f"Operations Members {n}" for n in count(1))
# With a space in front it is a text; without, `SharePoint.call` would make an element of it.
PART = """ <WebPart xmlns="http://schemas.microsoft.com/WebPart/v2"><Title>Hello</Title><Assembly>Microsoft.SharePoint</Assembly>
    <TypeName>Microsoft.SharePoint.WebPartPages.ContentEditorWebPart</TypeName></WebPart>"""


def used():
    """Service and name of each operation in the adapter."""
    found = set()
    for file in OPERATIONS.glob("*.rs"):
        text = file.read_text()
        name = re.search(r'const NAME: &\'static str = "(\w+)";\n    const ACTION', text)
        service = re.search(r'const SERVICE: &\'static str = "(\w+)\.asmx"', text)
        if name:
            # The one that is asked for before anybody is signed in has its address where that is done.
            found.add((service[1] if service else "Authentication", name[1]))
    return found


@pytest.fixture(scope="module", params=["2007", "2010"])
def site(request, contracts, tenant, online):
    """The top web of a collection, and who we are there."""
    if request.param == "2007":
        user, password = tenant["sharepoint_user"], tenant["sharepoint_password"]
        site = SharePoint(contracts, tenant["site_collection"], user, password)
        site.web, site.password, site.person = tenant["site_collection"], password, tenant["people"][1]["login"]
    else:
        site = SharePoint(contracts, online["site_collection"], cookies=online["cookies"])
        user, site.password = online["user"], online["password"]
        site.web, site.person = online["site_collection"], "adam.able@northwind.example"
    site.me, site.generation = user, request.param
    return site


@pytest.fixture(scope="module")
def library(site):
    """A library with a choice column, gone afterwards."""
    made = site.call("Lists", "AddList", listName=LIBRARY, description="made by zeep", templateID=101)
    assert made.get("Title") == LIBRARY
    field = '<Field Type="Choice" DisplayName="Stage" Name="Stage"><CHOICES><CHOICE>Draft</CHOICE></CHOICES></Field>'
    fields = f'<Fields><Method ID="1">{field}</Method></Fields>'
    changed = site.call("Lists", "UpdateList", listName=LIBRARY, newFields=fields)
    assert changed.findtext("{*}NewFields/{*}Method/{*}ErrorCode") == "0x00000000"
    yield LIBRARY
    site.call("Lists", "DeleteList", listName=LIBRARY)


@pytest.fixture(scope="module")
def group(site):
    name = next(GROUPS)
    owner = {"ownerIdentifier": site.me, "ownerType": "user", "defaultUserLoginName": site.me}
    site.call("UserGroup", "AddGroup", groupName=name, description="made by zeep", **owner)
    site.call("UserGroup", "AddGroupToRole", roleName="Contribute", groupName=name)
    return name


def test_the_web_and_its_lists_are_told(site, library):
    assert site.call("Webs", "GetWeb", webUrl=site.web).get("Url") == site.web
    lists = site.call("Lists", "GetListCollection")
    assert library in [entry.get("Title") for entry in lists.iterfind("{*}List")]
    described = site.call("Lists", "GetList", listName=library)
    assert "Stage" in [field.get("Name") for field in described.iterfind("{*}Fields/{*}Field")]


def test_a_view_is_added(site, library):
    view = {"viewFields": '<ViewFields><FieldRef Name="LinkFilename"/></ViewFields>', "query": "<Query/>"}
    about = {"rowLimit": '<RowLimit Paged="TRUE">30</RowLimit>', "type": "HTML", "makeViewDefault": False}
    added = site.call("Views", "AddView", listName=library, viewName="Drafts", **view, **about)
    views = site.call("Views", "GetViewCollection", listName=library)
    shown = {view.get("DisplayName"): view.get("Name") for view in views.iterfind("{*}View")}
    assert shown["Drafts"] == added.get("Name")


def test_a_file_is_copied_and_its_row_changed(site, library):
    address = f"{site.web}/{library}/hello.txt"
    copied = site.call(
        "Copy",
        "CopyIntoItems",
        SourceUrl="http://null",
        DestinationUrls={"string": [address]},
        Fields={"FieldInformation": []},
        Stream=b"hello",
    )
    assert [result.ErrorCode for result in copied.Results.CopyResult] == ["Success"]
    files = site.call("SiteData", "EnumerateFolder", strFolderUrl=library)
    assert f"{library}/hello.txt" in [entry.Url for entry in files.vUrls._sFPUrl]
    rows, _ = site.rows(library)
    field = '<Field Name="Stage">Draft</Field>'
    update = f'<Batch><Method ID="1" Cmd="Update"><Field Name="ID">{rows[0]["ID"]}</Field>{field}</Method></Batch>'
    results = site.call("Lists", "UpdateListItems", listName=library, updates=update)
    assert [result.findtext("{*}ErrorCode") for result in results.iterfind("{*}Result")] == ["0x00000000"]
    view = '<ViewFields><FieldRef Name="Stage"/></ViewFields>'
    rows, _ = site.rows(library, viewFields=view)
    assert [row["Stage"] for row in rows] == ["Draft"]


def test_a_part_is_added_to_a_page(site):
    page = f"{site.web}/default.aspx"
    where = {"pageUrl": page, "storage": "Shared", "zoneId": "Left", "zoneIndex": 0}
    key = site.call("WebPartPages", "AddWebPartToZone", webPartXml=PART, **where)
    parts = site.call("WebPartPages", "GetWebPartProperties2", pageUrl=page, storage="Shared", behavior="Version3")
    assert str(key).lower() in [part.get("ID", "").lower().strip("{}") for part in parts.iter("{*}WebPart")]


def test_a_group_has_a_role_and_members(site, group):
    groups = site.call("UserGroup", "GetGroupCollectionFromWeb")
    assert group in [entry.Name for entry in groups.Groups.Group]
    described = site.call("UserGroup", "GetGroupInfo", groupName=group)
    assert described.Group.Description == "made by zeep"
    roles = site.call("UserGroup", "GetRoleCollectionFromGroup", groupName=group)
    assert [role.Name for role in roles.Roles.Role] == ["Contribute"]
    about = {"userName": "", "userEmail": "", "userNotes": ""}
    site.call("UserGroup", "AddUserToGroup", groupName=group, userLoginName=site.person, **about)
    users = {"Users": {"User": [{"LoginName": site.me, "Email": "", "Name": "", "Notes": ""}]}}
    site.call("UserGroup", "AddUserCollectionToGroup", groupName=group, usersInfoXml=users)
    members = site.call("UserGroup", "GetUserCollectionFromGroup", groupName=group)
    names = [user.LoginName.lower() for user in members.Users.User]
    assert [name.endswith(who.lower()) for name, who in zip(sorted(names), sorted([site.me, site.person], key=str.lower))]
    claims = [name.startswith("i:0#.f|membership|") for name in names]
    assert all(claims) if site.generation == "2010" else not any(claims)


def test_an_unknown_person_is_refused(site, group):
    about = {"userName": "", "userEmail": "", "userNotes": ""}
    with pytest.raises(zeep.exceptions.Fault) as raised:
        site.call("UserGroup", "AddUserToGroup", groupName=group, userLoginName="nobody@nowhere.example", **about)
    assert code(raised.value) == "0x80131600"


def test_what_we_may_is_told(site):
    told = site.call("UserGroup", "GetRolesAndPermissionsForCurrentUser")
    assert int(told.Permissions.Value) & 0x800000, "sub-webs may be made"
    masks = {role.Name: role.BasePermissions for role in told.Roles.Role}
    assert masks["Full Control"] == 0x7FFFFFFFFFFFFFFF


def test_a_list_has_permissions_of_its_own(site, group, library):
    given = {"objectName": library, "objectType": "list", "permissionIdentifier": group, "permissionType": "group"}
    site.call("Permissions", "AddPermission", permissionMask=CONTRIBUTE, **given)
    site.call("Permissions", "UpdatePermission", permissionMask=READ, **given)
    # zeep cannot read this reply: its result holds an element of the request's name.
    reply = site.call("Permissions", "GetPermissionCollection", raw=True, objectName=library, objectType="list")
    masks = {entry.get("GroupName"): entry.get("Mask") for entry in reply.iterfind(".//{*}Permission")}
    assert masks[group] == str(READ)


def test_the_forms_sign_in_answers(site):
    told = site.call("Authentication", "Login", username=site.me, password=site.password)
    expected = "NoError" if site.generation == "2007" else "NotInFormsAuthenticationMode"
    assert told.ErrorCode == expected


def test_every_operation_in_use_was_spoken(site):
    """Runs last in this file: all that the tests above said."""
    assert len(used()) > 20
    assert used() - site.spoken == set()


def test_what_came_with_2010_is_there_online_and_not_before(site):
    """MS-SITESS R3781, R5341, R5381, R3791."""
    if site.generation == "2007":
        for operation, parts in [("CreateWeb", {"url": "a", "title": "A", "templateName": "STS#1"}), ("GetSite", {"SiteUrl": site.web})]:
            with pytest.raises(zeep.exceptions.Fault, match="did not recognize"):
                site.call("Sites", operation, **parts)
        return
    about = {"description": "", "templateName": "STS#1"}
    flags = {"uniquePermissions": True, "anonymous": False, "presence": False}
    site.call("Sites", "CreateWeb", url="made-by-zeep", title="Made by zeep", **about, **flags)
    webs = site.call("Webs", "GetWebCollection")
    assert f"{site.web}/made-by-zeep" in [web.get("Url") for web in webs.iterfind("{*}Web")]
    with pytest.raises(zeep.exceptions.Fault) as raised:
        site.call("Sites", "CreateWeb", url="made-by-zeep", title="Again", **about, **flags)
    assert code(raised.value) == "0x800700b7"
    assert f'Url="{site.web}"' in site.call("Sites", "GetSite", SiteUrl=site.web)
    digest = site.call("Sites", "GetUpdatedFormDigestInformation", url=site.web)
    assert (digest.TimeoutSeconds, digest.WebFullUrl) == (1800, site.web)
    site.call("Sites", "DeleteWeb", url="made-by-zeep")
    templates = site.call("Sites", "GetSiteTemplates", LCID=1031)
    assert not templates.TemplateList or not templates.TemplateList.Template
