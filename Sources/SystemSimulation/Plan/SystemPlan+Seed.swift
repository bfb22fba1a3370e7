// What a seed makes of a system: its size, its load, its settings and its faults.

import Connector
import SeededRandom
import Simulation

/// Between what bounds a seed draws.
public struct SystemShape: Sendable, Equatable {
    public var brokers = 1...1
    public var topics = 1...2
    public var partitionsPerTopic = 1...4
    public var replicas = 2...2
    public var functions = 3...3
    public var messages = 50...50
    public var faults = 3...3
    /// Messages and faults begin within this.
    public var activeMilliseconds = 6000
    /// `nil` draws both.
    public var atLeastOnce: Bool?
    /// Of the messages' keys, values and times, what is not drawn.
    package var load = FixedLoad()
    public var kinds: [SystemFault.Kind] = SystemFault.Kind.allCases

    public init() {}

    /// What the aim of the issue counts: 1 broker, 2 replicas, 3 functions, 50 messages, 3 faults.
    public static let typical = SystemShape()

    /// More of everything, for what only shows in larger systems.
    public static var large: SystemShape {
        var shape = SystemShape()
        shape.brokers = 1...3
        shape.topics = 1...3
        shape.replicas = 1...4
        shape.functions = 1...5
        shape.messages = 20...200
        shape.faults = 1...8
        shape.activeMilliseconds = 12_000
        return shape
    }
}

extension SystemPlan {
    /// The plan of a seed.
    public init(seed: UInt64, shape: SystemShape = .typical) {
        self.init(emptyWithSeed: seed)
        var generator = SeededGenerator(seed: seed ^ 0x706c_616e)
        brokers = Int.random(in: shape.brokers, using: &generator)
        partitions = (0..<Int.random(in: shape.topics, using: &generator)).map { _ in
            Int.random(in: shape.partitionsPerTopic, using: &generator)
        }
        replicas = Int.random(in: shape.replicas, using: &generator)
        settings = SystemSettings(drawnBy: &generator, atLeastOnce: shape.atLeastOnce)
        functions = (0..<Int.random(in: shape.functions, using: &generator)).map { _ in
            FunctionPlan(drawnBy: &generator, topics: partitions.count)
        }
        drawLoad(shape, using: &generator)
        settings.recoveryMilliseconds += workMilliseconds
        faults = drawFaults(shape, using: &generator)
    }

    /// What the calls take if messages come one by one: without room for more than one, lag lasts as long.
    private var workMilliseconds: Int {
        let byTopic = partitions.indices.map { topic in
            functions.filter { $0.topics.contains(topic) }.map { $0.longestMilliseconds(settings) }.max() ?? 0
        }
        return messages.reduce(0) { $0 + byTopic[$1.topic] }
    }

    private func drawFaults(
        _ shape: SystemShape, using generator: inout SeededGenerator
    ) -> [PlannedFault<SystemFault>] {
        let count = Int.random(in: shape.faults, using: &generator)
        let swarm = Swarm(shape.kinds.map { (kind: $0, weight: $0.weight) })
        let faults = swarm.draw(count, using: &generator).map { kind in
            let at = Int.random(in: 0..<shape.activeMilliseconds, using: &generator)
            // Most are short, some outlast every timeout.
            let longest = [200, 1000, 5000, 8000].randomElement(using: &generator) ?? 1000
            return PlannedFault(
                draw(kind, using: &generator), atMilliseconds: at,
                forMilliseconds: Int.random(in: 1...longest, using: &generator))
        }
        return faults.sorted { ($0.atMilliseconds, $0.end) < ($1.atMilliseconds, $1.end) }
    }

