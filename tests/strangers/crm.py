"""Python's zeep as a client of the simulated CRM 4.0, through the vendor's own WSDLs."""

import zeep
from zeep.helpers import serialize_object

WEB_SERVICES = "http://schemas.microsoft.com/crm/2007/WebServices"
CORE_TYPES = "http://schemas.microsoft.com/crm/2006/CoreTypes"
ENTITIES = "http://schemas.microsoft.com/crm/2006/WebServices"
QUERY = "http://schemas.microsoft.com/crm/2006/Query"
DISCOVERY = "http://schemas.microsoft.com/crm/2007/CrmDiscoveryService"
NOBODY = "00000000-0000-0000-0000-000000000000"


class Discovery:
    """The discovery service of an internet-facing deployment (SPLA), or of CRM Online (Passport)."""

    def __init__(self, contracts, address, kind="SPLA"):
        self._client = zeep.Client(str(contracts / "dynamics/wsdl/crm4/CrmDiscoveryService.wsdl"))
        url = f"{address}/MSCRMServices/2007/{kind}/CrmDiscoveryService.asmx"
        self._service = self._client.create_service(f"{{{DISCOVERY}}}CrmDiscoveryServiceSoap", url)

    def execute(self, kind, **parts):
        return self._service.Execute(self._client.get_type(f"{{{DISCOVERY}}}{kind}")(**parts))

    def ticket(self, tenant):
        return self.execute(
            "RetrieveCrmTicketRequest",
            OrganizationName=tenant["organization"],
            UserId=tenant["crm_user"],
            Password=tenant["crm_password"],
        )


class Crm:
    """The data service of one organisation, signed in by a ticket. `soap12` speaks the newer envelope; `kind` is 2 of an
    internet-facing deployment, 1 of CRM Online."""

    def __init__(self, contracts, url, organization, ticket, soap12=False, kind=2):
        self._client = zeep.Client(str(contracts / "dynamics/wsdl/crm4/CrmService.wsdl"))
        binding = "CrmServiceSoap12" if soap12 else "CrmServiceSoap"
        self._service = self._client.create_service(f"{{{WEB_SERVICES}}}{binding}", url)
        token = self._client.get_element(f"{{{WEB_SERVICES}}}CrmAuthenticationToken")
        self._headers = [
            token(AuthenticationType=kind, CrmTicket=ticket, OrganizationName=organization, CallerId=NOBODY)
        ]

    def type(self, name, namespace=WEB_SERVICES):
        """A type of the WSDL, to be called with its parts."""
        return self._client.get_type(f"{{{namespace}}}{name}")

    def call(self, operation, *parts):
        """One of the seven operations."""
        return getattr(self._service, operation)(*parts, _soapheaders=self._headers)

    def execute(self, kind, *, dynamic=None, **parts):
        """The operation Execute with a request of this kind. zeep gives a reply's only part instead of the reply."""
        if dynamic is not None:
            parts["ReturnDynamicEntities"] = dynamic
        return self.call("Execute", self.type(kind)(OptionalParameters={}, **parts))

    def dynamic(self, entity, /, **properties):
        """An entity as properties: values are (kind, value)."""
        listed = [
            self.type(f"{kind}Property", ENTITIES)(Name=key, Value=value) for key, (kind, value) in properties.items()
        ]
        return self.type("DynamicEntity", ENTITIES)(Name=entity, Properties={"Property": listed})

    def columns(self, *names):
        """A column set; all columns without names."""
        if not names:
            return self.type("AllColumns", QUERY)()
        return self.type("ColumnSet", QUERY)(Attributes={"Attribute": list(names)})

    def query(self, entity, *columns, page=1, count=50, cookie=None, where=()):
        """A query for one page; `where` holds (attribute, operator, value)."""
        conditions = [
            self.type("ConditionExpression", QUERY)(AttributeName=name, Operator=operator, Values={"Value": [value]})
            for name, operator, value in where
        ]
        criteria = self.type("FilterExpression", QUERY)(FilterOperator="And", Conditions={"Condition": conditions})
        paging = self.type("PagingInfo", QUERY)(PageNumber=page, Count=count, PagingCookie=cookie)
        order = self.type("OrderExpression", QUERY)(AttributeName=f"{entity}id", OrderType="Ascending")
        return self.type("QueryExpression", QUERY)(
            EntityName=entity,
            ColumnSet=self.columns(*columns),
            Distinct=False,
            PageInfo=paging,
            Criteria=criteria if conditions else None,
            Orders={"Order": [order]},
        )

    def principal(self, kind, identity):
        """A user or a team."""
        return self.type("SecurityPrincipal", CORE_TYPES)(PrincipalId=identity, Type=kind)

    def target(self, entity, identity):
        """The record that a share is about."""
        return self.type("TargetOwnedDynamic")(EntityName=entity, EntityId=identity)


def properties(entity):
    """A dynamic entity's properties as plain values."""
    plain = {}
    for part in entity.Properties.Property:
        value = serialize_object(part.Value, dict)
        plain[part.Name] = value.get("_value_1") if isinstance(value, dict) else value
    return plain


def code(fault):
    """The code in a CRM fault's detail."""
    return fault.detail.findtext("error/code")
