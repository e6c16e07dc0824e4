"""Runs one built function on one event behind the runtime interface emulator of the SAM CLI: for scripts/invoke."""

import json
import os
import pathlib
import platform
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import samcli

EMULATORS = {"x86_64": "aws-lambda-rie-x86_64", "aarch64": "aws-lambda-rie-arm64", "arm64": "aws-lambda-rie-arm64"}
# As long as the slowest function of the template may take.
LIMIT = 300


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def until_listening(port: int, process: subprocess.Popen) -> None:
    patience = time.monotonic() + 10
    while time.monotonic() < patience and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    sys.exit("invoke: the runtime interface emulator does not start")


def invoke(function: str, event: bytes) -> bytes:
    """One event only: a second one at the same time would end this emulator."""
    folder = pathlib.Path(samcli.__file__).parent / "local" / "rapid"
    bootstrap = pathlib.Path("target/lambda", function, "bootstrap").resolve()
    runtime_api, front = free_ports(2)
    settings = {name: value for name, value in os.environ.items() if name.startswith(("TIELINE_", "AWS_"))}
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "TIELINE_BACK": "memory",
        "AWS_REGION": "eu-central-1",
        **settings,
        "AWS_LAMBDA_FUNCTION_NAME": function,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(LIMIT),
    }
    process = subprocess.Popen(
        [
            folder / EMULATORS[platform.machine()],
            "--runtime-api-address", f"127.0.0.1:{runtime_api}",
            "--runtime-interface-emulator-address", f"127.0.0.1:{front}",
            bootstrap, "bootstrap",
        ],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
    )  # fmt: skip
    try:
        until_listening(front, process)
        url = f"http://127.0.0.1:{front}/2015-03-31/functions/function/invocations"
        with urllib.request.urlopen(urllib.request.Request(url, data=event), timeout=LIMIT + 10) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        # The process ended.
        return error.read()
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    function, path = sys.argv[1:]
    reply = invoke(function, pathlib.Path(path).read_bytes()).decode(errors="replace")
    print(reply)
    try:
        told = json.loads(reply)
    except ValueError:
        # What the emulator itself says, as that the time is over, is no JSON. A reply of ours is.
        sys.exit(1)
    sys.exit(1 if isinstance(told, dict) and "errorType" in told else 0)


if __name__ == "__main__":
    main()
