extension FakeBroker {
    /// Who may connect to a cluster, how, and what they may do. The default is one plaintext listener, open to all.
    ///
    ///     var configuration = FakeBroker.Configuration()
    ///     configuration.security.listeners = [.init(.plaintext), .init(.saslSSL)]
    ///     configuration.security.users = [.init("alice", password: "secret")]
    ///     configuration.security.authorization = .init(acls: [.allow("User:alice", .read, .topic("orders"))])
    public struct Security: Sendable {
        /// The doors of every broker. The first is the one that ``FakeBroker/bootstrapServers`` names.
        public var listeners: [Listener] = [Listener(.plaintext)]
        /// Who may log in by PLAIN and SCRAM. Tokens and certificates need no entry here.
        public var users: [User] = []
        /// Which tokens are taken.
        public var oauth = OAuth()
        /// How long a client may go on before it must authenticate anew (Kafka: `connections.max.reauth.ms`); nil: as
        /// long as it likes, or as its token is good. Clients do so at most once a second.
        public var sessionLifetime: Duration?
        /// Nil: everybody may do everything, and requests about ACLs are answered with SECURITY_DISABLED.
        public var authorization: Authorization?
        /// Signs the brokers' certificates and those of clients that are trusted; nil: one made at start, if a
        /// listener has TLS.
        public var certificateAuthority: CertificateAuthority?
        /// What brokers show their clients; nil: a certificate of the authority for localhost and the hosts of the
        /// configuration. Set it to try one that has expired, or is for another host.
        public var brokerIdentity: TLSIdentity?

        public init() {}
    }

    /// A name and its password. Descriptions do not show the password.
    public struct User: Sendable, CustomStringConvertible, CustomReflectable {
        public var name: String
        public var password: String

        public init(_ name: String, password: String) {
            self.name = name
            self.password = password
        }

        public var description: String { "User(\(name))" }
        public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
    }

    /// Who may do what (Kafka's StandardAuthorizer).
    public struct Authorization: Sendable {
        /// Principals such as `User:admin` that may do everything.
        public var superUsers: [String]
        /// The rules at the start. Clients change them by CreateAcls and DeleteAcls.
        public var acls: [ACL]
        /// Whether a resource that no rule names is everybody's (Kafka: `allow.everyone.if.no.acl.found`).
        public var allowEveryoneIfNoACLFound: Bool

        public init(superUsers: [String] = [], acls: [ACL] = [], allowEveryoneIfNoACLFound: Bool = false) {
            self.superUsers = superUsers
            self.acls = acls
            self.allowEveryoneIfNoACLFound = allowEveryoneIfNoACLFound
        }
    }
}
