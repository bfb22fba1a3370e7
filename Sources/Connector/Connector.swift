// The connector: takes events from a source, looks up the functions that want them, and calls each.
//
// It decides what is taken, acknowledged, called and counted, and in which order. It may never open a socket, read a
// clock or draw chance: source, gateway, time and observer are handed in. So what runs in production is what the
// simulator explores. All of it runs on the executor of the task that called `run`.

/// Connects one source to one gateway, at most once.
///
/// Each batch is acknowledged at the source *before* its first invocation; an event that could not be acknowledged is
/// not handed over. Neither a crash nor a rebalance invokes a function twice for one event.
public actor Connector {
    public nonisolated let configuration: ConnectorConfiguration
    private let source: any EventSource
    private let gateway: any Gateway
    private let observer: any ConnectorObserver
    private let time: TimeSource

    private var map = TopicMap.empty
    private var state: DispatchState
    /// The dispatch loop, while it waits for events in hand to be handled.
    private var waiter: CheckedContinuation<Void, Never>?
    private var isDraining = false
    /// After the drain's deadline: what waits in lanes is given up.
    private var isAbandoning = false

    public init(
        configuration: ConnectorConfiguration, source: any EventSource, gateway: any Gateway,
        observer: any ConnectorObserver, time: TimeSource
    ) {
        self.configuration = configuration
        self.source = source
        self.gateway = gateway
        self.observer = observer
        self.time = time
        state = DispatchState(ordering: configuration.ordering, maxInFlight: configuration.maxInFlight)
    }

    // MARK: Life

    /// Runs until the source ends, `drain` is called or the task is cancelled; cancelling gives up what is in hand.
    ///
    /// - Throws: What `EventSource.start` or `next` throws: configuration, authorization or programming errors.
    public func consume() async throws {
        defer { observer.connector(did: .stopped) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            guard await buildFirstMap() else { return }
            group.addTask { await self.keepMap() }
            let result = await Result {
                try await source.start(topics: configuration.topics) { [observer] notice in
                    observer.connector(did: .notice(notice))
                }
                try await dispatchUntilDrained()
            }
            await source.close()
            group.cancelAll()
            try result.get()
        }
    }

    /// Stops taking events. `consume` returns when those in hand are handled, or at the drain's deadline.
    public func drain() async {
        guard !isDraining else { return }
        isDraining = true
        observer.connector(did: .draining)
        wakeWaiter()
        await source.drain()
    }

    // MARK: Topic map

    /// Without a map every event would look unmatched, so nothing is consumed before the first one.
    private func buildFirstMap() async -> Bool {
        while !isDraining && !Task.isCancelled {
            if await syncMap() { return true }
            do { try await time.sleep(for: configuration.rebuildInterval) } catch { return false }
        }
        return false
    }

    private func keepMap() async {
        while !isDraining {
            do { try await time.sleep(for: configuration.rebuildInterval) } catch { return }
            await syncMap()
        }
    }

    /// A listing that fails keeps the last map.
    @discardableResult
    private func syncMap() async -> Bool {
        do {
            let listing = try await listFunctions(of: gateway)
            let new = TopicMap(listing, delimiter: configuration.topicDelimiter)
            let changed = new != map
            map = new
            observer.connector(did: .mapSynced(new, changed: changed))
            return true
        } catch {
            observer.connector(did: .mapFailed(reason: String(describing: error)))
            return false
        }
    }

    // MARK: The way of a batch

    private func dispatchUntilDrained() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            while let room = await room(), let batch = try await source.next(limit: room) {
                let answer = await source.acknowledge(batch)
                for refusal in answer.refused {
                    observer.connector(did: .refused(events: refusal.events, reason: refusal.reason))
                }
                for event in answer.acknowledged {
                    admit(event, to: &group)
                }
            }
            group.addTask { await self.abandonAfterDeadline() }
            while !state.isIdle && !isAbandoning { await wait() }
            group.cancelAll()
        }
    }

    private func admit(_ event: Event, to group: inout ThrowingDiscardingTaskGroup<any Error>) {
        observer.connector(did: .received(event))
        let functions = map.functions(for: event.topic)
        guard !functions.isEmpty else {
            observer.connector(did: .unmatched(event))
            return
        }
        switch state.admit(Delivery(event: event, functions: functions)) {
        case .start(let delivery): group.addTask { await self.run(delivery) }
        case .startLane(let lane, let delivery): group.addTask { await self.run(lane, from: delivery) }
        case .wait: break
        }
    }

    private func run(_ lane: LaneID, from first: Delivery) async {
        await run(first)
        while let delivery = state.next(in: lane) {
            await run(delivery)
        }
    }

    private func run(_ delivery: Delivery) async {
        if isAbandoning || Task.isCancelled {
            observer.connector(did: .dropped(delivery.event, reason: .shutdown))
        } else {
            await invokeAll(delivery)
            observer.connector(did: .handled(delivery.event))
        }
        if state.finish() == .refill || state.isIdle { wakeWaiter() }
    }

    // MARK: Invocation

    private func invokeAll(_ delivery: Delivery) async {
        if delivery.functions.count == 1 {
            await invoke(delivery.functions[0], with: delivery.event)
            return
        }
        await withDiscardingTaskGroup { group in
            for function in delivery.functions {
                group.addTask { await self.invoke(function, with: delivery.event) }
            }
        }
    }

    private func invoke(_ function: FunctionName, with event: Event) async {
        let invocation = Invocation(
            function: function, event: event, mode: configuration.invocationMode,
            headers: invocationHeaders(for: event, contentType: configuration.contentType),
            replyBodyLimit: configuration.replyBodyLimit)
        observer.connector(did: .invoking(function, event))
        let start = time.now
        do throws(InvocationFailure) {
            let reply = try await gateway.invoke(invocation)
            observer.connector(did: .replied(function, event, reply, after: time.now - start))
        } catch {
            observer.connector(did: .failed(function, event, error, after: time.now - start))
        }
    }

    // MARK: Waiting

    /// Waits until a batch is worth taking, and says how large it may be; `nil` once the connector drains.
    private func room() async -> Int? {
        while state.room == 0 && !isDraining { await wait() }
        return isDraining ? nil : state.room
    }

    /// Sleeps until there is room, nothing is in hand, or the connector is to stop.
    private func wait() async {
        await withCheckedContinuation { waiter = $0 }
    }

    private func wakeWaiter() {
        waiter?.resume()
        waiter = nil
    }

    private func abandonAfterDeadline() async {
        do { try await time.sleep(for: configuration.drainTimeout) } catch { return }
        isAbandoning = true
        wakeWaiter()
    }
}

extension Result where Failure == any Error {
    /// The outcome of `body`, so that what must follow it follows either way.
    fileprivate init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
