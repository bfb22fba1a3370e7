import KafkaProtocol
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Testing

@testable import FakeBroker

@Suite struct ListenerTests {
    @Test func `clients are told the addresses behind the listener that they came in by`() throws {
        var cluster = try SecureCluster { configuration in
            configuration.brokers = 2
            configuration.security.listeners = [.init(.plaintext), .init(.ssl), .init(.plaintext, name: "OTHER")]
        }
        for broker in [Int32(1), 2] {
            for listener in 0..<3 {
                cluster.cluster.brokers.set(port: Int(broker) * 1000 + listener, of: broker, listener: listener)
            }
        }
        for listener in 0..<3 {
            let connection = cluster.connect(listener: listener)
            var find = FindCoordinatorRequest()
            find.coordinatorKeys = ["group"]
            guard case .metadata(let metadata) = cluster.send(.metadata(MetadataRequest()), on: connection),
                case .findCoordinator(let found) = cluster.send(.findCoordinator(find), on: connection)
            else { return #expect(Bool(false)) }
            #expect(metadata.brokers.map(\.port) == [1000 + Int32(listener), 2000 + Int32(listener)])
            #expect(found.coordinators[0].port == found.coordinators[0].nodeID * 1000 + Int32(listener))
        }
        #expect(cluster.cluster.brokers.bootstrapServers(listener: 2) == "127.0.0.1:1002,127.0.0.1:2002")
    }

    @Test func `every listener of every broker has a port of its own`() async throws {
        var configuration = FakeBroker.Configuration()
        configuration.brokers = 2
        configuration.security.listeners = FakeBroker.Listener.SecurityProtocol.allCases.map { .init($0) }
        let broker = try await FakeBroker.start(configuration)
        let servers = try configuration.security.listeners.map { try broker.bootstrapServers(listener: $0.name) }
        #expect(broker.bootstrapServers == servers[0])
        #expect(Set(servers.flatMap { $0.split(separator: ",") }).count == 8)
        #expect(throws: FakeBrokerError.self) { try broker.bootstrapServers(listener: "NONE") }
        #expect(broker.certificateAuthority != nil)

        // A broker comes back on the ports that it had.
        try await broker.stopBroker(1)
        try await broker.startBroker(1)
        #expect(try configuration.security.listeners.map { try broker.bootstrapServers(listener: $0.name) } == servers)
        await broker.shutdown()
    }

    @Test func `without TLS there is no certificate authority`() async throws {
        let broker = try await FakeBroker.start()
        #expect(broker.certificateAuthority == nil)
        await broker.shutdown()
    }

    /// Sends bytes to a port and waits until the broker has closed the connection. Returns what it sent.
    private func talk(to address: String, _ bytes: ByteBuffer) async throws -> Int {
        let port = try #require(address.split(separator: ":").last.flatMap { Int($0) })
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(bytes)
            var received = 0
            do {
                for try await buffer in inbound { received += buffer.readableBytes }
            } catch is IOError {
                // Closed with bytes of ours unread: the system tells us so by a reset.
            }
            return received
        }
    }

    @Test func `a client without TLS on a listener with it, and the reverse, are closed and harm nobody`() async throws
    {
        var configuration = FakeBroker.Configuration()
        configuration.security.listeners = [.init(.plaintext), .init(.ssl)]
        var logger = Logger(label: "FakeBroker")
        logger.logLevel = .critical
        let broker = try await FakeBroker.start(configuration, logger: logger)
        let metadata = ByteBuffer(bytes: [0, 0, 0, 10, 0, 3, 0, 0, 0, 0, 0, 1, 0xFF, 0xFF])
        _ = try await talk(to: try broker.bootstrapServers(listener: "SSL"), metadata)
        let clientHello = ByteBuffer(bytes: [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03])
        #expect(try await talk(to: broker.bootstrapServers, clientHello) == 0)
        #expect(try await broker.journal().isEmpty)
        await broker.shutdown()
    }

    @Test func `a certificate that has expired, or another's key, is a choice and an error`() async throws {
        var configuration = FakeBroker.Configuration()
        configuration.security.listeners = [.init(.ssl)]
        let authority = try CertificateAuthority()
        configuration.security.certificateAuthority = authority
        configuration.security.brokerIdentity = try authority.brokerIdentity(lifetime: .seconds(-1))
        let broker = try await FakeBroker.start(configuration)
        await broker.shutdown()

        configuration.security.brokerIdentity = TLSIdentity(
            certificatePEM: try authority.brokerIdentity().certificatePEM,
            privateKeyPEM: try authority.brokerIdentity().privateKeyPEM)
        do {
            try await FakeBroker.start(configuration).shutdown()
            #expect(Bool(false))
        } catch {
            #expect("\(error)".contains("security.brokerIdentity is not readable"))
            #expect(!"\(error)".contains("PRIVATE KEY"))
        }
    }
}
