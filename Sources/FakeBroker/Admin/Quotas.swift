internal import OrderedCollections

/// How much users, clients and addresses may take of the cluster, and how long they wait who took more.
///
/// Decides the throttle time of a reply from what the request took: bytes sent or fetched, time of a broker's thread,
/// partitions made or deleted; and how long a connection waits that is one too many. Whoever is throttled shares its
/// quota with all whom the same entry names, as in Kafka.
///
/// Sources: KIP-13, KIP-55, KIP-124, KIP-219, KIP-546, KIP-599, KIP-612.
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

    /// What is taken, in the unit that a quota grants so much of a second.
    enum Resource: String, Sendable, CaseIterable {
        case producedBytes = "producer_byte_rate"
        case fetchedBytes = "consumer_byte_rate"
        /// Hundredths of a second of a thread.
        case requestTime = "request_percentage"
        /// Partitions made or deleted.
        case mutations = "controller_mutation_rate"
        /// Counted by address.
        case connections = "connection_creation_rate"

        /// What may be taken at once before anybody waits: the quota of this time.
        var burst: Duration { self == .mutations ? .seconds(11) : .seconds(1) }

        /// Nobody waits longer. Kafka measures rates over 11 s, and the time of requests over 1 s.
        var longestThrottle: Duration { self == .requestTime ? .seconds(1) : .seconds(11) }
    }

    /// Who takes.
    struct Taker: Sendable {
        var user = ""
        var clientID = ""
        var address = ""
    }

    /// Keys of quotas for users and clients; those for addresses.
    static let clientKeys = Resource.allCases.filter { $0 != .connections }.map(\.rawValue).sorted()
    static let addressKeys = [Resource.connections.rawValue]

    private(set) var entries: OrderedDictionary<Entity, OrderedDictionary<String, Double>> = [:]

    private struct Meter: Hashable, Sendable {
        let entity: Entity
        let resource: Resource
        /// Of a standard entry each user, client and address has a quota of its own.
        let user: String
        let clientID: String
        let address: String
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
    private static func candidates(_ resource: Resource, _ taker: Taker) -> [Entity] {
        if resource == .connections { return [Entity(ip: .named(taker.address)), Entity(ip: .standard)] }
        let (user, client) = (Name.named(taker.user), Name.named(taker.clientID))
        return [
            Entity(user: user, clientID: client), Entity(user: user, clientID: .standard), Entity(user: user),
            Entity(user: .standard, clientID: client), Entity(user: .standard, clientID: .standard),
            Entity(user: .standard), Entity(clientID: client), Entity(clientID: .standard),
        ]
    }

    /// The entry that counts for somebody, and how much of a second it grants.
    private func meter(_ resource: Resource, _ taker: Taker) -> (meter: Meter, rate: Double)? {
        for entity in Self.candidates(resource, taker) {
            guard let rate = entries[entity]?[resource.rawValue], rate > 0 else { continue }
            let meter = Meter(
                entity: entity, resource: resource, user: entity.user == nil ? "" : taker.user,
                clientID: entity.clientID == nil ? "" : taker.clientID,
                address: entity.ip == nil ? "" : taker.address)
            return (meter, rate)
        }
        return nil
    }

    private static let longestDebt = Duration.seconds(31_536_000)

    /// Notes that something was taken, and says how long who took it must wait.
    mutating func take(_ amount: Double, of resource: Resource, by taker: Taker, now: Duration) -> Duration {
        guard amount > 0, let (meter, rate) = meter(resource, taker) else { return .zero }
        // A year of debt is as good as any more, and keeps within a duration.
        let cost = min(Duration.seconds(min(amount / rate, 31_536_000)), Self.longestDebt)
        paidUntil[meter] = min(max(paidUntil[meter] ?? now, now) + cost, now + Self.longestDebt)
        if paidUntil.count > 100_000 { paidUntil = paidUntil.filter { $0.value > now } }
        return wait(for: resource, taker, now: now)
    }

    /// How long somebody must wait who has taken too much.
    func wait(for resource: Resource, _ taker: Taker, now: Duration) -> Duration {
        guard let (meter, _) = meter(resource, taker), let paid = paidUntil[meter] else { return .zero }
        return min(max(.zero, paid - now - resource.burst), resource.longestThrottle)
    }
}
