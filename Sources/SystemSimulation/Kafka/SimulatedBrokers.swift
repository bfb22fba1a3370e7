// FakeBroker's cluster core behind a simulated network: requests come in by streams, effects go out by them.

import DequeModule
import FakeBroker
import KafkaProtocol
import Simulation

/// All brokers of the system.
// Sendable without a lock, for only jobs and events of one executor touch it, and that is one thread.
final class SimulatedBrokers: @unchecked Sendable {
    let network: SimulatedNetwork
    let executor: SeededExecutor
    private let trace: Trace
    private let index: SystemIndex
    private(set) var cluster: Cluster
    /// By node id less one.
    let nodes: [NodeID]
    private var effects = Effects()
    private var connections: [UInt64: BrokerConnection] = [:]
    private var nextConnection: UInt64 = 0
    private let alarm: Alarm<Duration>
    /// What the wall clock shows too much.
    private var wallOffset = Duration.zero
    private var openCommits: [OpenCommit] = []
    /// By partition.
    private var lastCommitted: [Int64?]
    static let group = "g"

    init(_ plan: SystemPlan, _ network: SimulatedNetwork, _ trace: Trace, _ index: SystemIndex) {
        self.network = network
        executor = network.executor
        alarm = Alarm(executor)
        self.trace = trace
        self.index = index
        lastCommitted = index.partitions.map { _ in nil }
        var settings = FakeBroker.Configuration()
        settings.brokers = plan.brokers
        settings.seed = plan.seed
        settings.topics = zip(index.topics, plan.partitions).map { .init($0, partitions: $1) }
        settings.limits.journalEntries = 0
        cluster = Cluster(settings, now: ClusterTime(elapsed: .zero, wallMilliseconds: Self.wallStart))
        nodes = (1...plan.brokers).map { network.addNode("broker \($0)") }
    }

    private static let wallStart: Int64 = 1_764_000_000_000

