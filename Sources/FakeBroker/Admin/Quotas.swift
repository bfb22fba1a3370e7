internal import OrderedCollections

/// How much users, clients and addresses may send and fetch, and how long they wait who took more.
///
/// Decides the throttle time of a reply from the bytes of the request or the reply. Whoever is throttled shares its
/// quota with all whom the same entry names, as in Kafka. Quotas on processor time, on changes of the cluster and on
/// connections are kept and told and change nothing.
///
/// Sources: KIP-13, KIP-55, KIP-124, KIP-219, KIP-546.
struct Quotas: Sendable {
    enum Name: Hashable, Sendable {
        /// Stands for whoever has no entry.
        case standard
        case named(String)

        var text: String? {
            if case .named(let text) = self { return text }
            return nil
        }
    }

    /// Whom an entry is about; at least one of them is given.
    struct Entity: Hashable, Sendable {
        var user: Name?
        var clientID: Name?
        var ip: Name?
    }

    enum Direction: Sendable {
        case produce, fetch

        var key: String {
            switch self {
            case .produce: "producer_byte_rate"
            case .fetch: "consumer_byte_rate"
            }
        }
    }

    static let byteKeys = ["consumer_byte_rate", "producer_byte_rate"]
    static let otherKeys = ["connection_creation_rate", "controller_mutation_rate", "request_percentage"]

    private(set) var entries: OrderedDictionary<Entity, OrderedDictionary<String, Double>> = [:]

    private struct Meter: Hashable, Sendable {
        let entity: Entity
        let key: String
        /// Of a standard entry each user and client has a quota of its own.
        let user: String
        let clientID: String
    }

    /// When what was taken will have been paid for; for look-ups only.
    private var paidUntil: [Meter: Duration] = [:]

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }

    /// Nil removes the value.
    mutating func set(_ key: String, to value: Double?, for entity: Entity) {
        entries[entity, default: [:]][key] = value
        if entries[entity]?.isEmpty == true { entries[entity] = nil }
        paidUntil = paidUntil.filter { $0.key.entity != entity }
    }

    /// Entries by falling precedence, as in Kafka: those of user and client first, named before standard.
    private static func candidates(user: String, clientID: String) -> [Entity] {
        let (user, client) = (Name.named(user), Name.named(clientID))
        return [
            Entity(user: user, clientID: client), Entity(user: user, clientID: .standard), Entity(user: user),
            Entity(user: .standard, clientID: client), Entity(user: .standard, clientID: .standard),
            Entity(user: .standard), Entity(clientID: client), Entity(clientID: .standard),
        ]
    }

    /// What may be taken at once before anybody waits: the quota of this time.
    static let burst = Duration.seconds(1)
    /// Nobody waits longer: over so long Kafka measures rates.
    static let longestThrottle = Duration.seconds(11)

    /// Notes that bytes were taken, and says how long who took them must wait.
    mutating func throttle(
        _ direction: Direction, bytes: Int, user: String, clientID: String, now: Duration
    ) -> Duration {
        guard bytes > 0 else { return .zero }
        for entity in Self.candidates(user: user, clientID: clientID) {
            guard let rate = entries[entity]?[direction.key], rate > 0 else { continue }
            let meter = Meter(
                entity: entity, key: direction.key, user: entity.user == nil ? "" : user,
                clientID: entity.clientID == nil ? "" : clientID)
            // A year of debt is as good as any more, and keeps within a duration.
            let cost = Duration.seconds(min(Double(bytes) / rate, 31_536_000))
            let paid = min(max(paidUntil[meter] ?? now, now) + cost, now + .seconds(31_536_000))
            paidUntil[meter] = paid
            if paidUntil.count > 100_000 { paidUntil = paidUntil.filter { $0.value > now } }
            return min(max(.zero, paid - now - Self.burst), Self.longestThrottle)
        }
        return .zero
    }
}
