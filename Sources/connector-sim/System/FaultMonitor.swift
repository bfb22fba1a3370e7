import FakeBroker
import FakeGateway
import Scenarios
import Synchronization

/// Notices which faults befall the requests of a run, while it goes on.
final class FaultMonitor: Sendable {
    struct Occurrence: Encodable {
        /// Since the start.
        var seconds: Double
        var text: String
    }

    private struct State {
        var met: [Int] = []
        var occurrences: [Occurrence] = []
    }

    private static let occurrencesLimit = 500
    private static let interval = Duration.milliseconds(100)

    private let system: LocalSystem
    private let names: [String]
    private let brokerRules: Int
    private let gatewayRules: Int
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    init(_ system: LocalSystem, _ scenario: Scenario) {
        self.system = system
        brokerRules = scenario.brokerFaults.rules.count
        gatewayRules = scenario.gatewayFaults.count
        names =
            scenario.brokerFaults.rules.enumerated().map { number, rule in
                let apis = rule.apis.joined(separator: ", ")
                let what = rule.act.map { "\($0)" } ?? "delay of \(rule.delay)"
                return "\(rule.name ?? "broker.faults[\(number)]"): \(apis.isEmpty ? "any request" : apis), \(what)"
            }
            + scenario.gatewayFaults.enumerated().map { number, rule in
                let whom = rule.function ?? rule.path ?? "any request"
                return "gateway.faults[\(number)]: \(whom), \(rule.fault)"
            }
    }

    /// The first some hundred, in order.
    var occurrences: [Occurrence] { state.withLock { $0.occurrences } }

    /// Until it is cancelled.
    func watch() async {
        while !Task.isCancelled {
            await look()
            try? await ContinuousClock().sleep(for: Self.interval)
        }
    }

    func look() async {
        guard let broker = try? await system.broker.faultsMet(), let gateway = try? await system.gateway.faultsMet()
        else { return }
        // Behind the file's own may be those of faults that go by time.
        let met = Array(broker.prefix(brokerRules) + gateway.prefix(gatewayRules))
        let before = state.withLock { state in
            defer { state.met = met }
            return state.met
        }
        for (index, count) in met.enumerated() where index < names.count {
            let former = index < before.count ? before[index] : 0
            if count > former { add("\(names[index])\(count - former == 1 ? "" : ", \(count - former) times")") }
        }
    }

    func add(_ text: String) {
        let occurrence = Occurrence(seconds: (ContinuousClock.now - start).seconds, text: text)
        state.withLock { state in
            if state.occurrences.count < Self.occurrencesLimit { state.occurrences.append(occurrence) }
        }
    }

    /// What befell requests, as a scenario that leaves nothing to chance.
    func recording() async throws -> Scenario {
        Scenario(
            brokerFaults: try await system.broker.recordedFaults(),
            gatewayFaults: try await system.gateway.recordedFaults())
    }
}
