extension FakeBroker {
    /// Lets virtual time pass, and carries out what falls due on the way, in order: long polls, sessions, rebalances,
    /// transactions, retention, delays of faults.
    ///
    ///     var configuration = FakeBroker.Configuration()
    ///     configuration.time = .virtual()
    ///     let broker = try await FakeBroker.start(configuration)
    ///     …
    ///     try await broker.advance(by: .seconds(45))   // the member that no longer sends heartbeats is out
    ///
    /// Replies that it makes due are on their way when this returns; what clients do then is not waited for. Clients
    /// live in real time: a fetch at the log's end is answered by a produce or an advance, and by nothing else.
    ///
    /// - Throws: ``FakeBrokerError`` if time is real (see ``Configuration/time``).
    public func advance(by duration: Duration) async throws {
        guard duration >= .zero else {
            throw FakeBrokerError(.refused, "Time cannot be advanced by \(duration); it never goes back.")
        }
        try await onLoop { host in
            guard host.clock.isVirtual else {
                throw FakeBrokerError(.refused, "Time is real. Set FakeBroker.Configuration.time to .virtual().")
            }
            host.advance(by: duration)
        }
    }

    /// The cluster's time: since its start, and in milliseconds since 1970.
    public func time() async throws -> (elapsed: Duration, milliseconds: Int64) {
        try await onLoop { host in (host.clock.now.elapsed, host.clock.now.wallMilliseconds) }
    }
}
