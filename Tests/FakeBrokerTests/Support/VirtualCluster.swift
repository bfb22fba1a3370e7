import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

/// A cluster without sockets, in time that the test makes pass; its clients are numbers.
struct VirtualCluster {
    var cluster: Cluster
    private(set) var elapsed: Duration = .zero
    private var effects = Effects()
    private var correlation: Int32 = 0
    /// Answers that came after their request, by client.
    private var late: [UInt64: [Response]] = [:]
    private(set) var closed: [UInt64] = []
    private(set) var unanswered: [UInt64] = []
    /// What a fault plan did to replies, and whose connections it broke or stalled.
    private(set) var deliveries: [Delivery] = []
    private(set) var reset: [UInt64] = []
    private(set) var stalled: [UInt64] = []

    init(_ change: (inout FakeBroker.Configuration) -> Void = { _ in }) {
        var settings = FakeBroker.Configuration()
        change(&settings)
        cluster = Cluster(settings, now: ClusterTime(elapsed: .zero, wallMilliseconds: 1_000_000))
        for broker in 1...settings.brokers { cluster.brokers.set(port: 9000 + broker, of: Int32(broker)) }
    }

    private var now: ClusterTime {
        ClusterTime(elapsed: elapsed, wallMilliseconds: 1_000_000 + Int64(elapsed / .milliseconds(1)))
    }

    /// Sends a request in the latest version unless told otherwise. Nil if it waits, or never is answered.
    mutating func send(
        _ request: Request, version: Int16? = nil, from client: UInt64 = 1, to broker: Int32 = 1
    ) -> Response? {
        correlation += 1
        let context = RequestContext(
            connection: ConnectionID(client), broker: broker, apiKey: request.apiKey,
            apiVersion: version ?? request.apiKey.stableVersions.upperBound, correlationID: correlation,
            clientID: "client-\(client)")
        cluster.handle(request, from: context, now: now, effects: &effects)
        return carryOut(answering: correlation)
    }

    /// Lets time pass, from deadline to deadline.
    mutating func pass(_ duration: Duration) {
        let end = elapsed + duration
        while let deadline = cluster.nextDeadline, deadline <= end {
            elapsed = max(elapsed, deadline)
            cluster.advance(to: now, effects: &effects)
            _ = carryOut(answering: nil)
        }
        elapsed = end
    }

    mutating func change<Result>(_ event: (inout Cluster, ClusterTime, inout Effects) throws -> Result) rethrows
        -> Result
    {
        let result = try event(&cluster, now, &effects)
        _ = carryOut(answering: nil)
        return result
    }

    /// The answers that a client got since it last looked, not counting those that `send` returned.
    mutating func take(_ client: UInt64) -> [Response] {
        late.removeValue(forKey: client) ?? []
    }

    private mutating func carryOut(answering correlation: Int32?) -> Response? {
        var answer: Response?
        for effect in effects.take() {
            switch effect {
            case .reply(let context, let response), .deliver(let context, let response, _):
                if case .deliver(_, _, let delivery) = effect { deliveries.append(delivery) }
                if context.correlationID == correlation {
                    answer = response
                } else {
                    late[context.connection.rawValue, default: []].append(response)
                }
            case .finish(let context): unanswered.append(context.connection.rawValue)
            case .close(let connection, _): closed.append(connection.rawValue)
            case .reset(let connection): reset.append(connection.rawValue)
            case .stall(let connection, _): stalled.append(connection.rawValue)
            }
        }
        return answer
    }
}

// MARK: - Requests in one line

extension VirtualCluster {
    mutating func produce(
        _ records: ByteBuffer?, to topic: String = "t", partition: Int32 = 0, acks: Int16 = -1, version: Int16 = 12,
        from client: UInt64 = 9, broker: Int32 = 1
    ) -> ProduceResponse.PartitionProduceResponse? {
        var request = ProduceRequest()
        request.acks = acks
        var data = ProduceRequest.PartitionProduceData()
        data.index = partition
        data.records = records
        var asked = ProduceRequest.TopicProduceData()
        asked.name = topic
        asked.partitionData = [data]
        request.topicData = [asked]
        guard case .produce(let response) = send(.produce(request), version: version, from: client, to: broker) else {
            return nil
        }
        return response.responses.first?.partitionResponses.first
    }

    static func fetchRequest(
        _ topic: String = "t", partitions: [Int32] = [0], offset: Int64 = 0, minBytes: Int32 = 1,
        maxWait: Duration = .milliseconds(500), maxBytes: Int32 = .max, partitionMaxBytes: Int32 = 1 << 20,
        leaderEpoch: Int32 = -1
    ) -> FetchRequest {
        var request = FetchRequest()
        request.minBytes = minBytes
        request.maxWaitMs = Int32(maxWait / .milliseconds(1))
        request.maxBytes = maxBytes
        var asked = FetchRequest.FetchTopic()
        asked.topic = topic
        asked.partitions = partitions.map { index in
            var partition = FetchRequest.FetchPartition()
            partition.partition = index
            partition.fetchOffset = offset
            partition.partitionMaxBytes = partitionMaxBytes
            partition.currentLeaderEpoch = leaderEpoch
            return partition
        }
        request.topics = [asked]
        return request
    }

    mutating func fetch(
        _ request: FetchRequest, version: Int16 = 12, from client: UInt64 = 1, broker: Int32 = 1
    ) -> FetchResponse? {
        guard case .fetch(let response) = send(.fetch(request), version: version, from: client, to: broker) else {
            return nil
        }
        return response
    }

    /// The only fetch that a client was answered late.
    mutating func takeFetch(_ client: UInt64) throws -> FetchResponse {
        let answers = take(client)
        try #require(answers.count == 1)
        guard case .fetch(let response) = answers[0] else { throw UnexpectedAnswer(answers[0]) }
        return response
    }
}

struct UnexpectedAnswer: Error {
    var answer: Response?

    init(_ answer: Response?) {
        self.answer = answer
    }
}

extension FetchResponse {
    var only: PartitionData? { responses.first?.partitions.first }

    var values: [String] {
        get throws { try responses.flatMap(\.partitions).flatMap { try Batches.values($0.records).map(\.value) } }
    }
}

extension Duration {
    static func / (left: Duration, right: Duration) -> Int {
        Int((left / right) as Double)
    }
}
