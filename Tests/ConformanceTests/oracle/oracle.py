"""Answers what other implementations make of a message: one JSON question a line in, one JSON answer a line out.

The first line says whether the packages are there. Started by Oracle.swift, which holds it for the whole test run.
"""

import json
import sys

NEEDED = {"kafka-python": "3.0.12", "kio": "0.6.5"}


def missing():
    """What to install: packages that are not there, or there in another version."""
    from importlib import metadata

    for package, version in NEEDED.items():
        try:
            if metadata.version(package) == version:
                continue
        except metadata.PackageNotFoundError:
            pass
        yield f"{package}=={version}"


def answer(question):
    import layouts
    import messages
    import records

    match question.pop("ask"):
        case "layout":
            return layouts.layout(**question)
        case "versions":
            return messages.versions(**question)
        case "reencode":
            data = bytes.fromhex(question.pop("data"))
            return messages.reencode(**question, data=data).hex()
        case "sample":
            return messages.sample(**question).hex()
        case "error codes":
            return messages.error_codes()
        case "build records":
            return records.build(**question).hex()
        case "build legacy records":
            return records.build_legacy(**question).hex()
        case "read records":
            return records.read(bytes.fromhex(question["data"]))


def main():
    lacking = list(missing())
    print(json.dumps({"missing": lacking}), flush=True)
    if lacking:
        return
    for line in sys.stdin:
        try:
            reply = {"answer": answer(json.loads(line))}
        except Exception as error:  # whatever it is, the test shall see it
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
