// One run of the whole system: everything is started, faults come and go, all is healed, lag must go, and the replicas
// are asked to stop.

import Connector
import FakeBroker
import Simulation

// Sendable without a lock, for only jobs and events of one executor touch it, and that is one thread.
final class SystemWorld: @unchecked Sendable {
    let plan: SystemPlan
    let index: SystemIndex
    let executor: SeededExecutor
    let network: SimulatedNetwork
    let trace: Trace
    let checks: Checks
    let brokers: SimulatedBrokers
    let gateway: SimulatedGatewayHost
    let sabotage: (any Sabotage)?
    private let producer: SimulatedProducer
    private(set) var replicas: [Replica] = []
    /// Set when everything is healed: no fault begins any more.
    private var isHealed = false
    private let standing: StandingFaults
    private var brokerRules: [Int: [BrokerRule]] = [:]
    private var gatewayRules: [Int: [GatewayRule]] = [:]

    init(_ plan: SystemPlan, standing: StandingFaults, sabotage: (any Sabotage)?) {
        self.plan = plan
        self.standing = standing
        self.sabotage = sabotage
        index = SystemIndex(plan)
        executor = SeededExecutor(seed: plan.seed, stepLimit: 2_000_000)
        network = SimulatedNetwork(executor, seed: plan.seed)
        trace = Trace(executor)
        checks = Checks(executor)
        brokers = SimulatedBrokers(plan, network, trace, index)
        gateway = SimulatedGatewayHost(plan, network, trace, index)
        producer = SimulatedProducer(brokers, trace, index, values: plan.values)
        replicas = (0..<plan.replicas).map { Replica($0, in: self) }
    }

    // MARK: A run

    func run() async throws {
        if !standing.broker.rules.isEmpty { brokers.setFaults(standing.broker) }
        if !standing.gateway.isEmpty { gateway.setFaults(standing.gateway) }
        for replica in replicas { replica.start() }
        producer.schedule(plan.messages)
        for (number, fault) in plan.faults.enumerated() { schedule(fault, number) }
        try await executor.clock.sleep(for: .milliseconds(plan.activeMilliseconds + 1))
        heal()
        let isRecovered = try await waitForRecovery()
        trace.record(SystemEvent(.recovered, detail: isRecovered ? 1 : 0))
        try await shutDown()
    }

    /// Lag is gone, and nothing is in anybody's hands.
    private var isIdle: Bool {
        guard producer.pending == 0, replicas.allSatisfy({ $0.inHand == 0 }) else { return false }
        return index.partitions.indices.allSatisfy { partition in
            let end = brokers.endOffset(partition)
            return end == 0 || brokers.committedOffset(partition) == end
        }
    }

    private func waitForRecovery() async throws -> Bool {
        let deadline = executor.now + .milliseconds(plan.settings.recoveryMilliseconds)
        while !isIdle {
            guard executor.now < deadline else { return false }
            try await executor.clock.sleep(for: .milliseconds(100))
        }
        return true
    }

    /// In which a drain must be over: the deadline for events in hand, what leaving a group may take, and some.
    private var shutdownLimit: Duration { .milliseconds(plan.settings.drainMilliseconds) + .seconds(12) }

    private func shutDown() async throws {
        for replica in replicas { replica.drain() }
        let deadline = executor.now + shutdownLimit
        while replicas.contains(where: \.isRunning), executor.now < deadline {
            try await executor.clock.sleep(for: .milliseconds(100))
        }
    }

    /// Lets go what keeps the parts alive.
    func discard() {
        for replica in replicas { replica.discard() }
        producer.stop()
        gateway.shutDown()
        brokers.shutDown()
        network.shutDown()
        executor.discardEvents()
        replicas = []
    }

    // MARK: Faults

    private func schedule(_ planned: PlannedFault<SystemFault>, _ number: Int) {
        executor.schedule(after: .milliseconds(planned.atMilliseconds)) { [unowned self] in
            guard !isHealed else { return }
            trace.record(SystemEvent(.faultBegins, detail: Int64(number)))
            checks.reached("fault: \(planned.fault.kind.rawValue)")
            begin(planned.fault, number)
            executor.schedule(after: .milliseconds(planned.forMilliseconds)) { [unowned self] in
                guard !isHealed else { return }
                trace.record(SystemEvent(.faultEnds, detail: Int64(number)))
                end(planned.fault, number)
            }
        }
    }

    private func heal() {
        isHealed = true
        for (number, planned) in plan.faults.enumerated() { end(planned.fault, number) }
        for replica in replicas {
            for node in brokers.nodes + [gateway.node] {
                network.heal(replica.node, node)
                network.setQuality(nil, from: replica.node, to: node)
                network.setQuality(nil, from: node, to: replica.node)
            }
            replica.clock.setRate(1)
        }
        for broker in 1...plan.brokers { brokers.start(Int32(broker)) }
        brokers.setFaults([])
        gateway.restart()
        gateway.delay = .zero
        gateway.setFaults([])
        for function in plan.functions.indices { gateway.change(function) { $0 = .init() } }
        for replica in replicas { replica.start() }
        trace.record(SystemEvent(.healed))
    }

    func setBrokerRules(_ rules: [BrokerRule]?, of fault: Int) {
        brokerRules[fault] = rules
        brokers.setFaults(
            FaultPlan(brokerRules.keys.sorted().flatMap { brokerRules[$0] ?? [] } + standing.broker.rules))
    }

    func setGatewayRules(_ rules: [GatewayRule]?, of fault: Int) {
        gatewayRules[fault] = rules
        gateway.setFaults(gatewayRules.keys.sorted().flatMap { gatewayRules[$0] ?? [] } + standing.gateway)
    }
}
