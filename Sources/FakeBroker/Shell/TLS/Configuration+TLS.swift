extension FakeBroker.Configuration {
    /// Nil if no listener has TLS and none was given.
    func makeCertificateAuthority() throws -> CertificateAuthority? {
        if let given = security.certificateAuthority { return given }
        return security.listeners.contains(where: \.securityProtocol.usesTLS) ? try CertificateAuthority() : nil
    }

    /// Where clients find the brokers: this machine's own names, and the hosts that are configured.
    var certifiedHosts: [String] {
        (["localhost", "127.0.0.1", "::1", host] + (advertisedHost.map { [$0] } ?? [])).uniqued()
    }
}
