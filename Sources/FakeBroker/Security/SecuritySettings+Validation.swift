extension FakeBroker.Security {
    /// Says what is wrong by the field's name. A password, a secret or a private key is never told.
    func validate(brokers: Int, limits: FakeBroker.Limits) throws(FakeBrokerError) {
        try validateListeners(brokers: brokers)
        try validateUsers(limit: limits.scramUsers)
        try validateOAuth()
        try validateAuthorization(limit: limits.acls)
        if let sessionLifetime, sessionLifetime < .milliseconds(1) {
            throw .invalid("security.sessionLifetime", "\(sessionLifetime)", accepted: "a millisecond or more, or nil")
        }
    }

    private func validateListeners(brokers: Int) throws(FakeBrokerError) {
        guard 1...16 ~= listeners.count else {
            throw .invalid("security.listeners.count", "\(listeners.count)", accepted: "1 to 16")
        }
        for (index, listener) in listeners.enumerated() {
            let field = "security.listeners[\(index)]"
            let isNamed = listener.name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
            guard isNamed, !listener.name.isEmpty else {
                throw .invalid("\(field).name", "'\(listener.name)'", accepted: "letters, digits, '_' and '-'")
            }
            guard !listeners[..<index].contains(where: { $0.name == listener.name }) else {
                throw .invalid("\(field).name", "'\(listener.name)'", accepted: "names that no other listener has")
            }
            guard listener.ports.count <= brokers else {
                throw .invalid(
                    "\(field).ports", "\(listener.ports)",
                    accepted: "one a broker at most, of which there are \(brokers)")
            }
            guard listener.ports.allSatisfy({ 0...65535 ~= $0 }) else {
                throw .invalid("\(field).ports", "\(listener.ports)", accepted: "0 to 65535, 0 being any free port")
            }
            guard !listener.securityProtocol.usesSASL || !listener.mechanisms.isEmpty else {
                throw .invalid("\(field).mechanisms", "empty", accepted: "one mechanism or more")
            }
            guard listener.securityProtocol.usesTLS || listener.clientCertificates == .none else {
                throw .invalid(
                    "\(field).clientCertificates", "\(listener.clientCertificates)",
                    accepted: "none without TLS, which \(listener.securityProtocol) has not")
            }
        }
    }

    private func validateUsers(limit: Int) throws(FakeBrokerError) {
        guard users.count <= limit else {
            throw .invalid("security.users.count", "\(users.count)", accepted: "0 to \(limit) (limits.scramUsers)")
        }
        var names: Set<String> = []
        for (index, user) in users.enumerated() {
            guard !user.name.isEmpty, names.insert(user.name).inserted else {
                throw .invalid(
                    "security.users[\(index)].name", "'\(user.name)'", accepted: "a name that no other user has")
            }
            guard !user.password.isEmpty else {
                throw .invalid(
                    "security.users[\(index)].password", "empty", accepted: "passwords of a character or more")
            }
        }
    }

    private func validateOAuth() throws(FakeBrokerError) {
        if case .signed(let keys) = oauth.tokens, keys.isEmpty {
            throw .invalid("security.oauth.tokens", "signed by no key", accepted: "one key or more, or unsecured")
        }
        guard oauth.clockSkew >= .zero else {
            throw .invalid("security.oauth.clockSkew", "\(oauth.clockSkew)", accepted: "zero or more")
        }
        for (field, claim) in [("principalClaim", oauth.principalClaim), ("scopeClaim", oauth.scopeClaim)] {
            guard !claim.isEmpty else {
                throw .invalid("security.oauth.\(field)", "empty", accepted: "names of claims, such as sub")
            }
        }
        do throws(TokenKeyError) {
            _ = try TokenVerifier(oauth)
        } catch {
            throw .invalid(
                "security.oauth.tokens", "signed by an \(error.algorithm.rawValue) key that cannot be read",
                accepted: "public keys as PEM text, which begins with -----BEGIN PUBLIC KEY-----")
        }
    }

    private func validateAuthorization(limit: Int) throws(FakeBrokerError) {
        guard let authorization else { return }
        for user in authorization.superUsers where Principal(user) == nil {
            throw .invalid("security.authorization.superUsers", "'\(user)'", accepted: "principals such as User:admin")
        }
        guard authorization.acls.count <= limit else {
            throw .invalid(
                "security.authorization.acls.count", "\(authorization.acls.count)",
                accepted: "0 to \(limit) (limits.acls)")
        }
        for acl in authorization.acls {
            if let problem = acl.problem {
                throw .invalid("security.authorization.acls", "[\(acl)]: \(problem)", accepted: "rules without that")
            }
        }
    }
}
