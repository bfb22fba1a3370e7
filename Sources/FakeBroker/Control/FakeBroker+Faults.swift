extension FakeBroker {
    /// Takes a broker down: its port refuses, its connections break, and other replicas lead its partitions.
    ///
    /// - Throws: ``FakeBrokerError`` if there is no such broker. Stopping one that is down does nothing.
    public func stopBroker(_ id: Int) async throws {
        let node = try node(id)
        try await onLoop { host in
            guard host.change({ cluster, _, _ in cluster.setBroker(node, isUp: false) }) else {
                return host.doNothing()
            }
            return host.stopBroker(node)
        }
    }

    /// Brings a broker up again, on the port that it had.
    ///
    /// - Throws: ``FakeBrokerError`` if there is no such broker, or its port was taken meanwhile. Starting one that
    ///   is up does nothing.
    public func startBroker(_ id: Int) async throws {
        let node = try node(id)
        do {
            try await onLoop { host in
                host.cluster.brokers.isUp(node) ? host.doNothing() : host.startBroker(node)
            }
        } catch {
            throw FakeBrokerError.cannotListen(broker: id, configuration, error)
        }
    }

    private func node(_ id: Int) throws(FakeBrokerError) -> Int32 {
        guard 1...configuration.brokers ~= id else { throw .unknownBroker(id, count: configuration.brokers) }
        return Int32(id)
    }

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

    /// The latest requests, oldest first, as many as ``Limits/journalEntries`` says.
    public func journal() async throws -> [JournalEntry] {
        try await onLoop { host in host.cluster.journal.all }
    }
}

extension Cluster {
    /// Returns whether that is a change. Partitions that it led, or that had no leader, get another.
    package mutating func setBroker(_ id: Int32, isUp: Bool) -> Bool {
        guard brokers.set(isUp: isUp, of: id) else { return false }
        topics.elect(after: id, in: brokers)
        return true
    }
}
