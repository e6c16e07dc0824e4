"""Who may do what, by the expanded template."""

from collections.abc import Iterator
from typing import NamedTuple

from stack import Stack, logical


# What Lambda's poller does in the name of a function that a queue feeds, and what every function does with its log.
POLLER = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}


class Grant(NamedTuple):
    """One action on one resource."""

    action: str
    resource: str


def listed(value) -> list:
    return value if isinstance(value, list) else [value]


def statements(stack: Stack, role: str) -> Iterator[dict]:
    """What the role's own policies say, in the role and beside it."""
    for policy in stack.resources[role]["Properties"].get("Policies", []):
        yield from listed(policy["PolicyDocument"]["Statement"])
    for properties in [*stack.all("IAM::Policy").values(), *stack.all("IAM::ManagedPolicy").values()]:
        if f"{{{role}}}" in properties.get("Roles", []):
            yield from listed(properties["PolicyDocument"]["Statement"])


def of_role(stack: Stack, role: str) -> set[Grant]:
    return {
        Grant(action, resource)
        for it in statements(stack, role)
        if it["Effect"] == "Allow"
        for action in listed(it["Action"])
        for resource in listed(it["Resource"])
    }


def role(stack: Stack, function: str) -> str:
    """The role that a function runs in."""
    return logical(stack.functions()[function]["Role"])


def of_function(stack: Stack, function: str) -> set[Grant]:
    return of_role(stack, role(stack, function))


def denies_plain_http(statement: dict, action: str) -> bool:
    return (
        statement["Effect"] == "Deny"
        and statement["Principal"] == "*"
        and statement["Action"] == action
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    )
