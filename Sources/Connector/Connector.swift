// The connector: takes events from a source, looks up the functions that want them, and calls each.
//
// It decides what is taken, acknowledged, called, repeated and counted, and in which order. It may never open a
// socket, read a clock or draw chance: source, gateway, time, generator and observer are handed in. So what runs in
// production is what the simulator explores. All of it runs on the executor of the task that called it.

/// Connects one source to one gateway.
///
/// At most once (the default), each batch is acknowledged at the source *before* its first invocation, and an event
/// that could not be acknowledged is not handed over. At least once, each event is settled after every function took
/// it or was given up.
public actor Connector {
    public nonisolated let configuration: ConnectorConfiguration
    let source: any EventSource
    let sourceHeaders: InvocationHeaders.Source
    let gateway: any Gateway
    let deadLetters: (any DeadLetterSink)?
    let observer: any ConnectorObserver
    let time: TimeSource
    var generator: any RandomNumberGenerator & Sendable

    var map = TopicMap.empty
    /// What `map` was built from, by name.
    private var listing: [FunctionDescription]?
    /// So many listings without namespaces in a row are taken for a fault, after one that had some.
    private static let listingsWithoutNamespaces = 20
    /// How many are left of these.
    private var faultsLeft = 0
    /// What the map says of each topic met since it was built.
    private var targetsByTopic: [String: [CallTarget]] = [:]
    private var knownTargets = 0
    /// A kibibyte each: where patterns lead many topics to many functions, all are forgotten and met again.
    private static let mostTargets = 50_000
    private var subscribedTopics: [String] = []

    var intake: Intake
    var lanes = Lanes()
    /// Calls of functions that have not come to an end.
    var calls = CallTable()
    let inbox = CallInbox()
    var gates = FunctionGates()
    var gateWaiters: [FunctionGates.Waiter: CheckedContinuation<Void, Never>] = [:]
    /// Those who wait for the intake to change: the loop that pulls, and the loop that dispatches.
    var pullWaiter: CheckedContinuation<Void, Never>?
    var dispatchWaiter: CheckedContinuation<Void, Never>?
    /// Partitions whose pause the observer knows.
    var toldOfPauses: Set<SourcePartition> = []
    /// The source had as many events as it was asked for last.
    var isBacklogged = false
    var isDraining = false
    private var drainWaiters: [CheckedContinuation<Void, Never>] = []
    /// The source has ended, or failed.
    var pullResult: Result<Void, any Error>?

    /// - Parameters:
    ///   - deadLetters: Takes the events that functions would not; `nil` drops them, counted.
    ///   - generator: Draws the jitter of retries.
    public init(
        configuration: ConnectorConfiguration, source: any EventSource, gateway: any Gateway,
        deadLetters: (any DeadLetterSink)? = nil, observer: any ConnectorObserver, time: TimeSource,
        generator: any RandomNumberGenerator & Sendable
    ) {
        self.configuration = configuration
        self.source = source
        sourceHeaders = InvocationHeaders.Source(kind: source.kind, attributeNames: source.attributeNames)
        self.gateway = gateway
        self.deadLetters = deadLetters
        self.observer = observer
        self.time = time
        self.generator = generator
        intake = Intake(ordering: configuration.ordering, maxInFlight: configuration.maxInFlight)
    }

    // MARK: Life

    /// Runs until the source ends, `drain` is called or the task is cancelled; cancelling gives up what is in hand.
    ///
    /// - Throws: What `EventSource.start` or `next` throws: configuration, authorization or programming errors.
    public func consume() async throws {
        defer { tell(.stopped) }
        guard await buildFirstMapOrDrain() else { return }
        let result = await withTaskGroup(of: Part.self) { parts in
            parts.addImmediateTask { await self.keepMap() }
            parts.addImmediateTask { await self.waitForDeadline() }
            parts.addImmediateTask { .events(await Result { try await self.takeEvents() }) }
            var result: Result<Void, any Error> = .success(())
            for await part in parts {
                switch part {
                case .map: continue
                case .deadline: break
                case .events(let end): result = end
                }
                parts.cancelAll()
                wakeThoseWhoWaitForDrain()
            }
            return result
        }
        await source.close()
        try result.get()
    }

    /// What came to its end.
    private enum Part {
        case map
        case deadline
        case events(Result<Void, any Error>)
    }

    private func takeEvents() async throws {
        subscribedTopics = wantedTopics
        try await source.start(topics: subscribedTopics) { [observer] notice in
            observer.connector(did: .notice(notice))
        }
        try await dispatchUntilDrained()
    }

    /// Stops taking events. `consume` returns when those in hand are handled, or `drainTimeout` from now.
    public func drain() async {
        guard beginDrain() else { return }
        await source.drain()
    }

    /// `false` if it has begun before.
    func beginDrain() -> Bool {
        guard !isDraining else { return false }
        isDraining = true
        tell(.draining)
        wakeThoseWhoWaitForDrain()
        wakePull()
        wakeDispatch()
        return true
    }

    /// However long acknowledgements and calls take, they are cancelled at the deadline.
    private func waitForDeadline() async -> Part {
        await waitForDrain()
        try? await time.sleep(for: configuration.drainTimeout)
        return .deadline
    }

    /// Returns when the connector drains, or is woken for another reason.
    private func waitForDrain() async {
        guard !isDraining else { return }
        await withCheckedContinuation { drainWaiters.append($0) }
    }

    private func wakeThoseWhoWaitForDrain() {
        for waiter in drainWaiters { waiter.resume() }
        drainWaiters = []
    }

    /// Tells the observer. The step is made in a frame of its own: in that of an async function it would keep its room
    /// for as long as the function waits.
    @inline(never)
    func tell(_ step: @autoclosure () -> ConnectorStep) { observer.connector(did: step()) }

    // MARK: Topic map

    /// `false` if the connector drains, or is cancelled, before there is a map: then there is nothing to wait for.
    private func buildFirstMapOrDrain() async -> Bool {
        await withTaskGroup(of: Bool.self) { parts in
            parts.addImmediateTask { await self.buildFirstMap() }
            parts.addImmediateTask {
                await self.waitForDrain()
                return false
            }
            let isBuilt = await parts.next() ?? false
            parts.cancelAll()
            wakeThoseWhoWaitForDrain()
            return isBuilt
        }
    }

    /// Without a map every event would look unmatched, so nothing is consumed before the first one.
    private func buildFirstMap() async -> Bool {
        // A gateway that starts a moment later is not to cost a whole interval, which may be minutes.
        var wait = min(.seconds(1), configuration.rebuildInterval)
        while !isDraining && !Task.isCancelled {
            if await syncMap() { return true }
            do { try await time.sleep(for: wait) } catch { return false }
            wait = min(wait * 2, configuration.rebuildInterval)
        }
        return false
    }

    private func keepMap() async -> Part {
        while !isDraining {
            do { try await time.sleep(for: configuration.rebuildInterval) } catch { break }
            if await syncMap() { await followAnnotations() }
        }
        return .map
    }

    /// A listing that fails keeps the last map.
    private func syncMap() async -> Bool {
        do {
            let (functions, hasNamespaces) = try await listFunctions(
                of: gateway, in: configuration.namespaces, knowsNamespaces: faultsLeft > 0)
            faultsLeft = hasNamespaces ? Self.listingsWithoutNamespaces : 0
            var changed = false
            // In which order a gateway lists them is by chance (faas-netes' is that of a Go map), and no change.
            let sorted = functions.sorted { $0.name < $1.name }
            if sorted != listing {
                listing = sorted
                let new = TopicMap(functions, rules: configuration.annotations)
                changed = new != map
                map = new
                forgetTargets()
                intake.forgetLimits()
                if intake.isWorthTaking { wakeDispatch() }
            }
            tell(.mapSynced(map, changed: changed))
            return true
        } catch {
            if case NamespacesError.gone = error { faultsLeft -= 1 }
            // A stop is no failure of the gateway's.
            if !Task.isCancelled { tell(.mapFailed(reason: String(describing: error), hasMap: listing != nil)) }
            return false
        }
    }

    private var wantedTopics: [String] {
        switch configuration.topics {
        case .named(let topics): topics
        case .annotated: (map.topics + map.patterns.map(\.regularExpression)).sorted()
        }
    }

    /// With `topics=*`, subscribes to what functions are annotated with now.
    private func followAnnotations() async {
        let wanted = wantedTopics
        guard wanted != subscribedTopics, !isDraining else { return }
        do {
            try await source.subscribe(to: wanted)
            subscribedTopics = wanted
        } catch {
            tell(.notice(.transientFailure("subscribing to \(wanted) failed: \(error)")))
        }
    }

    /// The functions that an event of the topic would lead to now.
    public func functions(for topic: String) -> [FunctionName] { map.functions(for: topic) }

    /// The functions that want a topic; looked up once a topic and map.
    func targets(for topic: String) -> [CallTarget] {
        if let known = targetsByTopic[topic] { return known }
        let found = map.subscriptions(for: topic).map { CallTarget($0, route(to: $0.function, for: topic)) }
        if knownTargets > Self.mostTargets { forgetTargets() }
        targetsByTopic[topic] = found
        knownTargets += found.count
        return found
    }

    private func forgetTargets() {
        targetsByTopic = [:]
        knownTargets = 0
    }
}

extension Result where Failure == any Error {
    /// The outcome of `body`, so that what must follow it follows either way.
    package init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
