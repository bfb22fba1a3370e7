internal import KafkaProtocol
public import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A Kafka cluster inside the process: any number of brokers on ports of this machine, for tests.
///
/// Clients connect to ``bootstrapServers`` and see a cluster like any other. All brokers run on one thread. Nothing
/// is written to disk, unless ``Configuration/logDirectory`` says where.
///
///     let broker = try await FakeBroker.start()
///     try await broker.createTopic("orders", partitions: 3)
///     …
///     let records = try await broker.records(topic: "orders", partition: 0)
///     await broker.shutdown()
public final class FakeBroker: Sendable {
    public let configuration: Configuration
    /// What a client needs to connect: `host:port` of every broker, with commas. With several listeners these are
    /// the first one's.
    public let bootstrapServers: String
    /// By listener.
    let bootstrapServersByListener: [String]
    /// Signs the certificates of brokers and clients; nil if no listener has TLS and none was given.
    public let certificateAuthority: CertificateAuthority?
    private let group: MultiThreadedEventLoopGroup
    private let host: NIOLoopBound<Host>
    private let loop: any EventLoop
    /// Nothing may be handed to the loop once it is shut down; so handing over holds the lock, waiting does not.
    private let isShutDown = Mutex(false)

    /// Starts the brokers; they accept connections when this returns.
    ///
    /// - Parameter logger: gets a line for each connection that is closed because of what it sent, and why.
    /// - Throws: ``FakeBrokerError`` if the configuration makes no sense or a port cannot be had.
    public static func start(
        _ configuration: Configuration = Configuration(), logger: Logger = Logger(label: "FakeBroker")
    ) async throws -> FakeBroker {
        try configuration.validate()
        let authority = try configuration.makeCertificateAuthority()
        let tls = try TLSContexts(configuration, authority: authority)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        do {
            let host = try await loop.submit {
                NIOLoopBound(try Host(configuration, tls: tls, loop: loop, logger: logger), eventLoop: loop)
            }.get()
            for index in 0..<configuration.brokers {
                let id = Int32(index + 1)
                do {
                    try await loop.flatSubmit { host.value.listen(broker: id) }.get()
                } catch {
                    throw FakeBrokerError.cannotListen(broker: index + 1, configuration, error)
                }
            }
            let servers = try await loop.submit {
                configuration.security.listeners.indices.map(host.value.cluster.brokers.bootstrapServers)
            }.get()
            return FakeBroker(configuration, servers, authority, group, host, loop)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private init(
        _ configuration: Configuration, _ bootstrapServers: [String], _ authority: CertificateAuthority?,
        _ group: MultiThreadedEventLoopGroup, _ host: NIOLoopBound<Host>, _ loop: any EventLoop
    ) {
        self.configuration = configuration
        self.bootstrapServers = bootstrapServers[0]
        bootstrapServersByListener = bootstrapServers
        certificateAuthority = authority
        self.group = group
        self.host = host
        self.loop = loop
    }

    /// Closes all connections and ports. Afterwards every control call throws. Calling it again does nothing.
    public func shutdown() async {
        let host = host
        let closing: EventLoopFuture<Void>? = isShutDown.withLock { isShutDown in
            guard !isShutDown else { return nil }
            isShutDown = true
            return loop.flatSubmit { host.value.shutDown() }
        }
        guard let closing else { return }
        try? await closing.get()
        try? await group.shutdownGracefully()
    }

    // MARK: For the control calls

    /// Runs on the brokers' thread, between two events.
    func onLoop<Result: Sendable>(_ body: @escaping @Sendable (Host) throws -> Result) async throws -> Result {
        let host = host
        return try await handOver { loop in loop.submit { try body(host.value) } }.get()
    }

    /// Runs on the brokers' thread, and waits for what it began there.
    func settle(_ body: @escaping @Sendable (Host) throws -> EventLoopFuture<Void>) async throws {
        let host = host
        try await handOver { loop in
            loop.flatSubmit {
                do { return try body(host.value) } catch { return loop.makeFailedFuture(error) }
            }
        }.get()
    }

    private func handOver<Result>(
        _ body: (any EventLoop) -> EventLoopFuture<Result>
    ) throws(FakeBrokerError) -> EventLoopFuture<Result> {
        let future: EventLoopFuture<Result>? = isShutDown.withLock { isShutDown in
            isShutDown ? nil : body(loop)
        }
        guard let future else { throw .shutDown }
        return future
    }
}