    private var now: ClusterTime {
        let elapsed = executor.now
        let (seconds, attoseconds) = (elapsed + wallOffset).components
        return ClusterTime(
            elapsed: elapsed,
            wallMilliseconds: Self.wallStart + seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }

    // MARK: Life

    func isUp(_ broker: Int32) -> Bool { network.isUp(nodes[Int(broker) - 1]) }

    /// The process is gone; its logs stay, and another replica leads.
    func crash(_ broker: Int32) {
        guard isUp(broker) else { return }
        network.takeDown(nodes[Int(broker) - 1])
        for number in connections.keys.sorted() where connections[number]?.broker == broker { drop(number) }
        _ = cluster.setBroker(broker, isUp: false)
        perform()
    }

    func start(_ broker: Int32) {
        guard !isUp(broker) else { return }
        network.bringUp(nodes[Int(broker) - 1])
        _ = cluster.setBroker(broker, isUp: true)
        perform()
    }

    func setFaults(_ plan: FaultPlan) { cluster.setFaults(plan) }
    func jumpWallClock(by duration: Duration) { wallOffset += duration }

    /// Lets go of all connections.
    func shutDown() {
        for number in connections.keys.sorted() {
            connections[number]?.isDropped = true
            connections[number]?.close()
        }
        connections = [:]
    }

    // MARK: What there is

    func endOffset(_ partition: Int) -> Int64 {
        let (topic, number) = index.partitions[partition]
        return Self.look(&cluster) { $0.endOffset(topic: topic, partition: number) } ?? 0
    }

    func committedOffset(_ partition: Int) -> Int64? {
        let (topic, number) = index.partitions[partition]
        return Self.look(&cluster) { $0.committedOffset(group: Self.group, topic: topic, partition: number) }
    }

    /// 0 or less while nobody leads it.
    func leader(_ partition: Int) -> Int32 {
        let (topic, number) = index.partitions[partition]
        return Self.look(&cluster) { $0.leaderID(topic: topic, partition: number) }
    }

    // MARK: Connections

    /// Connects a client; nil if nobody listens there.
    func connect(from node: NodeID, to broker: Int32, client: ClientIdentity) -> BrokerConnection? {
        guard isUp(broker) else { return nil }
        nextConnection += 1
        let number = nextConnection
        let stream = SimulatedStream(network, from: node, to: nodes[Int(broker) - 1])
        let connection = BrokerConnection(number, stream, broker, client, brokers: self)
        connections[number] = connection
        cluster.connectionOpened(ConnectionID(number), now: now, effects: &effects)
        perform()
        stream.onClose(at: stream.server) { [self] in drop(number) }
        return connection
    }

    /// The brokers' end is over.
    private func drop(_ number: UInt64) {
        guard let connection = connections.removeValue(forKey: number) else { return }
        connection.isDropped = true
        forgetCommits(of: number)
        cluster.connectionClosed(ConnectionID(number))
    }

    // MARK: Requests

    func receive(_ request: BrokerConnection.Sent, on connection: BrokerConnection) {
        guard !connection.isDropped else { return }
        connection.waiting.append(request)
        pump(connection)
    }

    /// One request of a connection at a time, as brokers do it.
    private func pump(_ connection: BrokerConnection) {
        while !connection.isBusy, !connection.isStalled, !connection.isDropped,
            let next = connection.waiting.popFirst()
        {
            connection.isBusy = true
            let context = RequestContext(
                connection: ConnectionID(connection.number), broker: connection.broker, apiKey: next.request.apiKey,
                apiVersion: next.version, correlationID: next.correlation, clientID: connection.client.name)
            if case .offsetCommit(let commit) = next.request { openCommits += commits(in: commit, connection) }
            cluster.handle(next.request, from: context, now: now, effects: &effects)
            noteCommits(handling: connection.number)
            perform()
        }
    }

    // MARK: Commits, for the trace

    /// A commit that was asked for and has not shown yet: it may be late, or never be.
    private struct OpenCommit {
        let connection: UInt64
        let client: ClientIdentity
        let partition: Int
        let offset: Int64
    }

    private func commits(in commit: OffsetCommitRequest, _ connection: BrokerConnection) -> [OpenCommit] {
        commit.topics.flatMap { topic in
            topic.partitions.map { asked in
                OpenCommit(
                    connection: connection.number, client: connection.client,
                    partition: index.partition(topic.name, asked.partitionIndex), offset: asked.committedOffset)
            }
        }
    }

    /// Tells what has been committed since it was last asked, and whose it was: several members may have asked for one
    /// offset, and only one of them been heard.
    private func noteCommits(handling connection: UInt64? = nil) {
        guard !openCommits.isEmpty else { return }
        for partition in index.partitions.indices {
            guard let offset = committedOffset(partition), offset != lastCommitted[partition] else { continue }
            let asked = openCommits.filter { $0.partition == partition && $0.offset == offset }
            let owner =
                asked.count < 2
                ? asked.first
                : asked.first { isAccepted($0) } ?? asked.first { $0.connection == connection } ?? asked.first
            let client = owner?.client ?? ClientIdentity(name: "", lane: -1, life: 0)
            trace.record(
                SystemEvent(
                    .committed, lane: client.lane, life: client.life, partition: partition, offset: offset,
                    detail: lastCommitted[partition] ?? -1))
            lastCommitted[partition] = offset
        }
    }

    /// Whether its reply, which is about to be sent, says so.
    private func isAccepted(_ commit: OpenCommit) -> Bool {
        let (name, number) = index.partitions[commit.partition]
        return effects.list.contains { effect in
            guard case .reply(let context, .offsetCommit(let response)) = effect,
                context.connection.rawValue == commit.connection
            else { return false }
            return response.topics.contains { topic in
                topic.name == name
                    && topic.partitions.contains { $0.partitionIndex == number && $0.errorCode == .none }
            }
        }
    }

    /// A request of the connection has been answered, or never will be.
    private func forgetCommits(of connection: UInt64) {
        if !openCommits.isEmpty { openCommits.removeAll { $0.connection == connection } }
    }

    // MARK: Effects

    private func perform() {
        while let effect = effects.next() { perform(effect) }
        arm()
    }

    private func perform(_ effect: consuming Effects.Effect) {
        switch consume effect {
        case .reply(let context, let response):
            guard let connection = connections[context.connection.rawValue] else { return }
            connection.answer(context.correlationID, response)
            goOn(connection)
        case .finish(let context):
            if let connection = connections[context.connection.rawValue] { goOn(connection) }
        case .close(let id, _), .reset(let id): closeConnection(id)
        // A client closes a connection that brings half a frame, or bits that make no sense.
        case .deliver(let context, _, _): closeConnection(context.connection)
        case .stall(let id, let time):
            guard let connection = connections[id.rawValue] else { return }
            connection.isStalled = true
            guard let time else { return }
            executor.schedule(after: time) { [self] in
                connection.isStalled = false
                pump(connection)
            }
        }
    }

    private func closeConnection(_ id: ConnectionID) {
        guard let connection = connections[id.rawValue] else { return }
        drop(id.rawValue)
        connection.stream.close(at: connection.stream.server)
    }

    private func goOn(_ connection: BrokerConnection) {
        connection.isBusy = false
        forgetCommits(of: connection.number)
        guard !connection.waiting.isEmpty else { return }
        executor.schedule(after: .zero) { [self] in pump(connection) }
    }

    /// Asked in place: reading a property of a value that a class holds copies the whole cluster first.
    private var nextDeadline: Duration? { Self.look(&cluster) { $0.nextDeadline } }

    private static func look<Result>(_ cluster: inout Cluster, _ body: (inout Cluster) -> Result) -> Result {
        body(&cluster)
    }

    /// Has the cluster wake at its next deadline.
    private func arm() {
        guard let deadline = nextDeadline else { return }
        alarm.set(at: deadline, in: deadline - executor.now) { [self] in
            cluster.advance(to: now, effects: &effects)
            noteCommits()
            perform()
        }
    }
}
