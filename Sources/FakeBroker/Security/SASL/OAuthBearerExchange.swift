/// OAUTHBEARER on the server's side (RFC 7628, KIP-255).
///
/// A client whose token is refused is told so in a challenge, answers with one byte, and only then has failed: so
/// the mechanism has it, and clients read the reason from there.
struct OAuthBearerExchange: Sendable {
    private enum State: Sendable {
        case awaitingToken
        case awaitingEnd(refusal: String)
        case ended
    }

    private static let separator: UInt8 = 1
    private var state = State.awaitingToken

    mutating func take(_ token: [UInt8], verifier: TokenVerifier, wallMilliseconds: Int64) -> SASLStep {
        switch state {
        case .awaitingToken:
            state = .ended
            return takeFirst(token, verifier, wallMilliseconds)
        case .awaitingEnd(let refusal):
            state = .ended
            return token == [Self.separator] ? .failed(refusal) : .failed(Self.malformed)
        case .ended:
            return .failed(Self.malformed)
        }
    }

    private mutating func takeFirst(
        _ message: [UInt8], _ verifier: TokenVerifier, _ wallMilliseconds: Int64
    ) -> SASLStep {
        guard let first = FirstMessage(message) else { return .failed(Self.malformed) }
        let identity: SASLIdentity
        do {
            identity = try verifier.verify(first.token, wallMilliseconds: wallMilliseconds)
        } catch {
            state = .awaitingEnd(refusal: error.description)
            let scope = verifier.requiredScope
            let fields = [("status", "invalid_token")] + (scope.isEmpty ? [] : [("scope", scope)])
            let members = fields.map { "\"\($0)\":\"\(JSONValue.escaped($1))\"" }
            return .challenge(Array("{\(members.joined(separator: ","))}".utf8))
        }
        guard first.authorizationID.isEmpty || first.authorizationID == identity.name else {
            return .failed(
                "Authentication failed: Client requested an authorization id that is different from the token's "
                    + "principal name")
        }
        return .succeeded(identity)
    }

    private static let malformed = "Authentication failed: Invalid OAUTHBEARER message"

    /// `n,[a=name],` then pairs of name and value, each ended by a byte 1, and one more byte 1.
    private struct FirstMessage {
        let authorizationID: String
        let token: [UInt8]

        init?(_ message: [UInt8]) {
            let parts = message.split(separator: separator, omittingEmptySubsequences: false)
            guard parts.count >= 4, parts[parts.count - 1].isEmpty, parts[parts.count - 2].isEmpty else { return nil }
            guard let header = String(validating: parts[0], as: UTF8.self) else { return nil }
            let flags = ScramMessages.fields(of: header[...])
            guard flags.count == 3, flags[0] == "n" || flags[0] == "y", flags[2].isEmpty,
                flags[1].isEmpty || flags[1].hasPrefix("a="), let name = ScramMessages.name(flags[1].dropFirst(2))
            else { return nil }
            authorizationID = name
            var token: [UInt8]?
            for pair in parts.dropFirst().dropLast(2) {
                guard let equals = pair.firstIndex(of: UInt8(ascii: "=")), equals > pair.startIndex else { return nil }
                guard pair[..<equals].elementsEqual("auth".utf8) else { continue }
                guard token == nil, let bearer = Self.bearer(pair[(equals + 1)...]) else { return nil }
                token = bearer
            }
            guard let token else { return nil }
            self.token = token
        }

        /// `Bearer` in any case, one blank or more, and the token.
        private static func bearer(_ value: ArraySlice<UInt8>) -> [UInt8]? {
            guard let blank = value.firstIndex(of: UInt8(ascii: " ")),
                String(decoding: value[..<blank], as: UTF8.self).lowercased() == "bearer"
            else { return nil }
            return Array(value[blank...].drop { $0 == UInt8(ascii: " ") })
        }
    }
}
