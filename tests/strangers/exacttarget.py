"""Python's zeep as a client of the simulated e-mail platform, through one of the vendor's own WSDLs."""

import requests
import zeep
from lxml import etree
from zeep.wsse.username import UsernameToken

NS = "http://exacttarget.com/wsdl/partnerAPI"


class Token:
    """A package's token as the platform wants it: directly below the SOAP header."""

    def __init__(self, account):
        asked = {
            "grant_type": "client_credentials",
            "client_id": account["client_id"],
            "client_secret": account["client_secret"],
            "account_id": account["member"],
        }
        reply = requests.post(account["token"], json=asked, timeout=30)
        reply.raise_for_status()
        self.issued = reply.json()

    def apply(self, envelope, headers):
        soap = etree.QName(envelope).namespace
        header = envelope.find(f"{{{soap}}}Header")
        if header is None:
            header = etree.Element(f"{{{soap}}}Header")
            envelope.insert(0, header)
        etree.SubElement(header, "{http://exacttarget.com}fueloauth").text = self.issued["access_token"]
        return envelope, headers

    def verify(self, envelope):
        return envelope


class Platform:
    """partnerAPI of an account, by the WSDL of a year, with one of the two sign-ins. Replies are read leniently: the
    platform's own break its schema, as the contract says."""

    def __init__(self, contracts, account, year, by_token=False):
        wsdl = {2020: "etframework-2020-11.wsdl", 2012: "etframework-2012-09.wsdl"}[year]
        self._wsse = Token(account) if by_token else UsernameToken(account["user"], account["password"])
        settings = zeep.Settings(strict=False, xsd_ignore_sequence_order=True)
        self._client = zeep.Client(
            str(contracts / "exacttarget" / "wsdl" / wsdl), wsse=self._wsse, settings=settings
        )
        self.service = self._client.create_service(f"{{{NS}}}SoapBinding", account["service"])

    def type(self, name):
        """A type of the WSDL, to be called with its parts."""
        return self._client.get_type(f"{{{NS}}}{name}")

    def make(self, name, **parts):
        return self.type(name)(**parts)

    def equals(self, prop, *values):
        return self.make("SimpleFilterPart", Property=prop, SimpleOperator="equals", Value=list(values))

    def retrieve(self, kind, properties, where=None, page=None, after=None):
        request = self.make("RetrieveRequest", ObjectType=kind, Properties=properties)
        if where is not None:
            request.Filter = where
        if page is not None:
            request.Options = self.make("RetrieveOptions", BatchSize=page)
        if after is not None:
            request.ContinueRequest = after
        return self.service.Retrieve(RetrieveRequest=request)

    def create(self, *objects, upsert=False):
        options = self.make("CreateOptions")
        if upsert:
            save = self.make("SaveOption", PropertyName="*", SaveAction="UpdateAdd")
            options.SaveOptions = {"SaveOption": [save]}
        return self.service.Create(Options=options, Objects=list(objects))

    def start(self, definition):
        return self.service.Perform(
            Options=self.make("PerformOptions"), Action="start", Definitions={"Definition": [definition]}
        )
