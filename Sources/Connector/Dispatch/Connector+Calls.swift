// The way of one event to its functions: each is called, called again by its policy, and given up by reason.

extension Connector {
    /// Handles an event whose turn has come, to one of its ends.
    func handle(_ event: Event) async {
        let subscriptions = subscriptions(for: event.topic)
        let skipReason = skipReason(event, subscriptions)
        if skipReason == nil {
            let isTaken =
                subscriptions.count == 1
                ? await deliver(event, to: subscriptions[0]) : await deliverToAll(event, subscriptions)
            guard isTaken else { return tell(.returned(event)) }
        }
        if configuration.delivery == .atLeastOnce { await source.settle([Settlement(event, .accept)]) }
        tell(skipReason.map { .skipped(event, $0) } ?? .handled(event))
    }

    private func skipReason(_ event: Event, _ subscriptions: [Subscription]) -> SkipReason? {
        if event.isTombstone && configuration.tombstones == .skip { return .tombstone }
        return subscriptions.isEmpty ? .noFunction : nil
    }

    /// Calls every function at once, the first in this task; `false` if one was interrupted and the event must be
    /// delivered again.
    private func deliverToAll(_ event: Event, _ subscriptions: [Subscription]) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            for subscription in subscriptions.dropFirst() {
                group.addImmediateTask { await self.deliver(event, to: subscription) }
            }
            var isSettled = await deliver(event, to: subscriptions[0])
            while let isTaken = await group.next() { isSettled = isSettled && isTaken }
            return isSettled
        }
    }

    /// `false` if it was interrupted and the event must be delivered again. At most once, any end of the call is the
    /// end of it.
    private func deliver(_ event: Event, to subscription: Subscription) async -> Bool {
        if configuration.delivery == .atLeastOnce { return await deliverUntilTaken(event, to: subscription) }
        let function = subscription.function
        switch await call(subscription, with: event, policy: configuration.retry) {
        case .done, .refused: return true
        case .cancelled:
            tell(.gaveUp(function, event, .shutdown))
            return true
        case .vanished(let failure):
            return await giveUp(letter(event, function, failure, attempts: 0), .functionVanished)
        case .failed(let failure):
            guard let reason = lossReason(failure, function, event) else { return true }
            return await giveUp(letter(event, function, failure, attempts: 1), reason)
        }
    }

    /// Why the function cannot have seen the event, as far as anybody can tell; `nil` if it did.
    private func lossReason(_ failure: CallFailure, _ function: FunctionName, _ event: Event) -> GiveUpReason? {
        if failure.status == nil { return .noReply }
        if failure.status == 404 && !map.contains(function, for: event.topic) { return .functionVanished }
        return failure.isPlatforms ? .platformError : nil
    }

    /// At least once: calls one function until it takes the event or is given up; `false` if that was interrupted.
    private func deliverUntilTaken(_ event: Event, to subscription: Subscription) async -> Bool {
        let function = subscription.function
        let policy = subscription.policy(over: configuration.retry)
        var attempt = 1
        while source.holds(event) {
            switch await call(subscription, with: event, policy: policy) {
            case .done: return true
            case .cancelled: return false
            case .refused(let failure):
                return await giveUp(letter(event, function, failure, attempts: attempt), .refused)
            case .vanished(let failure):
                return await giveUp(letter(event, function, failure, attempts: attempt - 1), .functionVanished)
            case .failed(let failure):
                let letter = letter(event, function, failure, attempts: attempt)
                if !map.contains(function, for: event.topic) { return await giveUp(letter, .functionVanished) }
                if attempt >= policy.attempts { return await giveUp(letter, .attemptsExhausted) }
                let wait = policy.wait(
                    afterAttempt: attempt, retryAfter: failure.retryAfter, using: &generator)
                tell(.retrying(function, event, attempt: attempt, wait: wait))
                do { try await time.sleep(for: wait) } catch { return false }
                attempt += 1
            }
        }
        return false
    }

    private func letter(
        _ event: Event, _ function: FunctionName, _ failure: CallFailure, attempts: Int
    ) -> DeadLetter {
        DeadLetter(
            event: event, function: function, status: failure.status, attempts: attempts, error: failure.error)
    }

    // MARK: One call

    private func call(_ subscription: Subscription, with event: Event, policy: RetryPolicy) async -> CallEnd {
        let function = subscription.function
        guard let limit = subscription.maxInFlight else { return await invoke(function, event, policy) }
        await enterGate(of: function, limit: limit)
        defer { leaveGate(of: function) }
        if let obstacle = obstacle(function, event) { return obstacle }
        return await invoke(function, event, policy)
    }

    private func enterGate(of function: FunctionName, limit: Int) async {
        guard case .wait(let number) = gates.enter(function, limit: limit) else { return }
        await withCheckedContinuation { gateWaiters[number] = $0 }
    }

    private func leaveGate(of function: FunctionName) {
        if let next = gates.leave(function) { gateWaiters.removeValue(forKey: next)?.resume() }
    }

    /// What speaks against a call whose turn at the gate has come, for it may have waited long.
    private func obstacle(_ function: FunctionName, _ event: Event) -> CallEnd? {
        if Task.isCancelled { return .cancelled }
        // It is its next owner's by now.
        if configuration.delivery == .atLeastOnce && !source.holds(event) { return .cancelled }
        return map.contains(function, for: event.topic) ? nil : .vanished(.noLongerSubscribed)
    }

    private func invoke(_ function: FunctionName, _ event: Event, _ policy: RetryPolicy) async -> CallEnd {
        let invocation = makeInvocation(of: function, with: event)
        tell(.invoking(function, event))
        let start = time.now
        do throws(InvocationFailure) {
            let reply = try await gateway.invoke(invocation)
            tell(.replied(function, event, reply, after: time.now - start))
            return CallEnd(reply, policy: policy)
        } catch {
            tell(.failed(function, event, error, after: time.now - start))
            return CallEnd(error)
        }
    }

    // MARK: Giving up

    /// The dead-letter topic takes the event, or it is dropped and counted; `false` if that was interrupted.
    ///
    /// At least once, a topic that is away is asked until it takes the event. At most once it is asked as often as a
    /// function would be, for the event is acknowledged and others wait behind it.
    private func giveUp(_ letter: DeadLetter, _ reason: GiveUpReason) async -> Bool {
        guard let deadLetters else {
            tell(.gaveUp(letter.function, letter.event, reason))
            return true
        }
        var attempt = 1
        while !Task.isCancelled {
            do {
                try await deadLetters.send(letter)
                tell(.deadLettered(letter, reason))
                return true
            } catch let refusal as DeadLetterRefusal {
                tell(.deadLetterFailed(letter, reason: refusal.description))
                tell(.gaveUp(letter.function, letter.event, reason))
                return true
            } catch {
                tell(.deadLetterFailed(letter, reason: String(describing: error)))
            }
            if configuration.delivery == .atMostOnce && attempt >= configuration.retry.attempts { break }
            let wait = configuration.retry.wait(afterAttempt: attempt, retryAfter: nil, using: &generator)
            do { try await time.sleep(for: wait) } catch { break }
            attempt += 1
        }
        guard configuration.delivery == .atMostOnce else { return false }
        tell(.gaveUp(letter.function, letter.event, reason))
        return true
    }
}
