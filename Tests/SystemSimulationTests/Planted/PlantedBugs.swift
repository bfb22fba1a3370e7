// Bugs that are planted around the seams of a connector, so that each invariant is shown to notice what it is for.

import Connector
import Simulation
import SystemSimulation
import Testing

/// A bug for one invariant.
enum PlantedBug: String, CaseIterable, Sabotage, CustomTestStringConvertible {
    /// Events whose commit failed are handed over all the same.
    case handsOverUncommitted
    /// Revocations are not heard of.
    case ignoresRevocations
    /// Events are settled when they come in.
    case settlesTooEarly
    /// Batches come in the wrong order while a partition moves.
    case swapsEvents
    /// After a listing that failed, each function is given the annotations of the one before it.
    case mixesUpListings
    /// What was refused in part is forgotten: neither handed over nor refused.
    case forgetsRefusedEvents
    /// A call under way cannot be cancelled, and has no timeout.
    case waitsForEver
    /// Limits in annotations are read in the first listing only.
    case ignoresLimits
    /// Who was thrown out of the group does not come back.
    case staysOut

    var invariant: InvariantName {
        switch self {
        case .handsOverUncommitted: .atMostOneCall
        case .ignoresRevocations: .noCallAfterRevocation
        case .settlesTooEarly: .commitsFollowCalls
        case .swapsEvents: .startsInOrder
        case .mixesUpListings: .callsFollowAnnotations
        case .forgetsRefusedEvents: .nothingLostWithoutReason
        case .waitsForEver: .shutdownEnds
        case .ignoresLimits: .inFlightIsBounded
        case .staysOut: .lagGoesAway
        }
    }

    /// A seed with which the bug shows; from it on others do, should it not any more.
    var knownSeed: UInt64 {
        switch self {
        case .handsOverUncommitted: 2
        case .ignoresRevocations: 1
        case .settlesTooEarly: 1
        case .swapsEvents: 2
        case .mixesUpListings: 75
        case .forgetsRefusedEvents: 2
        case .waitsForEver: 27
        case .ignoresLimits: 2
        case .staysOut: 50
        }
    }

    /// How many runs it may take to make its plan smaller.
    var shrinkingTries: Int { 40 }

    var testDescription: String { "\(rawValue), for invariant \(invariant.rawValue)" }

    var consumersStayOut: Bool { self == .staysOut }

    func wrap(_ source: any EventSource, configuration: ConnectorConfiguration, time: TimeSource) -> any EventSource {
        SabotagedSource(bug: self, source: source, delivery: configuration.delivery)
    }

    func wrap(_ gateway: any Gateway, configuration: ConnectorConfiguration, time: TimeSource) -> any Gateway {
        SabotagedGateway(bug: self, gateway: gateway, time: time)
    }
}

/// A source that does what the bug says, and else what the source below does.
private struct SabotagedSource: EventSource {
    let bug: PlantedBug
    let source: any EventSource
    let delivery: Delivery
    private let rebalances = Confined(0)

    init(bug: PlantedBug, source: any EventSource, delivery: Delivery) {
        self.bug = bug
        self.source = source
        self.delivery = delivery
    }

    var kind: String { source.kind }
    var capabilities: SourceCapabilities { source.capabilities }

    func start(topics: [String], notices: @escaping @Sendable (SourceNotice) -> Void) async throws {
        try await source.start(topics: topics) { [rebalances] notice in
            if case .rebalanced = notice { rebalances.value += 1 }
            notices(notice)
        }
    }

    func next(limit: Int) async throws -> [Event]? {
        guard var batch = try await source.next(limit: limit) else { return nil }
        switch bug {
        case .settlesTooEarly where delivery == .atLeastOnce:
            await source.settle(batch.map { Settlement($0, .accept) })
        // Not in the first assignment: only after a rebalance.
        case .swapsEvents where rebalances.value > 1 && batch.count > 1: batch.swapAt(0, 1)
        default: break
        }
        return batch
    }

    func acknowledge(_ batch: [Event]) async -> Acknowledgement {
        var answer = await source.acknowledge(batch)
        switch bug {
        case .handsOverUncommitted: answer = Acknowledgement(acknowledged: batch)
        case .forgetsRefusedEvents where rebalances.value > 1:
            answer.acknowledged = Array(answer.acknowledged.dropLast())
        default: break
        }
        return answer
    }

    func settle(_ settlements: [Settlement]) async {
        if bug == .settlesTooEarly { return }
        await source.settle(settlements)
    }

    func holds(_ event: Event) -> Bool { bug == .ignoresRevocations || source.holds(event) }
    func pause(_ partitions: [SourcePartition]) async { await source.pause(partitions) }
    func resume(_ partitions: [SourcePartition]) async { await source.resume(partitions) }
    func subscribe(to topics: [String]) async throws { try await source.subscribe(to: topics) }
    func drain() async { await source.drain() }
    func close() async { await source.close() }
}

/// A gateway that does what the bug says, and else what the gateway below does.
private struct SabotagedGateway: Gateway {
    let bug: PlantedBug
    let gateway: any Gateway
    let time: TimeSource
    private let isFirst = Confined(true)
    private let hasFailed = Confined(false)

    init(bug: PlantedBug, gateway: any Gateway, time: TimeSource) {
        self.bug = bug
        self.gateway = gateway
        self.time = time
    }

    func namespaces() async throws -> [String] { try await gateway.namespaces() }

    func functions(in namespace: String?) async throws -> [FunctionDescription] {
        do {
            return changed(try await gateway.functions(in: namespace))
        } catch {
            hasFailed.value = true
            throw error
        }
    }

    private func changed(_ listing: [FunctionDescription]) -> [FunctionDescription] {
        defer { isFirst.value = false }
        var changed = listing
        switch bug {
        case .mixesUpListings where hasFailed.value:
            for index in listing.indices.dropFirst() { changed[index].annotations = listing[index - 1].annotations }
        case .ignoresLimits where !isFirst.value:
            for index in listing.indices {
                changed[index].annotations["com.openfaas.connector.max_in_flight"] = nil
            }
        default: break
        }
        return changed
    }

    func invoke(_ invocation: Invocation) async throws(InvocationFailure) -> Reply {
        do throws(InvocationFailure) { return try await gateway.invoke(invocation) } catch {
            guard bug == .waitsForEver, error.kind == .cancelled || error.kind == .timedOut else { throw error }
            await unsafe withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            throw error
        }
    }
}
