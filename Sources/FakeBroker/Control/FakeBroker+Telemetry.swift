internal import DequeModule
internal import KafkaProtocol
internal import NIOCore

extension FakeBroker {
    /// What a client has pushed about itself (KIP-714).
    public struct TelemetryPush: Sendable, Equatable {
        public let clientID: String?
        /// Whether the client said that it goes.
        public let isLast: Bool
        /// Kafka's name of the codec, such as `zstd`.
        public let compression: String
        /// A MetricsData of OpenTelemetry, as it came.
        public let metrics: [UInt8]
    }

    /// The latest pushes of clients, oldest first, up to 100. Clients push what the client metrics resources ask for,
    /// which any admin client can set: `metrics`, `interval.ms` and `match`.
    public func telemetry() async throws -> [TelemetryPush] {
        try await onLoop { host in
            host.cluster.telemetry.pushes.map { push in
                TelemetryPush(
                    clientID: push.clientID, isLast: push.isLast,
                    compression: Compression(rawValue: push.compression).map { "\($0)" } ?? "unknown",
                    metrics: Array(push.metrics.readableBytesView))
            }
        }
    }
}
