"""Asks a real Prometheus every query of the dashboard and every rule, while it scrapes real connectors under load.

Two groups of Kafka consume, and SNS's endpoint refuses what is no message: one group keeps up, calling functions of
which some fail; the other begins with a backlog and a function that takes its time. Broker and gateway are
connector-sim's. Called by setup/check.sh.

    dashboard.py FOLDER-OF-PROGRAMS PROMETHEUS
"""

import json
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import yaml
from waiting import DEADLINE, GUARD, PATIENT_CLIENT, Patience, ends, until

SETUP = Path(__file__).resolve().parents[1]
programs, prometheus = Path(sys.argv[1]), sys.argv[2]
# Where nothing else than 0 is right in a healthy run.
MAY_BE_ZERO = {
    "Repeated and put aside", "Listings of the functions", "Rebalances", "Restarts", "Its own requests",
    "Requests and messages that came again"}
FUNCTIONS = ["figlet=faas-request", "echo=faas-request,faas-echo", "status=faas-status", "sleep=faas-sleep"]
TOPICS = ["faas-request", "faas-echo", "faas-status", "faas-none"]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=GUARD) as reply:
            return reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()
    except TimeoutError:
        # Who says nothing for so long will not do so at the next look.
        raise
    except OSError:
        return ""


class Scene:
    def __init__(self, folder):
        self.folder, self.processes, self.began = Path(folder), [], time.time()
        self.broker, self.gateway, self.prometheus = (free_port() for _ in range(3))
        self.status = {"quick": free_port(), "slow": free_port(), "sns-connector": free_port()}
        self.endpoint = free_port()

    def start(self, name, *command, **settings):
        log = open(self.folder / f"{name}.log", "w")
        self.processes.append(subprocess.Popen(
            list(map(str, command)), stdout=log, stderr=log, env={"PATH": "/usr/bin:/bin", **settings}))

    def connector(self, group, topics, **settings):
        self.start(
            group, programs / "kafka-connector", group=group, topics=topics, initial_offset="oldest",
            broker_hosts=f"127.0.0.1:{self.broker}", gateway_url=f"http://127.0.0.1:{self.gateway}",
            status_listen=f"127.0.0.1:{self.status[group]}", **settings)

    def send(self, topic, payloads):
        subprocess.run(
            ["kcat", "-P", "-b", f"127.0.0.1:{self.broker}", "-t", topic,
             *(a for name, value in PATIENT_CLIENT.items() for a in ("-X", f"{name}={value}"))],
            check=True, text=True, input="".join(f"{payload}\n" for payload in payloads))

    def scrape_configuration(self):
        """setup/prometheus/prometheus.yml, but for where the connectors are and how often they are asked."""
        configuration = yaml.safe_load((SETUP / "prometheus/prometheus.yml").read_text())
        configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        configuration["rule_files"] = [str(SETUP / "prometheus/rules.yml")]
        found = {job["job_name"]: job for job in configuration["scrape_configs"]}
        jobs = []
        for group, port in self.status.items():
            job = found["sns-connector" if group == "sns-connector" else "kafka-connector"]
            mine = json.loads(json.dumps(job))
            del mine["dns_sd_configs"]
            mine["static_configs"] = [{"targets": [f"127.0.0.1:{port}"]}]
            mine["job_name"] = f"{group}-{job['job_name']}"
            (label,) = (r for r in mine["relabel_configs"] if r["target_label"] == "group")
            label["replacement"] = group
            jobs.append(mine)
        configuration["scrape_configs"] = jobs
        path = self.folder / "prometheus.yml"
        path.write_text(yaml.safe_dump(configuration))
        return path

    def api(self, path, **query):
        text = get(f"http://127.0.0.1:{self.prometheus}/api/v1/{path}?{urllib.parse.urlencode(query)}")
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            # Nobody listens yet, or "Service Unavailable" while it starts.
            return {"status": text.strip() or "no answer"}

    def query(self, expression):
        """The largest value of each series over the run; or the error, as text."""
        answer = self.api("query_range", query=expression, start=self.began, end=time.time(), step=1)
        if answer["status"] != "success":
            return answer.get("error", answer["status"])
        values = [[float(value) for _, value in series["values"] if value != "NaN"]
                  for series in answer["data"]["result"]]
        return [max(series) for series in values if series]

    def begin(self):
        self.start(
            "broker", programs / "connector-sim", "broker", "--listen", f"127.0.0.1:{self.broker}",
            *(a for topic in TOPICS for a in ("--topic", f"{topic}:2")), "--topic", "faas-sleep:1")
        self.start(
            "gateway", programs / "connector-sim", "gateway", "--listen", f"127.0.0.1:{self.gateway}",
            *(a for function in FUNCTIONS for a in ("--function", function)))
        until("broker", lambda: "ready" in (self.folder / "broker.log").read_text())
        until("gateway", lambda: "ready" in (self.folder / "gateway.log").read_text())
        self.send("faas-sleep", ["50ms"] * 8000)
        self.start(
            "prometheus", prometheus, f"--config.file={self.scrape_configuration()}",
            f"--storage.tsdb.path={self.folder / 'data'}", f"--web.listen-address=127.0.0.1:{self.prometheus}")
        # It asks before they are there, so that the backlog cannot be gone before its fall is seen.
        until("Prometheus", lambda: len(self.query("up")) == len(self.status))
        self.connector("quick", ",".join(TOPICS))
        self.connector("slow", "faas-sleep", max_in_flight="8", ordering="none", delivery="at-least-once")
        self.start(
            "sns-connector", programs / "sns-connector", topics="arn:aws:sns:eu-west-1:1:orders",
            listen=f"127.0.0.1:{self.endpoint}", gateway_url=f"http://127.0.0.1:{self.gateway}",
            status_listen=f"127.0.0.1:{self.status['sns-connector']}")
        for group, port in self.status.items():
            until(f"{group} is ready", lambda: get(f"http://127.0.0.1:{port}/readyz").startswith("ok"))
        until("connectors in Prometheus",
              lambda: len(self.query("connector_source_connected == 1")) == len(self.status))

    def load(self):
        for topic in TOPICS:
            get(f"http://127.0.0.1:{self.endpoint}/nothing")
            self.send(topic, [500 if topic == "faas-status" else "Test the function."] * 50)

    def end(self):
        # One after the other: a connector waits for the calls that it has under way.
        for process in reversed(self.processes):
            process.terminate()
            if not ends(process, 30):
                process.kill()
                process.wait()


