internal import HTTP
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// An OpenFaaS gateway inside the process, for tests: it lists functions, deploys and calls them.
///
/// Functions are closures, or ``BuiltIn`` ones. All of it runs on one thread.
///
///     var configuration = FakeGateway.Configuration()
///     configuration.functions = [
///         BuiltIn.figlet.function(topic: "faas-request"),
///         Function("shout", topic: "faas-request") { FunctionReply($0.text.uppercased()) },
///     ]
///     let gateway = try await FakeGateway.start(configuration)
///     // … point a client at gateway.url …
///     #expect(try await gateway.calls(of: "shout").map(\.text) == ["hello"])
///     await gateway.shutdown()
public final class FakeGateway: Sendable {
    public let configuration: Configuration
    /// Where it listens: `http://127.0.0.1:PORT`.
    public let url: String
    public let port: Int
    /// Where Prometheus finds its metrics: `http://127.0.0.1:PORT/metrics`; `nil` without a port for them.
    public let metricsURL: String?
    private let group: MultiThreadedEventLoopGroup
    private let server: HTTPServer
    private let metricsServer: HTTPServer?
    private let host: NIOLoopBound<GatewayHost>
    private let isShutDown = Atomic(false)

    /// Starts the gateway; it accepts connections when this returns.
    ///
    /// - Throws: ``FakeGatewayError`` if the configuration makes no sense or the port cannot be had.
    public static func start(_ configuration: Configuration = Configuration()) async throws -> FakeGateway {
        try configuration.validate()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        do {
            let host = try await loop.submit {
                NIOLoopBound(GatewayHost(configuration, eventLoop: loop), eventLoop: loop)
            }.get()
            var settings = HTTPServerConfiguration()
            settings.limits.bodyBytes = configuration.limits.bodyBytes
            settings.tls = configuration.tls.map {
                HTTPServerTLS(
                    identity: HTTPIdentity(
                        certificateChain: .text($0.certificateChain), privateKey: .text($0.privateKey)),
                    clientAuthorities: $0.clientAuthorities.map { .text($0) })
            }
            let server = try await HTTPServer.start(
                host: configuration.host, port: configuration.port, on: loop, configuration: settings,
                handler: GatewayHandler(host: host))
            var metrics: HTTPServer?
            if let port = configuration.metricsPort {
                metrics = try await HTTPServer.start(
                    host: configuration.host, port: port, on: loop,
                    handler: GatewayHandler(host: host, isForMetrics: true))
            }
            return FakeGateway(configuration, group, server, metrics, host)
        } catch {
            try? await group.shutdownGracefully()
            throw FakeGatewayError(description: "\(error)")
        }
    }

    private init(
        _ configuration: Configuration, _ group: MultiThreadedEventLoopGroup, _ server: HTTPServer,
        _ metricsServer: HTTPServer?, _ host: NIOLoopBound<GatewayHost>
    ) {
        self.configuration = configuration
        self.group = group
        self.server = server
        self.metricsServer = metricsServer
        self.host = host
        port = server.port
        let name = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        url = "\(configuration.tls == nil ? "http" : "https")://\(name):\(server.port)"
        metricsURL = metricsServer.map { "http://\(name):\($0.port)/metrics" }
    }

    /// Closes the port and all connections. Afterwards every control call throws. Calling it again does nothing.
    public func shutdown() async {
        // The loop is gone after the first time, and nothing that waits for it would return.
        guard !isShutDown.exchange(true, ordering: .acquiringAndReleasing) else { return }
        await server.shutDown()
        await metricsServer?.shutDown()
        let host = host
        try? await server.eventLoop.submit { host.value.stop() }.get()
        try? await group.shutdownGracefully()
    }

    /// Runs on the gateway's thread, between two events.
    func onLoop<Result: Sendable>(_ body: @escaping @Sendable (GatewayHost) throws -> Result) async throws -> Result {
        let host = host
        return try await server.eventLoop.submit { try body(host.value) }.get()
    }
}
