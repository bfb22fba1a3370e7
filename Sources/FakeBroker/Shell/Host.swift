internal import KafkaProtocol
internal import Logging
internal import NIOCore
internal import NIOPosix

/// Runs a cluster on one event loop: listeners and connections for its brokers, real time for its deadlines.
///
/// Moves bytes and carries out effects; decides nothing. All of it happens on the loop, so it needs no lock.
final class Host {
    var cluster: Cluster
    let logger: Logger
    private let settings: FakeBroker.Configuration
    private let loop: any EventLoop
    private(set) var clock: Clock
    private var effects = Effects()
    private var timer: (deadline: Duration, task: Scheduled<Void>)?
    /// What waits for virtual time to pass, in the order in which it was asked for.
    private var later: [(deadline: Duration, body: () -> Void)] = []

    private var logDirectory: LogDirectory?

    private let tls: TLSContexts
    private struct Door: Hashable {
        let broker: Int32
        let listener: Int
    }
    private var doors: [Door: any Channel] = [:]
    /// Of brokers whose ports were not given.
    private var ports: [Door: PortReservation] = [:]
    private var connections: [ConnectionID: Connection] = [:]
    private var connectionsMade: UInt64 = 0
    private var isShutDown = false

    init(_ settings: FakeBroker.Configuration, tls: TLSContexts, loop: any EventLoop, logger: Logger) throws {
        loop.assertInEventLoop()
        self.settings = settings
        self.tls = tls
        self.loop = loop
        self.logger = logger
        clock = Clock(settings.time)
        cluster = Cluster(settings, now: clock.now)
        if let path = settings.logDirectory {
            let directory = try LogDirectory(path, flush: settings.logFlush, logger: logger)
            try directory.load(into: &cluster)
            logDirectory = directory
        }
    }

    // MARK: Listeners

    /// Begins to accept connections for a broker; on its former ports if it had any.
    func listen(broker: Int32) -> EventLoopFuture<Void> {
        EventLoopFuture.andAllSucceed(
            settings.security.listeners.indices.map { listen(Door(broker: broker, listener: $0)) }, on: loop)
    }

