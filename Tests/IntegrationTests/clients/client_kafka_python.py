"""What kafka-python does against a cluster: one case a run, see cases.py."""

from cases import DEADLINE, codec_records, main, until
import kafka
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from kafka.errors import TopicAlreadyExistsError
from kafka.structs import OffsetAndMetadata

T0 = TopicPartition("t", 0)
GUARDS = {"request_timeout_ms": DEADLINE * 1000, "bootstrap_timeout_ms": DEADLINE * 1000}


def producer(bootstrap, **settings):
    # A delivery must be given longer than a request.
    return KafkaProducer(
        bootstrap_servers=bootstrap, max_block_ms=DEADLINE * 1000, delivery_timeout_ms=DEADLINE * 2000, **GUARDS,
        **settings)


def consumer(bootstrap, *topics, **settings):
    options = {
        "group_id": "g", "auto_offset_reset": "earliest", "enable_auto_commit": False,
        "heartbeat_interval_ms": 200, "metadata_max_age_ms": 5000,
        # Members leave by themselves; a machine that stands still for minutes must put out none.
        "session_timeout_ms": 300_000, **GUARDS}
    return KafkaConsumer(*topics, bootstrap_servers=bootstrap, **{**options, **settings})


def send(p, records):
    futures = [p.send("t", key=key, value=value, headers=headers) for key, value, headers in records]
    p.flush(DEADLINE)
    return [future.get(DEADLINE).offset for future in futures]


def numbered(count):
    return [(None, str(i).encode(), []) for i in range(count)]


def read(c, count):
    messages = []

    def more():
        for batch in c.poll(200).values():
            messages.extend(batch)
        return len(messages) >= count

    until(f"reading {count} messages", more)
    return messages


def codec(bootstrap, name):
    records = codec_records()
    p = producer(bootstrap, compression_type=None if name == "none" else name, linger_ms=20)
    assert send(p, records) == list(range(201))
    c = consumer(bootstrap, "t")
    got = [(m.key, m.value, [(k, v) for k, v in m.headers]) for m in read(c, 201)]
    assert got == records, got
    c.close()


def assignor_class(name):
    import importlib
    import pkgutil

    import kafka.coordinator.assignors as assignors
    for module in pkgutil.walk_packages(assignors.__path__, assignors.__name__ + "."):
        for candidate in vars(importlib.import_module(module.name)).values():
            if getattr(candidate, "name", None) == name and isinstance(candidate, type):
                return candidate
    raise AssertionError(f"kafka-python {kafka.__version__} has no assignor {name}")


def concurrently(members, body):
    """Members must be polled side by side: this client blocks in a poll while it rejoins."""
    import threading

    stop = threading.Event()
    failures = []
    locks = {id(m): threading.Lock() for m in members}

    def loop(member):
        try:
            while not stop.is_set():
                with locks[id(member)]:
                    member.poll(50)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=loop, args=(m,), daemon=True) for m in members]
    for thread in threads:
        thread.start()
    try:
        body()
    finally:
        stop.set()
        for thread in threads:
            thread.join(DEADLINE)
    assert not failures, failures


def held(members):
    return [{p.partition for p in member.assignment()} for member in members]


def settle(members):
    def shared():
        sizes = [len(h) for h in held(members)]
        return sum(sizes) == 6 and min(sizes) >= 6 // len(members) and len(set().union(*held(members))) == 6

    def body():
        import time

        def patient():
            time.sleep(0.05)
            return shared()

        until("sharing out", patient)

    concurrently(members, body)


def group(bootstrap, assignor):
    strategy = [assignor_class(assignor)]
    members = []
    for _ in range(3):
        members.append(consumer(bootstrap, "t", partition_assignment_strategy=strategy))
        settle(members)
    members.pop(0).close()
    settle(members)
    for member in members:
        member.close()


def static(bootstrap):
    """A member that comes back under its name has what it had, and nobody else is asked."""
    members = [consumer(bootstrap, "t", group_instance_id=name) for name in ("one", "two")]
    settle(members)
    before = held(members)
    members.pop().close()
    members.append(consumer(bootstrap, "t", group_instance_id="two"))
    settle(members)
    assert held(members) == before, (before, held(members))
    for member in members:
        member.close()


def resume(bootstrap):
    send(producer(bootstrap), numbered(20))
    c = consumer(bootstrap, "t")
    read(c, 5)
    c.commit({T0: OffsetAndMetadata(10, "", -1)})
    c.close()
    c = consumer(bootstrap, "t")
    assert [m.offset for m in read(c, 10)] == list(range(10, 20))
    assert c.committed(T0) == 10
    c.close()


def idempotent(bootstrap):
    p = producer(bootstrap, enable_idempotence=True, linger_ms=5)
    assert send(p, numbered(3000)) == list(range(3000))


def acks(bootstrap, count):
    p = producer(bootstrap, acks=count if count == "all" else int(count))
    futures = [p.send("t", value=str(i).encode()) for i in range(10)]
    p.flush(DEADLINE)
    for future in futures:
        future.get(DEADLINE)
    c = consumer(bootstrap, "t")
    assert [m.value for m in read(c, 10)] == [str(i).encode() for i in range(10)]
    c.close()


def large(bootstrap):
    value = bytes(range(256)) * 4000
    send(producer(bootstrap, max_request_size=1_048_588), [(None, value, [])])
    c = consumer(bootstrap, "t")
    assert read(c, 1)[0].value == value
    c.close()


def topics(bootstrap):
    admin = KafkaAdminClient(bootstrap_servers=bootstrap, **GUARDS)
    admin.create_topics([NewTopic("a", 3, 3), NewTopic("b", 1, 1)])
    assert {"a", "b"} <= set(admin.list_topics())
    described = admin.describe_topics(["a"])[0]
    assert len(described["partitions"]) == 3, described
    try:
        admin.create_topics([NewTopic("a", 1, 1)])
        raise AssertionError("a second topic of that name")
    except TopicAlreadyExistsError:
        pass
    admin.delete_topics(["a", "b"])
    assert not {"a", "b"} & set(admin.list_topics())
    admin.close()


def times(bootstrap):
    p = producer(bootstrap)
    for stamp in (1000, 2000, 3000):
        p.send("t", value=b"x", timestamp_ms=stamp).get(DEADLINE)
    c = consumer(bootstrap)
    assert c.offsets_for_times({T0: 1500})[T0].offset == 1
    assert c.offsets_for_times({T0: 3001})[T0] is None
    assert c.beginning_offsets([T0]) == {T0: 0} and c.end_offsets([T0]) == {T0: 3}
    c.close()


main({
    "codec": codec, "group": group, "static": static, "resume": resume, "idempotent": idempotent, "acks": acks,
    "large": large, "topics": topics, "times": times,
})
