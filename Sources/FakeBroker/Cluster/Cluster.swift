package import KafkaProtocol

/// A whole Kafka cluster without its sockets: all topics, groups and producers of all brokers.
///
/// Decides every answer. It performs no I/O, starts nothing, reads no clock and has no chance but its seed: a shell
/// hands it requests and the time, and carries out the ``Effects``. What waits (a fetch at a log's end, a member in a
/// rebalance, a delayed request) waits as data until a later event or ``advance(to:effects:)``, so that one process
/// may run it in real time and another in virtual time. A value: a copy is a snapshot.
///
/// Handlers/ has one file an API; each adds its method here.
package struct Cluster: Sendable {
    let settings: FakeBroker.Configuration
    var clusterID: String
    var brokers: Brokers
    var topics = Topics()
    /// What a new topic's are made from.
    var defaultTopicSettings = TopicSettings()
    /// The settings of all but topics.
    var configs = ConfigStore()
    var quotas = Quotas()
    var features: Features
    var logDirectories = LogDirectories()
    var telemetry = Telemetry()
    var groups: Groups
    var offsets = OffsetStore()
    var shareSessions = ShareSessions()
    var shareWaits = ShareWaits()
    var transactions: Transactions
    var storage = StorageNotes()
    var parkedFetches = ParkedFetches()
    var fetchSessions: FetchSessions
    /// Where a test has consumers read from.
    var readReplicas: [TopicPartition: Int32] = [:]
    var delayedRequests = DelayedRequests()
    var timers = Timers()
    var random: SeededGenerator
    var security: SecurityState
    var journal: Journal
    package var interceptor: FakeBroker.Interceptor?
    var faults: Faults
    /// What is to be said of a request's topics that a fault plan has failed, until the rest of it is answered. For
    /// look-ups only.
    var failedParts: [ConnectionID: Response] = [:]
    /// The time of the event under way.
    var now = ClusterTime(elapsed: .zero, wallMilliseconds: 0)

    package init(_ settings: FakeBroker.Configuration, now: ClusterTime) {
        self.settings = settings
        self.now = now
        random = SeededGenerator(seed: settings.seed)
        clusterID = TopicID(high: random.next(), low: random.next()).description
        security = SecurityState(settings.security, using: &random)
        brokers = Brokers(
            count: settings.brokers, host: settings.advertisedHost ?? settings.host,
            listeners: settings.security.listeners.count, racks: settings.racks)
        groups = Groups(
            settings: Groups.Settings(settings))
        fetchSessions = FetchSessions(limit: settings.limits.fetchSessions)
        features = Features(transactionVersion: settings.transactionVersion)
        transactions = Transactions(expiration: settings.transactionalIDExpiration)
        journal = Journal(capacity: settings.limits.journalEntries)
        faults = Faults(settings.faults, seed: settings.seed)
        // The settings have been validated, so these succeed.
        try? defaultTopicSettings.set(clusterDefaults: settings.topicDefaults)
        for topic in settings.topics {
            _ = createTopic(
                topic.name, partitions: topic.partitions, replicationFactor: topic.replicationFactor,
                configs: topic.orderedConfigs)
        }
    }

    // MARK: Events

    /// A request has come in. Its answer is among the effects now, or after a later event.
    package mutating func handle(
        _ request: consuming Request, from context: consuming RequestContext, now: ClusterTime, effects: inout Effects
    ) {
        self.now = now
        if !quotas.isEmpty { context.payloadBytes = Self.payloadBytes(of: request) }
        context.number = journal.begin(context, at: now, request: journaled(request, context))
        if let interceptor {
            intercept(request, from: context, by: interceptor, effects: &effects)
        } else {
            meet(consume request, from: consume context, effects: &effects)
        }
    }

    /// Time has passed: carries out all that was due by `now`.
    package mutating func advance(to now: ClusterTime, effects: inout Effects) {
        self.now = now
        while let key = timers.popDue(at: now.elapsed) {
            switch key {
            case .fetch(let id): expireFetch(id, effects: &effects)
            case .shareFetch(let id): retryShareFetch(id, effects: &effects)
            case .group(let id): expireGroup(id, effects: &effects)
            case .offsetRetention(let group): expireOffsets(of: group)
            case .transaction(let id): expireTransaction(id, effects: &effects)
            case .cleanup(let partition): cleanUp(partition)
            case .delayedRequest(let id):
                guard let delayed = delayedRequests.take(id) else { continue }
                begin(delayed.request, from: delayed.context, effects: &effects)
            case .throttledConnection(let id):
                effects.append(.close(id, reason: "its address makes more connections than its quota allows"))
            }
        }
    }

    /// When ``advance(to:effects:)`` has something to do, if nothing else happens before.
    package var nextDeadline: Duration? { timers.nextDeadline }

    /// Nobody waits on this connection any more.
    package mutating func connectionClosed(_ connection: ConnectionID) {
        for id in parkedFetches.ids(of: connection) { unpark(id) }
        shareWaits.remove(connection)
        closeShareSessions(of: connection)
        delayedRequests.remove(connection)
        failedParts[connection] = nil
        security.closed(connection)
    }

    // MARK: Answers

    mutating func reply(
        to context: RequestContext, _ response: Response, error: ErrorCode = .none, effects: inout Effects
    ) {
        var response = response
        let throttle = quotas.isEmpty ? .zero : throttle(&response, context)
        if let fault = context.fault {
            replyFaulty(fault, to: context, response, error: error, effects: &effects)
        } else {
            journal.end(context.number, .answered(error), at: now, reply: journaled(response, context))
            effects.append(.reply(context, response))
        }
        // Told how long to wait, a client should; one that does not is not read (KIP-219).
        if throttle > .zero { effects.append(.stall(context.connection, throttle)) }
    }

    mutating func close(_ context: RequestContext, reason: String, effects: inout Effects) {
        journal.end(context.number, .closed, at: now)
        effects.append(.close(context.connection, reason: reason))
    }

    /// All of them: ``dispatch(_:from:effects:)`` does not compile without a handler for each. Each is offered and
    /// answered in all of its stable versions.
    static let answeredAPIs = APIKey.allCases.sorted { $0.rawValue < $1.rawValue }

    package static func answers(_ api: APIKey, _ version: Int16) -> Bool {
        api.stableVersions.contains(version)
    }

    /// Hands a request to its handler, if it may be handled.
    mutating func dispatch(
        _ request: consuming Request, from context: consuming RequestContext, effects: inout Effects
    ) {
        guard admits(request, &context, effects: &effects) else { return }
        switch consume request {
        case .produce(let body): produce(consume body, context, effects: &effects)
        case .fetch(let body): fetch(body, context, effects: &effects)
        case .listOffsets(let body): listOffsets(body, context, effects: &effects)
        case .metadata(let body): metadata(body, context, effects: &effects)
        case .offsetCommit(let body): offsetCommit(body, context, effects: &effects)
        case .offsetFetch(let body): offsetFetch(body, context, effects: &effects)
        case .findCoordinator(let body): findCoordinator(body, context, effects: &effects)
        case .joinGroup(let body): joinGroup(body, context, effects: &effects)
        case .heartbeat(let body): heartbeat(body, context, effects: &effects)
        case .leaveGroup(let body): leaveGroup(body, context, effects: &effects)
        case .syncGroup(let body): syncGroup(body, context, effects: &effects)
        case .describeGroups(let body): describeGroups(body, context, effects: &effects)
        case .listGroups(let body): listGroups(body, context, effects: &effects)
        case .deleteGroups(let body): deleteGroups(body, context, effects: &effects)
        case .offsetDelete(let body): offsetDelete(body, context, effects: &effects)
        case .consumerGroupHeartbeat(let body): consumerGroupHeartbeat(body, context, effects: &effects)
        case .consumerGroupDescribe(let body): consumerGroupDescribe(body, context, effects: &effects)
        case .shareGroupHeartbeat(let body): shareGroupHeartbeat(body, context, effects: &effects)
        case .shareGroupDescribe(let body): shareGroupDescribe(body, context, effects: &effects)
        case .shareFetch(let body): shareFetch(body, context, effects: &effects)
        case .shareAcknowledge(let body): shareAcknowledge(body, context, effects: &effects)
        case .describeShareGroupOffsets(let body): describeShareGroupOffsets(body, context, effects: &effects)
        case .alterShareGroupOffsets(let body): alterShareGroupOffsets(body, context, effects: &effects)
        case .deleteShareGroupOffsets(let body): deleteShareGroupOffsets(body, context, effects: &effects)
        case .apiVersions(let body): apiVersions(body, context, effects: &effects)
        case .createTopics(let body): createTopics(body, context, effects: &effects)
        case .deleteTopics(let body): deleteTopics(body, context, effects: &effects)
        case .saslHandshake(let body): saslHandshake(body, context, effects: &effects)
        case .saslAuthenticate(let body): saslAuthenticate(body, context, effects: &effects)
        case .describeAcls(let body): describeAcls(body, context, effects: &effects)
        case .createAcls(let body): createAcls(body, context, effects: &effects)
        case .deleteAcls(let body): deleteAcls(body, context, effects: &effects)
        case .describeUserScramCredentials(let body):
            describeUserScramCredentials(body, context, effects: &effects)
        case .alterUserScramCredentials(let body): alterUserScramCredentials(body, context, effects: &effects)
        case .initProducerId(let body): initProducerID(body, context, effects: &effects)
        case .addPartitionsToTxn(let body): addPartitionsToTxn(body, context, effects: &effects)
        case .addOffsetsToTxn(let body): addOffsetsToTxn(body, context, effects: &effects)
        case .endTxn(let body): endTxn(body, context, effects: &effects)
        case .writeTxnMarkers(let body): writeTxnMarkers(body, context, effects: &effects)
        case .txnOffsetCommit(let body): txnOffsetCommit(body, context, effects: &effects)
        case .describeProducers(let body): describeProducers(body, context, effects: &effects)
        case .describeTransactions(let body): describeTransactions(body, context, effects: &effects)
        case .listTransactions(let body): listTransactions(body, context, effects: &effects)
        case .deleteRecords(let body): deleteRecords(body, context, effects: &effects)
        case .offsetForLeaderEpoch(let body): offsetForLeaderEpoch(body, context, effects: &effects)
        case .describeConfigs(let body): describeConfigs(body, context, effects: &effects)
        case .alterConfigs(let body): alterConfigs(body, context, effects: &effects)
        case .incrementalAlterConfigs(let body): incrementalAlterConfigs(body, context, effects: &effects)
        case .listConfigResources(let body): listConfigResources(body, context, effects: &effects)
        case .createPartitions(let body): createPartitions(body, context, effects: &effects)
        case .describeCluster(let body): describeCluster(body, context, effects: &effects)
        case .describeTopicPartitions(let body): describeTopicPartitions(body, context, effects: &effects)
        case .electLeaders(let body): electLeaders(body, context, effects: &effects)
        case .alterPartitionReassignments(let body): alterPartitionReassignments(body, context, effects: &effects)
        case .listPartitionReassignments(let body): listPartitionReassignments(body, context, effects: &effects)
        case .describeLogDirs(let body): describeLogDirs(body, context, effects: &effects)
        case .alterReplicaLogDirs(let body): alterReplicaLogDirs(body, context, effects: &effects)
        case .describeClientQuotas(let body): describeClientQuotas(body, context, effects: &effects)
        case .alterClientQuotas(let body): alterClientQuotas(body, context, effects: &effects)
        case .updateFeatures(let body): updateFeatures(body, context, effects: &effects)
        case .getTelemetrySubscriptions(let body): getTelemetrySubscriptions(body, context, effects: &effects)
        case .pushTelemetry(let body): pushTelemetry(body, context, effects: &effects)
        }
    }
}
