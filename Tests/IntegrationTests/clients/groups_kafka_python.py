"""An administrator of groups by kafka-python: one question on stdin, one answer on stdout."""

import json
import sys

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import MemberToRemove, OffsetSpec
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata
from patience import Patience

# Seconds; only a guard: a machine may stand still for two minutes.
TIMEOUT = 240
GUARDS = {"request_timeout_ms": TIMEOUT * 1000, "bootstrap_timeout_ms": TIMEOUT * 1000}


def admin(q):
    client = KafkaAdminClient(bootstrap_servers=q["bootstrap"], **GUARDS)
    consumer = KafkaConsumer(
        *q["topics"], bootstrap_servers=q["bootstrap"], group_id=q["group"], client_id="c",
        auto_offset_reset="earliest", enable_auto_commit=False, **GUARDS,
        # A machine that stands still for minutes must not put it out.
        session_timeout_ms=300_000)
    seen = 0
    patience = Patience(TIMEOUT)
    while seen < q["count"] and patience.lasts():
        seen += sum(len(records) for records in consumer.poll(timeout_ms=100).values())
    consumer.commit()
    described = client.describe_groups([q["group"]])
    group = described[q["group"]]
    answer = {
        "seen": seen,
        "listed": [g["group_id"] for g in client.list_groups()],
        "state": group["group_state"],
        "members": [m["client_id"] for m in group["members"]],
    }
    topic = q["topics"][0]
    try:
        client.delete_group_offsets(q["group"], [TopicPartition(topic, 0)])
    except KafkaError as error:
        answer["delete_offset"] = type(error).__name__
    answer["delete"] = str(client.delete_groups([q["group"]]))
    # It is put out, and then leaves without being asked for anything.
    client.remove_group_members(q["group"], [MemberToRemove(member_id=m["member_id"]) for m in group["members"]])
    answer["removed"] = len(client.describe_groups([q["group"]])[q["group"]]["members"])
    consumer.close()

    def offsets():
        found = client.list_group_offsets({q["group"]: None})[q["group"]]
        return {f"{p.topic}-{p.partition}": o.offset for p, o in found.items()}

    answer["offsets"] = offsets()
    client.alter_group_offsets(q["group"], {TopicPartition(topic, 0): OffsetAndMetadata(1, "", -1)})
    answer["altered"] = offsets()[f"{topic}-0"]
    client.reset_group_offsets(q["group"], {TopicPartition(topic, 1): OffsetSpec.EARLIEST})
    answer["reset"] = offsets()[f"{topic}-1"]
    client.delete_group_offsets(q["group"], [TopicPartition(topic, 0)])
    answer["rest"] = offsets()
    client.delete_groups([q["group"]])
    answer["left"] = [g["group_id"] for g in client.list_groups()]
    client.close()
    return answer


CASES = {f.__name__: f for f in (admin,)}


def main():
    question = json.load(sys.stdin)
    try:
        answer = {"answer": CASES[question["case"]](question)}
    except KafkaError as error:
        answer = {"error": repr(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
