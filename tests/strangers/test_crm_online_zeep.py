"""zeep drives the simulated CRM Online through the vendor's WSDLs, with a ticket that Live ID gives to anybody who asks
as the clients of the time did: what it accepts, CRM's own clients would accept."""

import pytest
import requests
import zeep.exceptions
from lxml import etree

from crm import Crm, Discovery, code

SOAP = "http://www.w3.org/2003/05/soap-envelope"
TRUST = "http://schemas.xmlsoap.org/ws/2005/02/trust"
SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
FAULT = "http://schemas.microsoft.com/Passport/SoapServices/SOAPFault"
FEDERATION = "http://schemas.xmlsoap.org/ws/2006/03/federation"
ADDRESSING = "http://www.w3.org/2005/08/addressing"


@pytest.fixture(scope="module")
def online(demo):
    """The tenant whose CRM is online."""
    return next(tenant for tenant in demo["tenants"] if tenant["live_id"])


@pytest.fixture(scope="module")
def discovery(contracts, demo):
    return Discovery(contracts, demo["crm"], kind="Passport")


def ask(contracts, tenant, issuer, policy, password=None):
    """What Live ID answers to the request that a shipping client was recorded with."""
    sample = (contracts / "dynamics/samples/liveid/gooddata-rst-wstlogin.xml").read_text()
    for place, value in {
        "https://dev.login.live.com/wstlogin.srf": issuer,
        "%USERNAME%": tenant["crm_user"],
        "%PASSWORD%": password or tenant["crm_password"],
        "%SERVER%": tenant["live_id"]["partner"],
        "%POLICY%": policy,
    }.items():
        assert place in sample
        sample = sample.replace(place, value)
    kind = {"Content-Type": "application/soap+xml; charset=UTF-8"}
    return etree.fromstring(requests.post(issuer, sample.encode(), headers=kind, timeout=30).content)


@pytest.fixture(scope="module")
def passport(contracts, demo, discovery, online):
    policy = discovery.execute("RetrievePolicyRequest")
    assert policy == "MBI_SSL"
    metadata = requests.get(f"{demo['live_id']}/federationmetadata/2006-12/FederationMetaData.xml", timeout=30)
    endpoint = etree.fromstring(metadata.content).find(f".//{{{FEDERATION}}}TargetServiceEndpoint")
    issuer = endpoint.findtext(f"{{{ADDRESSING}}}Address")
    reply = ask(contracts, online, issuer, policy)
    ticket = reply.findtext(f".//{{{TRUST}}}RequestedSecurityToken/{{{SECURITY}}}BinarySecurityToken")
    assert ticket.startswith("t=")
    return ticket


@pytest.fixture(scope="module")
def signed_in(discovery, online, passport):
    return discovery.execute(
        "RetrieveCrmTicketRequest", OrganizationName=online["organization"], PassportTicket=passport
    )


@pytest.mark.parametrize("soap12", [False, True], ids=["soap11", "soap12"])
def test_a_ticket_of_live_id_opens_the_service(contracts, online, signed_in, soap12):
    url = signed_in.OrganizationDetail.CrmServiceUrl
    crm = Crm(contracts, url, online["organization"], signed_in.CrmTicket, soap12=soap12, kind=1)
    me = crm.execute("WhoAmIRequest")
    user = crm.call("Retrieve", "systemuser", me.UserId, crm.columns("fullname", "domainname"))
    assert user.domainname == online["crm_user"]


def test_the_organisations_of_a_ticket_are_those_online(discovery, online, passport):
    found = discovery.execute("RetrieveOrganizationsRequest", PassportTicket=passport)
    assert [it.OrganizationName for it in found.OrganizationDetail] == [online["organization"]]


def test_the_ticket_of_a_wrong_kind_is_an_expired_one(contracts, online, signed_in):
    crm = Crm(contracts, signed_in.OrganizationDetail.CrmServiceUrl, online["organization"], signed_in.CrmTicket)
    with pytest.raises(zeep.exceptions.Fault) as raised:
        crm.execute("WhoAmIRequest")
    assert code(raised.value) == "0x8004A101"


def test_a_changed_ticket_was_tampered_with(discovery, online, passport):
    with pytest.raises(zeep.exceptions.Fault) as raised:
        discovery.execute(
            "RetrieveCrmTicketRequest", OrganizationName=online["organization"], PassportTicket=f"{passport[:-5]}x&p="
        )
    assert code(raised.value) == "0x8004A105"


def test_a_wrong_password_is_told_by_its_code(contracts, online):
    reply = ask(contracts, online, online["live_id"]["issuer"], "MBI_SSL", password="wrong")
    assert reply.findtext(f".//{{{SOAP}}}Subcode/{{{SOAP}}}Value").endswith("FailedAuthentication")
    assert reply.findtext(f".//{{{FAULT}}}error/{{{FAULT}}}value") == "0x80048821"
