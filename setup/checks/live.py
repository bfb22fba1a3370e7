"""Looks at the page of `connector-sim run --live` with a real browser while a run with faults goes on.

The browser is driven by its own protocol (Chrome DevTools) over two pipes. Called by setup/check.sh.

    live.py FOLDER-OF-PROGRAMS BROWSER
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
programs, browser = Path(sys.argv[1]), sys.argv[2]
MESSAGES, PARTITIONS = 3000, 4


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


def until(what, condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.1)
    return found


def number(page, box):
    return int(page.value(f"+(document.querySelector('#{box} b') || {{}}).textContent || 0"))


def rows(page, table):
    return page.value(f"[...document.querySelectorAll('#{table} tbody tr')].map(r => r.innerText)")


def check(url, page):
    page.open(url)
    until("the flow", lambda: number(page, "handled") > 0)
    first = number(page, "handled")
    until("the flow going on", lambda: number(page, "handled") > first)
    until("a lane for each partition", lambda: len(rows(page, "lanes")) == PARTITIONS)
    until("the function", lambda: any(row.startswith("echo") for row in rows(page, "functions")))
    until("faults", lambda: rows(page, "faults"))
    until("curves", lambda: page.value(
        "[...document.querySelectorAll('polyline')].some(p => p.getAttribute('points').includes(' '))"))
    foreign = page.value(
        "performance.getEntriesByType('resource').map(r => r.name).filter(n => !n.startsWith(location.origin))")
    assert foreign == [], foreign
    state = until("the end", lambda: (s := page.value("document.getElementById('state').textContent")) and
                  s.startswith("over") and s)
    assert state == "over: the ledger is balanced", state
    assert number(page, "produced") == MESSAGES, number(page, "produced")
    assert number(page, "inFlight") == 0
    assert page.complaints == [], page.complaints


with tempfile.TemporaryDirectory() as folder:
    run = subprocess.Popen(
        [programs / "connector-sim", "run", "--messages", str(MESSAGES), "--rate", "600", "--partitions",
         str(PARTITIONS), "--scenario", ROOT / "docs/scenarios/rough-day.yaml", "--live"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    page = None
    try:
        url = run.stdout.readline().removeprefix("live ").strip()
        page = Browser(folder)
        check(url, page)
        run.stdout.read()
        assert run.wait(60) == 0, run.returncode
    finally:
        run.kill()
        if page:
            page.close()
