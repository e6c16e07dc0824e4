"""SharePlum 0.5.1, unmodified: as far as it goes on a SharePoint of 2007, and in full on one of 2010."""

from datetime import datetime

import pytest
import requests
from requests.auth import HTTPBasicAuth
from shareplum import Office365, Site
from shareplum.errors import ShareplumRequestError
from shareplum.list import _List2007
from shareplum.site import Version

from sharepoint_zeep import SharePoint

ADAM = "Adam Able"


@pytest.fixture(scope="module")
def site(online):
    return Site(online["site_collection"], version=Version.v2010, authcookie=online["cookies"])


@pytest.fixture
def tasks(site):
    """A list of tasks, gone afterwards."""
    answer = site.AddList("Strange Tasks", "made by SharePlum", "Tasks")
    assert "Strange Tasks" in answer
    yield site.List("Strange Tasks")
    site.DeleteList("Strange Tasks")


def _titles(rows):
    return [row["Title"] for row in rows]


def test_on_2007_it_stops_at_its_first_call(tenant):
    """Sites.GetSite came with 2010 (MS-SITESS R5341); nothing of the client's can be had without it."""
    auth = HTTPBasicAuth(tenant["sharepoint_user"], tenant["sharepoint_password"])
    with pytest.raises(ShareplumRequestError) as raised:
        Site(tenant["site_collection"], version=Version.v2007, auth=auth)
    refused = raised.value.__context__.response
    assert refused.status_code == 500
    assert refused.url.endswith("/_vti_bin/Sites.asmx")
    assert "did not recognize the value of HTTP Header SOAPAction" in refused.text and "/GetSite." in refused.text


def test_on_2007_its_lists_work_for_who_brings_the_session(contracts, tenant):
    """What is behind that first call needs nothing of 2010."""
    user, password, web = tenant["sharepoint_user"], tenant["sharepoint_password"], tenant["site_collection"]
    zeep = SharePoint(contracts, web, user, password)
    zeep.call("Lists", "AddList", listName="Strange List", description="", templateID=100)
    try:
        session = requests.Session()
        session.auth = (user, password)
        rows = _List2007(session, "Strange List", lambda service: f"{web}/_vti_bin/{service}.asmx", True, None, False, None)
        assert rows.UpdateListItems([{"Title": "a"}, {"Title": "b"}], "New") == {"1,New": "0x00000000", "2,New": "0x00000000"}
        assert _titles(rows.GetListItems(fields=["ID", "Title"])) == ["a", "b"]
    finally:
        zeep.call("Lists", "DeleteList", listName="Strange List")


def test_its_own_sign_in_gets_cookies_that_open_the_site(online, monkeypatch):
    """It has the sign-in service's address inside. What a name server would do is done below it, in `requests`."""
    _reroute(online, monkeypatch)
    cookies = Office365(online["host"], online["user"], online["password"]).GetCookies()
    assert {"FedAuth", "rtFa"} <= set(cookies.keys())
    site = Site(online["site_collection"], version=Version.v2010, authcookie=cookies)
    assert site.site_info.startswith("<Site Url=")


def test_its_own_sign_in_tells_why_it_is_refused(online, monkeypatch):
    _reroute(online, monkeypatch)
    with pytest.raises(Exception, match="Error authenticating") as raised:
        Office365(online["host"], online["user"], "wrong").GetCookies()
    assert "passwords do not match" in raised.value.args[1]


def _reroute(online, monkeypatch):
    send = requests.adapters.HTTPAdapter.send

    def rerouted(adapter, request, **options):
        request.url = request.url.replace("https://login.microsoftonline.com/extSTS.srf", online["sts"])
        return send(adapter, request, **options)

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", rerouted)


def test_without_cookies_it_gets_nothing(online):
    with pytest.raises(ShareplumRequestError) as raised:
        Site(online["site_collection"], version=Version.v2010)
    assert raised.value.__context__.response.status_code == 403


def test_it_lists_people_and_lists(site, tasks):
    users = site.GetUsers()
    number = users["py"][ADAM].split(";#")[0]
    assert users["sp"][f"{number};#{ADAM}"] == ADAM
    described = {entry["Title"]: entry for entry in site.GetListCollection()}
    assert described["Strange Tasks"]["BaseTemplate"] == "Tasks"
    assert "Custom List" in [template["DisplayName"] for template in site.get_list_templates()]


