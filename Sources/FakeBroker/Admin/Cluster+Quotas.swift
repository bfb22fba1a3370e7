internal import KafkaProtocol
internal import NIOCore

// Where quotas take effect: in the throttle time of replies, in what admin requests are granted, and in how soon a
// connection that is one too many is closed.

extension Cluster {
    /// Bytes of records that a producer sends.
    static func payloadBytes(of request: borrowing Request) -> Int {
        guard case .produce(let body) = copy request else { return 0 }
        return body.topicData.flatMap(\.partitionData).reduce(0) { $0 + ($1.records?.readableBytes ?? 0) }
    }

    /// Writes into a reply how long its client must wait, and returns it: the longest of what its quotas say.
    mutating func throttle(_ response: inout Response, _ context: RequestContext) -> Duration {
        let taker = context.taker
        var wait = quotas.take(
            Double(settings.requestTime.wholeNanoseconds) / 1e7, of: .requestTime, by: taker, now: now.elapsed)
        switch response {
        case .produce:
            wait = max(
                wait,
                quotas.take(Double(context.payloadBytes), of: .producedBytes, by: taker, now: now.elapsed))
        case .fetch(let body):
            let bytes = body.responses.flatMap(\.partitions).reduce(0) { $0 + ($1.records?.readableBytes ?? 0) }
            wait = max(wait, quotas.take(Double(bytes), of: .fetchedBytes, by: taker, now: now.elapsed))
        case .createTopics, .deleteTopics, .createPartitions:
            wait = max(wait, quotas.wait(for: .mutations, taker, now: now.elapsed))
        default: break
        }
        if wait > .zero {
            response.setThrottleTime(Int32(clamping: wait.inMilliseconds), version: context.apiVersion)
        }
        return wait
    }

    // MARK: Changes of the cluster

    /// Whether who asks must not change partitions now (KIP-599). Clients that are too old to know the error are not
    /// refused, only made to wait.
    func isMutationRefused(_ context: RequestContext) -> Bool {
        context.knowsMutationQuota && quotas.wait(for: .mutations, context.taker, now: now.elapsed) > .zero
    }

    /// Partitions were made or deleted.
    mutating func tookMutations(_ partitions: Int, _ context: RequestContext) {
        guard !quotas.isEmpty else { return }
        _ = quotas.take(Double(partitions), of: .mutations, by: context.taker, now: now.elapsed)
    }

    // MARK: Connections

    /// One that is too many (KIP-612) is not read, and closed when its address may have another.
    mutating func countConnection(_ connection: ConnectionID, from address: String, effects: inout Effects) {
        guard !quotas.isEmpty else { return }
        let wait = quotas.take(1, of: .connections, by: Quotas.Taker(address: address), now: now.elapsed)
        guard wait > .zero else { return }
        effects.append(.stall(connection, nil))
        timers.set(.throttledConnection(connection), at: now.elapsed + wait)
    }
}

extension RequestContext {
    fileprivate var taker: Quotas.Taker {
        Quotas.Taker(user: principal.name, clientID: clientID ?? "")
    }

    /// Whether the reply may say THROTTLING_QUOTA_EXCEEDED.
    fileprivate var knowsMutationQuota: Bool {
        switch apiKey {
        case .createTopics: apiVersion >= 6
        case .deleteTopics: apiVersion >= 5
        case .createPartitions: apiVersion >= 3
        default: false
        }
    }
}

extension TopicRefusal {
    static let throttled = TopicRefusal(
        code: .throttlingQuotaExceeded, message: "The quota on changes of partitions is used up; try again later.")
}

extension Duration {
    fileprivate var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
