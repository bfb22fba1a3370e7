/// SASL PLAIN on the server's side (RFC 4616): one message holds it all.
enum PlainExchange {
    /// The message is `[authorization id] NUL name NUL password`.
    static func take(_ token: [UInt8], credentials: Credentials) -> SASLStep {
        let parts = token.split(separator: 0, omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            return .failed("Invalid SASL/PLAIN response: expected 3 tokens, got \(parts.count)")
        }
        let texts = parts.compactMap { String(validating: $0, as: UTF8.self) }
        guard texts.count == 3 else { return .failed("Invalid SASL/PLAIN response: not UTF-8") }
        let (authorizationID, name, password) = (texts[0], texts[1], texts[2])
        guard !name.isEmpty else { return .failed("Authentication failed: username not specified") }
        guard !password.isEmpty else { return .failed("Authentication failed: password not specified") }
        guard authorizationID.isEmpty || authorizationID == name else {
            return .failed(
                "Authentication failed: Client requested an authorization id that is different from username")
        }
        guard credentials.plainCredential(of: name)?.matches(password: password) ?? false else {
            return .failed("Authentication failed: Invalid username or password")
        }
        return .succeeded(SASLIdentity(name: name))
    }
}
