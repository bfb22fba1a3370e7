extension FakeBroker {
    /// What a quota bounds.
    public enum Quota: String, Sendable, CaseIterable {
        case producedBytesPerSecond = "producer_byte_rate"
        case fetchedBytesPerSecond = "consumer_byte_rate"
        /// Of a broker's thread, of which each request takes ``Configuration/requestTime``. 200 is two threads.
        case requestPercentage = "request_percentage"
        /// Partitions made or deleted (KIP-599).
        case partitionChangesPerSecond = "controller_mutation_rate"
        /// By address (KIP-612). One too many is not answered, and closed when its time has come.
        case connectionsPerSecond = "connection_creation_rate"
    }

    /// Whom a quota is about.
    public enum QuotaSubject: Sendable, Equatable {
        case named(String)
        /// Each that has no quota of its own.
        case others
    }

    /// Bounds what users, clients, or clients of users may take, or what connections addresses may make; nil ends that.
    /// Who takes more is told to wait by the throttle time of the reply, and not read for so long.
    ///
    ///     try await broker.setQuota(.producedBytesPerSecond, to: 10_000, clientID: .named("billing"))
    ///
    /// - Parameter address: an IP address, for connections; other quotas take a user, a client id, or both.
    /// - Throws: ``FakeBrokerError`` if the value is not above 0, or the quota is about nobody.
    public func setQuota(
        _ quota: Quota, to rate: Double?, user: QuotaSubject? = nil, clientID: QuotaSubject? = nil,
        address: QuotaSubject? = nil
    ) async throws {
        if let rate, !(rate.isFinite && rate > 0) {
            throw FakeBrokerError(.refused, "The quota is \(rate); accepted are numbers above 0.")
        }
        let entity = Quotas.Entity(
            user: user.map(Quotas.Name.init), clientID: clientID.map(Quotas.Name.init),
            ip: address.map(Quotas.Name.init))
        guard entity != Quotas.Entity() else {
            throw FakeBrokerError(
                .refused, "The quota is about nobody. Give a user, a client id, or both, or an address.")
        }
        guard (quota == .connectionsPerSecond) == (address != nil), address == nil || entity.user == nil,
            address == nil || entity.clientID == nil
        else {
            throw FakeBrokerError(
                .refused, "A quota on connections takes an address and nothing else; other quotas take no address.")
        }
        try await onLoop { host in host.cluster.quotas.set(quota.rawValue, to: rate, for: entity) }
    }
}

extension Quotas.Name {
    fileprivate init(_ subject: FakeBroker.QuotaSubject) {
        switch subject {
        case .named(let name): self = .named(name)
        case .others: self = .standard
        }
    }
}
