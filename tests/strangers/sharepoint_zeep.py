"""Python's zeep as a client of the simulated SharePoints, through WSDLs of the real services."""

import requests
import zeep
from lxml import etree
from zeep.transports import Transport

ROW = "{#RowsetSchema}row"
ROWSET = "{urn:schemas-microsoft-com:rowset}data"


class SharePoint:
    """The services of one web, signed in with Basic, or with cookies."""

    def __init__(self, contracts, web, user=None, password=None, cookies=None):
        self._wsdls = contracts / "sharepoint" / "wsdl" / "usable"
        self._web = web.rstrip("/")
        self._session = requests.Session()
        if cookies is None:
            self._session.auth = (user, password)
        else:
            self._session.cookies = cookies
        self.spoken = set()
        self._services = {}

    def call(self, service, operation, *, raw=False, **parts):
        """One operation of one service. What the schema calls "any" is given, and comes back, as an element."""
        if service not in self._services:
            client = zeep.Client(str(self._wsdls / f"{service}.wsdl"), transport=Transport(session=self._session))
            binding = next(name for name in client.wsdl.bindings if name.endswith("Soap"))
            url = f"{self._web}/_vti_bin/{service}.asmx"
            self._services[service] = client, client.create_service(binding, url)
        client, proxy = self._services[service]
        self.spoken.add((service, operation))
        parts = {
            name: {"_value_1": etree.fromstring(value)} if str(value).startswith("<") else value
            for name, value in parts.items()
        }
        with client.settings(raw_response=raw):
            reply = getattr(proxy, operation)(**parts)
        if raw:
            return etree.fromstring(reply.content)
        return getattr(reply, "_value_1", reply)

    def rows(self, name, **parts):
        """The rows of a list, as attributes without their prefix, and where the next page begins."""
        reply = self.call("Lists", "GetListItems", listName=name, **parts)
        data = reply.find(ROWSET)
        rows = [{key.removeprefix("ows_"): value for key, value in row.attrib.items()} for row in data.findall(ROW)]
        assert len(rows) == int(data.get("ItemCount"))
        return rows, data.get("ListItemCollectionPositionNext")


def code(fault):
    """The code in a SharePoint fault's detail, in whatever namespace it comes."""
    return fault.detail.findtext("{*}errorcode")
