/// Every request that a client may send, by its number on the wire.
///
/// To add one: a case here with its facts, a file under Messages/, and a case in `Request` and in `Response`; the
/// compiler lists what is missing.
///
/// Versions run from the lowest that a peer of ours still sends (Kafka 3 dropped none, Kafka 4 dropped some by
/// KIP-896) to the highest of Kafka 4.
package enum APIKey: Int16, CaseIterable, Sendable {
    case produce = 0
    case fetch = 1
    case listOffsets = 2
    case metadata = 3
    case offsetCommit = 8
    case offsetFetch = 9
    case findCoordinator = 10
    case joinGroup = 11
    case heartbeat = 12
    case leaveGroup = 13
    case syncGroup = 14
    case apiVersions = 18
    case createTopics = 19
    case deleteTopics = 20
    case initProducerId = 22

    /// Kafka's name, such as `InitProducerId`.
    package var name: String { facts.name }

    /// The versions that can be encoded and decoded.
    package var versions: ClosedRange<Int16> { facts.first...facts.last }

    /// The versions that a broker may offer: Kafka offers one only when it will not change any more.
    package var stableVersions: ClosedRange<Int16> { facts.first...(facts.lastStable ?? facts.last) }

    /// The first version with compact lengths and tagged fields (KIP-482); nil if there is none.
    package var flexibleSince: Int16? { facts.flexibleSince }

    package func isFlexible(_ version: Int16) -> Bool {
        guard let flexibleSince else { return false }
        return version >= flexibleSince
    }

    package func requestHeaderVersion(_ version: Int16) -> Int16 { isFlexible(version) ? 2 : 1 }

    /// The reply to ApiVersions has the oldest header in every version, for its reader does not know yet what the
    /// broker speaks (KIP-511).
    package func responseHeaderVersion(_ version: Int16) -> Int16 {
        self != .apiVersions && isFlexible(version) ? 1 : 0
    }

    private struct Facts {
        var name: String
        var first: Int16
        var last: Int16
        var flexibleSince: Int16?
        var lastStable: Int16?

        init(_ name: String, _ versions: ClosedRange<Int16>, flexible: Int16? = nil, stableThrough: Int16? = nil) {
            self.name = name
            self.first = versions.lowerBound
            self.last = versions.upperBound
            self.flexibleSince = flexible
            self.lastStable = stableThrough
        }
    }

    private var facts: Facts {
        switch self {
        case .produce: Facts("Produce", 3...13, flexible: 9)
        case .fetch: Facts("Fetch", 4...18, flexible: 12)
        case .listOffsets: Facts("ListOffsets", 0...11, flexible: 6)
        case .metadata: Facts("Metadata", 0...13, flexible: 9)
        case .offsetCommit: Facts("OffsetCommit", 0...10, flexible: 8)
        case .offsetFetch: Facts("OffsetFetch", 0...10, flexible: 6)
        case .findCoordinator: Facts("FindCoordinator", 0...6, flexible: 3)
        case .joinGroup: Facts("JoinGroup", 0...9, flexible: 6)
        case .heartbeat: Facts("Heartbeat", 0...4, flexible: 4)
        case .leaveGroup: Facts("LeaveGroup", 0...5, flexible: 4)
        case .syncGroup: Facts("SyncGroup", 0...5, flexible: 4)
        case .apiVersions: Facts("ApiVersions", 0...4, flexible: 3)
        case .createTopics: Facts("CreateTopics", 0...7, flexible: 5)
        case .deleteTopics: Facts("DeleteTopics", 0...6, flexible: 4)
        case .initProducerId: Facts("InitProducerId", 0...6, flexible: 2, stableThrough: 5)
        }
    }
}
