import Connector
import Foundation
import Synchronization

/// Lines that are appended to files. A topic is a file's path; how far it is acknowledged stands beside it, in
/// `PATH.done`.
actor FileTailSource: EventSource {
    nonisolated let kind = "file"
    nonisolated let capabilities = SourceCapabilities(settlement: .cumulative, canPause: false)

    private struct Line {
        let start: Int64
        let end: Int64
        var isSettled = false
    }
    private struct Tail {
        let epoch: Epoch
        /// Where the next line to hand out begins, in bytes.
        var position: Int64
        /// Handed out, and not settled together with all before them.
        var inHand: [Line] = []
    }

    private static let longestLine = 2 << 20
    private var tails: [String: Tail] = [:]
    /// Of each file that is read; asked without waiting for the actor.
    private nonisolated let epochs = Mutex<[String: Epoch]>([:])
    private var lastEpoch: UInt64 = 0
    private var isEnded = false
    private var notices: @Sendable (SourceNotice) -> Void = { _ in }

    // MARK: Life

    func start(topics: [String], notices: @escaping @Sendable (SourceNotice) -> Void) async throws {
        self.notices = notices
        try await subscribe(to: topics)
    }

    func subscribe(to topics: [String]) async throws {
        tails = tails.filter { topics.contains($0.key) }
        for path in topics where tails[path] == nil {
            lastEpoch += 1
            let done = (try? String(contentsOfFile: path + ".done", encoding: .utf8)).flatMap { Int64($0) }
            tails[path] = Tail(epoch: Epoch(lastEpoch), position: max(0, done ?? 0))
        }
        epochs.withLock { $0 = tails.mapValues(\.epoch) }
        let held = tails.keys.sorted().map { SourcePartition(topic: $0, partition: 0) }
        notices(.rebalanced(assigned: held, epoch: Epoch(lastEpoch)))
    }

    func drain() { isEnded = true }
    func close() { isEnded = true }

    // MARK: Events

    func next(limit: Int) async throws -> [Event]? {
        while !isEnded && !Task.isCancelled {
            for path in tails.keys.sorted() {
                let events = read(path, limit)
                if !events.isEmpty { return events }
            }
            try? await Task.sleep(for: .milliseconds(10))  // until the next poll
        }
        return nil
    }

    /// Whole lines only: what has no end yet is still being written.
    private func read(_ path: String, _ limit: Int) -> [Event] {
        guard let tail = tails[path], let file = FileHandle(forReadingAtPath: path) else { return [] }
        defer { try? file.close() }
        guard (try? file.seek(toOffset: UInt64(tail.position))) != nil,
            let data = try? file.read(upToCount: Self.longestLine)
        else { return [] }
        let newline = UInt8(ascii: "\n")
        return data.split(separator: newline, omittingEmptySubsequences: false).dropLast().prefix(limit).map { bytes in
            let start = tails[path]?.position ?? 0
            let line = Line(start: start, end: start + Int64(bytes.count) + 1)
            tails[path]?.inHand.append(line)
            tails[path]?.position = line.end
            let id = EventID(topic: path, partition: 0, offset: start)
            return Event(id: id, epoch: tail.epoch, payload: Bytes(Array(bytes)))
        }
    }

    // MARK: Settlement

    nonisolated func holds(_ event: Event) -> Bool { epochs.withLock { $0[event.topic] == event.epoch } }

    func acknowledge(_ batch: [Event]) async -> Acknowledgement {
        let own = batch.filter { tails[$0.topic]?.epoch == $0.epoch }
        guard finish(own.map { Settlement($0, .accept) }) else {
            return Acknowledgement(acknowledged: [], refused: [("not-saved", batch.count)])
        }
        return Acknowledgement(
            acknowledged: own, refused: own.count < batch.count ? [("revoked", batch.count - own.count)] : [])
    }

    func settle(_ settlements: [Settlement]) async { _ = finish(settlements) }

    /// Whether all that could be written down was.
    private func finish(_ settlements: [Settlement]) -> Bool {
        for settlement in settlements {
            if let reason = ignores(settlement) { notices(.settlementIgnored(settlement.id, reason: reason)) }
        }
        return Set(settlements.map(\.id.topic)).sorted().map { save($0) }.allSatisfy { $0 }
    }

    private func ignores(_ settlement: Settlement) -> String? {
        let path = settlement.id.topic
        guard let tail = tails[path], tail.epoch == settlement.epoch else { return "stale epoch" }
        if case .retry = settlement.verdict { return "a file cannot deliver one line again" }
        guard let index = tail.inHand.firstIndex(where: { $0.start == settlement.id.offset && !$0.isSettled })
        else { return "settled before" }
        tails[path]?.inHand[index].isSettled = true
        return nil
    }

    /// Writes down the end of the last line that is settled together with all before it.
    private func save(_ path: String) -> Bool {
        var done: Int64?
        while let first = tails[path]?.inHand.first, first.isSettled {
            done = first.end
            tails[path]?.inHand.removeFirst()
        }
        guard let done else { return true }
        do {
            try Data("\(done)".utf8).write(to: URL(filePath: path + ".done"), options: .atomic)
            return true
        } catch {
            notices(.transientFailure("writing \(path).done: \(error)"))
            return false
        }
    }

    // MARK: Not for files: `canPause` is false

    func pause(_ partitions: [SourcePartition]) {}
    func resume(_ partitions: [SourcePartition]) {}
}