    private func draw(_ kind: SystemFault.Kind, using generator: inout SeededGenerator) -> SystemFault {
        func any(_ count: Int) -> Int { Int.random(in: 0..<max(1, count), using: &generator) }
        func amount(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
        func anyPeer() -> Int { any(3) == 0 ? -1 : any(brokers) }
        switch kind {
        case .crashReplica, .stopReplica: return SystemFault(kind, target: any(replicas))
        case .skewClock: return SystemFault(kind, target: any(replicas), amount: amount(70...140))
        case .partition, .partitionOutward, .partitionInward, .halfOpen, .resetConnections:
            return SystemFault(kind, target: any(replicas), peer: anyPeer())
        case .slowLink: return SystemFault(kind, target: any(replicas), peer: anyPeer(), amount: amount(2...500))
        case .lossyLink: return SystemFault(kind, target: any(replicas), peer: anyPeer(), amount: amount(5...60))
        case .crashBroker: return SystemFault(kind, target: any(brokers))
        case .slowBroker: return SystemFault(kind, target: any(brokers), amount: amount(1...2000))
        case .coordinatorErrors, .lostCommitReplies, .commitsTimeOut, .lostProduceReplies:
            return SystemFault(kind, amount: amount(1...5))
        case .jumpBrokerClock: return SystemFault(kind, amount: amount(-3600...3600))
        case .gatewayErrors, .lostReplies: return SystemFault(kind, amount: amount(10...100))
        case .slowGateway: return SystemFault(kind, amount: amount(1...4000))
        case .failingFunction, .slowFunction, .removeFunction, .unsubscribeFunction:
            return SystemFault(kind, target: any(functions.count), amount: amount(1...4000))
        case .emptyFetches, .spoiledBatches, .crashGateway, .listingErrors, .spoiledListings:
            return SystemFault(kind)
        }
    }
}

extension SystemFault.Kind {
    /// How much more often than others it is drawn: what breaks promises oftenest comes oftenest.
    var weight: Int {
        switch self {
        case .crashReplica, .stopReplica, .partition, .lostCommitReplies, .commitsTimeOut, .crashBroker: 3
        case .halfOpen, .partitionInward, .partitionOutward, .resetConnections, .removeFunction: 2
        default: 1
        }
    }
}

extension FunctionPlan {
    init(drawnBy generator: inout SeededGenerator, topics count: Int) {
        let first = Int.random(in: 0..<count, using: &generator)
        topics = (0..<count).filter { $0 == first || Bool.random(using: &generator) }
        let latencies = [2, 20, 100, 700]
        maxLatencyMilliseconds = latencies.randomElement(using: &generator) ?? 20
        failurePercent = Int.random(in: 0..<4, using: &generator) == 0 ? Int.random(in: 1...30, using: &generator) : 0
        maxInFlight = Int.random(in: 0..<4, using: &generator) == 0 ? Int.random(in: 1...3, using: &generator) : nil
    }

    /// Of a call at the longest latency, with what is repeated of it on average.
    fileprivate func longestMilliseconds(_ settings: SystemSettings) -> Int {
        let again = maxLatencyMilliseconds + settings.retryMaxMilliseconds
        return maxLatencyMilliseconds + again * failurePercent / (100 - failurePercent)
    }
}

extension SystemSettings {
    init(drawnBy generator: inout SeededGenerator, atLeastOnce: Bool?) {
        func pick(_ values: Int...) -> Int { values.randomElement(using: &generator) ?? values[0] }
        self.atLeastOnce = atLeastOnce ?? Bool.random(using: &generator)
        let orderings: [Ordering] = [.partition, .partition, .key, .none]
        ordering = (orderings.randomElement(using: &generator) ?? .partition).rawValue
        maxInFlight = pick(1, 2, 4, 16, 64)
        rebuildMilliseconds = pick(500, 2000, 3000)
        sessionMilliseconds = pick(1500, 3000, 6000)
        heartbeatMilliseconds = sessionMilliseconds / 3
        requestTimeoutMilliseconds = pick(1000, 4000, 8000)
        upstreamTimeoutMilliseconds = pick(1000, 3000)
        retryAttempts = pick(1, 3, 10)
        isCooperative = Int.random(in: 0..<4, using: &generator) != 0
        losesAllOnIllegalGeneration = Bool.random(using: &generator)
    }
}
