"""Every answer of the simulators is complete by the vendors' schemas.

The answers are those that `tests/contracts` got for the operations in use: it writes them to the folder named by
TIELINE_REPLY_BODIES, `<service>-<name>-<hash>.xml`.
"""

import os
import re
from pathlib import Path

import pytest

from conftest import absent

# Answers that prove little if they are missing.
EXPECTED = {
    "crmservice": {
        "CreateResponse",
        "UpdateResponse",
        "DeleteResponse",
        "RetrieveResponse",
        "RetrieveMultipleResponse",
        "ExecuteResponse",
        "FetchResponse",
    },
    "discovery": {"ExecuteResponse"},
    "exacttarget": {
        "CreateResponse",
        "UpdateResponse",
        "DeleteResponse",
        "RetrieveResponseMsg",
        "PerformResponseMsg",
        "DefinitionResponseMsg",
        "ExecuteResponseMsg",
        "SystemStatusResponseMsg",
    },
    "sharepoint": {"GetListResponse", "GetListItemsResponse", "AddViewResponse", "GetWebResponse", "GetItemResponse"},
}
# What an answer may be told to lack, and why.
KNOWN = {
    "User': The attribute 'Flags' is required": "of claims, which came after 2007, like the WSDL that asks for it",
    "Permissions': This element is not expected": "the result wraps an element of the request's name (contract, 2.1)",
    "partnerAPI}Results': Missing child": "a subscriber that was deleted is not echoed (recorded), which the schema wants",
}
# Keys come in braces, as recorded clients strip them; the schema has them bare (contract, section 5).
BRACED = re.compile(rb">\{([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}<")


@pytest.fixture(scope="module")
def bodies():
    folder = os.environ.get("TIELINE_REPLY_BODIES")
    if not folder or not Path(folder).is_dir():
        absent("no recorded reply bodies (TIELINE_REPLY_BODIES)")
    return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


def test_every_reply_is_complete_by_the_vendors_schemas(schemas, bodies):
    against, unused = {}, set(KNOWN)
    for name, body in bodies.items():
        if name.startswith("crmservice"):
            body = BRACED.sub(rb">\1<", body)
        for fault in schemas.faults_of(body):
            known = [part for part in KNOWN if part in fault]
            unused.difference_update(known)
            if not known:
                against.setdefault(name, []).append(fault)
    assert against == {}
    assert not unused, "known and gone"


def test_a_broken_reply_is_refused(schemas, bodies):
    whole = next(body for name, body in bodies.items() if b"<GetListItemsResponse" in body)
    assert schemas.faults_of(whole) == []
    assert schemas.faults_of(whole.replace(b"GetListItemsResult", b"GetListItemsResults")) != []


def test_the_recording_holds_every_operation(schemas, bodies):
    answered = {service: set() for service in EXPECTED}
    for name, body in bodies.items():
        answered[name.split("-")[0]].add(schemas.operation_of(body))
    missing = {service: EXPECTED[service] - operations for service, operations in answered.items()}
    assert not any(missing.values()), missing
