// Reads a topic back, judges it, and follows its records through to the calls of functions.

import Foundation
import Kafka
package import Logging
import Synchronization

package struct VerifyCommand: Sendable {
    /// How long nothing comes at the ends of all partitions before that is the end.
    private static let quiet = Duration.milliseconds(300)

    private let settings: VerifySettings
    private let logger: Logger
    private let tally = Tally()
    private let clock = ContinuousClock()

    package init(_ settings: VerifySettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// - Returns: The exit code: 0, or 1 if something is wrong that `allow` does not name.
    /// - Throws: `Failure` for what ends the process with 2.
    package func run() async throws -> Int32 {
        try Terminal.check(settings.json, of: "json")
        let report = try settings.report.map(RunReport.read)
        var settings = settings
        if settings.options.run == nil { settings.options.run = report?.run }
        let partitions = try await partitionCounts()
        let calls = FollowBox(.init(functions: settings.functions.map(\.name), run: settings.options.run))
        let gateway = try await serve(calls)
        let consumer: Consumer
        let ends = PartitionEnds()
        do {
            consumer = try Consumer(
                configuration: settings.configuration, logger: logger, tokens: settings.client.tokens,
                onEvent: ends.take)
        } catch {
            throw Failure("\(error)")
        }
        let options = settings.options
        let verdict: Verdict
        do {
            verdict = try await withThrowingTaskGroup { group in
                if case .logs(let url) = settings.follow {
                    let logs = GatewayLogs(
                        url: url, functions: settings.functions.map(\.name), credentials: try credentials())
                    group.addTask {
                        do { try await logs.follow(calls.take) } catch { calls.fail(error) }
                    }
                }
                let deadline = clock.now + settings.timeout
                let ledger = try await read(consumer, ends, partitions, options, until: deadline)
                var verdict = ledger.verdict(expectation(report))
                if settings.follow != nil {
                    try await waitForCalls(calls, of: ledger.distinct, until: deadline)
                    verdict.functions = calls.ledger.verdicts(of: ledger.distinct)
                }
                // Of a run that was named there is something, or its name is wrong.
                let least = settings.expect ?? (options.run == nil ? 0 : 1)
                if report == nil { verdict.isIncomplete = ledger.distinct < least }
                group.cancelAll()
                return verdict
            }
        } catch {
            await consumer.close()
            await gateway?.shutDown()
            throw error as? Failure ?? Failure("\(error)")
        }
        await consumer.close()
        await gateway?.shutDown()
        return try publish(verdict)
    }

    private func publish(_ verdict: Verdict) throws -> Int32 {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let json = (try? encoder.encode(verdict)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        if settings.json == "-" {
            Terminal.output(json + "\n")
        } else {
            if let path = settings.json { try Terminal.write(json, to: path, of: "json") }
            Terminal.output(verdict.text + "\n")
        }
        return verdict.holds(allowing: settings.allowed) ? 0 : 1
    }

    private func expectation(_ report: RunReport?) -> VerificationLedger.Expectation? {
        if let report { return report.expectation }
        return settings.expect.map { VerificationLedger.Expectation(committed: $0) }
    }

    // MARK: Before

    private func partitionCounts() async throws -> [Int] {
        let producer: Producer
        do {
            producer = try Producer(
                configuration: settings.client.configuration { _ in }, logger: logger, tokens: settings.client.tokens,
                onEvent: tally.take)
        } catch {
            throw Failure("\(error)")
        }
        let search = TopicSearch(producer: producer, tally: tally, brokers: settings.client.brokers)
        do {
            let counts = try await search.partitionCounts(settings.topics)
            await producer.close(timeout: .zero)
            return counts
        } catch {
            await producer.close(timeout: .zero)
            throw error
        }
    }

    private func serve(_ calls: FollowBox) async throws -> ServedGateway? {
        guard case .serve(let address) = settings.follow else { return nil }
        let gateway = try await ServedGateway.start(
            address, functions: settings.functions, topics: settings.topics,
            take: { calls.take($0, $1[...], $2) })
        Terminal.output("ready url=\(gateway.url)\n")
        return gateway
    }

    /// - Throws: `Failure`
    private func credentials() throws -> (user: String, password: String)? {
        guard let folder = settings.secretMountPath else { return nil }
        let texts = try ["basic-auth-user", "basic-auth-password"].map { name in
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)"), data.count <= 1 << 20 else {
                throw Failure("secret_mount_path: \(folder)/\(name) cannot be read")
            }
            return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return (texts[0], texts[1])
    }

    // MARK: Reading

    private func read(
        _ consumer: Consumer, _ ends: PartitionEnds, _ counts: [Int], _ options: VerificationLedger.Options,
        until deadline: ContinuousClock.Instant
    ) async throws -> VerificationLedger {
        var ledger = VerificationLedger(options)
        if settings.group == nil {
            let partitions = zip(settings.topics, counts).flatMap { topic, count in
                (0..<Int32(clamping: count)).map { TopicPartition(topic, $0) }
            }
            ends.hold(partitions)
            for partition in partitions {
                let log = try await consumer.queryWatermarks(of: partition)
                ledger.begin(topic: partition.topic, partition: partition.partition, at: log.low)
            }
            try await consumer.assign(partitions.map { .init($0, TopicPartitionOffset.beginning) })
        } else {
            try await consumer.subscribe(to: settings.topics)
        }
        while clock.now < deadline {
            let isAtEnd = ends.isAtEnd && (settings.report != nil || ledger.distinct >= settings.expect ?? 0)
            let wait = isAtEnd ? Self.quiet : min(.seconds(1), deadline - clock.now)
            guard let batch = try await within(wait, { try await consumer.nextBatch(max: 1_000) }) else {
                if isAtEnd { break }
                continue
            }
            for message in batch.messages { ledger.take(SeenRecord(message)) }
        }
        return ledger
    }

    private func waitForCalls(
        _ calls: FollowBox, of records: Int, until deadline: ContinuousClock.Instant
    ) async throws {
        var last = clock.now
        var least = -1
        while clock.now < deadline, calls.ledger.least < records, clock.now - last < settings.settle {
            if let failure = calls.failure { throw failure }
            if calls.ledger.least != least {
                least = calls.ledger.least
                last = clock.now
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

}

extension SeenRecord {
    fileprivate init(_ message: ConsumerMessage) {
        let header = message.headers.last { $0.name == VerificationHeader.name }
        self.init(
            topic: message.topic, partition: message.partition, offset: message.offset, key: message.key,
            value: message.payload, header: header.map { String(decoding: $0.value ?? [], as: UTF8.self) })
    }
}

/// Which partitions are held, and which of them have been read to their ends.
private final class PartitionEnds: Sendable {
    private let state = Mutex<(held: Set<TopicPartition>, ended: Set<TopicPartition>)>(([], []))

    func hold(_ partitions: [TopicPartition]) { state.withLock { $0.held.formUnion(partitions) } }

    func take(_ event: ConsumerEvent) {
        state.withLock { state in
            switch event {
            case .assigned(let partitions, _): state.held.formUnion(partitions)
            case .revoked(let partitions, _, _):
                state.held.subtract(partitions)
                state.ended.subtract(partitions)
            case .endOfPartition(let partition, _): state.ended.insert(partition)
            case .restarted(let partition, _, _): state.ended.remove(partition)
            case .progress, .ends, .member, .error, .statistics: break
            }
        }
    }

    var isAtEnd: Bool { state.withLock { !$0.held.isEmpty && $0.held.isSubset(of: $0.ended) } }
}

/// The ledger of calls, which come on another thread.
private final class FollowBox: Sendable {
    private let content: Mutex<FollowLedger>
    private let failures = Mutex<(any Error)?>(nil)

    init(_ ledger: FollowLedger) { content = Mutex(ledger) }

    var ledger: FollowLedger { content.withLock { $0 } }

    /// Why calls cannot be seen.
    var failure: (any Error)? { failures.withLock { $0 } }

    func fail(_ error: any Error) { failures.withLock { $0 = error } }

    @Sendable func take(_ function: String, _ header: Substring, _ time: Int64) {
        content.withLock { $0.take(function: function, header: header, at: time) }
    }
}

/// What `verify` wants of a file of `produce --json`.
struct RunReport: Decodable {
    var run: String
    var acknowledged: Int
    var failed: Int
    var aborted: Int
    var warmUpMessages: Int

    var expectation: VerificationLedger.Expectation {
        .init(committed: max(0, acknowledged + warmUpMessages - aborted), failed: max(0, failed))
    }

    /// - Throws: `Failure`
    static func read(_ path: String) throws -> RunReport {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure("--report \(path): it cannot be read")
        }
        guard let report = try? JSONDecoder().decode(RunReport.self, from: data) else {
            throw Failure("--report \(path): a file that load-producer --json wrote is accepted")
        }
        return report
    }
}
