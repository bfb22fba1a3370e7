extension FakeBroker {
    /// What a client of one listener needs to connect: `host:port` of every broker, with commas.
    ///
    /// - Throws: ``FakeBrokerError`` if there is no such listener.
    public func bootstrapServers(listener name: String) throws -> String {
        guard let index = configuration.security.listeners.firstIndex(where: { $0.name == name }) else {
            throw FakeBrokerError.unknownListener(name, configuration.security.listeners)
        }
        return bootstrapServersByListener[index]
    }

    /// The access rules as they are now.
    ///
    /// - Throws: ``FakeBrokerError`` if the configuration has no authorization.
    public func acls() async throws -> [ACL] {
        try await onLoop { host in
            guard let rules = host.cluster.security.accessControl else { throw FakeBrokerError.noAuthorizer }
            return rules.all
        }
    }

    /// Adds access rules; they hold from the next request on.
    ///
    /// - Throws: ``FakeBrokerError`` if the configuration has no authorization, or a rule makes no sense.
    public func createACLs(_ rules: [ACL]) async throws {
        for rule in rules {
            if let problem = rule.problem { throw FakeBrokerError(.refused, "ACL [\(rule)]: \(problem).") }
        }
        try await onLoop { host in
            guard host.cluster.security.accessControl != nil else { throw FakeBrokerError.noAuthorizer }
            for rule in rules { host.cluster.security.accessControl?.insert(rule) }
        }
    }

    /// Removes access rules; one that is not there is none.
    ///
    /// - Throws: ``FakeBrokerError`` if the configuration has no authorization.
    public func deleteACLs(_ rules: [ACL]) async throws {
        try await onLoop { host in
            guard host.cluster.security.accessControl != nil else { throw FakeBrokerError.noAuthorizer }
            for rule in rules { host.cluster.security.accessControl?.remove(rule) }
        }
    }

    /// Adds a user, or gives one another password. Who is logged in stays so until it must authenticate anew.
    public func setUser(_ user: User) async throws {
        try await onLoop { host in
            // Two parts of one class's property must not be changed in one call.
            var random = host.cluster.random
            host.cluster.security.setPassword(
                user.password, of: user.name, for: Set(SASLMechanism.allCases), using: &random)
            host.cluster.random = random
        }
    }
}
