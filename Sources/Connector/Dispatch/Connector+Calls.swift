// The way of one event to one function that does not take it at once: it is called again by its policy, waits at its
// gate, and is given up by reason.

extension Connector {
    /// `false` if it was interrupted and the event must be delivered again. At most once, any end of the call is the
    /// end of it.
    ///
    /// - Parameter end: Of the first call, if it was made already.
    func deliver(_ event: Event, to target: CallTarget, after end: CallEnd?) async -> Bool {
        if configuration.delivery == .atLeastOnce {
            return await deliverUntilTaken(event, to: target, after: end)
        }
        let function = target.function
        let made: CallEnd
        if let end { made = end } else { made = await call(target, with: event, policy: configuration.retry) }
        switch made {
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
    private func deliverUntilTaken(
        _ event: Event, to target: CallTarget, after first: CallEnd?
    ) async -> Bool {
        let function = target.function
        let policy = target.subscription.policy(over: configuration.retry)
        var attempt = 1
        var first = first
        while first != nil || source.holds(event) {
            let end: CallEnd
            if let made = first.take() {
                end = made
            } else {
                end = await call(target, with: event, policy: policy)
            }
            switch end {
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
                do { try await sleep(for: wait, with: event) } catch { return false }
                if !map.contains(function, for: event.topic) { return await giveUp(letter, .functionVanished) }
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

    /// How long nobody looks whether an event that waits for its next call is this connector's still.
    private static let longestSleep = Duration.seconds(1)

    /// At least once, for no longer than the event is this connector's: its room and its lane are for others then, who
    /// may be its next owner's call in this same process.
    private func sleep(for wait: Duration, with event: Event) async throws {
        guard configuration.delivery == .atLeastOnce else { return try await time.sleep(for: wait) }
        var left = wait
        while left > .zero, source.holds(event) {
            try await time.sleep(for: min(left, Self.longestSleep))
            left -= Self.longestSleep
        }
    }

    // MARK: One call

    private func call(_ target: CallTarget, with event: Event, policy: RetryPolicy) async -> CallEnd {
        let function = target.function
        guard let limit = target.subscription.maxInFlight else { return await invoke(target, event, policy) }
        await enterGate(of: function, limit: limit)
        defer { leaveGate(of: function) }
        if let obstacle = obstacle(function, event) { return obstacle }
        return await invoke(target, event, policy)
    }

    private func enterGate(of function: FunctionName, limit: Int) async {
        guard case .wait(let number) = gates.enter(function, limit: limit) else { return }
        await withCheckedContinuation { gateWaiters[number] = $0 }
    }

    private func leaveGate(of function: FunctionName) {
        let next = gates.leave(function, limit: map.maxInFlight(of: function))
        if let next { gateWaiters.removeValue(forKey: next)?.resume() }
    }

    /// What speaks against a call whose turn at the gate has come, for it may have waited long.
    private func obstacle(_ function: FunctionName, _ event: Event) -> CallEnd? {
        if Task.isCancelled { return .cancelled }
        // It is its next owner's by now.
        if configuration.delivery == .atLeastOnce && !source.holds(event) { return .cancelled }
        return map.contains(function, for: event.topic) ? nil : .vanished(.noLongerSubscribed)
    }

    private func invoke(_ target: CallTarget, _ event: Event, _ policy: RetryPolicy) async -> CallEnd {
        let function = target.function
        let invocation = makeInvocation(on: target.route, with: event)
        tell(.invoking(function, event))
        let start = time.now
        let result = await Result(invoking: invocation, by: gateway)
        return end(of: function, event, result, after: time.now - start, policy: policy)
    }

    /// Tells of the end of a call, and judges it.
    func end(
        of function: FunctionName, _ event: Event, _ result: consuming Result<Reply, InvocationFailure>,
        after duration: Duration, policy: @autoclosure () -> RetryPolicy
    ) -> CallEnd {
        switch consume result {
        case .success(let reply):
            tell(.replied(function, event, reply, after: duration))
            return CallEnd(reply, policy: policy())
        case .failure(let failure):
            tell(.failed(function, event, failure, after: duration))
            return CallEnd(failure)
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
        // At least once, a partition's next owner calls its functions again, and writes what letters there are then.
        while !Task.isCancelled, configuration.delivery == .atMostOnce || source.holds(letter.event) {
            do {
                try await deadLetters.send(letter)
                tell(.deadLettered(letter, reason))
                return true
            } catch let refusal as DeadLetterRefusal {
                tell(.deadLetterFailed(letter, reason: refusal.description))
                tell(.gaveUp(letter.function, letter.event, reason))
                return true
            } catch {
                // A stop that waits no longer is no failure of the topic's.
                if Task.isCancelled { break }
                tell(.deadLetterFailed(letter, reason: String(describing: error)))
            }
            if configuration.delivery == .atMostOnce && attempt >= configuration.retry.attempts { break }
            let wait = configuration.retry.wait(afterAttempt: attempt, retryAfter: nil, using: &generator)
            do { try await sleep(for: wait, with: letter.event) } catch { break }
            attempt += 1
        }
        guard configuration.delivery == .atMostOnce else { return false }
        tell(.gaveUp(letter.function, letter.event, reason))
        return true
    }
}

extension Result<Reply, InvocationFailure> {
    /// What becomes of the call.
    init(invoking invocation: Invocation, by gateway: any Gateway) async {
        do throws(InvocationFailure) {
            self = .success(try await gateway.invoke(invocation))
        } catch {
            self = .failure(error)
        }
    }
}
