internal import KafkaProtocol

// A fault that is about some of a request's topics: the others are handled and answered as if there were none.

/// How a request can be refused for some of its topics.
private enum PartialRefusal {
    /// It changes nothing, so all of it is handled, and what came out for those topics is replaced by the error.
    case afterwards
    /// It is handled without them.
    case apart
    /// Its reply has one error for all.
    case none

    init(_ api: APIKey, version: Int16) {
        switch api {
        case .fetch, .listOffsets, .offsetFetch, .offsetForLeaderEpoch, .describeProducers, .describeTopicPartitions,
            .describeConfigs, .describeShareGroupOffsets:
            self = .afterwards
        // Without a topic it asks for all of them in that version.
        case .metadata where version == 0: self = .none
        case .produce, .metadata, .offsetCommit, .txnOffsetCommit, .createTopics, .deleteTopics, .deleteRecords,
            .writeTxnMarkers, .alterConfigs, .incrementalAlterConfigs, .createPartitions, .electLeaders,
            .alterPartitionReassignments, .alterReplicaLogDirs:
            self = .apart
        default: self = .none
        }
    }
}

extension Cluster {
    /// Topics under their names and, where they exist, their ids.
    func selection(_ names: [String]) -> TopicSelection {
        TopicSelection(names: names, ids: names.compactMap { topics[$0]?.id })
    }

    /// - Returns: False if the request can only be refused as a whole.
    mutating func failTopics(
        of request: Request, from context: RequestContext, with error: ErrorCode, effects: inout Effects
    ) -> Bool {
        guard let topics = context.faultTopics else { return false }
        // Nobody would read of an error.
        if case .produce(let body) = request, body.acks == 0 { return false }
        switch PartialRefusal(context.apiKey, version: context.apiVersion) {
        case .none: return false
        case .afterwards: dispatch(request, from: context, effects: &effects)
        case .apart:
            let refused = request.filtered(topics, keepsThem: true, version: context.apiVersion)
            var failed = Response(refusing: refused, with: error)
            failed.stamp(error, on: topics, forgets: true, version: context.apiVersion)
            failedParts[context.connection] = failed
            dispatch(
                request.filtered(topics, keepsThem: false, version: context.apiVersion), from: context,
                effects: &effects)
        }
        return true
    }

    /// The reply to a request of which a part has failed.
    mutating func joinFailed(_ response: inout Response, _ error: ErrorCode, _ context: RequestContext) {
        guard let topics = context.faultTopics else { return }
        if let failed = failedParts.removeValue(forKey: context.connection) {
            response.join(failed, version: context.apiVersion)
        } else {
            response.stamp(error, on: topics, forgets: true, version: context.apiVersion)
        }
    }

    /// The reply to a request that was handled, but says that it was not.
    func stampAfterwards(_ response: inout Response, _ error: ErrorCode, _ context: RequestContext) {
        if let topics = context.faultTopics,
            response.stamp(error, on: topics, forgets: false, version: context.apiVersion) > 0
        {
            return
        }
        response.stamp(error, version: context.apiVersion)
    }
}

extension RequestContext {
    /// What a fetch is to say of some of its topics. It does not wait then, as with any error.
    var fetchFailure: (error: ErrorCode, topics: TopicSelection)? {
        guard apiKey == .fetch, case .fail(let error) = fault, let faultTopics else { return nil }
        return (error.code, faultTopics)
    }
}
