extension FakeBroker {
    /// What a quota bounds. Quotas on other things can be set by admin clients, and have no effect here.
    public enum Quota: String, Sendable, CaseIterable {
        case producedBytesPerSecond = "producer_byte_rate"
        case fetchedBytesPerSecond = "consumer_byte_rate"
    }

    /// Whom a quota is about.
    public enum QuotaSubject: Sendable, Equatable {
        case named(String)
        /// Each that has no quota of its own.
        case others
    }

    /// Bounds what users, clients, or clients of users may send or fetch; nil ends that. Who takes more is told to
    /// wait by the throttle time of the reply, and not read for so long.
    ///
    ///     try await broker.setQuota(.producedBytesPerSecond, to: 10_000, clientID: .named("billing"))
    ///
    /// - Throws: ``FakeBrokerError`` if the value is not above 0, or neither a user nor a client is given.
    public func setQuota(
        _ quota: Quota, to bytes: Double?, user: QuotaSubject? = nil, clientID: QuotaSubject? = nil
    ) async throws {
        if let bytes, !(bytes.isFinite && bytes > 0) {
            throw FakeBrokerError(.refused, "The quota is \(bytes); accepted are numbers above 0.")
        }
        let entity = Quotas.Entity(user: user.map(Quotas.Name.init), clientID: clientID.map(Quotas.Name.init))
        guard entity != Quotas.Entity() else {
            throw FakeBrokerError(.refused, "The quota is about nobody. Give a user, a client id, or both.")
        }
        try await onLoop { host in host.cluster.quotas.set(quota.rawValue, to: bytes, for: entity) }
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
