"""template.yaml as CloudFormation gets it: expanded by SAM, with parameters and conditions decided.

What is known only when it is deployed stays a word in braces: `{Ledger}` is its name, `{Ledger.Arn}` its ARN.
"""

import copy
import json
import re
from dataclasses import dataclass
from pathlib import Path

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "template.yaml"

STAGES = ("test", "production")
ARCHITECTURES = ("arm64", "x86_64")

REGION = "eu-central-1"
ACCOUNT = "000000000000"
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "tieline",
}
ABSENT = object()


def read() -> dict:
    """The template as it is written."""
    return yaml_parse(TEMPLATE.read_text())


def expanded(written: dict) -> dict:
    """What SAM makes of it; references stay."""
    written = copy.deepcopy(written)
    for resource in written["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # `sam package` puts the artefact's place in the bucket here.
            key = resource["Properties"]["CodeUri"]
            resource["Properties"]["CodeUri"] = {"Bucket": "artefacts", "Key": key}
    session = boto3.Session(region_name=REGION)
    return Translator({}, Parser(), boto_session=session).translate(written, {})


@dataclass(frozen=True)
class Stack:
    """The template for one stage and architecture."""

    resources: dict
    outputs: dict
    written: dict

    @staticmethod
    def of(written: dict, **parameters: str) -> "Stack":
        whole = expanded(written)
        values = {name: it.get("Default") for name, it in whole["Parameters"].items()} | parameters
        decide = Decide(whole, values)
        kept = {
            name: it
            for name, it in whole["Resources"].items()
            if "Condition" not in it or decide.condition(it["Condition"])
        }
        return Stack(decide.value(kept), decide.value(whole["Outputs"]), written)

    def all(self, kind: str) -> dict[str, dict]:
        """The properties of all resources of a kind, by logical id."""
        of_kind = {name: it for name, it in self.resources.items() if it["Type"] == f"AWS::{kind}"}
        return {name: it.get("Properties", {}) for name, it in of_kind.items()}

    def functions(self) -> dict[str, dict]:
        return self.all("Lambda::Function")

    def is_production(self) -> bool:
        return any("-production-" in it["FunctionName"] for it in self.functions().values())

    def name(self, of: str) -> str:
        """A function's or queue's name in the code: `build-site` for `tieline-test-build-site`."""
        properties = self.resources[of]["Properties"]
        return re.sub(r"^tieline-\w+-", "", properties.get("FunctionName") or properties.get("QueueName"))

    def sources(self) -> list[tuple[str, str, dict]]:
        """Queue, function and settings of every event source."""
        found = self.all("Lambda::EventSourceMapping").values()
        return [(logical(it["EventSourceArn"]), logical(it["FunctionName"]), it) for it in found]

    def timers(self) -> dict[str, str]:
        """The function that each schedule calls."""
        return {name: logical(it["Target"]["Arn"]) for name, it in self.all("Scheduler::Schedule").items()}


def logical(reference: str) -> str:
    """The logical id in `{BuildSiteQueue.Arn}`."""
    found = re.fullmatch(r"\{(\w+)(\.\w+)?\}", reference)
    assert found, f"{reference} refers to no resource of this template"
    return found[1]


class Decide:
    """Decides parameters, conditions and intrinsic functions."""

    def __init__(self, template: dict, parameters: dict):
        self.conditions = template.get("Conditions", {})
        self.known = PSEUDO | parameters

    def condition(self, name: str) -> bool:
        return self.truth(self.conditions[name])

    def truth(self, test: dict) -> bool:
        (function, arguments), = test.items()
        match function:
            case "Fn::Equals":
                left, right = (self.value(it) for it in arguments)
                return left == right
            case "Fn::Not":
                return not self.truth(arguments[0])
            case "Fn::And":
                return all(self.truth(it) for it in arguments)
            case "Fn::Or":
                return any(self.truth(it) for it in arguments)
            case "Condition":
                return self.condition(arguments)
        raise AssertionError(f"a condition that is not understood here: {function}")

    def value(self, it):
        if isinstance(it, list):
            decided = (self.value(each) for each in it)
            return [each for each in decided if each is not ABSENT]
        if not isinstance(it, dict):
            return it
        if len(it) == 1:
            (function, argument), = it.items()
            match function:
                case "Ref" if argument == "AWS::NoValue":
                    return ABSENT
                case "Ref":
                    return self.known.get(argument, f"{{{argument}}}")
                case "Fn::GetAtt":
                    return f"{{{argument if isinstance(argument, str) else '.'.join(argument)}}}"
                case "Fn::If":
                    name, then, otherwise = argument
                    return self.value(then if self.condition(name) else otherwise)
                case "Fn::Sub":
                    text, more = argument if isinstance(argument, list) else (argument, {})
                    return self.substituted(text, {name: self.value(value) for name, value in more.items()})
                case "Fn::Join":
                    return argument[0].join(self.value(argument[1]))
            assert not function.startswith("Fn::"), f"a function that is not understood here: {function}"
        decided = {name: self.value(value) for name, value in it.items()}
        return {name: value for name, value in decided.items() if value is not ABSENT}

    def substituted(self, text: str, more: dict) -> str:
        def one(found: re.Match) -> str:
            name = found[1]
            # `${!name}` is how the text `${name}` is written.
            return f"${{{name[1:]}}}" if name.startswith("!") else str((self.known | more).get(name, f"{{{name}}}"))

        return re.sub(r"\$\{([^}]+)\}", one, text)


def dashboard(stack: Stack) -> dict:
    """The dashboard's body."""
    (properties,) = stack.all("CloudWatch::Dashboard").values()
    return json.loads(properties["DashboardBody"])
