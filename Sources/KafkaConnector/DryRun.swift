// What would be invoked for records that a topic has: reads them without a group, and looks up what the connector
// would do with each. It calls no function, and commits nothing.

package import Connector
import Foundation
import GoDuration
import Kafka
import KafkaSource
package import Logging

package struct DryRun {
    /// Where a range of records begins or ends, the same in every partition.
    package enum Bound: Equatable, Sendable {
        case offset(Int64)
        /// Since 1970; the first record that is no older.
        case milliseconds(Int64)
        /// That long before now.
        case ago(Duration)
        case oldest, newest

        static let accepted = "an offset, a time such as 2026-01-31T12:00:00Z, a duration such as 90m, oldest or newest"

        package init?(_ text: String) {
            switch text {
            case "oldest": self = .oldest
            case "newest": self = .newest
            default:
                if let offset = Int64(text) {
                    guard offset >= 0 else { return nil }
                    self = .offset(offset)
                } else if let duration = Duration(goDuration: text) {
                    self = .ago(duration)
                } else if let date = Self.date(text) {
                    self = .milliseconds(Int64((date.timeIntervalSince1970 * 1000).rounded()))
                } else {
                    return nil
                }
            }
        }

        /// Where it can be told without the records.
        func isLater(than other: Self) -> Bool {
            switch (self, other) {
            case (.offset(let own), .offset(let other)), (.milliseconds(let own), .milliseconds(let other)): own > other
            case (.ago(let own), .ago(let other)): own < other
            case (let own, .oldest): own != .oldest
            default: false
            }
        }

        private static func date(_ text: String) -> Date? {
            let whole = Date.ISO8601FormatStyle()
            let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            return (try? whole.parse(text)) ?? (try? fractional.parse(text))
        }
    }

    /// The records of one partition: from the first offset to before the second.
    private struct Part {
        var next: Int64
        let end: Int64
    }

    private let settings: KafkaConnectorSettings
    private let map: TopicMap
    private let print: (String) throws -> Void
    private var skipped: [SkipReason: Int] = [:]
    private var records = 0
    private var calls = 0

    /// How long nothing may come before the brokers are taken to be away.
    package var patience = Duration.seconds(10)

    /// - Parameter print: Gets each line of the result, without its end.
    package init(_ settings: KafkaConnectorSettings, gateway: any Gateway, print: @escaping (String) throws -> Void)
        async throws
    {
        self.settings = settings
        map = try await TopicMap(of: gateway, by: settings.connector)
        self.print = print
    }

    /// - Throws: What brokers answer, or that they do not.
    package mutating func run(from: Bound, to: Bound, logger: Logger) async throws {
        for problem in map.problems { logger.warning("Annotation ignored: \(problem)") }
        var configuration = try settings.kafka.clientConfiguration()
        configuration.isAutoCommitEnabled = false
        configuration.reportsPartitionEOF = true
        let events = DryRunEvents()
        let consumer = try Consumer(
            configuration: configuration, logger: logger, tokens: settings.kafka.tokens, onEvent: events.take)
        let result = await Result {
            try await readAll(from: from, to: to, by: consumer, events, logger)
        }
        await consumer.close()
        do { try result.get() } catch let error as KafkaError { throw events.explained(error) }
        let reasons = skipped.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue): \($0.value)" }
        try print("\(records) records, \(calls) calls, \(skipped.values.reduce(0, +)) skipped \(reasons)")
    }

    /// A topic that is not there, or may not be read, is no reason to leave out the others, as it is none for the
    /// connector.
    private mutating func readAll(
        from: Bound, to: Bound, by consumer: Consumer, _ events: DryRunEvents, _ logger: Logger
    ) async throws {
        let topics = try await topics(by: consumer)
        var failures: [KafkaError] = []
        for topic in topics {
            do {
                try await read(topic, from: from, to: to, by: consumer, events)
            } catch let error as KafkaError where Self.concernsTopic(error) {
                logger.warning("\(topic) is left out: \(error)")
                failures.append(error)
                try await consumer.assign([])
            }
        }
        if let failure = failures.first, failures.count == topics.count { throw failure }
    }

    private static func concernsTopic(_ error: KafkaError) -> Bool {
        [.unknownTopic, .unknownTopicOrPartition, .invalidTopic, .topicAuthorizationFailed].contains(error.code)
    }

    private func topics(by consumer: Consumer) async throws -> [String] {
        if case .named(let topics) = settings.connector.topics { return topics }
        guard !map.patterns.isEmpty else { return map.topics }
        let matching = try await consumer.topics().filter { name in
            map.patterns.contains { $0.matches(name) } && !map.functions(for: name).isEmpty
        }
        return map.topics + matching.filter { !map.topics.contains($0) }
    }

    // MARK: One topic

    private mutating func read(
        _ topic: String, from: Bound, to: Bound, by consumer: Consumer, _ events: DryRunEvents
    ) async throws {
        let partitions = (0..<(try await consumer.partitionCount(of: topic))).map { TopicPartition(topic, Int32($0)) }
        var parts: [TopicPartition: Part] = [:]
        for partition in partitions {
            let watermarks = try await consumer.queryWatermarks(of: partition)
            let start = try await offset(of: from, partition, watermarks, consumer)
            let end = try await offset(of: to, partition, watermarks, consumer)
            if start < end { parts[partition] = Part(next: start, end: end) }
        }
        let starts = parts.map { TopicPartitionOffset($0.key, $0.value.next) }
        try await consumer.assign(starts.sorted { $0.partition < $1.partition })
        var idle = Duration.zero
        var lastLook = ContinuousClock.now
        while !parts.isEmpty {
            guard idle < patience else {
                let missing = parts.keys.sorted().map(\.description).joined(separator: ", ")
                throw KafkaError(
                    .timedOut, while: "reading \(missing)", reason: "nothing came for \(patience)")
            }
            if let batch = try await Self.batch(of: consumer) {
                idle = .zero
                let before = parts.keys.sorted()
                for message in batch.messages { try take(message, &parts) }
                try await consumer.pause(before.filter { parts[$0] == nil })
            } else {
                try events.check(topic)
                // Offsets at the end may have no record: compacted away, or marks of transactions.
                for (partition, part) in parts where events.hasEnded(partition, at: part.end) {
                    parts[partition] = nil
                    idle = .zero
                }
            }
            // A look takes a fifth of a second; a machine that stood still gave no broker the time to answer.
            idle += min(.now - lastLook, .seconds(1))
            lastLook = .now
        }
        try await consumer.assign([])
    }

    private func offset(
        of bound: Bound, _ partition: TopicPartition, _ watermarks: Watermarks, _ consumer: Consumer
    ) async throws -> Int64 {
        let time: Int64
        switch bound {
        case .oldest: return watermarks.low
        case .newest: return watermarks.high
        case .offset(let offset): return min(max(offset, watermarks.low), watermarks.high)
        case .milliseconds(let milliseconds): time = milliseconds
        case .ago(let duration): time = Int64(Date().timeIntervalSince1970 * 1000) - Int64(duration / .milliseconds(1))
        }
        let results = try await consumer.offsets(of: [partition], atMilliseconds: time)
        if let error = results.first?.error { throw KafkaError(error, while: "asking for the offsets of \(partition)") }
        return results.first?.offset ?? watermarks.high
    }

    /// `nil` if nothing came for a while.
    private static func batch(of consumer: Consumer) async throws -> ConsumerBatch? {
        try await withThrowingTaskGroup(of: ConsumerBatch?.self) { group in
            group.addTask {
                do { return try await consumer.nextBatch(max: 1000) } catch is CancellationError { return nil }
            }
            group.addTask {
                try? await Task.sleep(for: .milliseconds(200))
                return nil
            }
            defer { group.cancelAll() }
            var batch = try await group.next() ?? nil
            group.cancelAll()
            while let other = try await group.next() { batch = batch ?? other }
            return batch
        }
    }

    // MARK: One record

    private mutating func take(_ message: ConsumerMessage, _ parts: inout [TopicPartition: Part]) throws {
        let event = Event(message)
        let partition = TopicPartition(event.id.topic, event.id.partition)
        guard let part = parts[partition] else { return }
        let isLast = event.id.offset + 1 >= part.end
        parts[partition] = isLast ? nil : Part(next: event.id.offset + 1, end: part.end)
        guard event.id.offset < part.end else { return }
        records += 1
        try print("\(event.id) => \(outcome(of: event))")
    }

    private mutating func outcome(of event: Event) -> String {
        if event.isTombstone && settings.connector.tombstones == .skip { return skip(.tombstone) }
        let functions = map.functions(for: event.topic)
        if functions.isEmpty { return skip(.noFunction) }
        calls += functions.count
        return functions.map(\.description).joined(separator: ", ")
    }

    private mutating func skip(_ reason: SkipReason) -> String {
        skipped[reason, default: 0] += 1
        return "skipped: \(reason.rawValue)"
    }
}
