extension FakeBroker {
    /// Closes connections: those of a client, to a broker, or both; all by default.
    ///
    /// - Returns: how many there were.
    @discardableResult
    public func closeConnections(ofClient clientID: String? = nil, toBroker broker: Int? = nil) async throws -> Int {
        try await onLoop { host in
            host.closeConnections { connection in
                (clientID == nil || connection.clientID == clientID)
                    && (broker == nil || Int(connection.broker) == broker)
            }
        }
    }

    /// How many connections there are now.
    public func connectionCount() async throws -> Int {
        try await onLoop { host in host.connectionCount }
    }

    /// Has each request looked at before it is handled; nil ends that.
    public func intercept(_ interceptor: Interceptor?) async throws {
        try await onLoop { host in host.cluster.interceptor = interceptor }
    }

    /// From now on these faults befall requests, instead of those before; counts begin anew.
    ///
    ///     try await broker.setFaults([FaultRule(.fail(.notCoordinator), apis: ["OffsetCommit"], count: 2)])
    ///
    /// An ``Interceptor`` looks first; what it lets be handled the plan may meet.
    ///
    /// - Throws: ``FakeBrokerError`` if a rule makes no sense.
    public func setFaults(_ plan: FaultPlan) async throws {
        try plan.validate()
        try await onLoop { host in host.cluster.setFaults(plan) }
    }

    /// How many requests each rule of the fault plan has met, in the order of the rules.
    public func faultsMet() async throws -> [Int] {
        try await onLoop { host in host.cluster.faults.timesMet }
    }

    /// What the fault plan did so far, as a plan that leaves nothing to chance: its rules meet the same of the requests
    /// that match, counted in their order. Of more than a thousand rules the rest is left out.
    public func recordedFaults() async throws -> FaultPlan {
        try await onLoop { host in host.cluster.faults.recorded }
    }

    /// The latest requests, oldest first, as many as ``Limits/journalEntries`` says.
    ///
    ///     let refused = try await broker.journal().matching(api: "Produce", text: "NOT_ENOUGH_REPLICAS")
    ///     print(refused.text)
    public func journal() async throws -> [JournalEntry] {
        try await onLoop { host in host.cluster.journal.all }
    }
}

extension Cluster {
    /// - Precondition: the plan has been validated.
    package mutating func setFaults(_ plan: FaultPlan) {
        faults = Faults(plan, seed: settings.seed)
    }
}
