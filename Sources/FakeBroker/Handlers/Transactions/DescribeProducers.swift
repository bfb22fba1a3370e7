internal import KafkaProtocol

// DescribeProducers (key 61): the producers that partitions remember, and where their open transactions begin.

extension Cluster {
    mutating func describeProducers(
        _ request: DescribeProducersRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = DescribeProducersResponse()
        var firstError = ErrorCode.none
        for asked in request.topics {
            var answer = DescribeProducersResponse.TopicResponse()
            answer.name = asked.name
            let refusal = authorizationError(.read, topic: asked.name, context)
            for index in asked.partitionIndexes {
                var partition = DescribeProducersResponse.PartitionResponse()
                partition.partitionIndex = index
                if let refusal {
                    partition.errorCode = refusal
                } else {
                    describeProducers(of: asked.name, into: &partition, broker: context.broker)
                }
                if firstError == .none { firstError = partition.errorCode }
                answer.partitions.append(partition)
            }
            response.topics.append(answer)
        }
        reply(to: context, .describeProducers(response), error: firstError, effects: &effects)
    }

    private func describeProducers(
        of topic: String, into answer: inout DescribeProducersResponse.PartitionResponse, broker: Int32
    ) {
        guard let found = topics[topic], let position = found.position(of: answer.partitionIndex) else {
            answer.errorCode = .unknownTopicOrPartition
            return
        }
        let partition = found.partitions[position]
        guard partition.leader == broker else {
            answer.errorCode = .notLeaderOrFollower
            return
        }
        answer.activeProducers = partition.producers.all.map { id, producer in
            var state = DescribeProducersResponse.ProducerState()
            state.producerID = id
            state.producerEpoch = Int32(producer.epoch)
            state.lastSequence = producer.lastSequence
            state.lastTimestamp = producer.lastTimestamp
            state.coordinatorEpoch = producer.coordinatorEpoch
            state.currentTxnStartOffset = partition.producers.openOffset(of: id) ?? -1
            return state
        }
    }
}

extension DescribeProducersResponse {
    init(refusing request: DescribeProducersRequest, with error: ErrorCode) {
        self.init()
        topics = request.topics.map { topic in
            var answer = TopicResponse()
            answer.name = topic.name
            answer.partitions = topic.partitionIndexes.map { index in
                var partition = PartitionResponse()
                partition.partitionIndex = index
                partition.errorCode = error
                return partition
            }
            return answer
        }
    }
}
