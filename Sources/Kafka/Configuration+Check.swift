extension Configuration {
    package enum ClientKind: Sendable { case consumer, producer }

    /// Lets librdkafka say whether it takes these properties together, certificates and all, without a connection.
    ///
    /// - Parameter hasTokens: Whether the client would be given tokens for OAUTHBEARER.
    package func check(for kind: ClientKind, hasTokens: Bool) throws(ConfigurationError) {
        // Without brokers there is nobody to connect to.
        var lonely = self
        for name in ["bootstrap.servers", "metadata.broker.list"] { lonely[name] = nil }
        // Kerberos would ask for a ticket. Of the two names of one property the one set last counts.
        if ["sasl.mechanisms", "sasl.mechanism"].contains(where: { self[$0]?.uppercased() == "GSSAPI" }) {
            lonely["sasl.kerberos.min.time.before.relogin"] = "0"
        }
        let prepared = try ClientConfiguration.checked(lonely)
        prepared.enableEvents(for: kind, tokens: hasTokens)
        var client = Optional(try prepared.makeClient(kind, using: []))
        Client.release(&client)
    }
}
