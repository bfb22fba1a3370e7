extension FakeBroker {
    /// Takes a broker down: its port refuses, its connections break, and other replicas lead its partitions.
    ///
    /// - Throws: ``FakeBrokerError`` if there is no such broker. Stopping one that is down does nothing.
    public func stopBroker(_ id: Int) async throws {
        try await settle { host in
            let node = try host.cluster.node(id)
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
        let node = try await onLoop { host in try host.cluster.node(id) }
        do {
            try await settle { host in
                host.cluster.brokers.isUp(node) ? host.doNothing() : host.startBroker(node)
            }
        } catch {
            throw FakeBrokerError.cannotListen(broker: id, configuration, error)
        }
    }

    /// Adds a broker on a free port. It leads and replicates nothing until a topic is made or moved; clients see it in
    /// their next metadata.
    ///
    /// - Returns: its node id, which no broker had before.
    @discardableResult
    public func addBroker(rack: String? = nil) async throws -> Int {
        let node = try await onLoop { host in host.cluster.brokers.add(rack: rack) }
        do {
            try await settle { host in host.listen(broker: node) }
        } catch {
            try await onLoop { host in host.cluster.brokers.remove(node) }
            throw FakeBrokerError.cannotListen(broker: Int(node), configuration, error)
        }
        return Int(node)
    }

    /// Takes a broker away for good: like ``stopBroker(_:)``, and its id is unknown afterwards.
    ///
    /// - Throws: ``FakeBrokerError`` if there is no such broker, or it is the last.
    public func removeBroker(_ id: Int) async throws {
        try await settle { host in
            let node = try host.cluster.node(id)
            guard host.cluster.brokers.all.count > 1 else {
                throw FakeBrokerError(.refused, "Broker \(id) is the last. Use stopBroker to take it down.")
            }
            host.change { cluster, _, _ in
                _ = cluster.setBroker(node, isUp: false)
                cluster.brokers.remove(node)
            }
            return host.stopBroker(node)
        }
    }

    /// The brokers' node ids, up or not.
    public func brokers() async throws -> [Int] {
        try await onLoop { host in host.cluster.brokers.ids.map(Int.init) }
    }

    /// Puts a broker into a rack, or out of any.
    ///
    /// - Throws: ``FakeBrokerError`` if there is no such broker.
    public func setRack(_ rack: String?, ofBroker id: Int) async throws {
        try await onLoop { host in
            host.cluster.brokers.set(rack: rack, of: try host.cluster.node(id))
        }
    }

    // MARK: Who leads

    /// The node id of a partition's leader; nil while no replica is up.
    ///
    /// - Throws: ``FakeBrokerError`` if there is no such topic or partition.
    public func leader(topic: String, partition: Int = 0) async throws -> Int? {
        try await onLoop { host in
            let found = try host.cluster.partition(topic, partition)
            return found.leader < 0 ? nil : Int(found.leader)
        }
    }

    /// Makes another broker the leader, with a new leader epoch. One that is no replica becomes one, in the former
    /// leader's stead.
    ///
    /// - Throws: ``FakeBrokerError`` if there is no such topic, partition or broker, or the broker is down.
    public func moveLeader(topic: String, partition: Int = 0, to id: Int) async throws {
        try await onLoop { host in
            try host.change { cluster, _, effects in
                try cluster.moveLeader(topic, partition, to: id, effects: &effects)
            }
        }
    }

    /// Makes these brokers the replicas; the first that is up leads, unless the leader is one of them.
    ///
    /// - Throws: ``FakeBrokerError`` if there is no such topic, partition or broker, or none is given.
    public func setReplicas(topic: String, partition: Int = 0, to ids: [Int]) async throws {
        try await onLoop { host in
            try host.change { cluster, _, effects in
                let replicas = try ids.map { id throws(FakeBrokerError) in try cluster.node(id) }
                guard !replicas.isEmpty, Set(replicas).count == replicas.count else {
                    throw FakeBrokerError(.refused, "The replicas are \(ids); accepted are brokers, each once.")
                }
                _ = try cluster.partition(topic, partition)
                cluster.assign(replicas, to: topic, partition, effects: &effects)
            }
        }
    }

    /// Has consumers read a partition from this replica (KIP-392); nil: from the leader, or from their own rack.
    ///
    /// - Throws: ``FakeBrokerError`` if there is no such topic, partition or broker.
    public func setReadReplica(topic: String, partition: Int = 0, to id: Int?) async throws {
        try await onLoop { host in
            let node = try id.map { id throws(FakeBrokerError) in try host.cluster.node(id) }
            let index = try host.cluster.partition(topic, partition).index
            host.cluster.readReplicas[TopicPartition(topic: topic, partition: index)] = node
        }
    }

    /// Makes a broker the coordinator of a group, and of the transactional id of that name; nil: the one that the key
    /// gives. A coordinator that is down is replaced while it is.
    ///
    /// - Throws: ``FakeBrokerError`` if there is no such broker.
    public func moveCoordinator(of key: String, to id: Int?) async throws {
        try await onLoop { host in
            let node = try id.map { id throws(FakeBrokerError) in try host.cluster.node(id) }
            host.cluster.brokers.setCoordinator(node, for: key)
        }
    }

    /// The node id of the broker that answers for a group or transactional id; nil while none is up.
    public func coordinator(of key: String) async throws -> Int? {
        try await onLoop { host in host.cluster.brokers.coordinator(for: key).map { Int($0.id) } }
    }
}

extension Cluster {
    func node(_ id: Int) throws(FakeBrokerError) -> Int32 {
        guard let node = Int32(exactly: id), brokers[node] != nil else {
            throw .unknownBroker(id, among: brokers.ids)
        }
        return node
    }

    func partition(_ topic: String, _ partition: Int) throws(FakeBrokerError) -> Partition {
        guard let found = topics[topic] else { throw .unknownTopic(topic) }
        guard found.partitions.indices.contains(partition) else {
            throw .unknownPartition(partition, of: topic, count: found.partitions.count)
        }
        return found.partitions[partition]
    }

    /// Returns whether that is a change. Partitions that it led, or that had no leader, get another.
    package mutating func setBroker(_ id: Int32, isUp: Bool) -> Bool {
        guard brokers.set(isUp: isUp, of: id) else { return false }
        topics.elect(after: id, in: brokers)
        return true
    }

    mutating func moveLeader(
        _ topic: String, _ partition: Int, to id: Int, effects: inout Effects
    ) throws(FakeBrokerError) {
        let node = try node(id)
        let found = try self.partition(topic, partition)
        guard brokers.isUp(node) else {
            throw FakeBrokerError(.refused, "Broker \(id) is down and cannot lead. Start it first.")
        }
        guard found.leader != node else { return }
        if !found.replicas.contains(node) {
            let replaced = found.replicas.firstIndex(of: found.leader) ?? 0
            topics[topic]?.partitions[partition].replicas[replaced] = node
        }
        lead(topic, partition, by: node, effects: &effects)
    }

    /// - Precondition: there is such a partition, and at least one replica.
    mutating func assign(_ replicas: [Int32], to topic: String, _ partition: Int, effects: inout Effects) {
        topics[topic]?.partitions[partition].replicas = replicas
        storage.note(topic: topic)
        let leader = topics[topic]?.partitions[partition].leader ?? -1
        if replicas.contains(leader), brokers.isUp(leader) { return }
        lead(topic, partition, by: replicas.first(where: brokers.isUp) ?? -1, effects: &effects)
    }

    /// A new leader, and a new epoch. Whoever waits for records at the old one is told.
    mutating func lead(_ topic: String, _ partition: Int, by leader: Int32, effects: inout Effects) {
        topics[topic]?.partitions[partition].leader = leader
        topics[topic]?.partitions[partition].leaderEpoch += 1
        storage.note(topic: topic)
        for id in topics[topic]?.partitions[partition].waitingFetches ?? [] { expireFetch(id, effects: &effects) }
    }
}
