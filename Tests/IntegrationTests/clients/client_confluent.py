"""What confluent-kafka (librdkafka) does against a cluster: one case a run, see cases.py."""

from cases import DEADLINE, codec_records, main, until
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic


def producer(bootstrap, **settings):
    settings = {key.replace("_", "."): value for key, value in settings.items()}
    return Producer({"bootstrap.servers": bootstrap, "socket.timeout.ms": DEADLINE * 1000, **settings})


def consumer(bootstrap, **settings):
    settings = {key.replace("_", "."): value for key, value in settings.items()}
    return Consumer({
        "bootstrap.servers": bootstrap, "group.id": "g", "auto.offset.reset": "earliest",
        "enable.auto.commit": False, "heartbeat.interval.ms": 200, "socket.timeout.ms": DEADLINE * 1000,
        # Members leave by themselves; a machine that stands still for minutes must put out none.
        "session.timeout.ms": 300_000, **settings})


def send(p, records):
    """Offsets in the order of the acknowledgements."""
    offsets = []

    def report(error, message):
        assert error is None, error
        offsets.append(message.offset())

    for key, value, headers in records:
        p.produce("t", key=key, value=value, headers=headers, on_delivery=report)
    assert p.flush(DEADLINE) == 0
    return offsets


def numbered(count, start=0):
    return [(None, str(i).encode(), []) for i in range(start, start + count)]


def read(c, count):
    messages = []

    def more():
        message = c.poll(0.2)
        if message is not None:
            assert message.error() is None, message.error()
            messages.append(message)
        return len(messages) >= count

    until(f"reading {count} messages", more)
    return messages


def codec(bootstrap, name):
    records = codec_records()
    assert sorted(send(producer(bootstrap, compression_type=name), records)) == list(range(201))
    c = consumer(bootstrap)
    c.subscribe(["t"])
    got = [(m.key(), m.value(), m.headers() or []) for m in read(c, 201)]
    assert got == records, got
    c.close()


def share(members, held):
    """Polls members until each has its share of six partitions, and all have all."""

    def shared():
        for member in members:
            member.poll(0.05)
        sizes = [len(h) for h in held]
        return sum(sizes) == 6 and min(sizes) >= 6 // len(held) and len(set().union(*held)) == 6

    until("sharing out", shared)


def join(bootstrap, members, held, **settings):
    member = consumer(bootstrap, **settings)
    mine = set()
    cooperative = settings.get("partition_assignment_strategy") == "cooperative-sticky"

    def assigned(c, partitions):
        mine.update(p.partition for p in partitions)
        c.incremental_assign(partitions) if cooperative else c.assign(partitions)

    def revoked(c, partitions):
        mine.difference_update(p.partition for p in partitions)
        c.incremental_unassign(partitions) if cooperative else c.unassign()

    member.subscribe(["t"], on_assign=assigned, on_revoke=revoked)
    members.append(member)
    held.append(mine)


def group(bootstrap, assignor):
    members, held = [], []
    for _ in range(3):
        join(bootstrap, members, held, partition_assignment_strategy=assignor)
        share(members, held)
    members.pop(0).close()
    held.pop(0)
    share(members, held)
    for member in members:
        member.close()


def static(bootstrap):
    """A member that comes back under its name has what it had, and nobody else is asked."""
    members, held = [], []
    join(bootstrap, members, held, group_instance_id="one")
    join(bootstrap, members, held, group_instance_id="two")
    share(members, held)
    before = set(held[1])
    other = set(held[0])
    members.pop().close()
    held.pop()
    join(bootstrap, members, held, group_instance_id="two")
    share(members, held)
    assert (held[0], held[1]) == (other, before), held
    for member in members:
        member.close()


def resume(bootstrap):
    send(producer(bootstrap), numbered(20))
    c = consumer(bootstrap)
    c.subscribe(["t"])
    read(c, 5)
    c.commit(offsets=[TopicPartition("t", 0, 10)], asynchronous=False)
    c.close()
    c = consumer(bootstrap)
    c.subscribe(["t"])
    assert [m.offset() for m in read(c, 10)] == list(range(10, 20))
    assert c.committed([TopicPartition("t", 0)])[0].offset == 10
    c.close()


def idempotent(bootstrap):
    p = producer(bootstrap, enable_idempotence=True, linger_ms=5)
    assert send(p, numbered(5000)) == list(range(5000))


def acks(bootstrap, count):
    offsets = send(producer(bootstrap, acks=count), numbered(10))
    assert len(offsets) == 10
    c = consumer(bootstrap)
    c.subscribe(["t"])
    assert [m.value() for m in read(c, 10)] == [str(i).encode() for i in range(10)]
    c.close()


def large(bootstrap):
    value = bytes(range(256)) * 4000
    send(producer(bootstrap, message_max_bytes=1_048_588), [(None, value, [])])
    c = consumer(bootstrap)
    c.subscribe(["t"])
    assert read(c, 1)[0].value() == value
    c.close()


def topics(bootstrap):
    admin = AdminClient({"bootstrap.servers": bootstrap, "socket.timeout.ms": DEADLINE * 1000})
    admin.create_topics([NewTopic("a", 3, 3), NewTopic("b", 1, 1)])["a"].result(DEADLINE)
    until("both are listed", lambda: {"a", "b"} <= set(admin.list_topics(timeout=DEADLINE).topics))
    assert len(admin.list_topics("a", timeout=DEADLINE).topics["a"].partitions) == 3
    try:
        admin.create_topics([NewTopic("a", 1, 1)])["a"].result(DEADLINE)
        raise AssertionError("a second topic of that name")
    except KafkaException as error:
        assert error.args[0].name() == "TOPIC_ALREADY_EXISTS", error
    for future in admin.delete_topics(["a", "b"]).values():
        future.result(DEADLINE)
    assert not {"a", "b"} & set(admin.list_topics(timeout=DEADLINE).topics)


def times(bootstrap):
    p = producer(bootstrap)
    for stamp in (1000, 2000, 3000):
        p.produce("t", value=b"x", timestamp=stamp)
        assert p.flush(DEADLINE) == 0
    c = consumer(bootstrap)
    asked = [TopicPartition("t", 0, stamp) for stamp in (1500, 3001)]
    assert c.offsets_for_times([asked[0]], timeout=DEADLINE)[0].offset == 1
    assert c.offsets_for_times([asked[1]], timeout=DEADLINE)[0].offset == -1
    assert c.get_watermark_offsets(TopicPartition("t", 0), timeout=DEADLINE) == (0, 3)
    c.close()


main({
    "codec": codec, "group": group, "static": static, "resume": resume, "idempotent": idempotent, "acks": acks,
    "large": large, "topics": topics, "times": times,
})
