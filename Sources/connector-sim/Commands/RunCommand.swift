import ArgumentParser
import Connector
import FakeBroker
import FakeGateway
import Foundation
import Logging
import Scenarios
import SystemSimulation

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Sends messages through broker, connector and gateway on loopback, and accounts for each.",
        discussion: """
            The exit status is 1 if the account does not balance. SIGINT and SIGTERM end it early: no more is sent, \
            what was sent comes through and is accounted for. A second signal ends it at once.
            """)

    @Option(help: "How many messages.")
    var messages = 100_000

    @Option(help: "Bytes of each message.")
    var size = 100

    @Option(help: "Messages a second; 0 sends as fast as Kafka takes them.")
    var rate = 0.0

    @Option(help: "Topic of the messages.")
    var topic = "faas-request"

    @Option(help: "Partitions of the topic.")
    var partitions = 8

    @Option(help: "Brokers of the cluster.")
    var brokers = 1

    @Option(help: "A built-in function and its topics, NAME=TOPIC[,TOPIC]. May be repeated.")
    var function: [FunctionArgument] = []

    @Option(help: "The most events in the connector's hands.")
    var maxInFlight = 64

    @Option(help: "Which events wait for one another: partition, key or none.", transform: Self.ordering)
    var ordering = Ordering.partition

    @Option(help: "Seed of everything that is drawn by chance.")
    var seed: UInt64 = 1

    @Option(help: "Seconds without progress after which the run is given up.")
    var patience = 30

    @Option(help: "A YAML file that says what goes wrong; docs/scenarios.md describes it.")
    var scenario: String?

    @Option(
        defaultAsFlag: ListenAddress.loopback,
        help: "Serves a page that shows the run as it goes on, at HOST:PORT; without them on any free loopback port.")
    var live: ListenAddress?

    @Option(help: "Writes the faults that befell requests to this file, as a scenario that leaves nothing to chance.")
    var record: String?

    func validate() throws {
        guard messages >= 0 else { throw ValidationError("--messages \(messages): a number of 0 or more") }
        guard (0...1_000_000).contains(size) else { throw ValidationError("--size \(size): 0 to 1000000") }
        guard rate >= 0 else { throw ValidationError("--rate \(rate): 0 or more") }
        guard (1...10_000).contains(partitions) else { throw ValidationError("--partitions \(partitions): 1 to 10000") }
        guard (1...100_000).contains(maxInFlight) else {
            throw ValidationError("--max-in-flight \(maxInFlight): 1 to 100000")
        }
    }

    func run() async throws {
        var isBalanced = false
        try await Processes.run { lifetime in
            var settings = settings
            if let scenario { settings.scenario = try SimulationArguments.scenarioOfARun(scenario, settings) }
            if let record, !settings.scenario.simulation.faults.isEmpty {
                throw RecordsRequestsOnly(record: record)
            }
            var view: LiveView?
            if let live { view = try await LiveView(live, expected: messages, maxInFlight: maxInFlight) }
            if let view {
                settings.observers = [view.observer]
                Processes.announce("live \(view.url)")
            }
            let report = try await LocalSystem.run(settings) { system in
                try await flow(
                    through: system, FaultMonitor(system, settings.scenario), TimedFaults(system, settings), view,
                    until: lifetime)
            }
            Processes.announce("\n\(report.table)")
            isBalanced = report.isBalanced
        }
        if !isBalanced { throw ExitCode(1) }
    }

    private var settings: LocalSystemSettings {
        var settings = LocalSystemSettings()
        settings.topic = topic
        settings.partitions = partitions
        settings.brokers = brokers
        settings.functions = function.isEmpty ? defaultFunctions : function
        settings.maxInFlight = maxInFlight
        settings.ordering = ordering
        settings.logLevel = .warning
        settings.seed = seed
        return settings
    }

    private var defaultFunctions: [FunctionArgument] {
        [FunctionArgument(name: "echo", builtIn: "echo", topics: topic)]
    }

    private func flow(
        through system: LocalSystem, _ faults: FaultMonitor, _ timed: TimedFaults, _ view: LiveView?,
        until lifetime: Processes.Lifetime
    ) async throws -> Report {
        let feed = MessageFeed()
        let clock = ContinuousClock()
        let start = clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await feed.send(
                    messages, of: size, to: topic, at: system.broker.bootstrapServers, rate: rate > 0 ? rate : nil,
                    logger: Processes.logger("producer", level: .warning))
            }
            group.addTask {
                guard await lifetime.end() else { return }
                feed.stop()
                Processes.warn("no more is sent; a second signal does not wait for what was")
            }
            group.addTask {
                try await timed.run { text in
                    Processes.warn(text)
                    faults.add(text)
                }
            }
            if let view {
                group.addTask { await faults.watch() }
                group.addTask { await view.watch(system, feed, faults) }
            }
            await watch(feed, system)
            group.cancelAll()
            try await group.waitForAll()
        }
        let counts = feed.counts
        if let record {
            let text = try await faults.recording().text(comment: "What befell a run of connector-sim.")
            try text.write(toFile: record, atomically: true, encoding: .utf8)
        }
        let report = Report(
            produced: counts.acknowledged, notProduced: counts.expected(of: messages) - counts.acknowledged,
            account: system.ledger.account, callsByFunction: try await system.gateway.callsByFunction(),
            latencies: system.latencies.latencies, duration: clock.now - start)
        await faults.look()
        await view?.finish(report, faults.occurrences)
        return report
    }

    /// Shows the flow until every message came through, or nothing has moved for too long.
    private func watch(_ feed: MessageFeed, _ system: LocalSystem) async {
        let display = ProgressDisplay()
        let clock = ContinuousClock()
        var idle = Duration.zero
        var lastLook = clock.now
        var lastHandled = -1
        while true {
            let account = system.ledger.account
            let counts = feed.counts
            let expected = counts.expected(of: messages)
            // A machine that stood still, or slept, gave nobody the time to move.
            idle += min(clock.now - lastLook, .seconds(5))
            lastLook = clock.now
            if account.handled + account.inHand != lastHandled { idle = .zero }
            let rate = Double(account.handled - max(0, lastHandled)) / display.interval.seconds
            lastHandled = account.handled + account.inHand
            display.show(
                .init(
                    expected: expected, produced: counts.acknowledged, consumed: account.received,
                    invoked: account.invocations, inFlight: account.inFlight, rate: rate))
            let isDone = counts.acknowledged + counts.failed == expected && account.received >= counts.acknowledged
            if isDone && account.isBalanced || idle > .seconds(patience) { break }
            try? await clock.sleep(for: display.interval)
        }
        display.end()
    }

    private static func ordering(_ text: String) throws -> Ordering {
        guard let ordering = Ordering(rawValue: text) else {
            throw ValidationError("\(text): partition, key or none")
        }
        return ordering
    }
}

/// A record holds what befell requests, one by one; what went by time has no place in it.
struct RecordsRequestsOnly: Error, CustomStringConvertible {
    let record: String

    var description: String {
        "--record \(record): the scenario has faults that go by time ('simulation.faults'), and is itself their record"
    }
}
