// One life of a source under test: what came out of it and what it told, with a deadline on every wait.

import Connector
import Synchronization

/// Time is real here: a source under test may stand on a real server.
enum Patience {
    /// A healthy source never comes near it.
    static let deadline = Duration.seconds(60)
    /// What passes between two looks counts up to here: a machine that stood still gave no source the time to do
    /// anything.
    private static let longestStep = Duration.seconds(5)

    /// - Throws: `ConformanceFailure` naming `what` if the condition does not come to hold.
    static func wait(for what: String, until condition: () async throws -> Bool) async throws {
        var left = deadline
        var last = ContinuousClock.now
        while try await !condition() {
            guard left > .zero else { throw ConformanceFailure("not within \(deadline): \(what)") }
            try await Task.sleep(for: .milliseconds(2))
            let now = ContinuousClock.now
            left -= min(now - last, longestStep)
            last = now
        }
    }
}

/// A call that is waited for with a deadline, even if it never returns.
final class Pending<Success: Sendable>: Sendable {
    private let outcome = Mutex<Result<Success, any Error>?>(nil)
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(_ body: @escaping @Sendable () async throws -> Success) {
        let task = Task { [self] in
            let result: Result<Success, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            outcome.withLock { $0 = result }
        }
        self.task.withLock { $0 = task }
    }

    var isOver: Bool { outcome.withLock { $0 != nil } }

    func cancel() { task.withLock { $0 }?.cancel() }

    func value(_ what: String) async throws -> Success {
        do { try await Patience.wait(for: what) { isOver } } catch {
            cancel()
            throw error
        }
        guard let result = outcome.withLock({ $0 }) else { throw ConformanceFailure("not over: \(what)") }
        return try result.get()
    }
}

final class Session: Sendable {
    let source: any EventSource
    private let told = Mutex<[SourceNotice]>([])

    private init(_ source: any EventSource) { self.source = source }

    /// Makes a source and starts it on the harness's first topic.
    static func start(
        _ harness: any SourceHarness, _ delivery: Delivery = .atMostOnce, topics: [String]? = nil
    ) async throws -> Session {
        let session = Session(try await harness.makeSource(delivery))
        try await session.start(topics: topics ?? [harness.topics[0]])
        return session
    }

    private func start(topics: [String]) async throws {
        let source = source
        let take: @Sendable (SourceNotice) -> Void = { [self] notice in told.withLock { $0.append(notice) } }
        try await Pending { try await source.start(topics: topics, notices: take) }.value("start returns")
    }

    var notices: [SourceNotice] { told.withLock { $0 } }

    /// How many settlements the source said it ignored.
    var ignored: Int {
        notices.count { if case .settlementIgnored = $0 { true } else { false } }
    }

    func next(limit: Int) -> Pending<[Event]?> {
        let source = source
        return Pending { try await source.next(limit: limit) }
    }

    /// Exactly `count` events, in as many batches as it takes.
    func take(_ count: Int, limit: Int = 64) async throws -> [Event] {
        var events: [Event] = []
        while events.count < count {
            let limit = min(limit, count - events.count)
            let what = "event \(events.count + 1) of \(count) comes"
            guard let batch = try await next(limit: limit).value(what) else {
                throw ConformanceFailure("the source ended after \(events.count) of \(count) events")
            }
            try expect(!batch.isEmpty, "a batch holds an event")
            try expect(batch.count <= limit, "a batch of at most \(limit) holds \(batch.count)")
            let unknown = Set(batch.flatMap(\.attributes).map(\.name)).subtracting(source.attributeNames)
            try expect(unknown.isEmpty, "attributeNames has every name of an attribute; not \(unknown.sorted())")
            events += batch
        }
        return events
    }

    /// Everything up to and including the event of this text; each is acknowledged or settled as it comes.
    func takeAll(upTo last: String, _ delivery: Delivery) async throws -> [Event] {
        var events: [Event] = []
        while events.last?.text != last {
            guard let batch = try await next(limit: 1).value("\(last) comes; so far: \(texts(events))") else {
                throw ConformanceFailure("the source ended before \(last); so far: \(texts(events))")
            }
            events += batch
            try await finish(batch, delivery)
        }
        return events
    }

    func finish(_ batch: [Event], _ delivery: Delivery) async throws {
        switch delivery {
        case .atMostOnce: try await acknowledge(batch)
        case .atLeastOnce: await source.settle(batch.map { Settlement($0, .accept) })
        }
    }

    /// Acknowledges before the hand-over, all of it.
    func acknowledge(_ batch: [Event]) async throws {
        let source = source
        let answer = try await Pending { await source.acknowledge(batch) }.value("an acknowledgement")
        let refusals = answer.refused.map { "\($0.events) \($0.reason)" }
        try expect(answer.acknowledged.map(\.id) == batch.map(\.id), "all are acknowledged; refused: \(refusals)")
    }

    func close() async throws {
        let source = source
        try await Pending { await source.close() }.value("close returns")
    }
}

extension Event {
    var text: String? { payload?.text }
}

func texts(_ events: [Event]) -> [String] { events.map { $0.text ?? "(tombstone)" } }

func expect(_ condition: Bool, _ what: @autoclosure () -> String) throws {
    if !condition { throw ConformanceFailure("expected: \(what())") }
}

func expect(_ events: [Event], are expected: [String], _ what: String) throws {
    try expect(texts(events) == expected, "\(what): \(expected), got \(texts(events))")
}
