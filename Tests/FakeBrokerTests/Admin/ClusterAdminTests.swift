import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

@Suite struct `The cluster` {
    private var brokers = VirtualCluster {
        $0.brokers = 2
        $0.racks = ["a", "b"]
    }

    @Test mutating func `is described with its brokers`() throws {
        var request = DescribeClusterRequest()
        _ = brokers.change { cluster, _, _ in cluster.setBroker(1, isUp: false) }
        guard case .describeCluster(let up) = brokers.send(.describeCluster(request)) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(up.clusterID == brokers.cluster.clusterID)
        #expect(up.brokers.map(\.brokerID) == [2] && up.controllerID == 2)
        request.includeFencedBrokers = true
        guard case .describeCluster(let all) = brokers.send(.describeCluster(request)) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(all.brokers.map(\.isFenced) == [true, false])
        #expect(all.brokers.map(\.rack) == ["a", "b"])
        request.endpointType = 2
        guard case .describeCluster(let wrong) = brokers.send(.describeCluster(request)) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(wrong.errorCode == .mismatchedEndpointType)
    }

    // MARK: Features

    private mutating func update(
        _ feature: String, to level: Int16, upgradeType: Int8 = 1, version: Int16 = 2, validateOnly: Bool = false
    ) throws -> UpdateFeaturesResponse {
        var request = UpdateFeaturesRequest()
        request.validateOnly = validateOnly
        var update = UpdateFeaturesRequest.FeatureUpdateKey()
        update.feature = feature
        update.maxVersionLevel = level
        update.upgradeType = upgradeType
        request.featureUpdates = [update]
        guard case .updateFeatures(let response) = brokers.send(.updateFeatures(request), version: version) else {
            throw UnexpectedAnswer(nil)
        }
        return response
    }

    @Test mutating func `has features at levels`() throws {
        #expect(try update("group.version", to: 0).errorCode == .invalidUpdateVersion)
        #expect(try update("group.version", to: 0, upgradeType: 2, validateOnly: true).errorCode == .none)
        #expect(brokers.cluster.features.epoch == 1)
        #expect(try update("group.version", to: 0, upgradeType: 2).errorCode == .none)
        #expect(brokers.cluster.features.epoch == 2)
        #expect(try update("group.version", to: 9).errorCode == .invalidUpdateVersion)
        let old = try update("no.such", to: 1, version: 1)
        #expect(old.errorCode == .none)
        #expect(old.results.first?.errorCode == .invalidUpdateVersion)
    }

    @Test mutating func `tells features to clients that can read them`() throws {
        func features(_ name: String, version: Int16) throws -> [String] {
            var request = ApiVersionsRequest()
            request.clientSoftwareName = name
            request.clientSoftwareVersion = "2.0.2"
            guard case .apiVersions(let response) = brokers.send(.apiVersions(request), version: version) else {
                throw UnexpectedAnswer(nil)
            }
            return response.supportedFeatures.map(\.name)
        }
        #expect(try features("apache-kafka-java", version: 4).contains("group.version"))
        #expect(try features("apache-kafka-java", version: 3) == ["metadata.version"])
        #expect(try features("librdkafka", version: 3).isEmpty)
    }

    // MARK: Telemetry

    private mutating func subscribe(_ id: UniqueID = .zero) throws -> GetTelemetrySubscriptionsResponse {
        var request = GetTelemetrySubscriptionsRequest()
        request.clientInstanceID = id
        guard case .getTelemetrySubscriptions(let response) = brokers.send(.getTelemetrySubscriptions(request)) else {
            throw UnexpectedAnswer(nil)
        }
        return response
    }

    private mutating func push(
        _ id: UniqueID, _ subscription: Int32, terminating: Bool = false, bytes: Int = 3, compression: Int8 = 0
    ) throws -> ErrorCode {
        var request = PushTelemetryRequest()
        request.clientInstanceID = id
        request.subscriptionID = subscription
        request.terminating = terminating
        request.compressionType = compression
        request.metrics = ByteBuffer(repeating: 1, count: bytes)
        guard case .pushTelemetry(let response) = brokers.send(.pushTelemetry(request)) else {
            throw UnexpectedAnswer(nil)
        }
        return response.errorCode
    }

