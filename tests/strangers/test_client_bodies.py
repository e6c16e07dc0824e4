"""Every kind of request that our clients can write is complete by the vendors' schemas.

The bodies are those of the clients' own tests, which write them to the folder named by TIELINE_CLIENT_BODIES,
`<service>-<operation>-<what>.xml`. What a whole demo sends is judged in test_request_bodies.py.
"""

import os
from pathlib import Path

import pytest

from conftest import absent

# Kinds that prove little if they are missing.
EXPECTED = {
    "exacttarget": {
        "CreateRequest",
        "UpdateRequest",
        "DeleteRequest",
        "RetrieveRequestMsg",
        "PerformRequestMsg",
        "DefinitionRequestMsg",
        "ExecuteRequestMsg",
        "SystemStatusRequestMsg",
    },
}


@pytest.fixture(scope="module")
def bodies():
    folder = os.environ.get("TIELINE_CLIENT_BODIES")
    if not folder or not Path(folder).is_dir():
        absent("no request bodies of the clients (TIELINE_CLIENT_BODIES)")
    return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


def test_every_kind_of_request_is_complete_by_the_vendors_schemas(schemas, bodies):
    against = {name: schemas.faults_of(body) for name, body in bodies.items()}
    assert {name: faults for name, faults in against.items() if faults} == {}


def test_every_operation_is_there(schemas, bodies):
    written = {service: set() for service in EXPECTED}
    for name, body in bodies.items():
        written[name.split("-")[0]].add(schemas.operation_of(body))
    assert written == EXPECTED


def test_a_request_in_another_order_is_refused(schemas, bodies):
    whole = bodies["exacttarget-Retrieve.xml"]
    options = whole[whole.index(b"<Options") : whole.index(b"</Options>") + len(b"</Options>")]
    moved = whole.replace(options, b"").replace(b"<ObjectType", options + b"<ObjectType")
    assert len(moved) == len(whole)
    assert schemas.faults_of(moved) != []
