public import Logging

/// Tells in the log what the connector does, in the words that users of the 2018 connector know.
public struct LogObserver: ConnectorObserver {
    /// What is worth a line.
    public struct Options: Sendable {
        /// The status of every reply, and its body (`print_response`). Default false.
        public var printsResponses = false
        /// The value of every event (`print_request_body`). Default false: payloads are the users' own.
        public var printsEvents = false
        /// Every listing of the functions, not only those that change the map (`print_sync`). Default false.
        public var printsSyncs = false
        /// What the consumer group does (`log_sessions`); without it only at level debug. Default true.
        public var logsSessions = true
        /// Adds fields to each line, for logs that programs read. Default false: the text says it all.
        public var addsFields = false

        public init() {}
    }

    private let logger: Logger
    private let options: Options
    /// Whether the steps of an event that goes as it should are told at all. Asked once, for each event has three.
    private let tellsOfEvents: Bool

    public init(_ logger: Logger, options: Options = Options()) {
        self.logger = logger
        self.options = options
        tellsOfEvents = logger.logLevel <= .info
    }

    public func connector(did step: ConnectorStep) {
        switch step {
        case .mapSynced(let map, let changed): logSync(map, changed: changed)
        case .mapFailed(let reason, let hasMap):
            let effect = hasMap ? "the last one stays" : "no events are taken before the first"
            logger.error("Syncing topic map failed, \(effect): \(reason)", metadata: fields(reason: reason))
        case .notice(let notice): log(notice)
        case .received(let event): if tellsOfEvents { logReceived(event) }
        case .refused(let events, let reason):
            logger.warning(
                "Not handed over: \(events) events that the source would not acknowledge (\(reason))",
                metadata: fields(reason: reason))
        case .paused(let partitions): logger.info("Paused \(partitions): their functions are slow")
        case .resumed(let partitions): logger.info("Resumed \(partitions)")
        case .invoking(let function, let event):
            if tellsOfEvents {
                logger.info("Invoke function: \(function)", metadata: fields(LogFields(event, function)))
            }
        case .replied(let function, let event, let reply, let duration):
            if tellsOfEvents || !reply.isSuccess { logReply(reply, from: function, to: event, after: duration) }
        case .failed(let function, let event, let failure, let duration):
            logger.error(
                "Invoking \(function) with \(event.id) failed: \(failure)",
                metadata: fields(
                    LogFields(event, function).adding(milliseconds: duration, as: "duration_ms")
                        .adding("reason", failure.kind.rawValue)))
        case .retrying(let function, let event, let attempt, let wait):
            logger.info(
                "Retrying \(function) with \(event.id) after attempt \(attempt), in \(wait.formatted)",
                metadata: fields(
                    LogFields(event, function).adding("attempt", attempt).adding(milliseconds: wait, as: "wait_ms")))
        case .draining: logger.info("Draining: no new events, waiting for those in hand")
        case .stopped: logger.info("Stopped")
        case .starting, .handled: break
        case .gaveUp, .deadLettered, .deadLetterFailed, .skipped, .dropped, .returned: logEnd(step)
        }
    }

    /// How an event, or a function's part in it, ended.
    private func logEnd(_ step: ConnectorStep) {
        switch step {
        case .gaveUp(let function, let event, let reason):
            logger.error(
                "Gave up \(function) with \(event.id): \(reason.rawValue)",
                metadata: fields(LogFields(event, function).adding("reason", reason.rawValue)))
        case .deadLettered(let letter, let reason):
            logger.error(
                "Dead letter of \(letter.function), \(letter.event.id): \(reason.rawValue), \(letter.error)",
                metadata: fields(LogFields(letter.event, letter.function).adding("reason", reason.rawValue)))
        case .deadLetterFailed(let letter, let reason):
            logger.warning(
                "The dead-letter topic did not take \(letter.event.id): \(reason)",
                metadata: fields(LogFields(letter.event, letter.function).adding("reason", reason)))
        case .skipped(let event, let reason):
            logger.debug(
                "Skipped \(event.id): \(reason.rawValue)",
                metadata: fields(LogFields(event).adding("reason", reason.rawValue)))
        case .dropped(let event, let reason):
            logger.error(
                "Dropped \(event.id): \(reason.rawValue)",
                metadata: fields(LogFields(event).adding("reason", reason.rawValue)))
        case .returned(let event):
            logger.warning("Left for the source to deliver again: \(event.id)", metadata: fields(LogFields(event)))
        default: break
        }
    }