def test_it_reads_a_lists_settings_and_views(tasks):
    assert {"Title", "AssignedTo", "DueDate"} <= {field["Name"] for field in tasks.fields}
    # Of other settings it cuts off letters: it strips the namespace from names as a set of characters.
    assert tasks.regional_settings["Time24"] == "False"
    assert tasks.server_settings["ServerRelativeUrl"] == "/sites/northwind"
    assert tasks.views["All Tasks"]["DefaultView"] == "TRUE"
    view = tasks.GetView("All Tasks")
    assert view["info"]["DisplayName"] == "All Tasks" and "AssignedTo" in view["fields"]


def test_it_adds_changes_and_deletes_rows(tasks):
    due = datetime(2012, 5, 4, 12, 30)
    new = [
        {"Title": "Call <Coho> & Co", "Assigned To": ADAM, "Due Date": due, "% Complete": 0.5},
        {"Title": "Ring", "Status": "In Progress"},
    ]
    assert tasks.UpdateListItems(new, "New") == {"1,New": "0x00000000", "2,New": "0x00000000"}
    fields = ["ID", "Title", "Assigned To", "Due Date", "% Complete", "Status"]
    first, second = tasks.GetListItems(fields=list(fields))
    assert (first["Title"], first["Assigned To"], first["Due Date"]) == ("Call <Coho> & Co", ADAM, due)
    assert (first["% Complete"], second["Status"]) == (0.5, "In Progress")

    assert tasks.UpdateListItems([{"ID": first["ID"], "Title": "Called"}], "Update") == {"1,Update": "0x00000000"}
    assert _titles(tasks.GetListItems(fields=["ID", "Title"])) == ["Called", "Ring"]
    outcome = tasks.UpdateListItems([first["ID"], 999], "Delete")
    assert outcome["1,Delete"] == "0x00000000"
    assert outcome["2,Delete"][0] == "0x81020016"
    assert _titles(tasks.GetListItems(fields=["ID", "Title"])) == ["Ring"]


def test_it_reads_rows_by_query_view_and_number(tasks):
    tasks.UpdateListItems([{"Title": title, "Assigned To": ADAM} for title in "abc"], "New")
    query = {"Where": ["And", ("Gt", "Title", "a"), ("Eq", "Assigned To", ADAM)]}
    # The client puts `1;#Adam Able` into the query, which is no name of anybody: by the title only, then.
    assert _titles(tasks.GetListItems(fields=["ID", "Title"], query=query)) == []
    query = {"Where": ["And", ("Gt", "Title", "a"), ("Neq", "Title", "c")]}
    assert _titles(tasks.GetListItems(fields=["ID", "Title"], query=query)) == ["b"]
    assert len(tasks.GetListItems(fields=["ID", "Title"], row_limit=2)) == 2
    made = tasks.GetListItems(fields=["ID", "Created By", "Created"])
    assert [row["Created By"] for row in made] == ["SharePoint Service"] * 3
    assert all(row["Created"].year > 2000 for row in tasks.GetListItems())
    assert [row["Assigned To"] for row in tasks.GetListItems("All Tasks")] == [ADAM] * 3


def test_it_lists_what_is_attached(contracts, online, tasks):
    """It reads attachments and cannot add any; zeep does."""
    tasks.UpdateListItems([{"Title": "a"}], "New")
    assert tasks.GetAttachmentCollection("1") == []
    zeep = SharePoint(contracts, online["site_collection"], cookies=online["cookies"])
    about = {"listName": "Strange Tasks", "listItemID": "1", "fileName": "minutes.txt"}
    address = zeep.call("Lists", "AddAttachment", attachment=b"hello", **about)
    assert tasks.GetAttachmentCollection("1") == [address]
    assert requests.get(address, cookies=online["cookies"]).content == b"hello"


def test_what_it_asks_of_services_that_are_not_simulated_is_refused(site, tasks):
    """Forms.asmx: nothing of ours uses it."""
    with pytest.raises(ShareplumRequestError):
        site.get_form_collection("Strange Tasks")
