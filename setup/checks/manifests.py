"""Checks what is deployed: the overlays of setup/kubernetes, the Helm chart over several values, the stacks of
setup/swarm. Every object against Kubernetes's schemas, oldest and newest; what is ours besides: limits, versions, no
secrets, labels, and settings that the connector itself accepts. Called by setup/check.sh.

    manifests.py FOLDER     that of the built programs
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import kubernetes_validate
import yaml
from helm_python import Chart, HelmError, lint

ROOT = Path(__file__).resolve().parents[2]
SETUP = ROOT / "setup"
KUBERNETES = ["1.25", "1.37"]
# Not of Kubernetes itself, so without a schema here; what is said of them is checked by `custom`.
CUSTOM = {
    "ServiceMonitor": "monitoring.coreos.com/v1",
    "PrometheusRule": "monitoring.coreos.com/v1",
    "ScaledObject": "keda.sh/v1alpha1",
    "TriggerAuthentication": "keda.sh/v1alpha1",
}
# What their specs must have, and what else is used here.
FIELDS = {
    "ServiceMonitor": ({"selector", "endpoints"}, set()),
    "PrometheusRule": ({"groups"}, set()),
    "ScaledObject": (
        {"scaleTargetRef", "triggers"},
        {"minReplicaCount", "maxReplicaCount", "pollingInterval", "cooldownPeriod", "advanced"}),
    "TriggerAuthentication": ({"secretTargetRef"}, set()),
}
OURS = {"kafka-connector", "rabbitmq-connector", "sns-connector", "load-producer", "connector-sim"}
# Each connector with the page of the settings that are its own.
PAGES = {"kafka-connector": "configuration", "rabbitmq-connector": "rabbitmq", "sns-connector": "sns"}

problems = []
programs = Path(sys.argv[1])
version = (SETUP / "VERSION").read_text().strip()


def rows(page):
    """The names that a table of the page begins its rows with."""
    return set(re.findall(r"^\| `(\w+)` \|", (ROOT / f"docs/{page}.md").read_text(), re.M))


def problem(where, text):
    problems.append(f"{where}: {text}")


def image(where, name):
    repository, _, tag = name.rpartition(":")
    if not repository or tag == "latest":
        problem(where, f"image {name} names no version")
    elif repository in OURS and tag != version:
        problem(where, f"image {name}: setup/VERSION is {version}")


def stand_in(name, secret):
    """A file in the place of a mounted one: of a certificate and its key, or of a secret."""
    if not name.endswith(("ca_file", "cert_file", "key_file")):
        return str(secret)
    pem = Path(scratch) / "certificate.pem"
    if not pem.exists():
        subprocess.run(
            ["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=check", "-keyout", pem, "-out",
             f"{pem}.crt"], check=True, capture_output=True)
        with open(pem, "a") as file:
            file.write(Path(f"{pem}.crt").read_text())
    return str(pem)


def settings(where, connector, environment):
    """Whether the connector starts with them, and knows them all."""
    known = rows("configuration") | rows(PAGES[connector])
    for name in environment:
        if name not in known and not name.startswith("kafka."):
            problem(where, f"no such setting: {name}")
    # Its files are secrets, mounted only in the cluster.
    secret = Path(scratch) / "secret"
    secret.write_text("/secret")
    environment = {name: stand_in(name, secret) if name.endswith("_file") else value for name, value in environment.items()}
    result = subprocess.run(
        [programs / connector, "--print-config"], env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True)
    if result.returncode != 0:
        problem(where, result.stderr.strip())


def pods(document):
    template = document.get("spec", {}).get("template")
    return [template] if document["kind"] in ("Deployment", "StatefulSet", "Job") else []


def containers(where, pod, documents):
    spec = pod["spec"]
    if spec.get("automountServiceAccountToken") is not False:
        problem(where, "mounts a token of Kubernetes that it does not need")
    if not spec.get("securityContext", {}).get("runAsNonRoot"):
        problem(where, "may run as root")
    for container in spec.get("initContainers", []) + spec["containers"]:
        at = f"{where} {container['name']}"
        image(at, container["image"])
        for resource in ("cpu", "memory"):
            for bound in ("limits", "requests"):
                if resource not in container.get("resources", {}).get(bound, {}):
                    problem(at, f"no {bound} of {resource}")
        security = container.get("securityContext", {})
        if security.get("allowPrivilegeEscalation") is not False or security.get("capabilities") != {"drop": ["ALL"]}:
            problem(at, "has more rights than it needs")
        ours = container["image"].rpartition(":")[0] in OURS
        if ours and security.get("readOnlyRootFilesystem") is not True:
            problem(at, "its root can be written to")
        for variable in container.get("env", []):
            if re.search("password|secret|token", variable["name"], re.I) and "value" in variable:
                problem(at, f"a secret in a file: {variable['name']}")
        for source in container.get("envFrom", []):
            name = source["configMapRef"]["name"]
            maps = [d for d in documents if d["kind"] == "ConfigMap" and d["metadata"]["name"] == name]
            if len(maps) != 1:
                problem(at, f"no ConfigMap {name}")
            for found in maps:
                settings(at, container["image"].rpartition(":")[0], found["data"])


def custom(where, document):
    kind, spec = document["kind"], document["spec"]
    if not FIELDS[kind][0] <= set(spec) <= FIELDS[kind][0] | FIELDS[kind][1]:
        problem(where, f"fields of spec: {sorted(spec)}")
    for endpoint in spec.get("endpoints", []):
        if not set(endpoint) <= {"port", "path", "interval", "honorLabels", "relabelings"}:
            problem(where, f"fields of an endpoint: {sorted(endpoint)}")
    for trigger in spec.get("triggers", []):
        for key, value in trigger["metadata"].items():
            if not isinstance(value, str):
                problem(where, f"KEDA takes only strings: {key}")
    for secret in spec.get("secretTargetRef", []):
        # What KEDA's scaler for Kafka knows.
        if secret["parameter"] not in {"username", "password", "ca", "cert", "key"}:
            problem(where, f"KEDA asks for no {secret['parameter']}")


def check(name, documents):
    seen = set()
    for document in documents:
        metadata = document["metadata"]
        where = f"{name}: {document['kind']} {metadata['name']}"
        key = document["kind"], metadata["name"]
        if key in seen:
            problem(where, "is there twice")
        seen.add(key)
        if metadata.get("namespace") != "openfaas":
            problem(where, f"namespace {metadata.get('namespace')}")
        if document["kind"] == "Secret":
            problem(where, "a secret in a file")
        if document["kind"] in CUSTOM:
            if document["apiVersion"] != CUSTOM[document["kind"]]:
                problem(where, f"apiVersion {document['apiVersion']}")
            custom(where, document)
        else:
            for kubernetes in KUBERNETES:
                try:
                    kubernetes_validate.validate(document, kubernetes, strict=True)
                except kubernetes_validate.SchemaNotFoundError:
                    problem(where, f"Kubernetes {kubernetes} has no {document['apiVersion']}")
                except kubernetes_validate.ValidationError as error:
                    problem(where, f"Kubernetes {kubernetes}: {'.'.join(map(str, error.path))}: {error.message}")
        labelled = [document] if document["kind"] != "ConfigMap" or "kafka-connector-" in metadata["name"] else []
        for part in labelled + pods(document):
            labels = part["metadata"].get("labels", {})
            generated = document["kind"] == "ConfigMap" and part is document
            if not generated and not {"app", "component"} <= set(labels):
                problem(where, f"no labels app and component: {labels}")
        for pod in pods(document):
            selector = document["spec"].get("selector", {}).get("matchLabels", {})
            if not selector.items() <= pod["metadata"]["labels"].items():
                problem(where, "does not select its own pods")
            containers(where, pod, documents)
    return seen


def overlays():
    kubectl = Path(sys.executable).with_name("kubectl")
    required = {
        "kraft": {("StatefulSet", "kafka"), ("Job", "kafka-topics")},
        "zookeeper": {("StatefulSet", "kafka"), ("StatefulSet", "zookeeper"), ("Job", "kafka-topics")},
        "tls-sasl": set(),
        "load-test": {("Job", "load-producer"), ("Service", "load-producer")},
        "monitoring": {("ServiceMonitor", "kafka-connector"), ("PrometheusRule", "kafka-connector"),
                       ("ScaledObject", "kafka-connector"), ("ConfigMap", "kafka-connector-dashboard")},
    }
    kinds = {"Deployment", "Service", "ServiceAccount", "NetworkPolicy"}
    always = {(kind, "kafka-connector") for kind in kinds | {"PodDisruptionBudget"}}
    others = {
        "rabbitmq-connector": {(kind, "rabbitmq-connector") for kind in kinds | {"PodDisruptionBudget"}},
        "sns-connector": {(kind, "sns-connector") for kind in kinds | {"Ingress"}},
    }
    folders = {name: SETUP / "kubernetes" / name for name in ("base", *others)}
    folders |= {path.name: path for path in sorted((SETUP / "kubernetes/overlays").iterdir())}
    for missing in set(required) - set(folders):
        problem("setup/kubernetes/overlays", f"no {missing}")
    for name, folder in folders.items():
        result = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True)
        if result.returncode != 0 or result.stderr.strip():
            problem(name, result.stderr.strip())
            continue
        seen = check(name, list(yaml.safe_load_all(result.stdout)))
        for kind, what in others.get(name, always | required.get(name, set())) - seen:
            problem(name, f"no {kind} {what}")


# Values as OpenFaaS's own chart has them; those without a meaning here are taken and ignored.
COMMERCIAL = {
    "topics": "payment.requested,customer.created", "brokerHosts": "kf-kafka-1:9092,kf-kafka-2:9092",
    "sessionLogging": True, "replicas": 3, "upstreamTimeout": "2m", "rebuildInterval": "30s", "asyncInvocation": True,
    "maxBytes": "1048576", "contentType": "application/json", "group": "faas-group-1",
    "logs": {"debug": True, "format": "json"}, "printRequestBody": True, "printResponse": True,
    "printResponseBody": True, "initialOffset": "newest", "gatewayURL": "https://gateway.example.com",
    "basic_auth": True, "tls": True, "saslAuth": True, "caSecret": "kafka-broker-ca",
    "certSecret": "kafka-broker-cert", "keySecret": "kafka-broker-key", "nodeSelector": {"disk": "fast"},
    "tolerations": [{"key": "kafka", "operator": "Exists"}],
}
VALUES = {
    "defaults": {},
    "commercial": COMMERCIAL,
    # As they come from a file: numbers without quotes.
    "numbers": {"maxBytes": 52428800.0, "maxInFlight": 100000.0, "settings": {"kafka.fetch.max.bytes": 52428800.0},
                "brokerHosts": "b1:19092, b2", "topics": "*"},
    "bare": {"basic_auth": False, "podDisruptionBudget": False, "networkPolicy": False},
    "everything": {
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}}, "autoscaling": {"enabled": True},
        "delivery": "at-least-once", "ordering": "key",
        "settings": {"retry_attempts": 3, "kafka.session.timeout.ms": 10000}, "podAnnotations": {"a": "b"},
        "imagePullSecrets": [{"name": "registry"}], "fullnameOverride": "events"},
    "credentials": {"saslAuth": True, "saslMechanism": "scram-sha-512"},
    "scaling behind TLS": {"tls": True, "autoscaling": {"enabled": True}},
    "scaling with credentials": {
        "tls": True, "saslAuth": True, "saslMechanism": "scram-sha-512", "autoscaling": {"enabled": True},
        "caSecret": "kafka-broker-ca", "certSecret": "kafka-broker-cert", "keySecret": "kafka-broker-key"},
}
REFUSED = {
    "image without a version": {"image": "kafka-connector"},
    "image latest": {"image": "kafka-connector:latest"},
    "no topics": {"topics": ""},
    "duration": {"upstreamTimeout": "2 minutes"},
    "offset": {"initialOffset": "middle"},
    "lag of all topics": {"topics": "*", "autoscaling": {"enabled": True}},
}


def scaling(where, values, documents):
    """KEDA asks the brokers as the connector does: by the same secrets, with the same mechanism."""
    for scaled in [d for d in documents if d["kind"] == "ScaledObject"]:
        trigger, = scaled["spec"]["triggers"]
        metadata = trigger["metadata"]
        if metadata.get("tls", "disable") != ("enable" if values.get("tls") else "disable"):
            problem(where, f"KEDA's tls is {metadata.get('tls')}")
        mechanism = values.get("saslMechanism", "plain") if values.get("saslAuth") else None
        expected = {None: None, "plain": "plaintext", "scram-sha-512": "scram_sha512"}[mechanism]
        if metadata.get("sasl") != expected:
            problem(where, f"KEDA's sasl is {metadata.get('sasl')}")
        ours = {
            (source["secret"]["name"], item["key"]) for pod in documents for spec in pods(pod)
            for volume in spec["spec"].get("volumes", []) for source in volume["projected"]["sources"]
            for item in source["secret"]["items"] if source["secret"]["name"] != "basic-auth"}
        named = trigger.get("authenticationRef", {}).get("name")
        theirs = {
            (secret["name"], secret["key"]) for d in documents
            if d["kind"] == "TriggerAuthentication" and d["metadata"]["name"] == named
            for secret in d["spec"]["secretTargetRef"]}
        if ours != theirs:
            problem(where, f"KEDA gets {sorted(theirs)}, the connector {sorted(ours)}")


def helm():
    path = SETUP / "helm/kafka-connector"
    with Chart.load(path) as chart:
        if chart.metadata["version"] != version or chart.metadata["appVersion"] != version:
            problem("helm", f"Chart.yaml: setup/VERSION is {version}")
        for name, values in VALUES.items():
            for message in lint(path, values, strict=True, kube_version="v1.32.0")["messages"]:
                # No icon: there is none.
                if message["severity"] > 1:
                    problem(f"helm {name}", message["error"])
            rendered = chart.render(values, name="events", namespace="openfaas")
            documents = [d for path, text in sorted(rendered.items()) if path.endswith(".yaml")
                         for d in yaml.safe_load_all(text) if d]
            seen = check(f"helm {name}", documents)
            if name == "numbers" and "port: 19092" not in "".join(rendered.values()):
                problem(f"helm {name}", "the network policy lets no one reach 19092, which brokerHosts names")
            kinds = {kind for kind, _ in seen}
            if not {"ConfigMap", "Deployment", "Service"} <= kinds:
                problem(f"helm {name}", f"only {sorted(kinds)}")
            if name == "everything" and not {"ServiceMonitor", "ScaledObject"} <= kinds:
                problem(f"helm {name}", f"only {sorted(kinds)}")
            scaling(f"helm {name}", values, documents)
        for name, values in REFUSED.items():
            messages = lint(path, values, strict=True)["messages"]
            try:
                chart.render(values, name="events", namespace="openfaas")
                rendered = True
            except HelmError:
                rendered = False
            if rendered and not any(message["severity"] > 2 for message in messages):
                problem(f"helm {name}", "is not refused")


def swarm():
    for path in sorted((SETUP / "swarm").glob("*.yml")):
        stack = yaml.safe_load(path.read_text())
        for name, service in stack["services"].items():
            where = f"{path.name} {name}"
            image(where, service["image"])
            if "memory" not in service["deploy"]["resources"]["limits"]:
                problem(where, "no limit of memory")
            environment = service.get("environment", {})
            for variable in environment:
                if re.search("password|token", variable, re.I) and not variable.lower().endswith("_file"):
                    problem(where, f"a secret in a file: {variable}")
            if service["image"].rpartition(":")[0] in OURS and not service.get("read_only"):
                problem(where, "its root can be written to")
            if name in PAGES:
                settings(where, name, environment)
        for name, secret in stack.get("secrets", {}).items():
            if secret != {"external": True}:
                problem(path.name, f"a secret in a file: {name}")


def provisioning():
    """That Grafana is told of the Prometheus and of the folder that the stack gives it."""
    stack = yaml.safe_load((SETUP / "swarm/monitoring.yml").read_text())
    targets = {config["source"]: Path(config["target"]) for config in stack["services"]["grafana"]["configs"]}
    folder = SETUP / "grafana/provisioning"
    (provider,) = yaml.safe_load((folder / "dashboards/kafka-connector.yml").read_text())["providers"]
    if targets["grafana-dashboard"].parent != Path(provider["options"]["path"]):
        problem("grafana", f"dashboards are looked for in {provider['options']['path']}")
    (source,) = yaml.safe_load((folder / "datasources/prometheus.yml").read_text())["datasources"]
    host = re.fullmatch(r"http://(\w+):9090", source["url"]).group(1)
    if source["type"] != "prometheus" or not source["isDefault"] or host not in stack["services"]:
        problem("grafana", f"data source: {source}")
    for name, target in targets.items():
        mine = Path(stack["configs"][name]["file"]).name
        if target.name != mine and mine != "dashboard.json":
            problem("grafana", f"{mine} becomes {target}")


def metrics():
    """That rules and dashboard ask for metrics that there are."""
    there = rows("metrics") | rows("sns")
    dashboard = json.loads((SETUP / "grafana/dashboard.json").read_text())
    for name in ("prometheus/rules.yml", "grafana/dashboard.json"):
        text = re.sub(r"\{\{.*?\}\}", "", (SETUP / name).read_text())
        for used in set(re.findall(r"\b(?:(?:kafka_)?connector|sns)_[a-z_]+", text)):
            if re.sub("_(bucket|sum|count)$", "", used) not in there:
                problem(name, f"docs has no {used}")
    ids = [panel["id"] for panel in dashboard["panels"]]
    if len(ids) != len(set(ids)):
        problem("dashboard", "two panels have one id")
    taken = {}
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                if x >= 24 or (x, y) in taken:
                    problem("dashboard", f"{panel['title']} lies over {taken.get((x, y), 'the edge')}")
                taken[x, y] = panel["title"]
    names = [variable["name"] for variable in dashboard["templating"]["list"]]
    if names != ["datasource", "cluster", "group", "topic"]:
        problem("dashboard", f"variables: {names}")


with tempfile.TemporaryDirectory() as scratch:
    overlays()
    helm()
    swarm()
provisioning()
metrics()
for text in dict.fromkeys(problems):
    print(text, file=sys.stderr)
sys.exit(1 if problems else 0)