def check_dashboard(scene):
    dashboard = json.loads((SETUP / "grafana/dashboard.json").read_text())
    variables = {}
    for variable in dashboard["templating"]["list"]:
        if variable["type"] != "query":
            continue
        metric, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["definition"]).groups()
        for name, value in variables.items():
            metric = metric.replace(f"${name}", value)
        found = scene.api(f"label/{label}/values", **{"match[]": metric}).get("data", [])
        expected = {"cluster": {"kafka", "sns"}, "group": set(scene.status), "topic": {*TOPICS, "faas-sleep"}}
        if set(found) != expected[variable["name"]]:
            yield f"variable {variable['name']}: {found}"
        variables[variable["name"]] = variable["allValue"]

    one = {
        "cluster": "kafka|sns", "group": "quick|slow|sns-connector", "topic": "faas-request|faas-status|faas-sleep"}
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            for values in (variables, one):
                expression = target["expr"].replace("$__rate_interval", "10s")
                for name, value in values.items():
                    expression = expression.replace(f"${name}", value)
                result = scene.query(expression)
                if isinstance(result, str) or not result:
                    yield f"{panel['title']}: {result or 'no line'}: {expression}"
                elif not any(value > 0 for value in result) and panel["title"] not in MAY_BE_ZERO:
                    yield f"{panel['title']}: only zeros: {expression}"
            # A filter that fits nothing leaves nothing, or the panel ignores its variables.
            expression = target["expr"].replace("$__rate_interval", "10s")
            for name in one:
                expression = expression.replace(f"${name}", "another")
            if scene.query(expression) not in ([], [0.0]):
                yield f"{panel['title']} ignores the variables: {expression}"


def recorded_rules():
    return yaml.safe_load((SETUP / "prometheus/rules.yml").read_text())["groups"][0]["rules"]


def check_records(scene):
    for rule in recorded_rules():
        if "record" not in rule:
            continue
        result = scene.query(rule["record"])
        if isinstance(result, str) or not result:
            yield f"rule {rule['record']}: {result or 'no line'}"
        elif rule["record"] == "connector:lag:seconds_to_zero" and not any(result):
            yield "no lag is seen to fall"


def check_rules(scene):
    groups = scene.api("rules")["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    if len(rules) != len(recorded_rules()):
        yield f"{len(rules)} rules of {len(recorded_rules())} are loaded"
    for rule in rules:
        if rule["health"] != "ok":
            yield f"rule {rule['name']}: {rule.get('lastError', rule['health'])}"


def look(scene):
    """The problems that stay however often there is load: counters have to grow between two scrapes, and when those are
    is up to the machine. What a query has answered once, right or wrong, it answers at each later look too."""
    patience = Patience(DEADLINE)
    while True:
        scene.load()
        time.sleep(2)
        problems = [*check_dashboard(scene), *check_records(scene)]
        if not problems or not patience.lasts():
            return [*problems, *check_rules(scene)]


with tempfile.TemporaryDirectory() as folder:
    scene = Scene(folder)
    try:
        scene.begin()
        problems = look(scene)
    except TimeoutError as error:
        problems = [f"not in time: {error}"]
    finally:
        scene.end()
    if problems:
        problems += [f"{path.name}:\n{path.read_text()[-1000:]}" for path in sorted(Path(folder).glob("*.log"))]
for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems else 0)
