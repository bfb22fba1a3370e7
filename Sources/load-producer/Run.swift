import ArgumentParser
import Kafka
import Logging
import UnixSignals

/// One run: finds the topic, produces, shows progress, reports.
struct Run {
    /// How long brokers and topic are looked for.
    private static let searchTimeout = Duration.seconds(10)
    /// How long a topic may take to be created by being asked for.
    private static let creationTimeout = Duration.seconds(3)
    /// How long the last messages are waited for after a signal.
    private static let signalGrace = Duration.seconds(10)

    private let command: LoadProducer
    private let tally = Tally()

    init(_ command: LoadProducer) { self.command = command }

    func run() async throws {
        let producer = try makeProducer()
        let topic = try await find(producer)
        let loop = ProducingLoop(
            topic, schedule: command.rate == 0 ? .asFastAsPossible : .constant(perSecond: command.rate),
            count: command.messages == 0 ? nil : command.messages)
        tally.begin(clock: { [weak loop] in loop?.now ?? 0 })
        let display = ProgressDisplay(expected: command.messages)
        // Before the first message, so that none is sent that a signal would leave unreported.
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)

        try await withThrowingTaskGroup { group in
            group.addTask { await show(display, loop) }
            group.addTask { await stop(loop, producer, on: signals) }
            try await produce(loop, producer)
            group.cancelAll()
        }
        display.end()
        let summary = Summary(
            tally.figures, produced: loop.producedCount, messageBytes: command.size,
            seconds: Double(loop.now) / 1e9)
        Terminal.output(summary.text + "\n")
        if summary.failed > 0 { throw ExitCode(1) }
    }

    private func makeProducer() throws -> Producer {
        var logger = Logger(label: "load-producer") { StreamLogHandler.standardError(label: $0) }
        // Failures are told by the summary and the exit code.
        logger.logLevel = .critical
        do {
            return try Producer(
                configuration: command.clientConfiguration, logger: logger, onEvent: tally.take,
                onDelivery: tally.take)
        } catch {
            throw Failure(description: "\(error)")
        }
    }

    // MARK: Before

    /// The topic, once the brokers say that it is there; some create it when they are asked.
    private func find(_ producer: Producer) async throws -> ProducerTopic {
        let clock = ContinuousClock()
        let start = clock.now
        while true {
            do {
                _ = try await producer.partitionCount(of: command.topic, timeout: Self.searchTimeout)
                return try producer.topic(command.topic)
            } catch {
                let waited = start.duration(to: clock.now)
                let isBeingCreated = [.unknownTopicOrPartition, .leaderNotAvailable, .unknownTopic].contains(error.code)
                if isBeingCreated && waited < Self.creationTimeout {
                    try? await Task.sleep(for: .milliseconds(100))
                    continue
                }
                await producer.close(timeout: .zero)
                throw Failure(description: isBeingCreated ? missing(error) : unreachable(error))
            }
        }
    }

    private func missing(_ error: KafkaError) -> String {
        """
        topic \(command.topic) does not exist at \(command.brokerList.joined(separator: ",")), and asking for it did \
        not create it (\(error.name)); create it first
        """
    }

    private func unreachable(_ error: KafkaError) -> String {
        let reason = tally.figures.lastError.map { "\($0.reason) (\($0.name))" } ?? "\(error.reason) (\(error.name))"
        return "no answer from \(command.brokerList.joined(separator: ",")) about topic \(command.topic): \(reason)"
    }

    // MARK: During

    private func produce(_ loop: ProducingLoop, _ producer: Producer) async throws {
        let payload = Self.payload(command.size)
        do {
            try await loop.run { _ in payload }
        } catch  where error.code == .destroyed {
            // A signal closed the producer.
        } catch {
            await producer.close(timeout: Self.signalGrace)
            throw Failure(description: "\(error)")
        }
        // Whatever has no report by then has one from librdkafka itself.
        await producer.close(timeout: .seconds(60))
    }

    /// Readable, and the same in every message.
    private static func payload(_ size: Int) -> [UInt8] {
        let text = Array("Test the function. ".utf8)
        return (0..<size).map { text[$0 % text.count] }
    }

    private func show(_ display: ProgressDisplay, _ loop: ProducingLoop) async {
        var lastCount = 0
        var lastTime = loop.now
        while (try? await Task.sleep(for: display.interval)) != nil {
            let figures = tally.figures
            let time = loop.now
            let rate = Double(figures.acknowledged - lastCount) / max(1e-9, Double(time - lastTime) / 1e9)
            (lastCount, lastTime) = (figures.acknowledged, time)
            display.show(figures, produced: loop.producedCount, rate: rate)
        }
    }

    private func stop(_ loop: ProducingLoop, _ producer: Producer, on signals: UnixSignalsSequence) async {
        for await _ in signals {
            loop.stop()
            await producer.close(timeout: Self.signalGrace)
        }
    }
}