    @Test mutating func `takes metrics from clients`() throws {
        #expect(try subscribe().requestedMetrics.isEmpty)
        brokers.cluster.configs.set(
            .init(sorting: ["metrics": "a,b", "interval.ms": "1000", "match": "client_id=client-1"]), .clientMetrics,
            "m")
        let told = try subscribe()
        let id = told.clientInstanceID
        #expect(id != .zero)
        #expect(told.requestedMetrics == ["a", "b"])
        #expect(told.pushIntervalMs == 1000)
        #expect(try push(id, told.subscriptionID + 1) == .unknownSubscriptionID)
        #expect(try push(.zero, told.subscriptionID) == .invalidRequest)
        #expect(try push(id, told.subscriptionID, compression: 9) == .unsupportedCompressionType)
        #expect(try push(id, told.subscriptionID, bytes: 1024 * 1024 + 1) == .telemetryTooLarge)
        #expect(try push(id, told.subscriptionID) == .none)
        #expect(try push(id, told.subscriptionID) == .throttlingQuotaExceeded)
        brokers.pass(.seconds(1))
        #expect(try push(id, told.subscriptionID) == .none)
        #expect(try push(id, told.subscriptionID, terminating: true) == .none)
        #expect(try push(id, told.subscriptionID, terminating: true) == .invalidRequest)
        #expect(brokers.cluster.telemetry.pushes.map(\.metrics.readableBytes) == [3, 3, 3])
    }
}

@Suite struct `A quota` {
    private var brokers = VirtualCluster { $0.topics = [.init("t")] }

    /// Types and names; nil is the default.
    private mutating func set(
        _ key: String, to value: Double?, _ entity: [(String, String?)], validateOnly: Bool = false
    ) throws -> ErrorCode {
        var request = AlterClientQuotasRequest()
        request.validateOnly = validateOnly
        var entry = AlterClientQuotasRequest.EntryData()
        entry.entity = entity.map { type, name in
            var data = AlterClientQuotasRequest.EntityData()
            data.entityType = type
            data.entityName = name
            return data
        }
        var operation = AlterClientQuotasRequest.OpData()
        operation.key = key
        operation.value = value ?? 0
        operation.remove = value == nil
        entry.ops = [operation]
        request.entries = [entry]
        guard case .alterClientQuotas(let response) = brokers.send(.alterClientQuotas(request)) else {
            throw UnexpectedAnswer(nil)
        }
        return try #require(response.entries.first).errorCode
    }

    private mutating func described(
        _ components: [(String, Int8, String?)], strict: Bool = false
    ) throws -> [String] {
        var request = DescribeClientQuotasRequest()
        request.strict = strict
        request.components = components.map { type, match, name in
            var component = DescribeClientQuotasRequest.ComponentData()
            component.entityType = type
            component.matchType = match
            component.match = name
            return component
        }
        guard case .describeClientQuotas(let response) = brokers.send(.describeClientQuotas(request)) else {
            throw UnexpectedAnswer(nil)
        }
        guard response.errorCode == .none else { return ["\(response.errorCode)"] }
        return (response.entries ?? []).map { entry in
            let names = entry.entity.map { "\($0.entityType)=\($0.entityName ?? "-")" }
            let values = entry.values.map { "\($0.key)=\($0.value)" }
            return (names + values).joined(separator: " ")
        }
    }

    private mutating func produce(_ count: Int, from client: UInt64 = 1) -> Int32? {
        var request = ProduceRequest()
        request.acks = -1
        var data = ProduceRequest.PartitionProduceData()
        data.records = Batches.make([String(repeating: "x", count: count)])
        var topic = ProduceRequest.TopicProduceData()
        topic.name = "t"
        topic.partitionData = [data]
        request.topicData = [topic]
        guard case .produce(let response) = brokers.send(.produce(request), version: 9, from: client) else {
            return nil
        }
        return response.throttleTimeMs
    }

