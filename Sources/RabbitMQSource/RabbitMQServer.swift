/// Where a RabbitMQ server is, and how to prove who one is.
package struct RabbitMQServer: Equatable, Sendable {
    /// How the connection is encrypted.
    package struct TLS: Equatable, Sendable {
        /// PEM of who may have signed the server's certificate.
        package var authorities: String
        /// PEM files of the certificate that the server is shown, and of its key.
        package var certificate: String?
        package var key: String?

        package init(authorities: String, certificate: String? = nil, key: String? = nil) {
            self.authorities = authorities
            self.certificate = certificate
            self.key = key
        }
    }

    package var host: String
    package var port: UInt16
    package var virtualHost: String
    package var user: String
    package var password: String
    package var tls: TLS?
    /// The server and this side give the other up after two of these without a sign of life.
    package var heartbeat = Duration.seconds(20)
    /// How long a connection, or the answer to one question, may take.
    package var timeout = Duration.seconds(10)

    package init(
        host: String, port: UInt16 = 5672, virtualHost: String = "/", user: String = "guest",
        password: String = "guest", tls: TLS? = nil
    ) {
        self.host = host
        self.port = port
        self.virtualHost = virtualHost
        self.user = user
        self.password = password
        self.tls = tls
    }

    var address: String { "\(host):\(port)" }
}

/// What RabbitMQ, or the way to it, refused.
package struct RabbitMQError: Error, Equatable, CustomStringConvertible {
    package enum Reach: Equatable, Sendable {
        /// The connection is of no use any more.
        case connection
        /// Only the channel was closed.
        case channel
        /// The server refused the credentials or the virtual host.
        case access
        /// A file or a name that cannot be used.
        case configuration
    }

    package let reach: Reach
    /// AMQP's code, such as 404; 0 if the server said nothing.
    package let code: Int
    package let description: String

    init(_ reach: Reach, code: Int = 0, _ description: String) {
        self.reach = reach
        self.code = code
        self.description = description
    }
}
