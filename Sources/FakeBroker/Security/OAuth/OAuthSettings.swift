extension FakeBroker {
    /// Which bearer tokens let a client in (OAUTHBEARER).
    public struct OAuth: Sendable {
        public enum Tokens: Sendable {
            /// Tokens without a signature (`alg` is `none`), as Kafka takes them where no validator is configured.
            case unsecured
            /// Tokens signed by one of these keys.
            case signed([TokenKey])
        }

        public var tokens = Tokens.unsecured
        /// The claim that names the user.
        public var principalClaim = "sub"
        /// The claim with the scopes: a list, or one text with blanks between.
        public var scopeClaim = "scope"
        /// Scopes that a token must have, each of them.
        public var requiredScopes: [String] = []
        /// What a token's `iss` must be; nil for anything.
        public var issuer: String?
        /// One of which must be in a token's `aud`; none for anything.
        public var audiences: [String] = []
        /// How far the clocks of issuer and broker may differ.
        public var clockSkew: Duration = .zero

        public init() {}
    }

    /// A key that verifies the signatures of tokens.
    public struct TokenKey: Sendable, CustomStringConvertible, CustomReflectable {
        /// By the names of RFC 7518.
        public enum Algorithm: String, Sendable, CaseIterable {
            case hs256 = "HS256"
            case rs256 = "RS256"
            case es256 = "ES256"
        }

        enum Material: Sendable {
            case secret(Secret)
            case publicKeyPEM(String)
        }

        public let algorithm: Algorithm
        /// The `kid` of the tokens that it verifies; nil for any.
        public let id: String?
        let material: Material

        /// HMAC by a secret that issuer and broker share.
        public static func hs256(secret: [UInt8], id: String? = nil) -> TokenKey {
            TokenKey(algorithm: .hs256, id: id, material: .secret(Secret(secret)))
        }

        /// RSA with 2048 bits or more.
        public static func rs256(publicKeyPEM: String, id: String? = nil) -> TokenKey {
            TokenKey(algorithm: .rs256, id: id, material: .publicKeyPEM(publicKeyPEM))
        }

        /// ECDSA on the curve P-256.
        public static func es256(publicKeyPEM: String, id: String? = nil) -> TokenKey {
            TokenKey(algorithm: .es256, id: id, material: .publicKeyPEM(publicKeyPEM))
        }

        public var description: String { "TokenKey(\(algorithm.rawValue), id: \(id ?? "any"))" }
        public var customMirror: Mirror { Mirror(self, children: ["algorithm": algorithm.rawValue]) }
    }
}
