import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

/// A cluster in memory with clients that send one request after the other; time stands still unless a test moves it.
struct SecureCluster {
    var cluster: Cluster
    var now = ClusterTime(elapsed: .zero, wallMilliseconds: 1_750_000_000_000)
    private(set) var closed: [ConnectionID: String] = [:]
    private var listeners: [ConnectionID: Int] = [:]

    init(_ configure: (inout FakeBroker.Configuration) -> Void) throws {
        var configuration = FakeBroker.Configuration()
        configure(&configuration)
        try configuration.validate()
        cluster = Cluster(configuration, now: now)
    }

    mutating func pass(_ duration: Duration) {
        now.elapsed += duration
        now.wallMilliseconds += Int64(duration / .milliseconds(1))
    }

    mutating func connect(listener: Int = 0, certificateSubject: String? = nil) -> ConnectionID {
        let connection = ConnectionID(UInt64(listeners.count + 1))
        listeners[connection] = listener
        var effects = Effects()
        cluster.connectionOpened(
            connection, listener: listener, certificateSubject: certificateSubject, now: now,
            effects: &effects)
        return connection
    }

    /// Nil if there was no answer.
    mutating func send(
        _ request: Request, on connection: ConnectionID, version: Int16? = nil, from host: String = "/127.0.0.1"
    ) -> Response? {
        var effects = Effects()
        let key = request.apiKey
        let context = RequestContext(
            connection: connection, broker: 1, apiKey: key,
            apiVersion: version ?? key.stableVersions.upperBound, correlationID: 7, clientID: "test",
            clientHost: host, listener: listeners[connection] ?? 0)
        cluster.handle(request, from: context, now: now, effects: &effects)
        var answer: Response?
        for effect in effects.list {
            switch effect {
            case .reply(_, let response), .deliver(_, let response, _): answer = response
            case .close(let connection, let reason): closed[connection] = reason
            case .finish, .reset, .stall: break
            }
        }
        return answer
    }

    /// Logs in by PLAIN and returns the connection.
    mutating func logIn(_ user: String, _ password: String = "secret", listener: Int = 0) throws -> ConnectionID {
        let connection = connect(listener: listener)
        #expect(try authenticate(user, password, on: connection).errorCode == .none)
        return connection
    }

    mutating func authenticate(
        _ user: String, _ password: String, on connection: ConnectionID
    ) throws -> SaslAuthenticateResponse {
        var handshake = SaslHandshakeRequest()
        handshake.mechanism = "PLAIN"
        _ = send(.saslHandshake(handshake), on: connection)
        var request = SaslAuthenticateRequest()
        request.authBytes = ByteBuffer(string: "\0\(user)\0\(password)")
        guard case .saslAuthenticate(let response) = send(.saslAuthenticate(request), on: connection) else {
            throw NoAnswer()
        }
        return response
    }

    struct NoAnswer: Error {}
}
