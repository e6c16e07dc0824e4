"""The package `sharepoint` 0.4.2 (python-sharepoint), unmodified, on a SharePoint of 2010.

It was written for Python 2 too, and where it writes it says `unicode`, which Python 3 has not: a test that writes gives
it that name. The package itself is as it comes from the index.
"""

import builtins
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from sharepoint import SharePointSite
from sharepoint.auth import basic_auth_opener
from sharepoint.exceptions import UpdateFailedError

from sharepoint_zeep import SharePoint

LIST = "Strange Rows"


@pytest.fixture
def site(online):
    return SharePointSite(online["site_collection"], build_opener(HTTPCookieProcessor(online["cookies"])))


@pytest.fixture
def name_of_python_2(monkeypatch):
    monkeypatch.setattr(builtins, "unicode", str, raising=False)


@pytest.fixture
def rows(contracts, online, site, name_of_python_2):
    """A list of tasks, gone afterwards."""
    site.lists.create(LIST, "made by python-sharepoint", 107)
    yield site.lists[LIST]
    SharePoint(contracts, online["site_collection"], cookies=online["cookies"]).call("Lists", "DeleteList", listName=LIST)


def test_on_2007_it_stops_at_the_list_of_people(tenant):
    """It asks for the list `UserInfo` after all others, which the simulated 2007 has for rows only."""
    opener = basic_auth_opener(tenant["site_collection"], tenant["sharepoint_user"], tenant["sharepoint_password"])
    with pytest.raises(HTTPError) as raised:
        list(SharePointSite(tenant["site_collection"], opener).lists)
    assert raised.value.code == 500
    assert b"GUID should contain 32 digits" in raised.value.read()


def test_without_the_name_of_python_2_it_reads_and_does_not_write(site):
    assert "User Information List" in [entry.name for entry in site.lists]
    with pytest.raises(NameError, match="unicode"):
        site.lists.create(LIST)


def test_without_cookies_it_gets_nothing(online):
    with pytest.raises(HTTPError) as raised:
        list(SharePointSite(online["site_collection"], build_opener()).lists)
    assert raised.value.code == 403


def test_rows_are_added_changed_and_deleted(site, rows):
    rows.append({"Title": "Call <Coho> & Co", "Status": "In Progress", "PercentComplete": 0.5})
    rows.append({"Title": "Ring"})
    rows.save()
    assert [row.id for row in rows.rows] == [1, 2]

    again = _again(site)
    first, second = again.rows
    assert (first.Title, first.Status, first.PercentComplete, second.Title) == ("Call <Coho> & Co", "In Progress", 0.5, "Ring")
    assert first.Author["name"] == "SharePoint Service"
    assert first.Created.year > 2000 and first.GUID.startswith("{")
    first.Title = "Called"
    second.delete()
    again.save()
    assert [row.Title for row in _again(site).rows] == ["Called"]


def test_a_change_of_what_is_gone_is_an_error_that_says_so(site, rows):
    rows.append({"Title": "a"})
    rows.save()
    stale, other = _again(site), _again(site)
    assert len(stale.rows) == 1
    other.rows[0].delete()
    other.save()
    stale.rows[0].Title = "b"
    with pytest.raises(UpdateFailedError, match="0x81020016"):
        stale.save()


def test_people_are_found_by_row_and_by_number(site, rows):
    people = site.lists["User Information List"].rows_by_id
    adam = next(person for person in people.values() if person.Name.endswith("adam.able@northwind.example"))
    assert adam.Title == "Adam Able"
    rows.append({"Title": "a", "AssignedTo": adam.id})
    rows.save()
    assert _again(site).rows[0].AssignedTo == {"id": adam.id, "name": "Adam Able"}
    assert site.users[adam.id].Name == "Adam Able"
    assert site.users[adam.id].WorkEMail == "adam.able@northwind.example"
    with pytest.raises(KeyError):
        site.users[9999]


def test_what_is_attached_is_listed_and_read(contracts, online, site, rows):
    """It reads attachments; adding and deleting are not in it. zeep does that."""
    rows.append({"Title": "a"})
    rows.save()
    assert list(rows.rows[0].attachments) == []
    zeep = SharePoint(contracts, online["site_collection"], cookies=online["cookies"])
    zeep.call("Lists", "AddAttachment", listName=LIST, listItemID="1", fileName="minutes.txt", attachment=b"hello")
    (attached,) = _again(site).rows[0].attachments
    assert attached.url.endswith(f"/Lists/{LIST.replace(' ', '%20')}/Attachments/1/minutes.txt")
    assert attached.open().read() == b"hello"
    with pytest.raises(NotImplementedError):
        attached.delete()


def _again(site):
    """The list as the server has it now."""
    return SharePointSite(site.opener.base_url, site.opener).lists[LIST]
