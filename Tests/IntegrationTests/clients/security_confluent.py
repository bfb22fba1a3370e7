"""A client of confluent-kafka (librdkafka) for the security tests: one question on stdin, one answer on stdout.

The question names a case and says how to connect; the answer is what the client saw, or its error's name.
"""

import json
import sys
import time

import confluent_kafka
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)
from patience import Patience

# Seconds; only a guard: a machine may stand still for two minutes.
TIMEOUT = 240


class Failed(Exception):
    """An error of the client, by its name."""


def configuration(q):
    conf = {
        "bootstrap.servers": q["bootstrap"],
        "security.protocol": q["protocol"],
        "socket.timeout.ms": TIMEOUT * 1000,
        "reconnect.backoff.max.ms": 200,
        "log_level": 0,
    }
    if "mechanism" in q:
        conf["sasl.mechanism"] = q["mechanism"]
    if "user" in q:
        conf["sasl.username"] = q["user"]
        conf["sasl.password"] = q["password"]
    if "token" in q:
        lifetime = q.get("token_lifetime", 3600)
        conf["oauth_cb"] = lambda _: (q["token"], time.time() + lifetime, "", {})
    for ours, theirs in (("ca", "ssl.ca.pem"), ("certificate", "ssl.certificate.pem"), ("key", "ssl.key.pem")):
        if ours in q:
            conf[theirs] = q[ours]
    return conf


def first_error(errors):
    """The cause, not that all brokers are down because of it."""
    names = [e.name() for e in errors if e.code() not in (KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT)]
    return names[0] if names else (errors[0].name() if errors else None)


def produce(q):
    errors = []
    delivered = []
    conf = configuration(q)
    conf.update({"error_cb": errors.append, "message.timeout.ms": q.get("patience", TIMEOUT) * 1000})
    producer = Producer(conf)

    def report(error, message):
        if error is None:
            delivered.append(message.offset())
        else:
            errors.append(error)

    for value in q["values"]:
        producer.produce(q["topic"], value.encode(), on_delivery=report)
    patience = Patience(TIMEOUT)
    while len(producer) and patience.lasts():
        producer.poll(0.1)
        if not delivered and first_error(errors) in ("_AUTHENTICATION", "_SSL", "TOPIC_AUTHORIZATION_FAILED"):
            raise Failed(first_error(errors))
    if len(delivered) < len(q["values"]):
        raise Failed(first_error(errors) or "TIMEOUT")
    return delivered


def consume(q):
    errors = []
    conf = configuration(q)
    conf.update({"group.id": q["group"], "auto.offset.reset": "earliest", "error_cb": errors.append})
    # A machine that stands still for minutes must not put it out, lest it read again.
    conf["session.timeout.ms"] = 300_000
    consumer = Consumer(conf)
    consumer.subscribe([q["topic"]])
    values = []
    patience = Patience(TIMEOUT)
    try:
        while len(values) < len(q["values"]) and patience.lasts():
            message = consumer.poll(0.2)
            if message is not None and message.error():
                raise Failed(message.error().name())
            if message is not None:
                values.append(message.value().decode())
            if first_error(errors) in ("_AUTHENTICATION", "_SSL"):
                raise Failed(first_error(errors))
    finally:
        consumer.close()
    return values


def roundtrip(q):
    produce(q)
    return consume(q)


def stay(q):
    """Produces one message after another on one connection for so many seconds; says how many went through.

    By a number of pauses rather than by a clock, which might jump over the time that was to be stayed.
    """
    producer = Producer(configuration(q))
    outcomes = []
    for _ in range(int(q["seconds"] / 0.1)):
        producer.produce(q["topic"], b"x", on_delivery=lambda error, _: outcomes.append(error))
        producer.flush(TIMEOUT)
        time.sleep(0.1)
    return outcomes.count(None)


def acls(q):
    admin = AdminClient(configuration(q))
    rules = [
        AclBinding(
            ResourceType.TOPIC, "orders", ResourcePatternType.LITERAL, "User:alice", "*", AclOperation.READ,
            AclPermissionType.ALLOW),
        AclBinding(
            ResourceType.GROUP, "or", ResourcePatternType.PREFIXED, "User:bob", "127.0.0.1", AclOperation.ALL,
            AclPermissionType.DENY),
    ]
    for future in admin.create_acls(rules, request_timeout=TIMEOUT).values():
        future.result()
    anything = AclBindingFilter(
        ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY)
    described = admin.describe_acls(anything, request_timeout=TIMEOUT).result()
    bobs = AclBindingFilter(
        ResourceType.ANY, None, ResourcePatternType.ANY, "User:bob", None, AclOperation.ANY, AclPermissionType.ANY)
    deleted = [f.result() for f in admin.delete_acls([bobs], request_timeout=TIMEOUT).values()][0]
    left = admin.describe_acls(anything, request_timeout=TIMEOUT).result()

    def texts(bindings):
        return sorted(
            f"{b.permission_type.name} {b.principal} {b.host} {b.operation.name} {b.restype.name} {b.name} "
            f"{b.resource_pattern_type.name}" for b in bindings)

    return [texts(described), texts(deleted), texts(left)]


def scram(q):
    # Its password is an old one at first, until it is told the new one.
    admin = AdminClient({**configuration(q), "sasl.password": "old"})
    admin.set_sasl_credentials(q["user"], q["password"])
    changes = [
        UserScramCredentialUpsertion("carol", ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 8192), b"s3cret"),
        UserScramCredentialUpsertion("carol", ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), b"s3cret"),
        UserScramCredentialUpsertion("dave", ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), b"s3cret"),
    ]
    for future in admin.alter_user_scram_credentials(changes, request_timeout=TIMEOUT).values():
        future.result()
    deletion = [UserScramCredentialDeletion("dave", ScramMechanism.SCRAM_SHA_256)]
    for future in admin.alter_user_scram_credentials(deletion, request_timeout=TIMEOUT).values():
        future.result()
    described = admin.describe_user_scram_credentials(["carol", "dave"], request_timeout=TIMEOUT)
    answers = []
    for user, future in sorted(described.items()):
        try:
            infos = future.result().scram_credential_infos
            answers.append([user] + sorted(f"{i.mechanism.name} {i.iterations}" for i in infos))
        except KafkaException as error:
            answers.append([user, error.args[0].name()])
    return answers


CASES = {f.__name__: f for f in (produce, consume, roundtrip, stay, acls, scram)}


def main():
    question = json.load(sys.stdin)
    try:
        answer = {"answer": CASES[question["case"]](question)}
    except Failed as error:
        answer = {"error": str(error)}
    except KafkaException as error:
        answer = {"error": error.args[0].name()}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