    @Test mutating func `makes a producer wait for what is beyond it`() throws {
        #expect(produce(10_000) == 0)
        #expect(try set("producer_byte_rate", to: 1000, [("client-id", "client-1")]) == .none)
        #expect(produce(500) == 0)
        let wait = try #require(produce(5000))
        #expect(4000...5500 ~= wait)
        #expect(brokers.stalled == [1])
        #expect(produce(5000, from: 2) == 0)
        brokers.pass(.seconds(60))
        #expect(produce(500) == 0)
        #expect(produce(1_000_000) == 11_000)
        #expect(try set("producer_byte_rate", to: nil, [("client-id", "client-1")]) == .none)
        #expect(produce(5000) == 0)
    }

    @Test mutating func `makes a consumer wait, each client for itself by the default`() throws {
        _ = produce(5000)
        #expect(try set("consumer_byte_rate", to: 1000, [("client-id", nil)]) == .none)
        for client in UInt64(1)...2 {
            let first = brokers.fetch(VirtualCluster.fetchRequest(), from: client)
            #expect(3900...4500 ~= first?.throttleTimeMs ?? 0)
        }
    }

    @Test mutating func `of a user and client comes before that of either`() throws {
        #expect(try set("producer_byte_rate", to: 1, [("client-id", "client-1")]) == .none)
        #expect(try set("producer_byte_rate", to: 1e9, [("user", nil), ("client-id", nil)]) == .none)
        #expect(produce(5000) == 0)
    }

    @Test mutating func `is described by filters`() throws {
        #expect(try set("producer_byte_rate", to: 1, [("client-id", "a")]) == .none)
        #expect(try set("request_percentage", to: 2.5, [("user", "u"), ("client-id", "a")]) == .none)
        #expect(try set("connection_creation_rate", to: 3, [("ip", nil)]) == .none)
        #expect(try described([]).count == 3)
        #expect(try described([("client-id", 0, "a")]).count == 2)
        #expect(try described([("client-id", 0, "a")], strict: true) == ["client-id=a producer_byte_rate=1.0"])
        #expect(try described([("user", 2, nil)]) == ["user=u client-id=a request_percentage=2.5"])
        #expect(try described([("ip", 1, nil)]) == ["ip=- connection_creation_rate=3.0"])
        #expect(try described([("x", 1, nil)]) == ["INVALID_REQUEST"])
        #expect(try described([("ip", 5, nil)]) == ["INVALID_REQUEST"])
        #expect(try described([("ip", 0, nil)]) == ["INVALID_REQUEST"])
        #expect(try described([("ip", 1, nil), ("ip", 1, nil)]) == ["INVALID_REQUEST"])
    }

    @Test mutating func `that makes no sense is refused`() throws {
        let user: [(String, String?)] = [("user", "u")]
        #expect(try set("producer_byte_rate", to: 0, user) == .invalidRequest)
        #expect(try set("producer_byte_rate", to: .nan, user) == .invalidRequest)
        #expect(try set("producer_byte_rate", to: .infinity, user) == .invalidRequest)
        #expect(try set("speed", to: 1, user) == .invalidRequest)
        #expect(try set("producer_byte_rate", to: 1, []) == .invalidRequest)
        #expect(try set("producer_byte_rate", to: 1, [("user", "")]) == .invalidRequest)
        #expect(try set("producer_byte_rate", to: 1, user + user) == .invalidRequest)
        #expect(try set("producer_byte_rate", to: 1, [("ip", "1.2.3.4")]) == .invalidRequest)
        #expect(try set("connection_creation_rate", to: 1, [("ip", "1.2.3.4")] + user) == .invalidRequest)
        #expect(try set("producer_byte_rate", to: 1, user, validateOnly: true) == .none)
        #expect(try described([]).isEmpty)
    }

    @Test mutating func `is kept for so many and no more`() throws {
        brokers = VirtualCluster { $0.limits.quotas = 1 }
        #expect(try set("producer_byte_rate", to: 1, [("user", "u")]) == .none)
        #expect(try set("consumer_byte_rate", to: 1, [("user", "u")]) == .none)
        #expect(try set("producer_byte_rate", to: 1, [("user", "v")]) == .invalidRequest)
    }
}
