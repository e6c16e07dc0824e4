"""What the functions were seen to ask of AWS, held against what they may do.

The recording is made by the tests that run the built functions on the emulator, one JSON object a line:

    {"function": "build-site", "service": "dynamodb", "operation": "TransactWriteItems",
     "parts": ["Put", "ConditionCheck"], "resource": "<table>"}

A resource is a table, table/index/name, a queue, bucket/key or a secret, by the name it had there.
"""

import fnmatch
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import grants
from grants import LOGS, POLLER, Grant
from stack import ACCOUNT, REGION, ROOT, Stack

RECORDING = ROOT / ".tools" / "aws-calls.jsonl"

# The action that an operation needs. Most are called as the operation is; sources:
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
ACTIONS = {
    "dynamodb": {"GetItem", "PutItem", "DeleteItem", "Query"},
    "sqs": {"SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueUrl",
            "GetQueueAttributes"},
    "s3": {"PutObject", "GetObject", "DeleteObject"},
    "secretsmanager": {"GetSecretValue", "CreateSecret", "PutSecretValue", "UpdateSecret", "DescribeSecret",
                       "DeleteSecret", "TagResource"},
}  # fmt: skip
RENAMED = {("s3", "HeadObject"): "GetObject", ("s3", "ListObjectsV2"): "ListBucket"}
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
PARTS = {"Put": "PutItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem", "Get": "GetItem"}


class Call(NamedTuple):
    """What one function did, in the words of the template."""

    function: str
    action: str
    resource: str


class NotUnderstood(Exception):
    """A line of the recording that the table above has no answer to."""


def calls(lines: Iterable[str], stack: Stack) -> set[Call]:
    return {call for line in lines if line.strip() for call in understood(json.loads(line), stack)}


def understood(line: dict, stack: Stack) -> Iterator[Call]:
    service, operation = line["service"], line["operation"]
    function = code_name(line["function"])
    if function not in {stack.name(it) for it in stack.functions()}:
        raise NotUnderstood(f"the template has no function {function}")
    if (service, operation) in (("dynamodb", "TransactWriteItems"), ("dynamodb", "TransactGetItems")):
        if not line.get("parts") or not set(line["parts"]) <= PARTS.keys():
            raise NotUnderstood(f"{operation} of {line.get('parts')}")
        names = [PARTS[part] for part in line["parts"]]
    elif (service, operation) in RENAMED:
        names = [RENAMED[service, operation]]
    elif operation in ACTIONS.get(service, ()):
        names = [operation]
    else:
        raise NotUnderstood(f"{service} has no operation {operation} in the table")
    resource = in_template(service, line["resource"], stack)
    for name in names:
        yield Call(function, f"{service}:{name}", resource)
    if (service, names[0]) == ("s3", "GetObject"):
        # Without it S3 answers 403 for an object that is not there:
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
        yield Call(function, "s3:ListBucket", resource.split("/")[0])


def code_name(name: str) -> str:
    """`build-site` for `tieline-test-build-site`."""
    return name.split("-", 2)[2] if name.startswith("tieline-") else name


def in_template(service: str, resource: str, stack: Stack) -> str:
    first, _, rest = resource.partition("/")
    rest = f"/{rest}" if rest else ""
    match service:
        case "dynamodb":
            return f"{{{only(first, stack, 'DynamoDB::Table')}.Arn}}{rest}"
        case "s3":
            return f"{{{only(first, stack, 'S3::Bucket')}.Arn}}{rest}"
        case "sqs":
            named = [it for it in stack.all("SQS::Queue") if stack.name(it) == code_name(resource)]
            if len(named) != 1:
                raise NotUnderstood(f"the template has no queue {resource}")
            return f"{{{named[0]}.Arn}}"
        case "secretsmanager":
            return f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{resource}"
    raise NotUnderstood(f"a resource of {service}")


def only(name: str, stack: Stack, kind: str) -> str:
    """The resource whose logical id is part of a name that CloudFormation gave: `tieline-test-Ledger-1ABC`."""
    named = [it for it in stack.all(kind) if it.lower() in name.lower().split("-")]
    if len(named) != 1:
        raise NotUnderstood(f"the template has no {kind} called {name}")
    return named[0]


def compare(stack: Stack, seen: set[Call]) -> Iterator[str]:
    """What is granted and was not used, and what was used and is not granted."""
    for logical_id in stack.functions():
        function = stack.name(logical_id)
        granted = grants.of_function(stack, logical_id)
        used: set[Grant] = {it for it in granted if it.action in LOGS} | fed(stack, logical_id)
        for call in sorted(it for it in seen if it.function == function):
            # As IAM compares: `*` is any text.
            covering = {
                it for it in granted if it.action == call.action and fnmatch.fnmatchcase(call.resource, it.resource)
            }
            used |= covering
            if not covering:
                yield f"{function} was seen to use {call.action} of {call.resource} and may not"
        for it in sorted(granted - used):
            yield f"{function} may use {it.action} of {it.resource} and was not seen to"


def fed(stack: Stack, function: str) -> set[Grant]:
    """What Lambda's poller does in the function's name."""
    queues = [queue for queue, fed, _ in stack.sources() if fed == function]
    return {Grant(action, f"{{{queue}.Arn}}") for queue in queues for action in POLLER}


def recording(path: Path = RECORDING) -> list[str] | None:
    return path.read_text().splitlines() if path.exists() else None
