"""The program behind scripts/tenant: an operator's words to one order, and its answer to a table.

Everything is judged by the function: this only fills in secrets, sends the order, and shows the answer.
"""

import argparse
import getpass
import json
import os
import sys
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

# A check may take the function's two minutes.
PATIENCE = Config(connect_timeout=10, read_timeout=130, retries={"total_max_attempts": 1})

MARKS = {True: "ok", False: "MISSING", None: "-"}


class Misused(Exception):
    """What the operator can put right before anything is sent."""


def arguments() -> argparse.Namespace:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--stage", choices=["test", "production"], default="test")
    common.add_argument("--region")
    common.add_argument("--endpoint")
    common.add_argument("--json", action="store_true")
    parser = argparse.ArgumentParser(prog="tenant", epilog="scripts/tenant --help tells more")
    orders = parser.add_subparsers(dest="order", required=True, metavar="ORDER")
    add = orders.add_parser("add", parents=[common])
    add.add_argument("file")
    add.add_argument("--replace", action="store_true")
    for name in ("check", "disable", "enable", "show"):
        orders.add_parser(name, parents=[common]).add_argument("id")
    orders.add_parser("list", parents=[common])
    rotate = orders.add_parser("rotate", parents=[common])
    rotate.add_argument("id")
    rotate.add_argument("service", choices=["crm", "sharepoint", "exacttarget"])
    source = rotate.add_mutually_exclusive_group()
    source.add_argument("--env", metavar="NAME")
    source.add_argument("--connection", metavar="FILE")
    return parser.parse_args()


def order(said: argparse.Namespace) -> dict:
    """The event of the function."""
    match said.order:
        case "add":
            body = filled(read(said.file), "")
            if said.replace:
                body["replace"] = True
        case "rotate":
            body = {"tenant": said.id, "service": said.service}
            if said.connection:
                body["connection"] = filled(read(said.connection), "connection")
            else:
                source = {"env": said.env} if said.env else {"ask": True}
                body["password"] = filled(source, f"the new password of {said.id} for {said.service}")
        case "list":
            body = {}
        case _:
            body = {"tenant": said.id}
    return {said.order: body}


def read(file: str) -> dict:
    try:
        with open(file, encoding="utf-8") as text:
            value = json.load(text)
    except OSError as error:
        raise Misused(f"{file}: {error.strerror}") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        # Not its text: that may quote a secret.
        where = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise Misused(f"{file}: not JSON{where}") from None
    if not isinstance(value, dict):
        raise Misused(f"{file}: not a JSON object")
    return value


def filled(value, place: str):
    """The same with secrets in place of where they come from."""
    if isinstance(value, list):
        return [filled(it, f"{place}[{at}]") for at, it in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if value == {"ask": True}:
        if not sys.stdin.isatty():
            raise Misused(f"{place}: is to be asked for, and nobody is at the terminal")
        return getpass.getpass(f"{place}: ")
    if value.keys() == {"env"}:
        found = os.environ.get(str(value["env"]))
        if not found:
            raise Misused(f"{place}: the environment has no {value['env']}")
        return found
    return {name: filled(it, f"{place}.{name}" if place else name) for name, it in value.items()}


def client(said: argparse.Namespace):
    options = {"config": PATIENCE}
    endpoint = said.endpoint or os.environ.get("AWS_ENDPOINT_URL")
    if said.endpoint:
        options["endpoint_url"] = said.endpoint
    # The demo asks for no credentials and is in no region; whatever is sent to it stays on this machine.
    if endpoint and urlsplit(endpoint).hostname in ("127.0.0.1", "localhost", "::1"):
        session = boto3.Session()
        if session.get_credentials() is None:
            options |= {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
        options["region_name"] = said.region or session.region_name or "eu-central-1"
    elif said.region or os.environ.get("AWS_REGION"):
        options["region_name"] = said.region or os.environ["AWS_REGION"]
    return boto3.client("lambda", **options)


def call(said: argparse.Namespace, event: dict) -> dict:
    name = f"tieline-{said.stage}-manage-tenant"
    reply = client(said).invoke(FunctionName=name, Payload=json.dumps(event).encode())
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" in reply:
        raise Misused(f"{name} failed: {answer.get('errorMessage', 'without saying why')}; its log tells more")
    return answer


def table(rows: list[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip())


def show(said: argparse.Namespace, answer: dict) -> None:
    match said.order:
        case "check":
            for it in answer["findings"]:
                print(f"{MARKS[it['ok']]:8} {it['service']:11} {it['what']:22} {it.get('problem', '')}".rstrip())
                if it.get("what_to_do"):
                    print(f"{'':43} -> {it['what_to_do']}")
            print(f"\n{answer['tenant']}: {'nothing is missing' if answer['ok'] else 'something is missing'}")
        case "list":
            rows = [("TENANT", "STATE", "NAME", "CRM")]
            for it in answer["tenants"]:
                state = "incomplete" if it["name"] is None else "active" if it["active"] else "disabled"
                rows.append((it["tenant"], state, it["name"] or "", it["crm_web"] or ""))
            table(rows)
        case "show":
            print(json.dumps(answer, indent=2, ensure_ascii=False))
        case "add":
            done = "replaced" if "replaced" in answer else "added"
            print(f"{answer[done]}: {done}, {'active' if answer['active'] else 'disabled'}; now check it")
        case "rotate":
            print(f"{answer['rotated']}: a new secret for {answer['service']}; functions have it within five minutes")
        case _:
            was = "as before" if answer["active"] == answer["was_active"] else "changed"
            print(f"{answer['tenant']}: {'active' if answer['active'] else 'disabled'} ({was})")


def refused(error: dict) -> None:
    whose = f"{error['record']}: " if "record" in error else ""
    print(f"{whose}{error['message']} ({error['code']})", file=sys.stderr)
    for it in error.get("mistakes", []):
        print(f"  {it['field'] or 'the order'}: {it['rule']}", file=sys.stderr)


def main() -> int:
    said = arguments()
    try:
        answer = call(said, order(said))
    except (Misused, BotoCoreError, ClientError) as error:
        print(f"tenant: {error}", file=sys.stderr)
        return 2
    if said.json:
        print(json.dumps(answer, ensure_ascii=False))
    elif "error" in answer:
        refused(answer["error"])
    else:
        show(said, answer)
    return 1 if "error" in answer or (said.order == "check" and not answer["ok"]) else 0


if __name__ == "__main__":
    sys.exit(main())
