"""What the functions may do (A17)."""

import re
from collections.abc import Iterator

import grants
from stack import ACCOUNT, REGION, Stack, logical

from promises.register import promise

# Resources with a wildcard that a grant may name, and why it cannot be narrower. Actions have none.
WILDCARDS = {
    "{Staging.Arn}/*/issues/*": "objects bear the tenant and the message, which nobody knows beforehand",
    "{Staging.Arn}/*/sends/*": "objects bear the tenant and the send, which nobody knows beforehand",
    "{Staging.Arn}/*/Import/*": "the tenant's own folder, where a platform that may read this bucket finds its files",
    f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:tieline/STAGE/*": "tenants are added after the deployment (EX-48)",
}

# What the emulator takes and AWS refuses, or takes in another way: tests on it would prove nothing, so nobody may.
UNPROVED = {
    "dynamodb:UpdateItem": "overlapping paths in one update",
    "sqs:StartMessageMoveTask": "it is not there; what is dead goes back by SendMessage",
    "s3:AbortMultipartUpload": "parts below 5 MiB; objects are put in one piece",
}


@promise
def no_wildcard_is_granted(stack: Stack) -> Iterator[str]:
    """A17: no wildcard in an action, and in a resource only those listed above; no policy that is written elsewhere."""
    for role, properties in stack.all("IAM::Role").items():
        for policy in properties.get("ManagedPolicyArns", []):
            yield f"{role}: {policy} is not written here; SAM adds such to functions without a `Role`"
        for statement in grants.statements(stack, role):
            if "NotAction" in statement or "NotResource" in statement:
                yield f"{role}: grants everything but something"
                continue
            if statement["Effect"] != "Allow":
                continue
            for action in grants.listed(statement["Action"]):
                if re.search(r"[*?]", action) or ":" not in action:
                    yield f"{role}: the action {action}"
            for resource in grants.listed(statement["Resource"]):
                if re.search(r"[*?]", resource) and of_any_stage(resource) not in WILDCARDS:
                    yield f"{role}: the resource {resource}"
    for kind in ("SQS::QueuePolicy", "S3::BucketPolicy", "SNS::TopicPolicy", "IAM::User", "IAM::Group"):
        for name, properties in stack.all(kind).items():
            for statement in properties.get("PolicyDocument", {"Statement": [{"Effect": "Allow"}]})["Statement"]:
                if statement["Effect"] == "Allow":
                    yield f"{name}: allows something beside the roles"


@promise
def nothing_is_granted_that_the_emulator_cannot_prove(stack: Stack) -> Iterator[str]:
    for role in stack.all("IAM::Role"):
        for action in {grant.action for grant in grants.of_role(stack, role)} & UNPROVED.keys():
            yield f"{role}: {action}: {UNPROVED[action]}"


def of_any_stage(resource: str) -> str:
    return re.sub(r"(?<=:secret:tieline/)(test|production)(?=/)", "STAGE", resource)


@promise
def every_listed_wildcard_is_used(stack: Stack) -> Iterator[str]:
    used = {of_any_stage(grant.resource) for role in stack.all("IAM::Role") for grant in grants.of_role(stack, role)}
    for resource in WILDCARDS.keys() - used:
        yield f"{resource} is listed and not granted to anybody"


@promise
def a_role_serves_one_function(stack: Stack) -> Iterator[str]:
    """A17: one role for each function, which nothing but Lambda may take."""
    roles = [grants.role(stack, function) for function in stack.functions()]
    for role in roles:
        if roles.count(role) > 1:
            yield f"{role} is shared"
        trust = stack.resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        if [it["Principal"] for it in trust] != [{"Service": "lambda.amazonaws.com"}]:
            yield f"{role} can be taken by others than Lambda"


@promise
def a_timer_may_call_its_function_only(stack: Stack) -> Iterator[str]:
    for name, properties in stack.all("Scheduler::Schedule").items():
        target = properties["Target"]
        granted = grants.of_role(stack, logical(target["RoleArn"]))
        if granted != {grants.Grant("lambda:InvokeFunction", target["Arn"])}:
            yield f"{name} may do {sorted(granted)}"
