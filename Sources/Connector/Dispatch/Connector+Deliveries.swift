// The way of an event that was handed over: to all of its functions at once, and to one of its ends. One loop begins
// the calls and takes their ends, many at a time; a task of its own costs only a call that needs one: that is tried
// again, waits at a gate, or is given to a gateway that cannot call without.

import DequeModule

extension Connector {
    /// Calls functions until it is cancelled and nothing is in hand any more.
    func callFunctions() async {
        await withDiscardingTaskGroup { tasks in
            var isCancelled = false
            while true {
                // What is begun after this gives up by itself.
                if Task.isCancelled, !isCancelled {
                    isCancelled = true
                    tasks.cancelAll()
                    gateway.cancelCalls(endingIn: inbox)
                }
                var entries = inbox.take()
                let count = entries.count
                while let entry = entries.popFirst() { take(entry, &tasks) }
                inbox.reuse(entries, holding: count)
                if isCancelled && intake.isIdle { break }
                await withCheckedContinuation { inbox.wait($0) }
            }
        }
    }

    private func take(_ entry: consuming CallInbox.Entry, _ tasks: inout DiscardingTaskGroup) {
        switch consume entry {
        case .handedOver(let item): handle(item, &tasks)
        case .answered(let call, let result): judge(call, result, &tasks)
        case .delivered(let call, let isTaken): close(call, isTaken: isTaken, &tasks)
        case .settled(let item, let skipReason):
            end(item, skipReason)
            if let next = lanes.next(after: item) { handle(next, &tasks) }
        }
    }

    // MARK: An event's beginning

    /// Handles an event whose turn has come, and those behind it for as long as nothing has to be waited for.
    private func handle(_ item: EventInHand, _ tasks: inout DiscardingTaskGroup) {
        var next = Optional(item)
        while let item = next, !begin(item, &tasks) {
            finish(item)
            next = lanes.next(after: item)
        }
    }

    /// `false` if the event has come to its end at once.
    private func begin(_ item: EventInHand, _ tasks: inout DiscardingTaskGroup) -> Bool {
        let event = item.event
        if Task.isCancelled {
            tell(configuration.delivery == .atMostOnce ? .dropped(event, .shutdown) : .returned(event))
            return false
        }
        let targets = targets(for: event.topic)
        if let skipReason = skipReason(event, targets) {
            if configuration.delivery == .atLeastOnce {
                settle(item, skipReason, &tasks)
                return true
            }
            tell(.skipped(event, skipReason))
            return false
        }
        if configuration.delivery == .atLeastOnce && !source.holds(event) {
            tell(.returned(event))
            return false
        }
        callAll(targets, with: item, &tasks)
        return true
    }

    private func skipReason(_ event: Event, _ targets: [CallTarget]) -> SkipReason? {
        if event.isTombstone && configuration.tombstones == .skip { return .tombstone }
        return targets.isEmpty ? .noFunction : nil
    }

    // MARK: Calls

    /// Calls every function at once.
    private func callAll(_ targets: [CallTarget], with item: EventInHand, _ tasks: inout DiscardingTaskGroup) {
        let event = item.event
        let start = time.now
        tell(.starting(event, waited: start - item.receivedAt))
        var invocation = makeInvocation(on: targets[0].route, with: event)
        let number = calls.begin(item, functions: targets.count)
        for target in targets {
            guard target.subscription.maxInFlight == nil else {
                let call = calls.add(event, numbered: number, to: target, start: .zero)
                deliver(event, to: target, as: call, after: nil, &tasks)
                continue
            }
            tell(.invoking(target.function, event))
            let call = calls.add(event, numbered: number, to: target, start: start)
            invocation.route = target.route
            beginCall(invocation, as: call, &tasks)
        }
    }

    private func beginCall(_ invocation: Invocation, as call: Int, _ tasks: inout DiscardingTaskGroup) {
        if gateway.begin(invocation, as: call, endingIn: inbox) { return }
        tasks.addImmediateTask { [gateway, inbox] in
            inbox.end(call, await Result(invoking: invocation, by: gateway))
        }
    }

    /// In a task of its own, for there is something to wait for.
    private func deliver(
        _ event: Event, to target: CallTarget, as call: Int, after end: CallEnd?,
        _ tasks: inout DiscardingTaskGroup
    ) {
        tasks.addImmediateTask {
            let isTaken = await self.deliver(event, to: target, after: end)
            self.inbox.put(.delivered(call: call, isTaken: isTaken))
        }
    }

    /// The gateway's end of a call: nearly always also the function's.
    private func judge(
        _ number: Int, _ result: consuming Result<Reply, InvocationFailure>, _ tasks: inout DiscardingTaskGroup
    ) {
        let call = calls[number]
        let target = call.target
        let end = end(
            of: target.function, call.event, result, after: time.now - call.start,
            policy: configuration.delivery == .atMostOnce
                ? configuration.retry : target.subscription.policy(over: configuration.retry))
        if case .done = end { return close(number, isTaken: true, &tasks) }
        deliver(call.event, to: target, as: number, after: end, &tasks)
    }

    // MARK: An event's end

    private func close(_ call: Int, isTaken: Bool, _ tasks: inout DiscardingTaskGroup) {
        guard let (item, isTaken) = calls.close(call, isTaken: isTaken) else { return }
        if !isTaken {
            tell(.returned(item.event))
            finish(item)
        } else if configuration.delivery == .atLeastOnce {
            return settle(item, nil, &tasks)
        } else {
            end(item, nil)
        }
        if let next = lanes.next(after: item) { handle(next, &tasks) }
    }

    private func settle(_ item: EventInHand, _ skipReason: SkipReason?, _ tasks: inout DiscardingTaskGroup) {
        tasks.addImmediateTask {
            await self.source.settle([Settlement(item.event, .accept)])
            self.inbox.put(.settled(item, skipReason))
        }
    }

    private func end(_ item: EventInHand, _ skipReason: SkipReason?) {
        tell(skipReason.map { .skipped(item.event, $0) } ?? .handled(item.event))
        finish(item)
    }

    private func finish(_ item: EventInHand) {
        if intake.finish(item) == .wake { wakeDispatch() }
    }
}
