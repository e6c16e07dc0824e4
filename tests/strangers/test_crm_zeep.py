"""zeep drives the simulated CRM through the vendor's WSDLs: what it accepts, CRM's own clients would accept."""

from xml.etree import ElementTree

import pytest
import zeep.exceptions

from crm import Crm, Discovery, code, properties

NOT_THERE = "11111111-2222-3333-4444-555555555555"


@pytest.fixture(scope="module")
def discovery(contracts, demo):
    return Discovery(contracts, demo["crm"])


@pytest.fixture(scope="module")
def signed_in(discovery, tenant):
    return discovery.ticket(tenant)


@pytest.fixture(scope="module", params=[False, True], ids=["soap11", "soap12"])
def crm(request, contracts, tenant, signed_in):
    url = signed_in.OrganizationDetail.CrmServiceUrl
    return Crm(contracts, url, tenant["organization"], signed_in.CrmTicket, soap12=request.param)


@pytest.fixture
def account(crm):
    """An account that the test may do with as it likes."""
    identity = crm.call("Create", crm.dynamic("account", name=("String", "Ærø Færgefart & Søn <ApS>")))
    yield identity
    try:
        crm.call("Delete", "account", identity)
    except zeep.exceptions.Fault as fault:
        assert code(fault) == "0x80040217"


def test_a_ticket_names_the_organisation_and_its_addresses(signed_in, tenant, demo):
    detail = signed_in.OrganizationDetail
    assert detail.OrganizationName == tenant["organization"]
    assert detail.CrmServiceUrl.startswith(demo["crm"])
    assert signed_in.CrmTicket
    assert signed_in.ExpirationDate


def test_a_wrong_password_gets_no_ticket(discovery, tenant):
    with pytest.raises(zeep.exceptions.Fault):
        discovery.ticket(tenant | {"crm_password": "wrong"})


def test_who_am_i_names_the_integration_user(crm):
    me = crm.execute("WhoAmIRequest")
    user = crm.call("Retrieve", "systemuser", me.UserId, crm.columns("fullname", "domainname"))
    assert user.domainname
    assert me.OrganizationId


def test_a_foreign_or_stale_ticket_is_an_expired_one(contracts, signed_in, tenant):
    crm = Crm(contracts, signed_in.OrganizationDetail.CrmServiceUrl, tenant["organization"], "no such ticket")
    with pytest.raises(zeep.exceptions.Fault) as raised:
        crm.execute("WhoAmIRequest")
    assert code(raised.value) == "0x8004A101"


def test_a_created_account_is_read_back_typed_and_dynamic(crm, account):
    typed = crm.call("Retrieve", "account", account, crm.columns("name", "ownerid"))
    assert typed.name == "Ærø Færgefart & Søn <ApS>"
    assert typed.ownerid.type == "systemuser"

    target = crm.type("TargetRetrieveDynamic")(EntityName="account", EntityId=account)
    reply = crm.execute("RetrieveRequest", Target=target, ColumnSet=crm.columns("name"), dynamic=True)
    assert properties(reply)["name"] == "Ærø Færgefart & Søn <ApS>"


def test_an_update_changes_what_it_names_and_nothing_else(crm, account):
    entity = crm.dynamic(
        "account", accountid=("Key", account), tl_siteenabled=("CrmBoolean", True), tl_siteurl=("String", "http://x")
    )
    crm.call("Update", entity)
    target = crm.type("TargetRetrieveDynamic")(EntityName="account", EntityId=account)
    columns = crm.columns("name", "tl_siteenabled", "tl_siteurl")
    read = properties(crm.execute("RetrieveRequest", Target=target, ColumnSet=columns, dynamic=True))
    assert (read["name"], read["tl_siteurl"]) == ("Ærø Færgefart & Søn <ApS>", "http://x")
    assert read["tl_siteenabled"]


def test_a_deleted_record_does_not_exist(crm, account):
    crm.call("Delete", "account", account)
    with pytest.raises(zeep.exceptions.Fault) as raised:
        crm.call("Retrieve", "account", account, crm.columns("name"))
    assert code(raised.value) == "0x80040217"


