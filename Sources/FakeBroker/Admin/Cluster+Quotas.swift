internal import KafkaProtocol
internal import NIOCore

// Where quotas take effect: in the throttle time of Produce and Fetch.

extension Cluster {
    /// Bytes of records that a producer sends.
    static func payloadBytes(of request: borrowing Request) -> Int {
        guard case .produce(let body) = copy request else { return 0 }
        return body.topicData.flatMap(\.partitionData).reduce(0) { $0 + ($1.records?.readableBytes ?? 0) }
    }

    /// Writes into a reply how long its client must wait, and returns it.
    mutating func throttle(_ response: inout Response, _ context: RequestContext) -> Duration {
        switch response {
        case .produce(var body):
            let wait = throttle(.produce, bytes: context.payloadBytes, context)
            body.throttleTimeMs = Int32(clamping: wait.inMilliseconds)
            response = .produce(body)
            return wait
        case .fetch(var body):
            let bytes = body.responses.flatMap(\.partitions).reduce(0) { $0 + ($1.records?.readableBytes ?? 0) }
            let wait = throttle(.fetch, bytes: bytes, context)
            body.throttleTimeMs = Int32(clamping: wait.inMilliseconds)
            response = .fetch(body)
            return wait
        default: return .zero
        }
    }

    private mutating func throttle(
        _ direction: Quotas.Direction, bytes: Int, _ context: RequestContext
    ) -> Duration {
        quotas.throttle(
            direction, bytes: bytes, user: context.principal.name, clientID: context.clientID ?? "",
            now: now.elapsed)
    }
}
