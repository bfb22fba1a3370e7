"""Checks what docs/walkthrough.md and other pages with commands say: paths exist, commands are valid shell, flags are
there; and runs the block marked `run`, on free ports. Called by setup/check.sh.

    walkthrough.py FOLDER-OF-PROGRAMS
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from waiting import PATIENT_CLIENT, PATIENT_CONNECTOR, ends, until

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", "docs/walkthrough.md", "docs/rabbitmq.md", "docs/sns.md", "setup/README.md"]
programs = Path(sys.argv[1])
problems = []


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return str(s.getsockname()[1])


def help_of(product):
    if product == "connector-sim":
        commands = [["connector-sim", command] for command in ("run", "serve", "broker", "gateway", "explore", "replay")]
    else:
        commands = [[product]]
    texts = [subprocess.run([programs / command[0], *command[1:], "--help"], capture_output=True, text=True).stdout
             for command in commands]
    return set(re.findall(r"--[a-z][a-z-]*", " ".join(texts)))


def check_page(page):
    text = (ROOT / page).read_text()
    for path in set(re.findall(r"(?<![\w/.])(?:setup|docs|Sources|Tests|Benchmarks)/[\w./-]*[\w/]", text)):
        if not (ROOT / path).exists():
            problems.append(f"{page}: no {path}")
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        if not (ROOT / page).parent.joinpath(link).exists():
            problems.append(f"{page}: no {link}")
    anchors = {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")
               for heading in re.findall(r"^#+ (.*)$", text, re.M)}
    for anchor in re.findall(r"\]\(#([^)]+)\)", text):
        if anchor not in anchors:
            problems.append(f"{page}: no #{anchor}")
    for block in re.findall(r"^```sh(?: run)?\n(.*?)^```", text, re.M | re.S):
        check_commands(page, block)
    for block in re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S):
        yaml.safe_load(block)


def check_commands(page, block):
    # What a page leaves to its reader's shell: words of several arguments, and how a `cd` ends.
    result = subprocess.run(
        ["shellcheck", "--shell=bash", "--exclude=SC2046,SC2164,SC2209", "-"], input=block, capture_output=True,
        text=True)
    if result.returncode != 0:
        problems.append(f"{page}:\n{result.stdout}")
    for line in block.replace("\\\n", " ").splitlines():
        for product, known in flags.items():
            for arguments in re.findall(rf"(?:^|\s){product}\s([^|&#]*)", line):
                for flag in re.findall(r"(?<=\s)--[a-z][a-z-]*", " " + arguments):
                    if flag not in known:
                        problems.append(f"{page}: {product} has no {flag}")


def run_block():
    text = (ROOT / "docs/walkthrough.md").read_text()
    (block,) = re.findall(r"^```sh run\n(.*?)^```", text, re.M | re.S)
    start = "swift build\nPATH=$(swift build --show-bin-path):$PATH\n"
    if not block.startswith(start):
        problems.append("docs/walkthrough.md: the block that is run does not begin with the build")
    block = block.removeprefix(start)
    for port in ("9092", "8080", "8081"):
        block = block.replace(f"127.0.0.1:{port}", f"127.0.0.1:{free_port()}")
    status = re.search(r"127\.0\.0\.1:\d+(?=/readyz)", block).group()
    expected = ["Test the function.", "Invoke function: figlet", "Response [200] from figlet", "#####",
                'connector_invocations_total{function="figlet",']

    with tempfile.TemporaryDirectory() as folder:
        said, kcat = Path(folder, "said"), Path(folder, "kcat.conf")
        kcat.write_text("".join(f"{name}={value}\n" for name, value in PATIENT_CLIENT.items()))
        environment = {"PATH": f"{programs}:{os.environ['PATH']}", "status_listen": status, "KCAT_CONFIG": str(kcat),
                       **PATIENT_CONNECTOR}
        with said.open("w") as output:
            process = subprocess.Popen(
                ["bash", "-c", block], stdout=output, stderr=output, env=environment, start_new_session=True)

        def missing():
            return [line for line in expected if line not in said.read_text()]

        try:
            if not ends(process):
                problems.append("docs/walkthrough.md: the block that is run does not end")
            # What it leaves behind may still have something to say.
            until("what is expected", lambda: not missing(), 30)
        except TimeoutError:
            problems.append(
                f"docs/walkthrough.md: not in what the block that is run says: {missing()}\n{said.read_text()}")
        finally:
            try:
                os.killpg(process.pid, signal.SIGTERM)
            except ProcessLookupError:
                pass


flags = {product: help_of(product) for product in (
    "load-producer", "connector-sim", "kafka-connector", "rabbitmq-connector", "sns-connector")}
for page in PAGES:
    if (ROOT / page).exists():
        check_page(page)
run_block()
for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems else 0)
