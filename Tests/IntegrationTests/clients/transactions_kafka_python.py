"""Transactions with kafka-python: one question on stdin, one answer on stdout.

The question names a case; the answer is what the client saw, or its error's name.
"""

import json
import sys

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import AbortTransactionSpec
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata
from patience import Patience

# Seconds; only a guard: a machine may stand still for two minutes.
TIMEOUT = 240
GUARDS = {"request_timeout_ms": TIMEOUT * 1000, "bootstrap_timeout_ms": TIMEOUT * 1000}


def producer(q):
    return KafkaProducer(
        bootstrap_servers=q["bootstrap"], transactional_id=q["id"], transaction_timeout_ms=600_000,
        # A delivery must be given longer than a request.
        max_block_ms=TIMEOUT * 1000, delivery_timeout_ms=TIMEOUT * 2000, **GUARDS)


def consumer(q, isolation="read_committed", group="readers"):
    return KafkaConsumer(
        bootstrap_servers=q["bootstrap"], group_id=group, isolation_level=isolation, auto_offset_reset="earliest",
        enable_auto_commit=False, **GUARDS,
        # A machine that stands still for minutes must not put it out.
        session_timeout_ms=300_000)


def write(p, topic, values):
    futures = [p.send(topic, value.encode(), partition=0) for value in values]
    p.flush(TIMEOUT)
    for future in futures:
        future.get(TIMEOUT)


def read(q, isolation="read_committed"):
    """Up to the end that the isolation level shows."""
    c = consumer(q, isolation)
    partition = TopicPartition(q["topic"], 0)
    c.assign([partition])
    c.seek_to_beginning(partition)
    end = c.end_offsets([partition])[partition]
    values = []
    patience = Patience(TIMEOUT)
    while patience.lasts() and c.position(partition) < end:
        for records in c.poll(timeout_ms=200).values():
            values += [record.value.decode() for record in records]
    c.close()
    return values


def commit_abort(q):
    p = producer(q)
    p.init_transactions()
    for values, commits in q["transactions"]:
        p.begin_transaction()
        write(p, q["topic"], values)
        p.commit_transaction() if commits else p.abort_transaction()
    p.close()
    return [read(q), read(q, "read_uncommitted")]


def fence(q):
    """A second producer of the id comes while the first has a transaction open."""
    first, second = producer(q), producer(q)
    first.init_transactions()
    first.begin_transaction()
    write(first, q["topic"], ["lost"])
    second.init_transactions()
    second.begin_transaction()
    write(second, q["topic"], ["kept"])
    try:
        first.commit_transaction()
        return ["committed"]
    except KafkaError:
        fenced = True
    second.commit_transaction()
    second.close()
    first.close(timeout=0)
    return [fenced, read(q)]


def offsets(q):
    """Reads a topic and writes to another, its offsets within the transaction: aborted, then committed."""
    seen = []
    c = consumer(q, group="movers-" + q["id"])
    c.subscribe([q["source"]])
    p = producer(q)
    p.init_transactions()
    found = {}
    patience = Patience(TIMEOUT)
    while not found and patience.lasts():
        found = c.poll(timeout_ms=200, max_records=1)
    (partition, records), = found.items()
    position = {partition: OffsetAndMetadata(records[0].offset + 1, "", -1)}
    for commits in (False, True):
        p.begin_transaction()
        write(p, q["topic"], [records[0].value.decode()])
        p.send_offsets_to_transaction(position, c.group_metadata())
        p.commit_transaction() if commits else p.abort_transaction()
        seen.append(c.committed(partition))
    c.close()
    p.close()
    return [[-1001 if offset is None else offset for offset in seen], read(q)]


def administer(q):
    """An administrator sees an open transaction, and ends it."""
    admin = KafkaAdminClient(bootstrap_servers=q["bootstrap"], **GUARDS)
    p = producer(q)
    p.init_transactions()
    p.begin_transaction()
    write(p, q["topic"], ["lost"])
    partition = TopicPartition(q["topic"], 0)
    (listed,) = [found for each in admin.list_transactions().values() for found in each]
    described = admin.describe_transactions([q["id"]])[q["id"]]
    (state,) = admin.describe_producers([partition])[partition].active_producers
    hanging = admin.find_hanging_transactions()
    admin.abort_transaction(AbortTransactionSpec(partition, state.producer_id, state.producer_epoch))
    (after,) = admin.describe_producers([partition])[partition].active_producers
    answer = [
        listed.transactional_id, str(described.state).split(".")[-1].lower(),
        sorted(str(p.topic) for p in described.topic_partitions), state.producer_id == listed.producer_id,
        state.current_transaction_start_offset, after.current_transaction_start_offset, hanging, read(q)]
    p.close(timeout=0)
    admin.close()
    return answer


CASES = {f.__name__: f for f in (commit_abort, fence, offsets, administer)}


def main():
    question = json.load(sys.stdin)
    try:
        answer = {"answer": CASES[question["case"]](question)}
    except KafkaError as error:
        answer = {"error": type(error).__name__}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
