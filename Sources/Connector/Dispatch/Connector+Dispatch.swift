// The way of a batch: from the source into the stash, out of it once there is room, acknowledged if at most once, and
// into the lanes.

extension Connector {
    /// How often the connector looks for partitions whose events do not move.
    private static let stallInterval = Duration.milliseconds(250)

    /// Takes events and handles them until the source ends or the connector drains. Cancelled, it gives up those in
    /// hand.
    func dispatchUntilDrained() async throws {
        await withDiscardingTaskGroup { feeders in
            feeders.addImmediateTask { await self.pull() }
            feeders.addImmediateTask { await self.watchStalls() }
            await withDiscardingTaskGroup { handlers in
                handlers.addImmediateTask { await self.callFunctions() }
                while let batch = await nextBatch() { await handOver(batch) }
                while !intake.isIdle && !Task.isCancelled { await waitForDispatch() }
                handlers.cancelAll()
                inbox.wake()
            }
            feeders.cancelAll()
        }
        try pullResult?.get()
    }

    // MARK: Into the stash

    /// Where events come one at a time, not while the loop that dispatches is busy: what comes while a batch is being
    /// acknowledged stays at the source, and shares the next acknowledgement. Of a backlog there is a batch by then.
    private var mayPull: Bool { intake.demand > 0 && (dispatchWaiter != nil || isBacklogged) }

    private func pull() async {
        defer { wakeDispatch() }
        do {
            while !isDraining {
                while !mayPull && !isDraining && !Task.isCancelled { await waitForPull() }
                let demand = intake.demand
                guard !isDraining, !Task.isCancelled, let batch = try await source.next(limit: demand) else { break }
                isBacklogged = batch.count >= demand
                let flow = intake.store(batch)
                wakeDispatch()
                await resume(flow.resume)
                await pause(flow.pause)
            }
            pullResult = .success(())
        } catch {
            pullResult = .failure(error)
            // What is in hand has until the drain's deadline, whatever its functions do.
            _ = beginDrain()
        }
    }

    /// Sees what stands still: the room that it holds counts no more, and its partitions are paused, so that others
    /// find room in the stash.
    private func watchStalls() async {
        // However this ends, nobody may wait for a change that will not come.
        defer {
            wakePull()
            wakeDispatch()
            inbox.wake()
        }
        while true {
            do { try await time.sleep(for: Self.stallInterval) } catch { return }
            let (stalled, standing) = intake.endInterval()
            if intake.isWorthTaking { wakeDispatch() }
            tellOfPauses(of: standing)
            guard !stalled.isEmpty else { continue }
            await pause(stalled)
            // Of a source that cannot, what comes next would only be more of the same.
            if source.capabilities.canPause { wakePull() }
        }
    }

    // MARK: Out of the stash

    /// Waits for a batch that may be handed over; `nil` when none will follow.
    private func nextBatch() async -> [EventInHand]? {
        while !isDraining && !Task.isCancelled {
            if intake.isWorthTaking {
                let batch = intake.take { FunctionLimits(targets(for: $0).lazy.map(\.subscription)) }
                if mayPull { wakePull() }
                await resume(intake.resumeDrained())
                return batch
            }
            if pullResult != nil && intake.isIdle { return nil }
            await waitForDispatch()
        }
        return nil
    }

    private func pause(_ partitions: [SourcePartition]) async {
        guard !partitions.isEmpty else { return }
        if source.capabilities.canPause { await source.pause(partitions) }
        intake.havePaused(partitions)
        await resume(intake.resumeDrained())
    }

    private func resume(_ partitions: [SourcePartition]) async {
        guard !partitions.isEmpty else { return }
        await source.resume(partitions)
        let told = partitions.filter { toldOfPauses.remove($0) != nil }
        if !told.isEmpty { tell(.resumed(told)) }
    }

    /// Beside those that stand still others are paused for moments, so that they do not fill the stash.
    private func tellOfPauses(of standing: [SourcePartition]) {
        guard source.capabilities.canPause else { return }
        let new = standing.filter { toldOfPauses.insert($0).inserted }
        if !new.isEmpty { tell(.paused(new)) }
    }

    private func handOver(_ batch: [EventInHand]) async {
        let items = await ownItems(of: batch)
        let now = time.now
        for var item in items {
            item.receivedAt = now
            tell(.received(item.event))
            if lanes.admit(item) == .start { inbox.put(.handedOver(item)) }
        }
    }

    /// The events of the batch that this connector may handle; the others leave its hands.
    private func ownItems(of batch: [EventInHand]) async -> [EventInHand] {
        let events = batch.map(\.event)
        let own: [Event]
        switch configuration.delivery {
        case .atMostOnce:
            let answer = await source.acknowledge(events)
            for refusal in answer.refused {
                tell(.refused(events: refusal.events, reason: refusal.reason))
            }
            own = answer.acknowledged
        case .atLeastOnce:
            own = events.filter { source.holds($0) }
            if own.count < batch.count {
                tell(.refused(events: batch.count - own.count, reason: "revoked"))
            }
        }
        guard own.count < batch.count else { return batch }
        var kept = own[...]
        return batch.filter { item in
            if kept.first === item.event {
                kept.removeFirst()
                return true
            }
            _ = intake.finish(item)
            return false
        }
    }

    // MARK: Waiting

    private func waitForDispatch() async {
        await withCheckedContinuation {
            dispatchWaiter = $0
            wakePull()
        }
    }

    private func waitForPull() async {
        await withCheckedContinuation { pullWaiter = $0 }
    }

    func wakeDispatch() {
        dispatchWaiter?.resume()
        dispatchWaiter = nil
    }

    func wakePull() {
        pullWaiter?.resume()
        pullWaiter = nil
    }
}
