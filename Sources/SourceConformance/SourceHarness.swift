// What the suite needs of a source: how to make it, how to feed it, and how to hurt it.

public import Connector

/// A message on its way into a source, in the terms of the connector's events.
public struct FedMessage: Equatable, Sendable {
    /// `nil` is a tombstone.
    public var payload: [UInt8]?
    public var key: [UInt8]?
    public var headers: [EventHeader]

    public init(_ payload: [UInt8]?, key: [UInt8]? = nil, headers: [EventHeader] = []) {
        self.payload = payload
        self.key = key
        self.headers = headers
    }

    public init(_ text: String) { self.init(Array(text.utf8)) }
}

/// What messages of a source can carry and what its server does, as far as sources differ in it.
public enum SourceTrait: String, CaseIterable, Sendable {
    case emptyPayloads = "empty payloads"
    /// Bytes that are not UTF-8.
    case binaryPayloads = "binary payloads"
    case tombstones
    case keys
    case headers
    /// One name more than once.
    case repeatedHeaders = "repeated headers"
    case emptyHeaders = "empty headers"
    /// Values that are not UTF-8.
    case binaryHeaders = "binary headers"
    /// A header without a value, which is not an empty one.
    case headersWithoutValue = "headers without value"
    /// What was not acknowledged outlives the source, and a later source gets it.
    case redelivery
    /// What nobody waited for comes again in its place, and not behind what was fed after it.
    case order
    /// There is a connection, which can be lost.
    case connection
}

/// What a source says of itself; it decides which clauses apply.
public struct SourceProfile: Sendable {
    /// As in the table: `KafkaSource`.
    public var name: String
    public var capabilities: SourceCapabilities
    public var traits: Set<SourceTrait>
    /// In bytes.
    public var largestPayload: Int
    /// The most events that the source made by the harness hands out unsettled; `nil` if it leaves that bound to who
    /// calls `next`.
    public var credit: Int?

    public init(
        name: String, capabilities: SourceCapabilities, traits: Set<SourceTrait>, largestPayload: Int = 1 << 20,
        credit: Int? = nil
    ) {
        self.name = name
        self.capabilities = capabilities
        self.traits = traits
        self.largestPayload = largestPayload
        self.credit = credit
    }
}

/// A source's surroundings: its server, real or fake, with two topics of one partition each, empty and with nothing
/// acknowledged. Each run of a clause gets one of its own.
public protocol SourceHarness: Sendable {
    var profile: SourceProfile { get }

    /// Two topics, as `EventSource.start` takes them.
    var topics: [String] { get }

    /// A new source on the same server, not yet started: the first, or the next life after one that was closed or
    /// crashed. At most one lives at a time.
    func makeSource(_ delivery: Delivery) async throws -> any EventSource

    /// Hands messages to the server, to be delivered in this order after everything it holds, what it has to deliver
    /// again included. Does not wait for a delivery. Works while the source is cut off.
    func feed(_ messages: [FedMessage], to topic: String) async throws

    /// Waits until the server counts `count` messages of a topic as done with: acknowledged, never to be delivered
    /// again.
    func waitUntilAcknowledged(_ count: Int, of topic: String) async throws

    /// Ends a source as a killed process ends. Returns once the server knows; nothing may be acknowledged by it.
    func crash(_ source: any EventSource) async throws

    /// Breaks every connection between source and server, and refuses new ones. Asked only with the trait `connection`.
    func cutConnection() async throws

    /// Lets connections through again.
    func restoreConnection() async throws

    /// The payloads of rejected events that the server keeps. Asked only if the source has dead letters.
    func deadLetters() async throws -> [[UInt8]]

    /// The end of the clause.
    func shutDown() async
}
