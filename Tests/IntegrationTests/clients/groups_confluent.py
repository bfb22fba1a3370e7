"""Groups of confluent-kafka (librdkafka) consumers: one question on stdin, one answer on stdout.

The question names a case and the cluster; the answer is what the consumers saw, or the error's name.
"""

import json
import sys

from confluent_kafka import (
    Consumer,
    ConsumerGroupState,
    ConsumerGroupTopicPartitions,
    ConsumerGroupType,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient
from patience import Patience

# Seconds; only a guard: a machine may stand still for two minutes.
TIMEOUT = 240


class Failed(Exception):
    """Something that did not happen, and what was instead."""


def until(what, poll, condition):
    patience = Patience(TIMEOUT)
    while patience.lasts():
        poll()
        if condition():
            return
    raise Failed(f"not within {TIMEOUT} s: {what()}")


class Member:
    """A consumer with what it was given and what it has read."""

    def __init__(self, q, **more):
        conf = {
            "bootstrap.servers": q["bootstrap"],
            "group.id": q["group"],
            "group.protocol": q.get("protocol", "consumer"),
            "auto.offset.reset": "earliest",
            "topic.metadata.refresh.interval.ms": 500,
            "socket.timeout.ms": TIMEOUT * 1000,
            "log_level": 0,
        }
        if conf["group.protocol"] == "classic":
            # Members leave by themselves; a machine that stands still for minutes must put out none. In the other
            # protocol the broker says how long that is.
            conf["session.timeout.ms"] = 300_000
        if "assignor" in q:
            conf["group.remote.assignor"] = q["assignor"]
        conf.update(more)
        self.consumer = Consumer(conf)
        self.values = []
        self.revocations = 0
        self.consumer.subscribe(q["topics"], on_revoke=self.revoked)

    def revoked(self, _, partitions):
        self.revocations += 1

    def poll(self):
        message = self.consumer.poll(0.02)
        if message is None:
            return
        if message.error():
            raise Failed(message.error().name())
        self.values.append(message.value().decode())

    def assigned(self):
        return sorted(f"{p.topic}-{p.partition}" for p in self.consumer.assignment())


def is_shared(members, count):
    """Each of so many partitions is at one member, and no member is without."""
    assigned = [m.assigned() for m in members]
    flat = [p for a in assigned for p in a]
    return len(flat) == count and len(set(flat)) == count and all(assigned)


def share_out(q):
    """Members take the partitions among them, and those of one that leaves."""
    members = [Member(q) for _ in range(q["members"])]

    def poll():
        for member in members:
            member.poll()

    def state():
        return [m.assigned() for m in members]

    until(state, poll, lambda: is_shared(members, q["partitions"]))
    until(state, poll, lambda: sum(len(m.values) for m in members) >= q["count"])
    first = [m.assigned() for m in members]
    values = sorted(v for m in members for v in m.values)
    members.pop(0).consumer.close()
    until(state, poll, lambda: is_shared(members, q["partitions"]))
    after = [m.assigned() for m in members]
    for member in members:
        member.consumer.close()
    # Who comes later goes on where they were.
    late = Member(q)
    until(lambda: late.assigned(), late.poll, lambda: len(late.assigned()) == q["partitions"])
    for _ in range(20):
        late.poll()
    again = late.values
    late.consumer.close()
    return {"first": first, "values": values, "after": after, "again": again}


def pattern(q):
    """A member that subscribes by a pattern gets topics that come later too."""
    member = Member(q)
    until(lambda: member.values, member.poll, lambda: len(member.values) >= q["count"])
    producer = Producer({"bootstrap.servers": q["bootstrap"], "socket.timeout.ms": TIMEOUT * 1000, "log_level": 0})
    producer.produce(q["late"], b"late")
    producer.flush(TIMEOUT)
    until(lambda: member.values, member.poll, lambda: "late" in member.values)
    member.consumer.close()
    return sorted(member.values)


def static(q):
    """A static member that restarts finds what it had, and the other does not notice."""
    one = Member(q, **{"group.instance.id": "one"})
    two = Member(q, **{"group.instance.id": "two"})
    members = [one, two]
    until(
        lambda: [m.assigned() for m in members], lambda: [m.poll() for m in members],
        lambda: is_shared(members, q["partitions"]))
    had = one.assigned()
    before = two.revocations
    one.consumer.close()
    again = Member(q, **{"group.instance.id": "one"})
    until(again.assigned, lambda: (again.poll(), two.poll()), lambda: again.assigned() == had)
    answer = two.revocations - before
    two.consumer.close()
    again.consumer.close()
    return answer


def admin(q):
    """What an administrator sees of a group, and can do with it."""
    client = AdminClient({"bootstrap.servers": q["bootstrap"], "socket.timeout.ms": TIMEOUT * 1000, "log_level": 0})
    member = Member(q, **{"client.id": "c"})
    until(member.assigned, member.poll, lambda: len(member.assigned()) == q["partitions"])
    until(lambda: member.values, member.poll, lambda: len(member.values) >= q["count"])
    member.consumer.commit(asynchronous=False)
    listed = client.list_consumer_groups(states={ConsumerGroupState.STABLE}, request_timeout=TIMEOUT).result()
    types = client.list_consumer_groups(types={ConsumerGroupType.CLASSIC}, request_timeout=TIMEOUT).result()
    described = client.describe_consumer_groups([q["group"]], request_timeout=TIMEOUT)[q["group"]].result()
    answer = {
        "listed": [g.group_id for g in listed.valid],
        "classic": [g.group_id for g in types.valid],
        "state": described.state.name,
        "type": described.type.name,
        "assignor": described.partition_assignor,
        "members": [
            [m.client_id] + sorted(f"{p.topic}-{p.partition}" for p in m.assignment.topic_partitions)
            for m in described.members
        ],
    }
    try:
        client.delete_consumer_groups([q["group"]], request_timeout=TIMEOUT)[q["group"]].result()
    except KafkaException as error:
        answer["delete"] = error.args[0].name()
    member.consumer.close()
    topic = q["topics"][0]

    def offsets():
        asked = [ConsumerGroupTopicPartitions(q["group"])]
        found = client.list_consumer_group_offsets(asked, request_timeout=TIMEOUT)[q["group"]].result()
        return sorted([p.topic, p.partition, p.offset] for p in found.topic_partitions)

    answer["offsets"] = sorted(o[2] for o in offsets())
    change = [ConsumerGroupTopicPartitions(q["group"], [TopicPartition(topic, 0, 1)])]
    client.alter_consumer_group_offsets(change, request_timeout=TIMEOUT)[q["group"]].result()
    answer["altered"] = [o[2] for o in offsets() if o[:2] == [topic, 0]]
    client.delete_consumer_groups([q["group"]], request_timeout=TIMEOUT)[q["group"]].result()
    answer["left"] = [g.group_id for g in client.list_consumer_groups(request_timeout=TIMEOUT).result().valid]
    return answer


def migrate(q):
    """A group changes its protocol member by member."""
    old = Member({**q, "protocol": "classic"}, **{"partition.assignment.strategy": "cooperative-sticky"})
    until(old.assigned, old.poll, lambda: len(old.assigned()) == q["partitions"])
    new = Member(q)
    members = [old, new]
    until(
        lambda: [m.assigned() for m in members], lambda: [m.poll() for m in members],
        lambda: is_shared(members, q["partitions"]))
    shared = sorted(len(m.assigned()) for m in members)
    old.consumer.close()
    until(new.assigned, new.poll, lambda: len(new.assigned()) == q["partitions"])
    new.consumer.close()
    return shared


CASES = {f.__name__: f for f in (share_out, pattern, static, admin, migrate)}


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
