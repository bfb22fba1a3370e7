import Connector
import Foundation
import HTTP
import Logging
import NIOCore
import NIOPosix
import SNSSource
import SNSTesting
import Synchronization
import TestSupport
import Testing

/// A source that listens, whoever signs for it, and a sender.
struct Stand: Sendable {
    let source: SNSSource
    let authority: SNSAuthority
    let fetcher: RecordingFetcher
    let sender: SNSSender
    let notices: Notices

    final class Notices: Sendable {
        private let list = Mutex<[SourceNotice]>([])
        func add(_ notice: SourceNotice) { list.withLock { $0.append(notice) } }
        var all: [SourceNotice] { list.withLock { $0 } }
    }

    static func with(
        topics: [String] = [SNSFixture.topic], wallClock: (@Sendable () -> Int64)? = nil,
        configure: (inout SNSSourceConfiguration) -> Void = { _ in }, _ body: (Stand) async throws -> Void
    ) async throws {
        let authority = try SNSAuthority()
        let fetcher = RecordingFetcher([SNSFixture.certificateURL: (200, try authority.certificatePEM())])
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        var configuration = SNSSourceConfiguration(allowedTopics: topics)
        configuration.host = "127.0.0.1"
        configuration.port = 0
        configuration.signingTrust = .authorities([authority.root])
        configure(&configuration)
        let source = try SNSSource(
            configuration, on: loop, fetcher: fetcher,
            wallClock: wallClock ?? { Int64(Date().timeIntervalSince1970 * 1000) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let notices = Notices()
        try await source.start(topics: topics) { notices.add($0) }
        let sender = try SNSSender(port: #require(source.port), on: loop)
        let stand = Stand(source: source, authority: authority, fetcher: fetcher, sender: sender, notices: notices)
        let result = await Result { try await body(stand) }
        await sender.client.shutDown()
        await source.close()
        try result.get()
    }

    /// The next event; fails if there is none within a deadline.
    func event() async throws -> Event {
        let wait = Task { [source] in try await source.next(limit: 1)?.first }
        let watch = Task {
            var patience = Patience(.seconds(20))
            while patience.lasts() { try await ContinuousClock().sleep(for: .milliseconds(100)) }
            wait.cancel()
        }
        defer { watch.cancel() }
        return try #require(try await wait.value, "no event; refused: \(source.statistics.refusals)")
    }

    /// Signs and posts, and answers with the status.
    func post(signed fields: [String: String]) async throws -> Int {
        try await sender.post(message: try authority.sign(fields))
    }

    /// Posts, and answers what comes of it with `verdict`.
    func deliver(_ fields: [String: String], _ verdict: Verdict = .accept) async throws -> (status: Int, event: Event) {
        async let status = sender.post(message: fields)
        let event = try await event()
        await source.settle([Settlement(event, verdict)])
        return (try await status, event)
    }
}
