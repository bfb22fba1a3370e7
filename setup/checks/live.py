"""Looks at the page of `connector-sim run --live` with a real browser while a run with faults goes on, which
SIGINT ends when all has been seen, however long that takes.

The browser is driven by its own protocol (Chrome DevTools) over two pipes. Called by setup/check.sh.

    live.py FOLDER-OF-PROGRAMS BROWSER
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from waiting import ends, until

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = ROOT / "docs/scenarios/rough-day.yaml"
programs, browser = Path(sys.argv[1]), sys.argv[2]
# Of a run that could go on for an hour, how many are waited for.
MESSAGES, PARTITIONS = 3000, 4
# Seconds without progress after which the run ends by itself: more than the 45 for which a group waits for a member
# that a machine which stood still has put out.
PATIENCE = 120


class Browser:
    """One page of a headless browser."""

    def __init__(self, profile):
        to_read, self.out = os.pipe()
        self.incoming, to_write = os.pipe()

        def pipes():
            # The protocol wants them as 3 and 4, and either may be one of the two already.
            read, write = os.dup(to_read), os.dup(to_write)
            os.dup2(read, 3)
            os.dup2(write, 4)

        self.process = subprocess.Popen(
            [browser, "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=pipes, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.rest, self.number, self.session, self.complaints = b"", 0, None, []

    def receive(self):
        while b"\0" not in self.rest:
            chunk = os.read(self.incoming, 1 << 16)
            if not chunk:
                raise EOFError("the browser has gone")
            self.rest += chunk
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while (answer := self.receive()).get("id") != self.number:
            if answer.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
                self.complaints.append(answer["params"])
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, url):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Runtime", "Log", "Page"):
            self.call(f"{domain}.enable")
        self.call("Page.navigate", url=url)

    def value(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return result["result"].get("value")

    def close(self):
        self.process.kill()
        self.process.wait()


def number(page, box):
    return int(page.value(f"+(document.querySelector('#{box} b') || {{}}).textContent || 0"))


def rows(page, table):
    return page.value(f"[...document.querySelectorAll('#{table} tbody tr')].map(r => r.innerText)")


def faults_to_come(page, names):
    """Those of the scenario that the page does not show yet."""
    seen = "\n".join(rows(page, "faults"))
    return [name for name in names if f"{name}: " not in seen]


def check_flow(page, names):
    until("the flow", lambda: number(page, "handled") > 0)
    first = number(page, "handled")
    until("the flow going on", lambda: number(page, "handled") > first)
    until("a lane for each partition", lambda: len(rows(page, "lanes")) == PARTITIONS)
    until("the function", lambda: any(row.startswith("echo") for row in rows(page, "functions")))
    until("curves", lambda: page.value(
        "[...document.querySelectorAll('polyline')].some(p => p.getAttribute('points').includes(' '))"))
    until("each fault", lambda: not faults_to_come(page, names))
    until(f"{MESSAGES} messages", lambda: number(page, "handled") >= MESSAGES, 600)
    foreign = page.value(
        "performance.getEntriesByType('resource').map(r => r.name).filter(n => !n.startsWith(location.origin))")
    assert foreign == [], foreign


def check_end(page, account):
    state = until("the end", lambda: (s := page.value("document.getElementById('state').textContent")) and
                  s.startswith("over") and s)
    assert state == "over: the ledger is balanced", state
    assert account["ledger"] == "balanced", account
    # All that was to be sent until the signal was sent, and is what the page shows.
    assert "not_produced" not in account, account
    assert number(page, "produced") == int(account["produced"]) >= MESSAGES, account
    assert number(page, "inFlight") == 0
    assert page.complaints == [], page.complaints


# What is left of a browser may still write into its folder while that is removed.
with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
    said, log = Path(folder, "said"), Path(folder, "log")
    scenario = yaml.safe_load(SCENARIO.read_text())
    names = [rule["name"] for rule in scenario["broker"]["faults"]]
    names += [f"gateway.faults[{index}]" for index in range(len(scenario["gateway"]["faults"]))]
    with said.open("w") as out, log.open("w") as errors:
        run = subprocess.Popen(
            [programs / "connector-sim", "run", "--messages", "1000000", "--rate", "300", "--partitions",
             str(PARTITIONS), "--patience", str(PATIENCE), "--scenario", SCENARIO, "--live"], stdout=out, stderr=errors)
    page = None
    try:
        url = until("the page's address", lambda: re.match(r"live (\S+)\n", said.read_text())).group(1)
        page = Browser(Path(folder, "profile"))
        page.open(url)
        check_flow(page, names)
        run.send_signal(signal.SIGINT)
        # What a slow machine has not caught up with comes through first.
        assert ends(run, 1800) and run.returncode == 0, run.returncode
        check_end(page, dict(re.findall(r"^ *(\S.*?)  +(\S.*)$", said.read_text(), re.M)))
    except BaseException:
        print(said.read_text(), log.read_text()[-2000:], sep="\n", file=sys.stderr)
        raise
    finally:
        run.kill()
        run.wait()
        if page:
            page.close()
