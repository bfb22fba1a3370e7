public import Logging

/// Tells in the log what the connector does, in the words that users of the 2018 connector know.
public struct LogObserver: ConnectorObserver {
    /// What is worth a line.
    public struct Options: Sendable {
        /// The status of every reply, and its body (`print_response`). Default false.
        public var printsResponses = false
        /// The value of every event (`print_request_body`). Default false: payloads are the users' own.
        public var printsEvents = false

        public init() {}
    }

    private let logger: Logger
    private let options: Options

    public init(_ logger: Logger, options: Options = Options()) {
        self.logger = logger
        self.options = options
    }

    public func connector(did step: ConnectorStep) {
        switch step {
        case .mapSynced(let map, let changed): logSync(map, changed: changed)
        case .mapFailed(let reason):
            logger.error("Syncing topic map failed, the last one stays: \(reason)")
        case .notice(let notice): log(notice)
        case .received(let event): logReceived(event)
        case .refused(let events, let reason):
            logger.warning("Not handed over: \(events) events that the source would not acknowledge (\(reason))")
        case .paused(let partitions): logger.info("Paused \(partitions): their functions are slow")
        case .resumed(let partitions): logger.info("Resumed \(partitions)")
        case .invoking(let function, _): logger.info("Invoke function: \(function)")
        case .replied(let function, _, let reply, let duration): logReply(reply, from: function, after: duration)
        case .failed(let function, let event, let failure, _):
            logger.error("Invoking \(function) with \(event.id) failed: \(failure)")
        case .retrying(let function, let event, let attempt, let wait):
            logger.info("Retrying \(function) with \(event.id) after attempt \(attempt), in \(wait.formatted)")
        case .gaveUp(let function, let event, let reason):
            logger.error("Gave up \(function) with \(event.id): \(reason.rawValue)")
        case .deadLettered(let letter, let reason):
            logger.error("Dead letter of \(letter.function), \(letter.event.id): \(reason.rawValue), \(letter.error)")
        case .skipped(let event, let reason): logger.debug("Skipped \(event.id): \(reason.rawValue)")
        case .dropped(let event, let reason): logger.error("Dropped \(event.id): \(reason.rawValue)")
        case .returned(let event): logger.warning("Left for the source to deliver again: \(event.id)")
        case .handled: break
        case .draining: logger.info("Draining: no new events, waiting for those in hand")
        case .stopped: logger.info("Stopped")
        }
    }

    private func logSync(_ map: TopicMap, changed: Bool) {
        guard changed else {
            logger.debug("Syncing topic map: unchanged")
            return
        }
        for problem in map.problems { logger.warning("Annotation ignored: \(problem)") }
        let bindings = map.topics.map { topic in
            "\(topic) => \(map.functions(for: topic).map(\.description).joined(separator: ", "))"
        }
        logger.info("Syncing topic map: [\(bindings.joined(separator: "; "))]")
    }

    private func log(_ notice: SourceNotice) {
        switch notice {
        case .connected(let peer): logger.info("Connected to \(peer)")
        case .disconnected(let reason): logger.warning("Disconnected: \(reason)")
        case .rebalanced(let assigned, let epoch):
            logger.info(
                "Rebalanced: [\(assigned.map(\.description).joined(separator: " "))]",
                metadata: ["epoch": "\(epoch.number)"])
        case .transientFailure(let reason): logger.warning("\(reason)")
        case .settlementIgnored(let id, let reason): logger.warning("Settlement of \(id) ignored: \(reason)")
        }
    }

    private func logReceived(_ event: Event) {
        guard options.printsEvents else {
            logger.info("[#\(event.id.offset)] Received on [\(event.topic),\(event.id.partition)]")
            return
        }
        let value = event.payload.map { "'\($0.text)'" } ?? "a tombstone"
        logger.info("[#\(event.id.offset)] Received on [\(event.topic),\(event.id.partition)]: \(value)")
    }

    private func logReply(_ reply: Reply, from function: FunctionName, after duration: Duration) {
        let level: Logger.Level = (200..<300).contains(reply.status) ? .info : .warning
        guard options.printsResponses else {
            logger.log(level: level, "Response [\(reply.status)] from \(function)")
            return
        }
        let size = "(\(reply.bodyBytes) bytes, \(duration.formatted))"
        let body = reply.body.isEmpty ? "" : "\n\(reply.body.text)"
        logger.log(level: level, "Response [\(reply.status)] from \(function) \(size)\(body)")
    }
}

extension Duration {
    /// For people: `1.3 ms`, `2.04 s`.
    fileprivate var formatted: String {
        let seconds = Double(components.seconds) + Double(components.attoseconds) / 1e18
        if seconds >= 1 { return "\((seconds * 100).rounded() / 100) s" }
        return "\((seconds * 10_000).rounded() / 10) ms"
    }
}
