extension FakeGateway {
    /// Deploys a function, or replaces it.
    public func deploy(_ function: Function) async throws {
        try await change { $0.deploy(function) }
    }

    /// Removes a function.
    ///
    /// - Returns: Whether it was there.
    @discardableResult
    public func remove(_ name: String, namespace: String? = nil) async throws -> Bool {
        try await change { $0.remove(FunctionKey(name: name, namespace: namespace ?? $0.defaultNamespace)) }
    }

    /// Sets the replicas of a function, to zero too, whatever its labels say.
    public func scale(_ name: String, to replicas: Int, namespace: String? = nil) async throws {
        try await change {
            $0.setReplicas(FunctionKey(name: name, namespace: namespace ?? $0.defaultNamespace), max(0, replicas))
        }
    }

    /// Writes lines to a function's log.
    public func log(_ text: String, of name: String, namespace: String? = nil, replica: Int = 0) async throws {
        try await change {
            let key = FunctionKey(name: name, namespace: namespace ?? $0.defaultNamespace)
            $0.logs.add(text, of: key, instance: replica, at: $0.now)
            $0.flushLogs()
        }
    }

    /// Virtual time only: it passes, and what is due happens.
    public func advance(by duration: Duration) async throws {
        try await onLoop { $0.advance(by: duration) }
    }

    /// The requests so far, oldest first, as many as the journal remembers.
    public func requests() async throws -> [RecordedRequest] {
        try await onLoop { $0.state.journal.all }
    }

    /// The calls of one function so far, oldest first.
    ///
    /// - Parameter name: As it was called: `figlet`, or `figlet.dev`.
    public func calls(of name: String) async throws -> [RecordedRequest] {
        try await requests().filter { $0.function == name }
    }

    /// How often each function was called, whether the journal still has the calls or not.
    public func callsByFunction() async throws -> [(name: String, calls: Int)] {
        try await onLoop { $0.state.journal.calls }
    }

    /// Decides what goes wrong: asked for every request before it is answered, on the gateway's thread; `nil` lets it
    /// pass. Replaces the one before.
    ///
    ///     try await gateway.setFaults { $0.number.isMultiple(of: 10) ? .status(503) : nil }
    public func setFaults(_ fault: (@Sendable (RecordedRequest) -> Fault?)?) async throws {
        try await onLoop { $0.state.faults.closure = fault }
    }

    /// Faults as data; they come before those of the closure. Replaces the ones before.
    ///
    ///     try await gateway.setFaults([FaultRule(.unauthorized, path: "/system/", for: .seconds(30))])
    public func setFaults(_ rules: [FaultRule]) async throws {
        try await change { $0.faults.replace(rules, now: $0.now) }
    }

    /// How many requests each fault that is data has struck, in the order of the rules.
    public func faultsMet() async throws -> [Int] {
        try await onLoop { $0.state.faults.timesMet }
    }

    /// What the faults that are data did so far, as rules that leave nothing to chance: they strike the same of the
    /// requests that match, counted in their order. Of more than a thousand rules the rest is left out.
    public func recordedFaults() async throws -> [FaultRule] {
        try await onLoop { $0.state.faults.recorded }
    }

    /// Lets calls wait in the queue, or go on.
    public func pauseQueue(_ isPaused: Bool = true) async throws {
        try await change {
            $0.queue.isPaused = isPaused
            $0.pump()
        }
    }

    /// Queued calls that are not done: waiting, running, or to be tried again.
    public func queueDepth() async throws -> Int {
        try await onLoop { $0.state.queue.depth }
    }

    /// The callbacks of queued calls so far, oldest first.
    public func callbacks() async throws -> [RecordedCallback] {
        try await onLoop { Array($0.state.queue.callbacks) }
    }

    private func change<Result: Sendable>(
        _ body: @escaping @Sendable (inout GatewayState) throws -> Result
    ) async throws -> Result {
        try await onLoop { try $0.change(body) }
    }
}
