// One run: finds the topics, meets the other producers, produces, shows progress, reports.

import Kafka
package import Logging

package struct ProduceCommand: Sendable {
    /// How long the last messages are waited for after a signal.
    private static let signalGrace = Duration.seconds(10)

    private let settings: ProduceSettings
    private let logger: Logger
    private let tally = Tally()

    package init(_ settings: ProduceSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// To be called first, before there are threads.
    package static func prepareProcess() { MessageMemory.keep() }

    /// - Parameter signals: Each ends the run early.
    /// - Returns: The exit code: 0, or 1 if a threshold did not hold.
    /// - Throws: `Failure` for what ends the process with 2.
    package func run(signals: some AsyncSequence<Void, Never> & Sendable) async throws -> Int32 {
        for (path, name) in [
            (settings.output.json, "json"), (settings.output.csv, "csv"), (settings.output.html, "html"),
        ] { try Terminal.check(path, of: name) }
        let producer = try makeProducer()
        do {
            return try await run(producer, signals)
        } catch {
            await producer.close(timeout: .zero)
            throw error
        }
    }

    private func run(
        _ producer: Producer, _ signals: some AsyncSequence<Void, Never> & Sendable
    ) async throws -> Int32 {
        let search = TopicSearch(
            producer: producer, tally: tally, brokers: settings.client.brokers, partitions: settings.partitions,
            replicationFactor: settings.replicationFactor)
        let names = settings.plan.topics.map(\.name)
        let counts = try await search.partitionCounts(names)
        if case .fixed(let partition) = settings.plan.partitioning, let least = counts.min(), partition >= least {
            throw Failure("--partitioner \(partition): the topic has \(least) partitions, counted from 0")
        }
        var topics: [ProducerTopic] = []
        for name in names {
            do { topics.append(try producer.topic(name)) } catch { throw Failure("\(error)") }
        }
        let barrier = try await Barrier.meet(settings, logger: logger)
        let lines = try settings.plan.lines.map { try LineFeed($0) }
        let run = ProducingRun(
            .init(
                load: settings.load, records: settings.plan, transactions: settings.transactions,
                seed: settings.seed, partitionCounts: counts),
            topics: topics, producer: producer, tally: tally, lines: lines)
        tally.begin(warmUp: UInt64(settings.load.warmUp / .nanoseconds(1)), clock: { [weak run] in run?.now ?? 0 })
        let report = try await measure(run, producer, signals)
        guard let barrier else { return try publish(report) }
        guard let all = try await barrier.gather(report) else {
            Terminal.output(
                "producer \(settings.plan.producer): acknowledged \(report.acknowledged), failed \(report.failed); "
                    + "the report of all is \(barrier.leader)'s\n")
            return settings.thresholds.broken(by: report).isEmpty ? 0 : 1
        }
        let code = try publish(all.merged)
        guard !all.missing.isEmpty else { return code }
        Terminal.error("load-producer: no report of \(all.missing.joined(separator: ", ")) came in time\n")
        return 1
    }

    private func makeProducer() throws -> Producer {
        do {
            return try Producer(
                configuration: settings.configuration, logger: logger, tokens: settings.client.tokens,
                onEvent: tally.take, onDelivery: tally.take)
        } catch {
            throw Failure("\(error)")
        }
    }

    // MARK: During

    private func measure(
        _ run: ProducingRun, _ producer: Producer, _ signals: some AsyncSequence<Void, Never> & Sendable
    ) async throws -> Report {
        let recorder = IntervalRecorder(run, tally, settings.load)
        var metrics: MetricsServer?
        if let address = settings.output.metrics {
            let server = try await MetricsServer(address) { recorder.page }
            Terminal.error("load-producer: metrics at http://\(address.host):\(server.port)/metrics\n")
            metrics = server
        }
        let failure = await withTaskGroup { group -> (any Error)? in
            group.addTask { await watch(recorder) }
            group.addTask { await stop(run, producer, on: signals) }
            let failure = await produce(run, producer)
            group.cancelAll()
            return failure
        }
        await metrics?.shutDown()
        if settings.output.showsProgress, Terminal.isTerminal { Terminal.error("\n") }
        if let failure { throw failure as? Failure ?? Failure("\(failure)") }
        recorder.end()
        return report(run, recorder)
    }

    /// - Returns: Why librdkafka took no more, or there was no more to send.
    private func produce(_ run: ProducingRun, _ producer: Producer) async -> (any Error)? {
        do {
            try await run.run()
        } catch let error as KafkaError where error.code == .destroyed || run.isInterrupted {
            // A signal closed the producer.
        } catch {
            await producer.close(timeout: Self.signalGrace)
            return error
        }
        // Whatever has no report by then has one from librdkafka itself.
        await producer.close(timeout: .seconds(60))
        return nil
    }

    private func stop(
        _ run: ProducingRun, _ producer: Producer, on signals: some AsyncSequence<Void, Never> & Sendable
    ) async {
        for await _ in signals {
            run.interrupt()
            await producer.close(timeout: Self.signalGrace)
        }
    }

    private func watch(_ recorder: IntervalRecorder) async {
        let isTerminal = Terminal.isTerminal
        let clock = ContinuousClock()
        var next = clock.now
        var shown = clock.now
        while true {
            next += settings.output.interval
            guard (try? await clock.sleep(until: next, tolerance: .zero)) != nil else { return }
            let interval = recorder.end()
            // A line a second, however short the intervals are.
            guard settings.output.showsProgress, clock.now - shown >= .milliseconds(950) else { continue }
            shown = clock.now
            let text = recorder.progress(interval).text
            Terminal.error(isTerminal ? "\r\u{1B}[2K\(text)" : "\(text)\n")
        }
    }

    // MARK: After

    private func report(_ run: ProducingRun, _ recorder: IntervalRecorder) -> Report {
        let figures = tally.figures
        let counts = run.finalCounts
        var report = Report()
        report.run = settings.plan.run
        report.producers = [settings.plan.producer]
        report.topics = settings.plan.topics.map(\.name)
        let warmUp = min(UInt64(settings.load.warmUp / .nanoseconds(1)), figures.lastReport)
        report.seconds = Double(figures.lastReport - warmUp) / 1e9
        report.sent = counts.measured
        report.acknowledged = figures.acknowledged
        report.failures = figures.failures
        report.aborted = counts.aborted
        report.committedTransactions = counts.committedTransactions
        report.abortedTransactions = counts.abortedTransactions
        report.bytes = counts.measuredBytes
        report.warmUpMessages = figures.warmUp
        report.latency = figures.latency
        report.acknowledgement = figures.acknowledgement
        report.scheduleError = run.behindSchedule
        report.intervals = recorder.intervals
        report.isInterrupted = run.isInterrupted
        return report
    }

    /// - Returns: The exit code.
    private func publish(_ report: Report) throws -> Int32 {
        let broken = settings.thresholds.broken(by: report)
        let output = settings.output
        if output.json == "-" {
            Terminal.output(report.json(broken: broken) + "\n")
        } else {
            if let path = output.json { try Terminal.write(report.json(broken: broken), to: path, of: "json") }
            Terminal.output(report.text + "\n")
        }
        if let path = output.csv { try Terminal.write(IntervalTable.csv(report.intervals), to: path, of: "csv") }
        if let path = output.html { try Terminal.write(HTMLPage.text(report, broken: broken), to: path, of: "html") }
        for line in broken { Terminal.error("load-producer: \(line)\n") }
        return broken.isEmpty ? 0 : 1
    }
}
