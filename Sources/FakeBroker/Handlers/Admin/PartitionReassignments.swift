internal import KafkaProtocol

// AlterPartitionReassignments (key 45) and ListPartitionReassignments (key 46). All replicas share one log, so a move
// is over at once: none is ever under way, and none can be stopped.

extension Cluster {
    mutating func alterPartitionReassignments(
        _ request: AlterPartitionReassignmentsRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = AlterPartitionReassignmentsResponse()
        response.allowReplicationFactorChange = request.allowReplicationFactorChange
        for asked in request.topics {
            var answer = AlterPartitionReassignmentsResponse.ReassignableTopicResponse()
            answer.name = asked.name
            for partition in asked.partitions {
                var result = AlterPartitionReassignmentsResponse.ReassignablePartitionResponse()
                result.partitionIndex = partition.partitionIndex
                do throws(TopicRefusal) {
                    try reassign(
                        asked.name, partition, mayResize: request.allowReplicationFactorChange, effects: &effects)
                } catch {
                    result.errorCode = error.code
                    result.errorMessage = error.message
                }
                answer.partitions.append(result)
            }
            response.responses.append(answer)
        }
        let firstError =
            response.responses.flatMap(\.partitions).first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .alterPartitionReassignments(response), error: firstError, effects: &effects)
    }

    private mutating func reassign(
        _ topic: String, _ asked: AlterPartitionReassignmentsRequest.ReassignablePartition, mayResize: Bool,
        effects: inout Effects
    ) throws(TopicRefusal) {
        guard let position = topics[topic]?.position(of: asked.partitionIndex),
            let partition = topics[topic]?.partitions[position]
        else {
            throw TopicRefusal(
                code: .unknownTopicOrPartition,
                message: "There is no partition \(asked.partitionIndex) of topic '\(topic.prefix(300))'.")
        }
        guard let replicas = asked.replicas else {
            throw TopicRefusal(code: .noReassignmentInProgress, message: "No move is under way.")
        }
        guard !replicas.isEmpty, Set(replicas).count == replicas.count,
            replicas.allSatisfy({ brokers[$0] != nil })
        else {
            throw TopicRefusal(
                code: .invalidReplicaAssignment,
                message: "The replicas are \(replicas.prefix(20)); accepted are brokers of \(brokers.ids), each once.")
        }
        guard mayResize || replicas.count == partition.replicas.count else {
            throw TopicRefusal(
                code: .invalidReplicationFactor,
                message: "The number of replicas would change from \(partition.replicas.count) to \(replicas.count).")
        }
        assign(replicas, to: topic, position, effects: &effects)
    }

    mutating func listPartitionReassignments(
        _ request: ListPartitionReassignmentsRequest, _ context: RequestContext, effects: inout Effects
    ) {
        reply(
            to: context, .listPartitionReassignments(ListPartitionReassignmentsResponse()), effects: &effects)
    }
}

extension AlterPartitionReassignmentsResponse {
    init(refusing request: AlterPartitionReassignmentsRequest, with error: ErrorCode) {
        self.init()
        errorCode = error
        responses = request.topics.map { topic in
            var answer = ReassignableTopicResponse()
            answer.name = topic.name
            answer.partitions = topic.partitions.map { partition in
                var result = ReassignablePartitionResponse()
                result.partitionIndex = partition.partitionIndex
                result.errorCode = error
                return result
            }
            return answer
        }
    }
}