    private func fields(_ fields: @autoclosure () -> LogFields) -> Logger.Metadata? {
        options.addsFields ? fields().metadata : nil
    }

    private func fields(reason: String) -> Logger.Metadata? { options.addsFields ? ["reason": "\(reason)"] : nil }

    private func logSync(_ map: TopicMap, changed: Bool) {
        guard changed else {
            logger.log(level: options.printsSyncs ? .info : .debug, "Syncing topic map: unchanged")
            return
        }
        for problem in map.problems { logger.warning("Annotation ignored: \(Self.line(problem))") }
        let bindings = (map.topics + map.patterns.map(\.text)).map { topic in
            "\(topic) => \(map.functions(for: topic).map(\.description).joined(separator: ", "))"
        }
        logger.info("Syncing topic map: [\(Self.line(bindings.joined(separator: "; ")))]")
    }

    private func log(_ notice: SourceNotice) {
        let sessions: Logger.Level = options.logsSessions ? .info : .debug
        switch notice {
        case .connected(let peer): logger.log(level: sessions, "Connected to \(peer)")
        case .disconnected(let reason):
            logger.warning("Disconnected: \(reason)", metadata: fields(reason: reason))
        case .rebalanced(let assigned, let epoch):
            logger.log(
                level: sessions, "Rebalanced: [\(assigned.map(\.description).joined(separator: " "))]",
                metadata: ["epoch": .stringConvertible(epoch.number)])
        case .transientFailure(let reason): logger.warning("\(Self.line(reason))")
        case .settlementIgnored(let id, let reason):
            logger.warning(
                "Settlement of \(id) ignored: \(reason)", metadata: fields(LogFields(id).adding("reason", reason)))
        }
    }

    private func logReceived(_ event: Event) {
        guard options.printsEvents else {
            logger.info(
                "[#\(event.id.offset)] Received on [\(event.topic),\(event.id.partition)]",
                metadata: fields(LogFields(event)))
            return
        }
        let value = event.payload.map { "'\(Self.text($0, keeping: []))'" } ?? "a tombstone"
        logger.info(
            "[#\(event.id.offset)] Received on [\(event.topic),\(event.id.partition)]: \(value)",
            metadata: fields(LogFields(event)))
    }

    private func logReply(_ reply: Reply, from function: FunctionName, to event: Event, after duration: Duration) {
        let level: Logger.Level = reply.isSuccess ? .info : .warning
        guard logger.logLevel <= level else { return }
        var text = "Response [\(reply.status)] from \(function)"
        if options.printsResponses { text += " (\(reply.bodyBytes) bytes, \(duration.formatted))" }
        if !reply.body.isEmpty { text += "\n\(Self.text(reply.body, keeping: ["\n", "\t"]))" }
        logger.log(level: level, "\(text)", metadata: fields(replyFields(reply, function, event, duration)))
    }

    /// Of bounded length.
    private static func text(_ body: Bytes, keeping kept: [Unicode.Scalar]) -> String {
        let limit = ConnectorConfiguration.printedBodyLimit
        let shown = line(String(decoding: body.array.prefix(limit), as: UTF8.self), keeping: kept)
        return shown + (body.count > limit ? "…" : "")
    }

    /// Without characters that would do something to a terminal, or look like another line of the log.
    private static func line(_ text: String, keeping kept: [Unicode.Scalar] = []) -> String {
        func isShown(_ scalar: Unicode.Scalar) -> Bool {
            scalar.properties.generalCategory != .control || kept.contains(scalar)
        }
        if text.unicodeScalars.allSatisfy(isShown) { return text }
        return text.unicodeScalars.map { isShown($0) ? String($0) : "\\u{\(String($0.value, radix: 16))}" }.joined()
    }

    private func replyFields(
        _ reply: Reply, _ function: FunctionName, _ event: Event, _ duration: Duration
    ) -> LogFields {
        let fields = LogFields(event, function).adding("status", reply.status)
            .adding(milliseconds: duration, as: "duration_ms")
        return reply.callID.map { fields.adding("call_id", $0) } ?? fields
    }
}

extension Reply {
    fileprivate var isSuccess: Bool { (200..<300).contains(status) }
}

extension Duration {
    /// For people: `1.3 ms`, `2.04 s`.
    fileprivate var formatted: String {
        let seconds = Double(components.seconds) + Double(components.attoseconds) / 1e18
        if seconds >= 1 { return "\((seconds * 100).rounded() / 100) s" }
        return "\((seconds * 10_000).rounded() / 10) ms"
    }
}
