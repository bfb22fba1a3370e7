"""Every call of kafka-python's KafkaAdminClient about topics, settings and the cluster: what it saw, by case."""

import json
import sys

from kafka import TopicPartition
from kafka.admin import ConfigResource, KafkaAdminClient
from kafka.admin._partitions import OffsetSpec
from kafka.errors import KafkaError

# Seconds; only a guard: a machine may stand still for two minutes.
TIMEOUT = 240


def error(call, *arguments, **options):
    try:
        call(*arguments, **options)
    except KafkaError as failure:
        return type(failure).__name__
    return "NONE"


def main(bootstrap):
    client = KafkaAdminClient(
        bootstrap_servers=bootstrap, request_timeout_ms=TIMEOUT * 1000, bootstrap_timeout_ms=TIMEOUT * 1000)
    seen = {}

    def setting(kind, resource, name):
        found = client.describe_configs([ConfigResource(kind, resource, [name])], config_filter="all")
        entry = found[kind.lower()][resource][name]
        return [entry["value"], str(entry["config_source"]).split(".")[-1]]

    cluster = client.describe_cluster()
    seen["describe_cluster"] = [
        sorted(broker["rack"] for broker in cluster["brokers"]), cluster["controller_id"]]
    seen["list_topics"] = sorted(client.list_topics())
    seen["get_broker_version_data"] = client.get_broker_version_data(2).broker_version[0] > 3
    seen["create_topics"] = [
        error(client.create_topics, {"fresh": {"num_partitions": 2, "replication_factor": 2,
                                               "configs": {"retention.ms": "1000"}}}),
        error(client.create_topics, {"fresh": {}}),
        error(client.create_topics, {"dry": {}}, validate_only=True),
        sorted(client.list_topics()),
    ]
    seen["create_partitions"] = [
        error(client.create_partitions, {"fresh": 3}),
        error(client.create_partitions, {"fresh": {"count": 4, "assignments": [[2, 1]]}}),
        error(client.create_partitions, {"fresh": 2}),
    ]
    client.wait_for_topics(["fresh"])
    seen["describe_topics"] = [len(topic["partitions"]) for topic in client.describe_topics(["fresh"])]
    page = client.describe_topic_partitions(["fresh", "orders"], response_partition_limit=3)
    rest = client.describe_topic_partitions(["fresh", "orders"], cursor=page["next_cursor"])
    seen["describe_topic_partitions"] = [
        [[topic["name"], len(topic["partitions"])] for topic in part["topics"]] for part in (page, rest)]
    seen["list_config_resources"] = client.list_config_resources(["TOPIC"])
    seen["describe_configs"] = [
        setting("TOPIC", "fresh", "retention.ms"), setting("BROKER", "2", "node.id"),
        setting("TOPIC", "orders", "cleanup.policy"),
    ]

    def change(configs, **options):
        return error(client.alter_configs, [ConfigResource("TOPIC", "orders", configs)], **options)

    seen["alter_configs"] = [
        change({"retention.ms": "5000"}),
        change({"cleanup.policy": ("APPEND", "compact")}),
        setting("TOPIC", "orders", "retention.ms"), setting("TOPIC", "orders", "cleanup.policy"),
        change({"segment.bytes": "1048576"}, incremental=False),
        setting("TOPIC", "orders", "segment.bytes"),
    ]
    client.reset_configs([ConfigResource("TOPIC", "orders", ["retention.ms", "cleanup.policy"])])
    seen["reset_configs"] = [
        setting("TOPIC", "orders", "retention.ms"), setting("TOPIC", "orders", "cleanup.policy")]
    partition = TopicPartition("orders", 0)
    seen["list_partition_offsets"] = [
        client.list_partition_offsets({partition: spec})[partition].offset
        for spec in (OffsetSpec.EARLIEST, OffsetSpec.LATEST, OffsetSpec.MAX_TIMESTAMP, 1500)
    ]
    seen["alter_partition_reassignments"] = [
        [failure and failure.__name__ for failure in client.alter_partition_reassignments(moves).values()]
        for moves in ({partition: [2]}, {partition: [9]}, {partition: None}, {partition: [1, 2]})
    ]
    seen["list_partition_reassignments"] = len(client.list_partition_reassignments())
    seen["leader after the move"] = client.describe_topics(["orders"])[0]["partitions"][0]["leader_id"]
    seen["elect_leaders"] = [
        error(client.elect_leaders, 0, {"orders": [0]}),
        client.describe_topics(["orders"])[0]["partitions"][0]["leader_id"],
        error(client.elect_leaders, 0),
    ]
    directories = client.describe_log_dirs(["orders"])
    paths = [directory["log_dir"] for directory in directories[0]["log_dirs"]]
    seen["describe_log_dirs"] = [len(directories), len(paths)]
    moved = client.alter_replica_log_dirs({("orders", 0, 1): paths[1], ("orders", 0, 2): "/nowhere"})
    seen["alter_replica_log_dirs"] = sorted(failure.__name__ for failure in moved.values())
    features = client.describe_features()
    seen["describe_features"] = [features["metadata.version"]["supported"][0] > 0]
    seen["update_features"] = [
        client.update_features({"group.version": ("UNSAFE_DOWNGRADE", 0)}),
        error(client.update_features, {"no.such.feature": 1}),
    ]
    seen["delete_records"] = client.delete_records({partition: 1})[partition]["low_watermark"]
    seen["describe_metadata_quorum"] = error(client.describe_metadata_quorum)
    seen["api_versions"] = len(client.api_versions()) > 30
    seen["delete_topics"] = [error(client.delete_topics, ["fresh"]), sorted(client.list_topics())]
    client.close()
    return seen


print(json.dumps(main(json.load(sys.stdin)["bootstrap"])))
