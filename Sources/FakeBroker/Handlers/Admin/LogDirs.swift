internal import KafkaProtocol
internal import OrderedCollections

// DescribeLogDirs (key 35) and AlterReplicaLogDirs (key 34): each broker tells of two directories, and a replica is in
// one of them. Moving it takes no time.

extension Cluster {
    mutating func describeLogDirs(
        _ request: DescribeLogDirsRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = DescribeLogDirsResponse()
        let asked = request.topics.map { topics in
            Dictionary(topics.map { ($0.topic, Set($0.partitions)) }) { $0.union($1) }
        }
        response.results = LogDirectories.paths.indices.map { directory in
            var result = DescribeLogDirsResponse.DescribeLogDirsResult()
            result.logDir = LogDirectories.paths[directory]
            var used: Int64 = 0
            for topic in topics.all where asked.map({ $0[topic.name] != nil }) ?? true {
                var told = DescribeLogDirsResponse.DescribeLogDirsTopic()
                told.name = topic.name
                for partition in topic.partitions
                where isKept(partition, of: topic.name, in: directory, on: context.broker)
                    && asked?[topic.name].map({ $0.contains(partition.index) }) ?? true
                {
                    var size = DescribeLogDirsResponse.DescribeLogDirsPartition()
                    size.partitionIndex = partition.index
                    size.partitionSize = Int64(partition.log.sizeInBytes)
                    used += size.partitionSize
                    told.partitions.append(size)
                }
                if !told.partitions.isEmpty { result.topics.append(told) }
            }
            result.totalBytes = LogDirectories.volumeBytes
            result.usableBytes = max(0, LogDirectories.volumeBytes - used)
            return result
        }
        reply(to: context, .describeLogDirs(response), effects: &effects)
    }

    private func isKept(_ partition: Partition, of topic: String, in directory: Int, on broker: Int32) -> Bool {
        partition.replicas.contains(broker)
            && logDirectories.directory(
                of: TopicPartition(topic: topic, partition: partition.index), on: broker) == directory
    }

    mutating func alterReplicaLogDirs(
        _ request: AlterReplicaLogDirsRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var results: OrderedDictionary<String, AlterReplicaLogDirsResponse.AlterReplicaLogDirTopicResult> = [:]
        var firstError = ErrorCode.none
        for directory in request.dirs {
            for topic in directory.topics {
                for index in topic.partitions {
                    var result = AlterReplicaLogDirsResponse.AlterReplicaLogDirPartitionResult()
                    result.partitionIndex = index
                    result.errorCode = move(topic.name, index, to: directory.path, on: context.broker)
                    if firstError == .none { firstError = result.errorCode }
                    results[topic.name, default: .init()].topicName = topic.name
                    results[topic.name]?.partitions.append(result)
                }
            }
        }
        var response = AlterReplicaLogDirsResponse()
        response.results = Array(results.values)
        reply(to: context, .alterReplicaLogDirs(response), error: firstError, effects: &effects)
    }

    private mutating func move(_ topic: String, _ index: Int32, to path: String, on broker: Int32) -> ErrorCode {
        guard let directory = LogDirectories.paths.firstIndex(of: path) else { return .logDirNotFound }
        guard let position = topics[topic]?.position(of: index) else { return .unknownTopicOrPartition }
        guard topics[topic]?.partitions[position].replicas.contains(broker) == true else {
            return .replicaNotAvailable
        }
        logDirectories.move(TopicPartition(topic: topic, partition: index), on: broker, to: directory)
        return .none
    }
}

extension AlterReplicaLogDirsResponse {
    init(refusing request: AlterReplicaLogDirsRequest, with error: ErrorCode) {
        self.init()
        results = request.dirs.flatMap(\.topics).map { topic in
            var answer = AlterReplicaLogDirTopicResult()
            answer.topicName = topic.name
            answer.partitions = topic.partitions.map { partition in
                var result = AlterReplicaLogDirPartitionResult()
                result.partitionIndex = partition
                result.errorCode = error
                return result
            }
            return answer
        }
    }
}
