extension FakeGateway {
    /// Deploys a function, or replaces it.
    public func deploy(_ function: Function) async throws {
        try await onLoop { $0.state.deploy(function) }
    }

    /// Removes a function.
    ///
    /// - Returns: Whether it was there.
    @discardableResult
    public func remove(_ name: String, namespace: String? = nil) async throws -> Bool {
        try await onLoop { host in
            host.state.remove(FunctionKey(name: name, namespace: namespace ?? host.state.defaultNamespace))
        }
    }

    /// The requests so far, oldest first, as many as the journal remembers.
    public func requests() async throws -> [RecordedRequest] {
        try await onLoop { $0.journal.all }
    }

    /// The calls of one function so far, oldest first.
    ///
    /// - Parameter name: As it was called: `figlet`, or `figlet.dev`.
    public func calls(of name: String) async throws -> [RecordedRequest] {
        try await requests().filter { $0.function == name }
    }

    /// How often each function was called, whether the journal still has the calls or not.
    public func callsByFunction() async throws -> [(name: String, calls: Int)] {
        try await onLoop { $0.journal.calls }
    }

    /// Decides what goes wrong: asked for every request before it is answered, on the gateway's thread; `nil` lets it
    /// pass. Replaces the one before.
    ///
    ///     try await gateway.setFaults { $0.number.isMultiple(of: 10) ? .status(503) : nil }
    public func setFaults(_ fault: (@Sendable (RecordedRequest) -> Fault?)?) async throws {
        try await onLoop { $0.fault = fault }
    }
}
