// One replica of the connector: the real `Connector` over simulated seams, one life after the other.

import Connector
import SeededRandom
import Simulation

// Sendable without a lock, for only jobs and events of one executor touch it, and that is one thread.
final class Replica: @unchecked Sendable {
    /// From start to stop or crash; what it has in memory ends with it.
    private struct Life {
        let connector: Connector
        let consumer: SimulatedConsumer
        let gateway: SimulatedGateway
        let trace: ReplicaTrace
        let task: Task<Void, Never>
    }

    let lane: Int
    let node: NodeID
    let clock: SkewedClock
    private unowned let world: SystemWorld
    private var life: Life?
    private var lives = 0
    /// A start that waits for the last life to end.
    private var isStartDue = false
    private(set) var drainBegan: Duration?

    init(_ lane: Int, in world: SystemWorld) {
        self.lane = lane
        self.world = world
        node = world.network.addNode("replica \(lane)")
        clock = SkewedClock(world.executor)
        world.network.takeDown(node)
    }

    var isRunning: Bool { life != nil }
    var inHand: Int { life?.trace.inHand ?? 0 }

    // MARK: Life

    func start() {
        guard life == nil else {
            isStartDue = life?.trace.isDraining == true
            return
        }
        isStartDue = false
        drainBegan = nil
        world.network.bringUp(node)
        let number = lives
        lives += 1
        let trace = ReplicaTrace(world.trace, world.index, world.checks, lane: lane, life: number)
        let plan = world.plan
        let configuration = plan.settings.connectorConfiguration(topics: world.index.topics)
        let time = TimeSource(clock, since: clock.now)
        let consumer = SimulatedConsumer(
            ClientIdentity(name: "r\(lane)-\(number)", lane: lane, life: number), node: node, brokers: world.brokers,
            clock: clock,
            settings: plan.settings.consumerSettings(staysOut: world.sabotage?.consumersStayOut ?? false))
        let gateway = SimulatedGateway(
            world.gateway, node: node, clock: clock,
            upstreamTimeout: .milliseconds(plan.settings.upstreamTimeoutMilliseconds), trace: trace)
        var source: any EventSource = SimulatedSource(consumer, time: time, trace: trace)
        var seam: any Gateway = gateway
        if let sabotage = world.sabotage {
            source = sabotage.wrap(source, configuration: configuration, time: time)
            seam = sabotage.wrap(seam, configuration: configuration, time: time)
        }
        let connector = Connector(
            configuration: configuration, source: source, gateway: seam, observer: trace, time: time,
            generator: SeededGenerator(seed: plan.seed ^ UInt64(lane) << 32 ^ UInt64(number)))
        trace.note(.started)
        let task = Task(executorPreference: world.executor) { [self] in
            do { try await connector.consume() } catch { world.checks.reached("a connector fails: \(error)") }
            ended(number)
        }
        life = Life(connector: connector, consumer: consumer, gateway: gateway, trace: trace, task: task)
    }

    private func ended(_ number: Int) {
        guard number == lives - 1, life != nil else { return }
        life?.consumer.die()
        life?.gateway.die()
        world.network.takeDown(node)
        life = nil
        drainBegan = nil
        if isStartDue { start() }
    }

    /// The process is gone where it stands.
    func crash() {
        guard let life else { return }
        life.trace.note(.crashed)
        life.trace.isMuted = true
        self.life = nil
        isStartDue = false
        world.network.takeDown(node)
        life.consumer.die()
        life.gateway.die()
        // What is left of it ends unseen.
        life.task.cancel()
        drainBegan = nil
    }

    /// Asks it to stop, as a shutdown does.
    func drain() {
        guard let life, drainBegan == nil else { return }
        drainBegan = world.executor.now
        let connector = life.connector
        Task(executorPreference: world.executor) { await connector.drain() }
    }

    func discard() {
        life?.consumer.die()
        life?.gateway.die()
        life?.task.cancel()
    }
}

extension SystemSettings {
    func connectorConfiguration(topics: [String]) -> ConnectorConfiguration {
        var configuration = ConnectorConfiguration(topics: topics)
        configuration.delivery = atLeastOnce ? .atLeastOnce : .atMostOnce
        configuration.ordering = connectorOrdering
        configuration.maxInFlight = max(1, maxInFlight)
        configuration.rebuildInterval = .milliseconds(rebuildMilliseconds)
        configuration.drainTimeout = .milliseconds(drainMilliseconds)
        configuration.retry.attempts = max(1, retryAttempts)
        configuration.retry.minWait = .milliseconds(retryMinMilliseconds)
        configuration.retry.maxWait = .milliseconds(retryMaxMilliseconds)
        return configuration
    }

    func consumerSettings(staysOut: Bool) -> SimulatedConsumer.Settings {
        SimulatedConsumer.Settings(
            sessionTimeout: .milliseconds(sessionMilliseconds),
            heartbeatInterval: .milliseconds(heartbeatMilliseconds),
            requestTimeout: .milliseconds(requestTimeoutMilliseconds),
            rebalanceTimeout: .milliseconds(rebalanceMilliseconds), isCooperative: isCooperative,
            commitsAtIntervals: atLeastOnce, commitGrace: .milliseconds(rebalanceMilliseconds / 2),
            losesAllOnIllegalGeneration: losesAllOnIllegalGeneration,
            staysOutWhenLost: staysOut)
    }
}

extension TimeSource {
    fileprivate init(_ clock: SkewedClock, since start: SkewedClock.Instant) {
        self.init(
            elapsed: { start.duration(to: clock.now) },
            wait: { try await clock.sleep(until: clock.now.advanced(by: $0), tolerance: nil) })
    }
}
