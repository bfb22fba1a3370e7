"""Every call of confluent-kafka's AdminClient about topics, settings and the cluster: what it saw, by case, on stdout."""

import json
import sys

from confluent_kafka import IsolationLevel, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
)
from confluent_kafka import ElectionType

# Seconds; only a guard: a machine may stand still for two minutes.
TIMEOUT = 240


def only(futures):
    (future,) = futures.values()
    return future.result(TIMEOUT)


def error(futures):
    try:
        only(futures)
    except KafkaException as failure:
        return failure.args[0].name()
    return "NONE"


def topic(name, *configs):
    return ConfigResource(ResourceType.TOPIC, name, incremental_configs=list(configs))


def config(name, value, operation=AlterConfigOpType.SET):
    return ConfigEntry(name, value, incremental_operation=operation)


def setting(client, resource, name):
    entry = only(client.describe_configs([resource]))[name]
    return [entry.value, entry.source, entry.is_read_only]


def main(bootstrap):
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0, "socket.timeout.ms": TIMEOUT * 1000})
    orders = ConfigResource(ResourceType.TOPIC, "orders")
    seen = {}

    cluster = client.describe_cluster(include_authorized_operations=True, request_timeout=TIMEOUT).result(TIMEOUT)
    seen["describe_cluster"] = [
        len(cluster.nodes), sorted(node.rack for node in cluster.nodes), cluster.controller.id,
        len(cluster.authorized_operations) > 3,
    ]
    seen["list_topics"] = sorted(client.list_topics(timeout=TIMEOUT).topics)
    seen["cluster_id"] = client.cluster_id(timeout=TIMEOUT) == cluster.cluster_id
    seen["list_groups"] = len(client.list_groups(timeout=TIMEOUT))
    seen["create_topics"] = [
        error(client.create_topics([NewTopic("dry", 1)], validate_only=True)),
        error(client.create_topics([NewTopic("fresh", 2, 2, config={"retention.ms": "1000"})])),
        error(client.create_topics([NewTopic("fresh", 2)])),
        error(client.create_topics([NewTopic("bad", 1, config={"retention.ms": "x"})])),
        sorted(client.list_topics(timeout=TIMEOUT).topics),
    ]
    seen["create_partitions"] = [
        error(client.create_partitions([NewPartitions("fresh", 4)])),
        error(client.create_partitions([NewPartitions("fresh", 3)])),
        error(client.create_partitions([NewPartitions("nowhere", 3)])),
    ]
    described = only(client.describe_topics(TopicCollection(["fresh"]), include_authorized_operations=True))
    seen["describe_topics"] = [
        len(described.partitions), sorted({len(p.isr) for p in described.partitions}),
        len(described.authorized_operations) > 3,
    ]
    seen["describe_configs"] = [
        setting(client, orders, "cleanup.policy"),
        setting(client, ConfigResource(ResourceType.TOPIC, "fresh"), "retention.ms"),
        setting(client, ConfigResource(ResourceType.BROKER, "1"), "node.id"),
        error(client.describe_configs([ConfigResource(ResourceType.TOPIC, "nowhere")])),
    ]
    change = client.incremental_alter_configs
    seen["incremental_alter_configs"] = [
        error(change([topic("orders", config("retention.ms", "5000"))])),
        error(change([topic("orders", config("cleanup.policy", "compact", AlterConfigOpType.APPEND))])),
        setting(client, orders, "retention.ms"),
        setting(client, orders, "cleanup.policy"),
        error(change([topic("orders", config("retention.ms", None, AlterConfigOpType.DELETE))])),
        setting(client, orders, "retention.ms"),
        error(change([topic("orders", config("retention.ms", "never"))])),
        error(change([topic("orders", config("no.such.thing", "1"))])),
    ]
    full = ConfigResource(ResourceType.TOPIC, "orders", set_config={"segment.bytes": "1048576"})
    seen["alter_configs"] = [
        error(client.alter_configs([full])),
        setting(client, orders, "segment.bytes"),
        setting(client, orders, "cleanup.policy"),
    ]
    partition = TopicPartition("orders", 0)
    seen["list_offsets"] = [
        only(client.list_offsets({partition: spec}, isolation_level=level)).offset
        for level in (IsolationLevel.READ_UNCOMMITTED, IsolationLevel.READ_COMMITTED)
        for spec in (
            OffsetSpec.earliest(), OffsetSpec.latest(), OffsetSpec.max_timestamp(), OffsetSpec.for_timestamp(1500))
    ]
    result = client.elect_leaders(ElectionType.PREFERRED, [partition]).result(TIMEOUT)
    seen["elect_leaders"] = [failure.name() if failure else None for failure in result.values()]
    seen["delete_topics"] = [
        error(client.delete_topics(["fresh"])), error(client.delete_topics(["nowhere"])),
        sorted(client.list_topics(timeout=TIMEOUT).topics),
    ]
    return seen


print(json.dumps(main(json.load(sys.stdin)["bootstrap"])))