    private func listen(_ door: Door) -> EventLoopFuture<Void> {
        let host = NIOLoopBound(self, eventLoop: loop)
        let port: Int
        do {
            port = try self.port(of: door)
        } catch {
            return loop.makeFailedFuture(error)
        }
        return ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 16384, maximum: 262_144)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try host.value.accept(channel, door) }
            }
            .bind(host: settings.host, port: port)
            .map { channel in
                host.value.doors[door] = channel
                host.value.cluster.brokers.set(
                    port: channel.localAddress?.port ?? 0, of: door.broker, listener: door.listener)
            }
    }

    private func port(of door: Door) throws -> Int {
        let configured = settings.port(ofBroker: Int(door.broker), listener: door.listener)
        if configured != 0 { return configured }
        let reservation = try ports[door] ?? PortReservation(host: settings.host)
        ports[door] = reservation
        return reservation.port
    }

    func stopListening(broker: Int32) -> EventLoopFuture<Void> {
        let closing = settings.security.listeners.indices.compactMap { listener in
            doors.removeValue(forKey: Door(broker: broker, listener: listener))?.close()
        }
        return EventLoopFuture.andAllComplete(closing, on: loop)
    }

    /// Clients are cut off and cannot come back.
    func stopBroker(_ id: Int32) -> EventLoopFuture<Void> {
        let closed = stopListening(broker: id)
        closeConnections { $0.broker == id }
        return closed
    }

    func startBroker(_ id: Int32) -> EventLoopFuture<Void> {
        let host = NIOLoopBound(self, eventLoop: loop)
        return listen(broker: id).map {
            host.value.change { cluster, _, _ in _ = cluster.setBroker(id, isUp: true) }
        }
    }

    func doNothing() -> EventLoopFuture<Void> { loop.makeSucceededVoidFuture() }

    func shutDown() -> EventLoopFuture<Void> {
        isShutDown = true
        timer?.task.cancel()
        timer = nil
        logDirectory?.close(&cluster)
        logDirectory = nil
        let closing = cluster.brokers.all.map { stopListening(broker: $0.id) }
        closeConnections { _ in true }
        return EventLoopFuture.andAllComplete(closing, on: loop)
    }

    // MARK: Connections

    private func accept(_ channel: any Channel, _ door: Door) throws {
        connectionsMade += 1
        let connection = Connection(
            id: ConnectionID(connectionsMade), broker: door.broker, listener: door.listener, host: self,
            requestBytesLimit: settings.limits.requestBytes)
        connections[connection.id] = connection
        if let handler = tls.handler(listener: door.listener) {
            try channel.pipeline.syncOperations.addHandler(handler)
        }
        try channel.pipeline.syncOperations.addHandler(connection)
    }

    func opened(_ connection: Connection, certificateSubject: String?) {
        change { cluster, now, effects in
            cluster.connectionOpened(
                connection.id, listener: connection.listener, certificateSubject: certificateSubject,
                address: String(connection.clientHost.drop { $0 == "/" }), now: now, effects: &effects)
        }
    }

    /// Those that listen now.
    var listening: Set<Int32> { Set(doors.keys.map(\.broker)) }

    func closed(_ connection: Connection) {
        connections[connection.id] = nil
        // Others may get at once what it had.
        change { cluster, _, _ in cluster.connectionClosed(connection.id) }
    }

    var connectionCount: Int { connections.count }

    /// Returns how many there were.
    @discardableResult
    func closeConnections(where matches: (Connection) -> Bool) -> Int {
        let closing = connections.values.filter(matches).sorted { $0.id < $1.id }
        for connection in closing { connection.close() }
        return closing.count
    }

    // MARK: Events

    /// A frame has come in: its answer is sent now, or when an effect says so.
    func received(_ frame: consuming ByteBuffer, on connection: Connection) {
        guard !cluster.takesBareTokens(connection.id) else { return receivedBareToken(frame, on: connection) }
        do throws(WireError) {
            let header = try RequestHeader.decode(from: &frame)
            connection.clientID = header.clientID
            let context = RequestContext(
                connection: connection.id, broker: connection.broker, apiKey: header.apiKey,
                apiVersion: header.apiVersion, correlationID: header.correlationID, clientID: header.clientID,
                clientHost: connection.clientHost, listener: connection.listener)
            if header.apiKey == .apiVersions, !Cluster.answers(.apiVersions, header.apiVersion) {
                cluster.answerUnsupportedApiVersions(context, now: clock.now, effects: &effects)
            } else if Cluster.answers(header.apiKey, header.apiVersion) {
                let request = try Request.decode(header.apiKey, version: header.apiVersion, from: &frame)
                // The request must be the only owner of its record batches by now.
                frame = ByteBuffer()
                cluster.handle(consume request, from: context, now: clock.now, effects: &effects)
            } else {
                return connection.refuse("\(header.apiKey.name) version \(header.apiVersion) is not supported")
            }
        } catch {
            return connection.refuse("not a request: \(error)")
        }
        carryOut()
    }

    /// A token of SASL without a request around it, as clients send them after version 0 of SaslHandshake.
    private func receivedBareToken(_ token: consuming ByteBuffer, on connection: Connection) {
        var request = SaslAuthenticateRequest()
        request.authBytes = token
        var context = RequestContext(
            connection: connection.id, broker: connection.broker, apiKey: .saslAuthenticate, apiVersion: 0,
            correlationID: 0, clientID: connection.clientID, clientHost: connection.clientHost,
            listener: connection.listener)
        context.isBareToken = true
        cluster.handle(.saslAuthenticate(request), from: context, now: clock.now, effects: &effects)
        carryOut()
    }

    /// Something has happened to the cluster: carries out what follows from it.
    func change<Result>(_ event: (inout Cluster, ClusterTime, inout Effects) throws -> Result) rethrows -> Result {
        let result = try event(&cluster, clock.now, &effects)
        carryOut()
        return result
    }

    private func carryOut() {
        // Before anybody is told.
        logDirectory?.save(&cluster)
        // Sending a reply may bring up the connection's next request, and with it a list of its own.
        for effect in effects.take() {
            switch effect {
            case .reply(let context, let response): send(response, to: context)
            case .finish(let context): connections[context.connection]?.finish()
            case .close(let id, let reason): connections[id]?.refuse(reason)
            case .deliver(let context, let response, let delivery): send(response, to: context, by: delivery)
            case .reset(let id): connections[id]?.reset()
            case .stall(let id, let time): connections[id]?.stall(for: time)
            }
        }
        setTimer()
    }

    private func send(_ response: consuming Response, to context: RequestContext, by delivery: Delivery? = nil) {
        guard let connection = connections[context.connection] else { return }
        if context.isBareToken { return sendBareToken(of: response, on: connection) }
        do {
            let pieces = try Frame.encodeInPieces(
                response, version: context.apiVersion, correlationID: context.correlationID)
            guard let delivery else { return connection.send(pieces) }
            connection.send(pieces, by: delivery)
        } catch {
            connection.refuse("the reply cannot be written: \(error)")
        }
    }

    /// Of what has failed nothing is told in this form; the connection is closed.
    private func sendBareToken(of response: consuming Response, on connection: Connection) {
        guard case .saslAuthenticate(let body) = response, body.errorCode == .none else { return }
        var reply = ByteBuffer(integer: Int32(body.authBytes.readableBytes))
        reply.writeImmutableBuffer(body.authBytes)
        connection.send([reply])
    }

    private func setTimer() {
        guard !isShutDown, let deadline = cluster.nextDeadline else { return }
        if let timer, timer.deadline <= deadline { return }
        // In virtual time only an advance makes anything due.
        guard let real = clock.deadline(deadline) else { return }
        timer?.task.cancel()
        let host = NIOLoopBound(self, eventLoop: loop)
        let task = loop.scheduleTask(deadline: real) {
            host.value.timer = nil
            host.value.change { $0.advance(to: $1, effects: &$2) }
        }
        timer = (deadline, task)
    }

    // MARK: Time

    /// Does something when so much of the cluster's time has passed.
    func after(_ duration: Duration, _ body: @escaping () -> Void) {
        guard let deadline = clock.deadline(clock.now.elapsed + duration) else {
            return later.append((clock.now.elapsed + duration, body))
        }
        let bound = NIOLoopBound(body, eventLoop: loop)
        loop.scheduleTask(deadline: deadline) { bound.value() }
    }

    /// Lets virtual time pass, from deadline to deadline.
    func advance(by duration: Duration) {
        let end = clock.now.elapsed + duration
        while let next = nextVirtualDeadline, next <= end {
            clock.reach(next)
            change { $0.advance(to: $1, effects: &$2) }
            while let index = later.firstIndex(where: { $0.deadline <= next }) { later.remove(at: index).body() }
        }
        clock.reach(end)
    }

    private var nextVirtualDeadline: Duration? {
        [cluster.nextDeadline, later.map(\.deadline).min()].compactMap { $0 }.min()
    }

    /// Another cluster takes the place of this one, with its time; nobody is connected to it.
    func replace(with other: Cluster) {
        closeConnections { _ in true }
        timer?.task.cancel()
        timer = nil
        later = []
        clock.goBack(to: other.now.elapsed)
        cluster = other
        logDirectory?.replace(with: &cluster)
        setTimer()
    }
}
