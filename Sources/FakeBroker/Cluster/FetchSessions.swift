internal import KafkaProtocol
internal import NIOCore
internal import OrderedCollections

/// What each consumer fetches from each broker, so that it need not say so every time (KIP-227).
///
/// Decides which partitions a fetch is about, and which of them a reply need not mention since nothing about them is
/// new. A session belongs to no connection: a client goes on with it on the next.
struct FetchSessions: Sendable {
    /// How a fetch goes on.
    enum Start: Sendable {
        /// With all its partitions named. Its `sessionID` is the session's, 0 being none; its `sessionEpoch` is 0 if
        /// the reply is to mention everything.
        case fetch(FetchRequest)
        case refused(ErrorCode)
    }

    private struct Key: Hashable, Sendable {
        let topic: String
        let topicID: TopicID
        let partition: Int32
    }

    private struct Entry: Sendable {
        var asked: FetchRequest.FetchPartition
        /// As last told; -1: not yet, or with an error.
        var highWatermark: Int64 = -1
        var logStartOffset: Int64 = -1
    }

    private struct Session: Sendable {
        let broker: Int32
        let namesByID: Bool
        var nextEpoch: Int32 = 1
        var lastUsed: Duration
        /// Those that had something come last, so that the others have their turn.
        var entries: OrderedDictionary<Key, Entry> = [:]
    }

    private enum Epoch {
        /// No session, and the end of the one that is named.
        static let final: Int32 = -1
        static let initial: Int32 = 0
    }

    /// A session that is idle for so long makes room for another.
    static let idleTime = Duration.seconds(120)

    /// For look-ups only.
    private var byID: [Int32: Session] = [:]
    private var lastID: Int32 = 0
    /// Of all brokers together.
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { byID.count }

    /// A fetch has come to a broker.
    mutating func begin(
        _ request: FetchRequest, broker: Int32, namesByID: Bool, now: Duration
    ) -> Start {
        if request.sessionEpoch == Epoch.final || request.sessionEpoch == Epoch.initial {
            if request.sessionID != 0 { byID[request.sessionID] = nil }
            var whole = request
            whole.sessionID =
                request.sessionEpoch == Epoch.initial ? make(request, broker, namesByID, now) : 0
            whole.sessionEpoch = Epoch.initial
            return .fetch(whole)
        }
        guard request.sessionID != 0 else { return .refused(.invalidFetchSessionEpoch) }
        guard var session = byID.removeValue(forKey: request.sessionID), session.broker == broker else {
            return .refused(.fetchSessionIDNotFound)
        }
        defer { byID[request.sessionID] = session.entries.isEmpty ? nil : session }
        guard session.nextEpoch == request.sessionEpoch else { return .refused(.invalidFetchSessionEpoch) }
        guard session.namesByID == namesByID else { return .refused(.fetchSessionTopicIDError) }
        session.nextEpoch = session.nextEpoch == .max ? 1 : session.nextEpoch + 1
        session.lastUsed = now
        Self.update(&session, request)
        var whole = request
        whole.topics = Self.topics(session)
        whole.forgottenTopicsData = []
        if session.entries.isEmpty { whole.sessionID = 0 }
        return .fetch(whole)
    }

    /// Returns its id; 0 if there is no room, or nothing to keep.
    private mutating func make(
        _ request: FetchRequest, _ broker: Int32, _ namesByID: Bool, _ now: Duration
    ) -> Int32 {
        var session = Session(broker: broker, namesByID: namesByID, lastUsed: now)
        Self.update(&session, request)
        guard !session.entries.isEmpty else { return 0 }
        if byID.count >= limit {
            let idle = byID.filter { now - $0.value.lastUsed > Self.idleTime }
            guard let oldest = idle.min(by: { ($0.value.lastUsed, $0.key) < ($1.value.lastUsed, $1.key) }) else {
                return 0
            }
            byID[oldest.key] = nil
        }
        repeat { lastID = lastID == .max ? 1 : lastID + 1 } while byID[lastID] != nil
        byID[lastID] = session
        return lastID
    }

    private static func update(_ session: inout Session, _ request: FetchRequest) {
        for topic in request.topics {
            for partition in topic.partitions {
                let key = Key(topic: topic.topic, topicID: topic.topicID, partition: partition.partition)
                session.entries[key, default: Entry(asked: partition)].asked = partition
            }
        }
        for topic in request.forgottenTopicsData {
            for partition in topic.partitions {
                session.entries[Key(topic: topic.topic, topicID: topic.topicID, partition: partition)] = nil
            }
        }
    }

    private static func topics(_ session: Session) -> [FetchRequest.FetchTopic] {
        var topics: [FetchRequest.FetchTopic] = []
        for (key, entry) in session.entries {
            if topics.last?.topic != key.topic || topics.last?.topicID != key.topicID {
                var topic = FetchRequest.FetchTopic()
                topic.topic = key.topic
                topic.topicID = key.topicID
                topics.append(topic)
            }
            topics[topics.count - 1].partitions.append(entry.asked)
        }
        return topics
    }

    /// The topics of a session, by name or by id.
    func topics(of id: Int32) -> [(name: String, id: TopicID)] {
        byID[id].map { Self.topics($0).map { ($0.topic, $0.topicID) } } ?? []
    }

    /// Leaves out of a reply what its session was told before.
    mutating func finish(_ response: inout FetchResponse, of request: FetchRequest) {
        response.sessionID = request.sessionID
        guard request.sessionID != 0, var session = byID.removeValue(forKey: request.sessionID) else { return }
        for topic in response.responses.indices {
            let (name, id) = (response.responses[topic].topic, response.responses[topic].topicID)
            response.responses[topic].partitions.removeAll { data in
                let key = Key(topic: name, topicID: id, partition: data.partitionIndex)
                return !Self.isNews(data, key, in: &session) && request.sessionEpoch != Epoch.initial
            }
        }
        response.responses.removeAll(where: \.partitions.isEmpty)
        byID[request.sessionID] = session
    }

    private static func isNews(
        _ data: FetchResponse.PartitionData, _ key: Key, in session: inout Session
    ) -> Bool {
        guard var entry = session.entries[key] else { return true }
        let hasRecords = data.records.map { $0.readableBytes > 0 } ?? false
        let isNews =
            hasRecords || data.errorCode != .none || data.preferredReadReplica >= 0
            || data.highWatermark != entry.highWatermark || data.logStartOffset != entry.logStartOffset
        entry.highWatermark = data.errorCode == .none ? data.highWatermark : -1
        entry.logStartOffset = data.errorCode == .none ? data.logStartOffset : -1
        if hasRecords { session.entries[key] = nil }
        session.entries[key] = entry
        return isNews
    }
}
