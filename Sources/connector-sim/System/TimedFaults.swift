import FakeBroker
import FakeGateway
import Scenarios
import Simulation
import SystemSimulation

/// Has the faults of a scenario's `simulation` befall a running system, each at its time.
struct TimedFaults: Sendable {
    private struct Change {
        let milliseconds: Int
        let number: Int
        let begins: Bool
    }

    /// What has come about so far.
    private struct Progress {
        var active: [Int] = []
        /// The file's own rules, as far as they are not used up: setting rules makes the fakes count anew.
        var standing: StandingRules
    }

    private let system: LocalSystem
    private let settings: LocalSystemSettings
    private let faults: [(planned: PlannedFault<SystemFault>, fault: SocketFault)]

    init(_ system: LocalSystem, _ settings: LocalSystemSettings) {
        self.system = system
        self.settings = settings
        faults = settings.scenario.simulation.faults.map { planned in
            (planned, Self.socketFault(planned, settings))
        }
    }

    private static func socketFault(
        _ planned: PlannedFault<SystemFault>, _ settings: LocalSystemSettings
    ) -> SocketFault {
        SocketFault(
            planned.fault, for: .milliseconds(planned.forMilliseconds), brokers: settings.brokers,
            functions: settings.functions.map(\.name))
    }

    /// A line for each kind of fault that can have no meaning on sockets.
    static func leftOut(of settings: LocalSystemSettings) -> [String] {
        var lines: [String] = []
        for planned in settings.scenario.simulation.faults {
            guard case .impossible(let reason) = socketFault(planned, settings) else { continue }
            let line = "the fault \(planned.fault.kind.rawValue) is left out: \(reason)"
            if !lines.contains(line) { lines.append(line) }
        }
        return lines
    }

    /// Until all are over, or it is cancelled; then what is under way ends at once.
    func run(_ note: @Sendable (String) -> Void) async throws {
        var changes: [Change] = []
        for (number, (planned, fault)) in faults.enumerated() {
            if case .impossible = fault { continue }
            changes.append(Change(milliseconds: planned.atMilliseconds, number: number, begins: true))
            changes.append(Change(milliseconds: planned.end, number: number, begins: false))
        }
        changes.sort {
            ($0.milliseconds, $0.number, $1.begins ? 1 : 0) < ($1.milliseconds, $1.number, $0.begins ? 1 : 0)
        }
        var progress = Progress(standing: StandingRules(settings.scenario))
        var schedule = RunSchedule()
        for change in changes {
            do { try await schedule.wait(until: .milliseconds(change.milliseconds)) } catch { break }
            try await apply(change.number, begins: change.begins, &progress, note)
        }
        for number in progress.active { try await apply(number, begins: false, &progress, note) }
    }

    private func apply(
        _ number: Int, begins: Bool, _ progress: inout Progress, _ note: @Sendable (String) -> Void
    ) async throws {
        if begins { progress.active.append(number) } else { progress.active.removeAll { $0 == number } }
        note("\(begins ? "fault" : "end of fault"): \(faults[number].planned.fault)")
        switch faults[number].fault {
        case .stopBroker(let broker):
            if begins {
                try await system.broker.stopBroker(broker)
            } else {
                try await system.broker.startBroker(broker)
            }
        case .stopConnector:
            if begins { await system.connector.stop() } else { system.connector.start() }
        case .brokerRules: try await setBrokerRules(&progress)
        case .gatewayRules: try await setGatewayRules(&progress)
        case .closeConnections(let broker):
            guard begins else { return }
            try await system.broker.closeConnections(ofClient: LocalSystem.clientID, toBroker: broker)
        case .remove(let function):
            if begins {
                try await system.gateway.remove(settings.functions[function].name)
            } else {
                try await deploy(function)
            }
        case .unsubscribe(let function): try await deploy(function, isSubscribed: !begins)
        case .fail(let function):
            guard begins else { return try await deploy(function) }
            let argument = settings.functions[function]
            try await system.gateway.deploy(
                Function(argument.name, topic: argument.topics) { _ in FunctionReply("failing", status: 500) })
        case .impossible: break
        }
    }

    private func deploy(_ number: Int, isSubscribed: Bool = true) async throws {
        try await system.gateway.deploy(settings.functions[number].function(isSubscribed: isSubscribed))
    }

    /// Those of the file's own first, so that their places stay.
    private func setBrokerRules(_ progress: inout Progress) async throws {
        progress.standing.use(broker: try await system.broker.faultsMet())
        var plan = progress.standing.broker
        for number in progress.active {
            if case .brokerRules(let rules) = faults[number].fault { plan.rules += rules }
        }
        try await system.broker.setFaults(plan)
    }

    private func setGatewayRules(_ progress: inout Progress) async throws {
        progress.standing.use(gateway: try await system.gateway.faultsMet(), now: .now)
        var all = progress.standing.gateway
        for number in progress.active {
            if case .gatewayRules(let rules) = faults[number].fault { all += rules }
        }
        try await system.gateway.setFaults(all)
    }
}
