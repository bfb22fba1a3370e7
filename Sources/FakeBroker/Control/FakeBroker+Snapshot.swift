internal import NIOCore

extension FakeBroker {
    /// All of a cluster at one moment: topics, records, groups, offsets, producers, transactions, access rules, fault
    /// plan and chance. Not who was connected, and not the journal.
    public struct Snapshot: Sendable {
        let cluster: Cluster
    }

    /// Keeps the cluster as it is now. Costs next to nothing: records are shared until they change.
    public func snapshot() async throws -> Snapshot {
        try await onLoop { host in
            host.change { cluster, now, _ in
                cluster.now = now
                return Snapshot(cluster: cluster.withoutClients())
            }
        }
    }

    /// Makes the cluster what it was. Every connection is closed, as if all brokers had stopped and come back: clients
    /// connect again and go on. The cluster's time is what it was too, and the journal goes on.
    ///
    ///     let before = try await broker.snapshot()
    ///     …
    ///     try await broker.restore(before)
    ///
    /// - Throws: ``FakeBrokerError`` if the snapshot is of another cluster, or the port of a broker that comes up again
    ///   was taken meanwhile.
    public func restore(_ snapshot: Snapshot) async throws {
        let (starting, stopping) = try await onLoop { host in
            guard snapshot.cluster.clusterID == host.cluster.clusterID else {
                throw FakeBrokerError(.refused, "The snapshot is of another cluster. Restore it where it was made.")
            }
            var restored = snapshot.cluster
            restored.journal = host.cluster.journal
            restored.interceptor = host.cluster.interceptor
            host.replace(with: restored)
            let wanted = restored.brokers.up.map(\.id)
            let open = host.listening
            return (wanted.filter { !open.contains($0) }, open.subtracting(wanted).sorted())
        }
        for id in stopping { try await settle { host in host.stopListening(broker: id) } }
        for id in starting {
            do {
                try await settle { host in host.listen(broker: id) }
            } catch {
                throw FakeBrokerError.cannotListen(broker: Int(id), configuration, error)
            }
        }
    }
}

extension Cluster {
    /// A copy in which nobody waits.
    func withoutClients() -> Cluster {
        var copy = self
        for connection in parkedFetches.connections + delayedRequests.connections {
            copy.connectionClosed(connection)
        }
        return copy
    }
}
