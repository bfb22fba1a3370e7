"""A client of kafka-python for the security tests: one question on stdin, one answer on stdout.

The question names a case and says how to connect; the answer is what the client saw, or its error's name.
"""

import json
import os
import sys
import tempfile

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)
from kafka.errors import KafkaError
from kafka.net.sasl.oauth import AbstractTokenProvider

# Seconds; only a guard: a machine may stand still for two minutes.
TIMEOUT = 240


class Token(AbstractTokenProvider):
    def __init__(self, token):
        self._token = token

    def token(self):
        return self._token


def configuration(q, folder):
    conf = {
        "bootstrap_servers": q["bootstrap"].split(","),
        "security_protocol": q["protocol"],
        "request_timeout_ms": TIMEOUT * 1000,
        "bootstrap_timeout_ms": TIMEOUT * 1000,
    }
    if "mechanism" in q:
        conf["sasl_mechanism"] = q["mechanism"]
    if "user" in q:
        conf["sasl_plain_username"] = q["user"]
        conf["sasl_plain_password"] = q["password"]
    if "token" in q:
        conf["sasl_oauth_token_provider"] = Token(q["token"])
    for ours, theirs in (("ca", "ssl_cafile"), ("certificate", "ssl_certfile"), ("key", "ssl_keyfile")):
        if ours in q:
            path = os.path.join(folder, ours)
            with open(path, "w") as file:
                file.write(q[ours])
            conf[theirs] = path
    if "broker_version" in q:
        conf["api_version"] = tuple(q["broker_version"])
    return conf


def produce(q, conf):
    # Idempotent producers ask for the cluster's permission first, and name no topic in their error.
    patience = q.get("patience", TIMEOUT)
    conf["bootstrap_timeout_ms"] = patience * 1000
    # A delivery must be given longer than a request.
    producer = KafkaProducer(
        max_block_ms=patience * 1000, delivery_timeout_ms=TIMEOUT * 2000, enable_idempotence=False, **conf)
    try:
        futures = [producer.send(q["topic"], value.encode()) for value in q["values"]]
        return [future.get(timeout=TIMEOUT).offset for future in futures]
    finally:
        producer.close(timeout=1)


def consume(q, conf):
    consumer = KafkaConsumer(
        q["topic"], group_id=q["group"], auto_offset_reset="earliest", consumer_timeout_ms=TIMEOUT * 1000,
        # A machine that stands still for minutes must not put it out, lest it read again.
        session_timeout_ms=300_000, **conf)
    values = []
    try:
        for record in consumer:
            values.append(record.value.decode())
            if len(values) == len(q["values"]):
                break
    finally:
        consumer.close()
    return values


def roundtrip(q, conf):
    produce(q, conf)
    return consume(q, conf)


def topics(q, conf):
    consumer = KafkaConsumer(**conf)
    try:
        return sorted(consumer.topics())
    finally:
        consumer.close()


def acls(q, conf):
    admin = KafkaAdminClient(**conf)
    rules = [
        ACL("User:alice", "*", ACLOperation.READ, ACLPermissionType.ALLOW,
            ResourcePattern(ResourceType.TOPIC, "orders")),
        ACL("User:bob", "127.0.0.1", ACLOperation.ALL, ACLPermissionType.DENY,
            ResourcePattern(ResourceType.GROUP, "or", ACLResourcePatternType.PREFIXED)),
    ]
    created = admin.create_acls(rules)
    if created["failed"]:
        raise created["failed"][0]
    anything = ACLFilter(
        None, None, ACLOperation.ANY, ACLPermissionType.ANY,
        ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY))
    bobs = ACLFilter(
        "User:bob", None, ACLOperation.ANY, ACLPermissionType.ANY,
        ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY))

    def texts(bindings):
        return sorted(
            f"{b.permission_type.name} {b.principal} {b.host} {b.operation.name} "
            f"{b.resource_pattern.resource_type.name} {b.resource_pattern.resource_name} "
            f"{b.resource_pattern.pattern_type.name}" for b in bindings)

    described, _ = admin.describe_acls(anything)
    deleted = admin.delete_acls([bobs])[0][1]
    left, _ = admin.describe_acls(anything)
    return [texts(described), texts(deleted), texts(left)]


def scram(q, conf):
    admin = KafkaAdminClient(**conf)
    outcome = admin.alter_user_scram_credentials([
        UserScramCredentialUpsertion("carol", ScramMechanism.SCRAM_SHA_256, "s3cret", iterations=8192),
        UserScramCredentialUpsertion("carol", ScramMechanism.SCRAM_SHA_512, "s3cret", iterations=4096),
        UserScramCredentialUpsertion("dave", ScramMechanism.SCRAM_SHA_256, "s3cret", iterations=4096),
    ])
    outcome.update(admin.alter_user_scram_credentials(
        [UserScramCredentialDeletion("dave", ScramMechanism.SCRAM_SHA_256)]))
    described = admin.describe_user_scram_credentials(["carol", "dave"])
    answers = []
    for user, found in sorted(described.items()):
        if found["error"]:
            answers.append([user, "RESOURCE_NOT_FOUND"])
        else:
            answers.append([user] + sorted(
                f"{ScramMechanism(i['mechanism']).name} {i['iterations']}" for i in found["credential_infos"]))
    return answers


CASES = {f.__name__: f for f in (produce, consume, roundtrip, topics, acls, scram)}


def main():
    question = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        try:
            answer = {"answer": CASES[question["case"]](question, configuration(question, folder))}
        except KafkaError as error:
            answer = {"error": type(error).__name__}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
