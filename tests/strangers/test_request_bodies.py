"""Every request body that our clients send is complete by the vendors' schemas.

The bodies are those of a whole demo: the sandbox writes what it receives to the folder named by
TIELINE_REQUEST_BODIES, one file for each request, `<service>-<number>-<operation>.xml`. Posts of page forms lie
there too and have no schema.
"""

import os
from pathlib import Path

import pytest

from conftest import absent

# A recording of half a press would prove little: these must be there.
EXPECTED = {
    "crm": {"Execute", "Fetch", "Update"},
    "sharepoint": {"AddList", "UpdateList", "AddGroup", "AddUserToGroup"},
    "exacttarget": {"CreateRequest", "PerformRequestMsg", "RetrieveRequestMsg"},
}


@pytest.fixture(scope="module")
def bodies():
    """The recorded envelopes by file name."""
    folder = os.environ.get("TIELINE_REQUEST_BODIES")
    if not folder or not Path(folder).is_dir():
        absent("no recorded request bodies (TIELINE_REQUEST_BODIES)")
    files = {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}
    return {name: body for name, body in files.items() if body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")}


def test_every_request_is_complete_by_the_vendors_schemas(schemas, bodies):
    against = {name: schemas.faults_of(body) for name, body in bodies.items()}
    assert {name: faults for name, faults in against.items() if faults} == {}


def test_the_recording_holds_a_whole_press(schemas, bodies):
    sent = {service: set() for service in EXPECTED}
    for name, body in bodies.items():
        sent[name.split("-")[0]].add(schemas.operation_of(body))
    missing = {service: EXPECTED[service] - operations for service, operations in sent.items()}
    assert not any(missing.values()), missing
