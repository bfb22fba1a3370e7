import Connector
import HTTP
import Logging
import NIOCore
import NIOPosix
import SNSSource
import SNSTesting
import SourceConformance
import Synchronization
import TestSupport
import Testing

/// SNSSource and a service that delivers to it as SNS does: each message until it is answered with 200, or with a 4xx
/// that is final; with a pause of milliseconds in place of SNS's seconds.
final class SNSHarness: SourceHarness {
    private enum Status {
        case waiting
        /// By the life of the source that has it.
        case posted(life: Int)
        case done
    }

    private struct Message {
        let topic: String
        let id: String
        let payload: [UInt8]
        var status = Status.waiting
    }

    private struct State {
        var messages: [Message] = []
        var deadLetters: [[UInt8]] = []
        /// The source that is delivered to, from when it listens until it ends.
        var source: SNSSource?
        var sender: SNSSender?
        var life = 0
        var isOver = false
    }

    private static let credit = 32
    private static let secretPath = "/callback/5d1f0c2e9a7b4d63"

    static func profile(raw: Bool) -> SourceProfile {
        SourceProfile(
            name: raw ? "SNSSource, raw" : "SNSSource",
            capabilities: SourceCapabilities(settlement: .individual, canPause: false, hasDeadLetters: true),
            traits: raw ? [.emptyPayloads, .binaryPayloads, .redelivery] : [.emptyPayloads, .redelivery],
            largestPayload: 256 << 10, credit: credit)
    }

    private let isRaw: Bool
    private let authority: SNSAuthority
    private let fetcher: RecordingFetcher
    private let loop = MultiThreadedEventLoopGroup.singleton.any()
    private let state = Mutex(State())

    var profile: SourceProfile { Self.profile(raw: isRaw) }
    let topics = ["arn:aws:sns:eu-west-1:123456789012:one", "arn:aws:sns:eu-west-1:123456789012:two"]

    init(raw: Bool) throws {
        isRaw = raw
        authority = try SNSAuthority()
        fetcher = RecordingFetcher([SNSFixture.certificateURL: (200, try authority.certificatePEM())])
        Task { await deliver() }
    }

    func makeSource(_ delivery: Delivery) async throws -> any EventSource {
        var configuration = SNSSourceConfiguration(allowedTopics: topics)
        configuration.host = "127.0.0.1"
        configuration.port = 0
        configuration.path = Self.secretPath
        configuration.acceptsRawDelivery = isRaw
        configuration.signingTrust = .authorities([authority.root])
        configuration.credit = Self.credit
        let source = try SNSSource(
            configuration, on: loop, fetcher: fetcher,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await eventually("the requests to a source that was closed end") { posted == 0 }
        end()
        state.withLock { state in
            state.source = source
            state.life += 1
        }
        return source
    }

    /// Messages that the source has and has not answered, as far as this service knows.
    private var posted: Int {
        state.withLock { $0.messages.count { if case .posted = $0.status { true } else { false } } }
    }

    /// What was posted to the source that ends is posted to the next one.
    private func end() {
        state.withLock { state in
            state.source = nil
            state.sender = nil
            for index in state.messages.indices {
                if case .posted = state.messages[index].status { state.messages[index].status = .waiting }
            }
        }
    }

    func feed(_ messages: [FedMessage], to topic: String) async throws {
        state.withLock { state in
            for message in messages {
                state.messages.append(
                    Message(topic: topic, id: "id-\(state.messages.count)", payload: message.payload ?? []))
            }
        }
    }

    // MARK: Delivery

    private struct Post {
        let index: Int
        let message: Message
        let life: Int
        let source: SNSSource
        let sender: SNSSender
    }

    /// One after the other, so that the source sees them in order; their answers come when they come.
    private func deliver() async {
        await withDiscardingTaskGroup { posts in
            while !state.withLock({ $0.isOver }) {
                guard let post = nextPost() else {
                    await pollPause()
                    continue
                }
                let before = post.source.statistics.requests
                posts.addTask { await self.deliver(post) }
                while post.source.statistics.requests == before, isCurrent(post) { await pollPause() }
            }
            posts.cancelAll()
        }
    }

    private func nextPost() -> Post? {
        state.withLock { state in
            guard let source = state.source, let port = source.port else { return nil }
            if state.sender == nil { state.sender = try? SNSSender(port: port, on: loop) }
            let index = state.messages.firstIndex { if case .waiting = $0.status { true } else { false } }
            guard let sender = state.sender, let index else { return nil }
            state.messages[index].status = .posted(life: state.life)
            return Post(index: index, message: state.messages[index], life: state.life, source: source, sender: sender)
        }
    }

    private func isCurrent(_ post: Post) -> Bool {
        state.withLock { state in
            guard !state.isOver, case .posted(let life) = state.messages[post.index].status else { return false }
            return life == post.life
        }
    }

    private func deliver(_ post: Post) async {
        let status = (try? await send(post)) ?? 500
        let isRetried = status == 429 || status >= 500
        // As SNS does, if sooner.
        if isRetried { await pollPause() }
        state.withLock { state in
            guard case .posted(let life) = state.messages[post.index].status, life == post.life else { return }
            state.messages[post.index].status = isRetried ? .waiting : .done
            if !isRetried, status != 200 { state.deadLetters.append(post.message.payload) }
        }
    }

    private func send(_ post: Post) async throws -> Int {
        let message = post.message
        if isRaw {
            return try await post.sender.post(
                raw: message.payload, id: message.id, topic: message.topic, to: Self.secretPath)
        }
        let text = String(decoding: message.payload, as: UTF8.self)
        let fields = SNSFixture.notification(text, id: message.id, topic: message.topic)
        return try await post.sender.post(message: try authority.sign(fields), to: Self.secretPath)
    }

    /// Between two looks in a poll.
    private func pollPause() async {
        let poll = Duration.milliseconds(1)
        try? await Task.sleep(for: poll)
    }

    // MARK: What the suite asks

    func waitUntilAcknowledged(_ count: Int, of topic: String) async throws {
        try await eventually("\(count) of \(topic) are acknowledged") {
            state.withLock { state in
                count
                    == state.messages.count { message in
                        if message.topic == topic, case .done = message.status { true } else { false }
                    }
            }
        }
    }

    func crash(_ source: any EventSource) async throws {
        // An answer that is on its way counts as there: one that is lost is asked for again, which only SNS can know.
        if let source = source as? SNSSource {
            try await eventually("answers arrive") { posted <= source.openRequests }
        }
        let sender = state.withLock { $0.sender }
        end()
        await sender?.client.shutDown()
        await source.close()
    }

    func cutConnection() async throws {}
    func restoreConnection() async throws {}
    func deadLetters() async throws -> [[UInt8]] { state.withLock { $0.deadLetters } }

    func shutDown() async {
        let (source, sender) = state.withLock { state in
            state.isOver = true
            return (state.source, state.sender)
        }
        await sender?.client.shutDown()
        await source?.close()
    }
}
