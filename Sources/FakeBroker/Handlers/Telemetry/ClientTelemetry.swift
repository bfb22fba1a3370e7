internal import KafkaProtocol
internal import NIOCore
internal import OrderedCollections

// GetTelemetrySubscriptions (key 71) and PushTelemetry (key 72). Which metrics are asked for, and how often, is what
// the client metrics resources say whose `match` fits the client (KIP-714).

extension Cluster {
    private struct Subscription {
        var id: Int32
        var interval: Duration
        var metrics: [String]
    }

    mutating func getTelemetrySubscriptions(
        _ request: GetTelemetrySubscriptionsRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = GetTelemetrySubscriptionsResponse()
        let isNew = request.clientInstanceID == .zero
        let id = isNew ? UniqueID(high: random.next() | 1, low: random.next()) : request.clientInstanceID
        let subscription = subscription(of: context)
        telemetry[id] = .init(subscriptionID: subscription.id, lastPush: telemetry[id]?.lastPush)
        response.clientInstanceID = id
        response.subscriptionID = subscription.id
        response.acceptedCompressionTypes = [
            Compression.zstd, .lz4, .gzip, .snappy, .none,
        ].map(\.rawValue)
        response.pushIntervalMs = Int32(clamping: subscription.interval.inMilliseconds)
        response.telemetryMaxBytes = Int32(Telemetry.maxBytes)
        response.deltaTemporality = true
        response.requestedMetrics = subscription.metrics
        reply(to: context, .getTelemetrySubscriptions(response), effects: &effects)
    }

    mutating func pushTelemetry(
        _ request: PushTelemetryRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = PushTelemetryResponse()
        response.errorCode = pushError(request, context)
        if response.errorCode == .none {
            telemetry[request.clientInstanceID]?.lastPush = now.elapsed
            if request.terminating { telemetry[request.clientInstanceID]?.isGone = true }
            telemetry.add(
                .init(
                    clientInstanceID: request.clientInstanceID, clientID: context.clientID,
                    isLast: request.terminating, compression: request.compressionType,
                    metrics: ByteBuffer(bytes: request.metrics.readableBytesView)))
        }
        reply(to: context, .pushTelemetry(response), error: response.errorCode, effects: &effects)
    }

    private func pushError(_ request: PushTelemetryRequest, _ context: RequestContext) -> ErrorCode {
        guard request.clientInstanceID != .zero else { return .invalidRequest }
        guard Compression(rawValue: request.compressionType) != nil else { return .unsupportedCompressionType }
        guard request.metrics.readableBytes <= Telemetry.maxBytes else { return .telemetryTooLarge }
        let subscription = subscription(of: context)
        guard let client = telemetry[request.clientInstanceID], client.subscriptionID == request.subscriptionID,
            client.subscriptionID == subscription.id
        else { return .unknownSubscriptionID }
        guard !client.isGone else { return .invalidRequest }
        // A client that goes may push once more before its time.
        if let last = client.lastPush, !request.terminating, now.elapsed - last < subscription.interval {
            return .throttlingQuotaExceeded
        }
        return .none
    }

    /// What all resources that fit the client ask for together.
    private func subscription(of context: RequestContext) -> Subscription {
        var interval = Duration.milliseconds(300_000)
        var metrics: Set<String> = []
        for name in configs.names(.clientMetrics) {
            let own = configs.own(.clientMetrics, name)
            guard Self.matches(own["match"] ?? "", context) else { continue }
            metrics.formUnion(TopicSettings.Definition.items(of: own["metrics"] ?? ""))
            if let text = own["interval.ms"], let milliseconds = Int64(text) {
                interval = min(interval, .milliseconds(milliseconds))
            }
        }
        // "*" is every metric, which clients know as the empty prefix.
        let asked = metrics.contains("*") ? [""] : metrics.sorted()
        let text = asked.joined(separator: ",") + "/\(interval.inMilliseconds)"
        let id = text.utf8.reduce(into: UInt32(0)) { $0 = $0 &* 31 &+ UInt32($1) }
        return Subscription(id: Int32(bitPattern: id), interval: interval, metrics: asked)
    }

    /// `client_id=a,client_source_address=127.0.0.1`: all of them. Of what the broker does not know nothing fits.
    private static func matches(_ patterns: String, _ context: RequestContext) -> Bool {
        TopicSettings.Definition.items(of: patterns).allSatisfy { pattern in
            let parts = pattern.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return false }
            let value: String? =
                switch parts[0] {
                case "client_id": context.clientID
                case "client_source_address": String(context.clientHost.drop { $0 == "/" })
                default: nil
                }
            return value == parts[1]
        }
    }
}