def test_pages_follow_the_cookie_to_the_end_without_repeating(crm):
    seen, page, cookie = [], 1, None
    while True:
        query = crm.query("account", "name", page=page, count=2, cookie=cookie)
        found = crm.execute("RetrieveMultipleRequest", Query=query, dynamic=True)
        seen += [properties(entity)["accountid"] for entity in found.BusinessEntities.BusinessEntity]
        if not found.MoreRecords:
            break
        page, cookie = page + 1, found.PagingCookie
    assert page > 1
    assert len(seen) == len(set(seen))


def test_a_typed_query_finds_what_its_condition_says(crm, account):
    query = crm.query("account", "name", where=[("accountid", "Equal", account)])
    found = crm.call("RetrieveMultiple", query)
    assert [entity.name for entity in found.BusinessEntities.BusinessEntity] == ["Ærø Færgefart & Søn <ApS>"]


def test_fetch_answers_a_result_set(crm, account):
    fetch = (
        "<fetch mapping='logical' count='10'><entity name='account'><attribute name='name'/><filter>"
        f"<condition attribute='accountid' operator='eq' value='{account}'/></filter></entity></fetch>"
    )
    rows = ElementTree.fromstring(crm.call("Fetch", fetch))
    assert rows.tag == "resultset"
    assert [row.findtext("name") for row in rows] == ["Ærø Færgefart & Søn <ApS>"]


def test_a_share_is_granted_read_and_revoked(crm, account):
    reader = _somebody_else(crm)
    target, principal = crm.target("account", account), crm.principal("User", reader)
    access = {"Principal": principal, "AccessMask": ["ReadAccess", "WriteAccess"]}
    crm.execute("GrantAccessRequest", Target=target, PrincipalAccess=access)
    assert reader in _shared_with(crm, target)
    crm.execute("RevokeAccessRequest", Target=target, Revokee=principal)
    assert reader not in _shared_with(crm, target)


def test_the_owner_has_every_right_on_an_own_record(crm, account):
    me = crm.principal("User", crm.execute("WhoAmIRequest").UserId)
    rights = crm.execute("RetrievePrincipalAccessRequest", Target=crm.target("account", account), Principal=me)
    assert {"ReadAccess", "WriteAccess", "ShareAccess"} <= set(rights)


def test_a_state_is_set_by_its_name(crm, account):
    moniker = {"Id": account, "Name": "account"}
    crm.execute("SetStateDynamicEntityRequest", Entity=moniker, State="Inactive", Status=-1)
    query = crm.query("account", "statecode", where=[("accountid", "Equal", account)])
    found = crm.execute("RetrieveMultipleRequest", Query=query, dynamic=True)
    assert properties(found.BusinessEntities.BusinessEntity[0])["statecode"] == "Inactive"


def test_an_unknown_attribute_is_refused_with_its_code(crm):
    with pytest.raises(zeep.exceptions.Fault) as raised:
        crm.call("Create", crm.dynamic("account", no_such_attribute=("String", "x")))
    assert code(raised.value) == "0x80041103"


def test_a_record_of_the_other_tenant_does_not_exist(contracts, discovery, demo):
    """Ids overlap between the seeded tenants: a record made by one is unknown to the other."""
    ours, theirs = demo["tenants"][:2]
    sides = []
    for side in (ours, theirs):
        ticket = discovery.ticket(side)
        sides.append(Crm(contracts, ticket.OrganizationDetail.CrmServiceUrl, side["organization"], ticket.CrmTicket))
    identity = sides[0].call("Create", sides[0].dynamic("account", name=("String", "Only ours")))
    with pytest.raises(zeep.exceptions.Fault) as raised:
        sides[1].call("Retrieve", "account", identity, sides[1].columns("name"))
    assert code(raised.value) == "0x80040217"
    sides[0].call("Delete", "account", identity)


def _shared_with(crm, target):
    shared = crm.execute("RetrieveSharedPrincipalsAndAccessRequest", Target=target)
    return [access.Principal.PrincipalId for access in (shared.PrincipalAccess if shared else [])]


def _somebody_else(crm):
    me = crm.execute("WhoAmIRequest").UserId
    query = crm.query("systemuser", "fullname")
    found = crm.execute("RetrieveMultipleRequest", Query=query, dynamic=True)
    users = [properties(user)["systemuserid"].strip("{}").lower() for user in found.BusinessEntities.BusinessEntity]
    return next(user for user in users if user != me)
