"""The vendors' schemas, compiled: which requests are complete by the book.

CRM's come as schema files with a driver each, the e-mail platform's as one file. SharePoint's are taken out of the WSDLs, one set per service,
because services of one namespace define elements of one name. What SharePoint's schemas call "any" is CAML:
clients send it in no namespace, and it has a schema of its own (MS-WSSCAML).
"""

from functools import cache
from pathlib import Path

from lxml import etree

XSD = "http://www.w3.org/2001/XMLSchema"
ENVELOPES = ("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")
SHAREPOINT = "http://schemas.microsoft.com/sharepoint/soap/"
# Where CAML lies in a request, and its type there. `Field` means something else in UpdateListItems.
CAML = {"query/Query": "CamlQueryRoot", "newFields//Field": "FieldDefinition", "updateFields//Field": "FieldDefinition"}
NO_NETWORK = etree.XMLParser(no_network=True, resolve_entities=False, huge_tree=False)


class Schemas:
    """All schemas of a contracts folder. `work` takes the files that libxml2 wants to read imports from."""

    def __init__(self, contracts: Path, work: Path):
        crm = contracts / "dynamics" / "xsd" / "crm4"
        self._drivers = {path.stem: path for path in sorted(crm.glob("*_driver.xsd"))}
        for wsdl in sorted((contracts / "sharepoint" / "wsdl" / "usable").glob("*.wsdl")):
            self._drivers[wsdl.stem] = _split(wsdl, work / wsdl.stem)
        self._drivers["exacttarget"] = contracts / "exacttarget" / "wsdl" / "partnerAPI-2020-11.xsd"
        self._caml = _caml(contracts / "sharepoint" / "wsdl" / "openspecs" / "MS-WSSCAML.xsd")

    @cache
    def compiled(self, service: str):
        """One service's schema. Raises `etree.XMLSchemaParseError` if libxml2 does not take it."""
        return etree.XMLSchema(etree.parse(self._drivers[service], NO_NETWORK))

    @cache
    def elements(self, service: str) -> frozenset[str]:
        """The names of the elements that a service's messages may begin with."""
        driver = etree.parse(self._drivers[service], NO_NETWORK).getroot()
        imported = [part.get("schemaLocation") for part in driver.findall(f"{{{XSD}}}import")]
        files = [self._drivers[service].parent / file for file in imported if file]
        found = set()
        for schema in [driver, *(etree.parse(file, NO_NETWORK).getroot() for file in files)]:
            for element in schema.findall(f"{{{XSD}}}element"):
                found.add(f"{{{schema.get('targetNamespace')}}}{element.get('name')}")
        return frozenset(found)

    def services(self) -> list[str]:
        """Every service with a schema."""
        return list(self._drivers)

    def services_of(self, element: str) -> list[str]:
        """The services that know an element, by its expanded name."""
        return [service for service in self._drivers if element in self.elements(service)]

    def faults_of(self, envelope: bytes) -> list[str]:
        """What the schemas say against a request: its body, every header that a schema knows, its CAML.

        Empty if at least one service takes all of it.
        """
        root = etree.fromstring(envelope, NO_NETWORK)
        namespace = etree.QName(root).namespace
        if namespace not in ENVELOPES:
            return [f"not a SOAP envelope: {root.tag}"]
        bodies = list(root.find(f"{{{namespace}}}Body").iterchildren(etree.Element))
        if len(bodies) != 1:
            return [f"{len(bodies)} elements in the body"]
        services = self.services_of(bodies[0].tag)
        if not services:
            return [f"no service knows {bodies[0].tag}"]
        header = root.find(f"{{{namespace}}}Header")
        against = []
        for service in services:
            parts = bodies + [part for part in (() if header is None else header) if part.tag in self.elements(service)]
            found = [fault for part in parts for fault in self._faults_of_part(service, part)]
            if not found:
                return self._faults_of_caml(bodies[0])
            against += [f"{service}: {fault}" for fault in found]
        return against

    @staticmethod
    def operation_of(envelope: bytes) -> str:
        """The local name of the first element in the body."""
        root = etree.fromstring(envelope, NO_NETWORK)
        body = root.find(f"{{{etree.QName(root).namespace}}}Body")
        return etree.QName(next(body.iterchildren(etree.Element))).localname

    def _faults_of_part(self, service, part):
        return _faults(self.compiled(service), _alone(part))

    def _faults_of_caml(self, body):
        found = []
        for path, kind in CAML.items():
            parent, rest = path.split("/", 1)
            for part in body.iterfind(f"{{{SHAREPOINT}}}{parent}//{rest.lstrip('/')}"):
                part = _alone(part)
                part.tag = f"{{{SHAREPOINT}}}{kind}"
                for child in part.iterdescendants(etree.Element):
                    child.tag = f"{{{SHAREPOINT}}}{etree.QName(child).localname}"
                found += [f"CAML: {fault}" for fault in _faults(self._caml, part)]
        return found


def _alone(part):
    """A document of its own: libxml2 validates documents, and the envelope's prefixes must come along."""
    return etree.fromstring(etree.tostring(part, with_tail=False), NO_NETWORK)


def _faults(schema, part):
    schema.validate(etree.ElementTree(part))
    return [error.message for error in schema.error_log]


def _caml(path: Path):
    """The CAML schema with an element for each type of `CAML`. It defines types only."""
    schema = etree.parse(path, NO_NETWORK)
    for part in schema.iter(etree.Element):
        for name in ("base", "type"):
            if name in part.attrib:
                part.set(name, part.get(name).strip())  # three have a blank at the end, which libxml2 does not take
    for kind in sorted(set(CAML.values())):
        etree.SubElement(schema.getroot(), f"{{{XSD}}}element", name=kind, type=kind)
    return etree.XMLSchema(schema)


def _split(wsdl: Path, folder: Path) -> Path:
    """Writes the schemas inside a WSDL as files that import each other, and a driver that imports them all."""
    folder.mkdir(parents=True)
    schemas = etree.parse(wsdl, NO_NETWORK).findall(f".//{{{XSD}}}schema")
    files = {}
    for index, schema in enumerate(schemas):
        files.setdefault(schema.get("targetNamespace"), f"{index}.xsd")
    for index, schema in enumerate(schemas):
        for part in schema.findall(f"{{{XSD}}}import"):
            if part.get("namespace") in files:
                part.set("schemaLocation", files[part.get("namespace")])
            elif part.get("namespace") == XSD and part.get("schemaLocation") is None:
                schema.remove(part)  # `xs:` types are built in; asking for them as a file finds nothing
        for part in schema.iter(f"{{{XSD}}}any"):
            part.set("processContents", "lax")  # CAML, checked on its own
        # Prefixes are declared at the WSDL's root, and used in attribute values that a plain copy does not look into.
        alone = etree.Element(schema.tag, dict(schema.attrib), nsmap=schema.nsmap)
        alone.extend(list(schema))
        etree.ElementTree(alone).write(folder / f"{index}.xsd", encoding="utf-8", xml_declaration=True)
    driver = etree.Element(f"{{{XSD}}}schema", targetNamespace="urn:driver", nsmap={"xs": XSD})
    for namespace, file in files.items():
        etree.SubElement(driver, f"{{{XSD}}}import", namespace=namespace, schemaLocation=file)
    path = folder / "driver.xsd"
    etree.ElementTree(driver).write(path, encoding="utf-8", xml_declaration=True)
    return path
