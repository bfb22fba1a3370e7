"""Layouts of messages as Kafka's own definitions, bundled with kafka-python, state them."""

import functools
import importlib.resources
import json
import re


def parse_range(text):
    """'3', '3+', '3-5' or 'none' as the first and the last version, or None."""
    if text == "none":
        return None
    if text.endswith("+"):
        return int(text[:-1]), 32767
    first, _, last = text.partition("-")
    return int(first), int(last or first)


def carries(text, version):
    versions = parse_range(text)
    return versions is not None and versions[0] <= version <= versions[1]


@functools.cache
def definition(name):
    """The definition of a message such as FetchRequest, or None if the wheel has none."""
    folder = importlib.resources.files("kafka.protocol.schemas") / "resources"
    path = folder / f"{name}.json"
    if not path.is_file():
        return None
    # The files are JSON with comments on lines of their own.
    return json.loads(re.sub(r"(?m)^\s*//.*$", "", path.read_text()))


def layout(name, version):
    """The fields of a version in wire order, tagged ones last; None if there is no definition."""
    message = definition(name)
    if message is None:
        return None
    common = {struct["name"]: struct["fields"] for struct in message.get("commonStructs", [])}
    valid = parse_range(message["validVersions"])
    return {
        "apiKey": message["apiKey"],
        "last": valid[1],
        "flexible": carries(message["flexibleVersions"], version),
        "fields": fields_of(message["fields"], version, common),
    }


def fields_of(fields, version, common):
    plain, tagged = [], []
    for field in fields:
        if not carries(field["versions"], version):
            continue
        element = field["type"].removeprefix("[]")
        inner = field.get("fields", common.get(element, []))
        entry = {
            "name": field["name"],
            "type": field["type"],
            "nullable": carries(field.get("nullableVersions", "none"), version),
            "tag": field.get("tag"),
            "default": default_of(field),
            "fields": fields_of(inner, version, common),
        }
        (plain if entry["tag"] is None else tagged).append(entry)
    return plain + sorted(tagged, key=lambda entry: entry["tag"])


def default_of(field):
    """As text; None where the definition leaves it to the type."""
    value = field.get("default")
    if value is None:
        return None
    if field["type"] == "bool":
        return str(value).lower()
    if field["type"] in ("string", "bytes", "records") or not field["type"].islower() or field["type"].startswith("[]"):
        return str(value)
    return str(int(str(value), 0)) if value != "null" else value
