// Where the producers of one run wait for one another: a topic of one partition, whose order all of them see alike.
// Each says that it is ready, and goes once as many as the run has are; the first of them gathers the reports.

import Kafka
import Logging

struct Barrier: Sendable {
    /// Intervals of a report that is sent; a longer one goes without them.
    private static let mostIntervals = 1_000

    private let run: String
    private let producer: String
    private let timeout: Duration
    private let members: [String]
    /// Of those who had ended when this one began.
    private let reported: [String: Report]
    private let sender: Producer
    private let topic: ProducerTopic
    private let consumer: Consumer

    var leader: String { members.first ?? producer }

    /// Waits for the others; `nil` if there are none.
    /// - Throws: `Failure` if they do not come in time.
    static func meet(_ settings: ProduceSettings, logger: Logger) async throws -> Barrier? {
        guard let barrier = settings.barrier else { return nil }
        let tally = Tally()
        let sender: Producer
        let consumer: Consumer
        do {
            sender = try Producer(
                configuration: settings.client.configuration { configuration in
                    configuration.acknowledgements = .all
                    configuration.compression = .gzip
                    configuration.messageTimeout = .seconds(30)
                    configuration["message.max.bytes"] = "10000000"
                }, logger: logger, tokens: settings.client.tokens, onEvent: tally.take)
            consumer = try Consumer(
                configuration: settings.client.configuration { configuration in
                    configuration.groupID = "load-producer-barrier"
                    configuration.isAutoCommitEnabled = false
                    configuration["fetch.wait.max.ms"] = "100"
                }, logger: logger, tokens: settings.client.tokens)
        } catch {
            throw Failure("\(error)")
        }
        do {
            return try await meet(settings, barrier, sender, consumer, tally)
        } catch {
            await sender.close(timeout: .seconds(5))
            await consumer.close()
            throw error as? Failure ?? Failure("\(error)")
        }
    }

    private static func meet(
        _ settings: ProduceSettings, _ barrier: ProduceSettings.Barrier, _ sender: Producer, _ consumer: Consumer,
        _ tally: Tally
    ) async throws -> Barrier {
        let search = TopicSearch(
            producer: sender, tally: tally, brokers: settings.client.brokers, partitions: 1,
            replicationFactor: settings.replicationFactor)
        _ = try await search.partitionCounts([barrier.topic])
        let topic = try sender.topic(barrier.topic)
        let note = BarrierNote(run: settings.plan.run, producer: settings.plan.producer, kind: .ready)
        let own = try await topic.send(value: note.bytes, partition: 0).offset
        try await consumer.assign([.init(.init(barrier.topic, 0), TopicPartitionOffset.beginning)])
        let muster = try await within(barrier.timeout) { () -> Muster? in
            var muster = Muster(run: settings.plan.run, replicas: barrier.replicas)
            while let batch = try await consumer.nextBatch(max: 1_000) {
                for message in batch.messages {
                    guard let note = message.payload.flatMap(BarrierNote.init) else { continue }
                    // What stands before one's own note is of earlier runs too.
                    muster.take(note, mayComplete: message.offset >= own)
                }
                // A quick one may have ended by now; its report is in the same batch.
                if muster.members != nil { return muster }
            }
            return nil
        }
        guard let muster, let members = muster.members else {
            let note = BarrierNote(run: settings.plan.run, producer: settings.plan.producer, kind: .left)
            _ = try? await topic.send(value: note.bytes, partition: 0)
            throw Failure(
                "fewer than \(barrier.replicas) producers of run \(settings.plan.run) came to topic "
                    + "\(barrier.topic) within \(barrier.timeout)")
        }
        return Barrier(
            run: settings.plan.run, producer: settings.plan.producer, timeout: barrier.timeout, members: members,
            reported: muster.reports, sender: sender, topic: topic, consumer: consumer)
    }

    /// Tells the others what this producer came to; the leader waits for all of them.
    ///
    /// - Returns: What all came to, and who did not say so in time; `nil` if another producer gathers.
    func gather(_ report: Report) async throws -> (merged: Report, missing: [String])? {
        var told = report
        if told.intervals.count > Self.mostIntervals { told.intervals = [] }
        let note = BarrierNote(run: run, producer: producer, kind: .report, report: told)
        let result: (Report, [String])?
        do {
            _ = try await topic.send(value: note.bytes, partition: 0)
            result = producer == leader ? try await collect(report) : nil
        } catch {
            throw Failure("the report could not be told to the others: \(error)")
        }
        await sender.close(timeout: .seconds(5))
        await consumer.close()
        return result.map { (merged: $0.0, missing: $0.1) }
    }

    private func collect(_ own: Report) async throws -> (Report, [String]) {
        let others = members.filter { $0 != producer }
        let reports = ReportBox()
        for name in others { if let report = reported[name] { reports.add(report) } }
        _ = try await within(timeout) { () -> Bool? in
            var waiting = Set(others).subtracting(reported.keys)
            while !waiting.isEmpty, let batch = try await consumer.nextBatch(max: 100) {
                for message in batch.messages {
                    guard let note = message.payload.flatMap(BarrierNote.init), note.run == run,
                        let report = note.report, waiting.remove(note.producer) != nil
                    else { continue }
                    reports.add(report)
                }
            }
            return true
        }
        var merged = own
        var missing = others
        for report in reports.all.sorted(by: { $0.producers.lexicographicallyPrecedes($1.producers) }) {
            merged.merge(report)
            missing.removeAll { report.producers.contains($0) }
        }
        return (merged, missing)
    }
}
