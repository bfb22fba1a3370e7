import Connector
import FakeBroker
import FakeGateway
import Foundation
import Scenarios

/// Tells the live page what happens in a run, a few times a second.
final class LiveView: Sendable {
    /// A line of JSON for the page.
    private struct Snapshot: Encodable {
        var seconds: Double
        var expected: Int
        var maxInFlight: Int
        var produced: Int
        var consumed: Int
        var invoked: Int
        var handled: Int
        var inFlight: Int
        var lanes: [LiveObserver.Lane]
        var functions: [LiveObserver.Function]
        var faults: [FaultMonitor.Occurrence]
        /// Nil while the run goes on.
        var verdict: String?
    }

    /// How many lanes are shown.
    private static let lanesLimit = 100
    private static let interval = Duration.milliseconds(250)

    let observer = LiveObserver()
    private let server: LiveServer
    private let expected: Int
    private let maxInFlight: Int
    private let start = ContinuousClock.now

    init(_ address: ListenAddress, expected: Int, maxInFlight: Int) async throws {
        server = try await LiveServer(address)
        self.expected = expected
        self.maxInFlight = maxInFlight
    }

    var url: String { server.url }

    /// Until it is cancelled.
    func watch(_ system: LocalSystem, _ feed: MessageFeed, _ faults: FaultMonitor) async {
        while !Task.isCancelled {
            let counts = feed.counts
            publish(
                system.ledger.account, of: counts.expected(of: expected), produced: counts.acknowledged,
                faults.occurrences, verdict: nil)
            try? await ContinuousClock().sleep(for: Self.interval)
        }
    }

    func finish(_ report: Report, _ faults: [FaultMonitor.Occurrence]) async {
        let verdict = report.isBalanced ? "over: the ledger is balanced" : "over: the ledger is NOT BALANCED"
        publish(
            report.account, of: report.produced + report.notProduced, produced: report.produced, faults,
            verdict: verdict)
        await server.shutDown()
    }

    private func publish(
        _ account: Ledger.Account, of expected: Int, produced: Int, _ faults: [FaultMonitor.Occurrence],
        verdict: String?
    ) {
        let content = observer.content
        let snapshot = Snapshot(
            seconds: (ContinuousClock.now - start).seconds, expected: expected, maxInFlight: maxInFlight,
            produced: produced, consumed: account.received, invoked: account.invocations, handled: account.handled,
            inFlight: account.inFlight, lanes: Array(content.sortedLanes.prefix(Self.lanesLimit)),
            functions: content.sortedFunctions, faults: faults, verdict: verdict)
        guard let json = try? JSONEncoder().encode(snapshot) else { return }
        server.publish(String(decoding: json, as: UTF8.self))
    }
}
