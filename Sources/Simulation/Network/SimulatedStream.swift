/// A connection between two nodes, as TCP gives it: in order, without loss, until it breaks.
///
/// A partition makes what is sent wait; a half-open stream swallows it; a crash or a reset breaks the stream, which
/// each end learns from `onClose` when the news reaches it.
// Sendable without a lock, for only jobs and events of the network's executor touch it, and that is one thread.
public final class SimulatedStream: @unchecked Sendable {
    /// In one place, for each message looks at several.
    private struct Flags: OptionSet {
        let rawValue: UInt8
        /// These ends take the stream for open.
        static let clientIsOpen = Flags(rawValue: 1)
        static let serverIsOpen = Flags(rawValue: 2)
        /// These ends gave up what they had sent.
        static let clientAborted = Flags(rawValue: 4)
        static let serverAborted = Flags(rawValue: 8)
        /// Half-open: looks open and carries nothing.
        static let silent = Flags(rawValue: 16)
    }

    public let client: NodeID
    public let server: NodeID
    private let network: SimulatedNetwork
    /// Grows with each that is opened.
    private(set) var number: UInt64 = 0
    /// In the network; nil once it is out of it.
    private var slot: Int?
    private var flags: Flags = [.clientIsOpen, .serverIsOpen]
    /// When what each end sent last arrives, in nanoseconds.
    private var lastFromClient: Int64 = 0
    private var lastFromServer: Int64 = 0
    private var clientCloser: (@Sendable () -> Void)?
    private var serverCloser: (@Sendable () -> Void)?

    /// Opens a connection at once. Whether the server is there, the client finds out by `SimulatedNetwork.isUp`.
    public init(_ network: SimulatedNetwork, from client: NodeID, to server: NodeID) {
        self.network = network
        self.client = client
        self.server = server
        let place = network.add(self)
        number = place.number
        slot = place.slot
    }

    private func leaveNetwork() {
        if let slot = slot.take() { network.remove(slot) }
    }

    func connects(_ one: NodeID, _ other: NodeID) -> Bool {
        client == one && server == other || client == other && server == one
    }

    /// This end knows that it is over.
    @discardableResult
    private func shut(_ node: NodeID) -> (@Sendable () -> Void)? {
        flags.remove(open(node))
        return node == client ? clientCloser.take() : serverCloser.take()
    }

    private func open(_ node: NodeID) -> Flags { node == client ? .clientIsOpen : .serverIsOpen }
    private func aborted(_ node: NodeID) -> Flags { node == client ? .clientAborted : .serverAborted }
    private func peer(of node: NodeID) -> NodeID { node == client ? server : client }

    /// Whether this end takes it for open.
    public func isOpen(at node: NodeID) -> Bool { flags.contains(open(node)) }

    /// It looks open from now on, and carries nothing.
    func silence() { flags.insert(.silent) }

    /// Called once, when this end learns that the stream is over, unless it closed it itself.
    public func onClose(at node: NodeID, _ closer: @escaping @Sendable () -> Void) {
        if node == client { clientCloser = closer } else { serverCloser = closer }
    }

    /// Sends a message from one end to the other, behind those sent before.
    public func send(from node: NodeID, _ arrive: @escaping @Sendable () -> Void) {
        guard isOpen(at: node) else { return }
        network.tally.sent += 1
        transmit(from: node, arrive)
    }

    private func transmit(from node: NodeID, _ arrive: @escaping @Sendable () -> Void) {
        if flags.contains(.silent) { return }
        let other = peer(of: node)
        guard !network.isBlocked(from: node, to: other) else {
            network.wait(from: node, to: other) { [self] in transmit(from: node, arrive) }
            return
        }
        let now = network.executor.nanoseconds
        let soonest = now + network.streamLatency(from: node, to: other)
        let arrival = max(soonest, node == client ? lastFromClient : lastFromServer)
        if node == client { lastFromClient = arrival } else { lastFromServer = arrival }
        network.executor.schedule(afterNanoseconds: arrival - now) { [self] in
            let flags = flags
            guard flags.contains(open(other)), flags.isDisjoint(with: [.silent, aborted(node)]), network.isUp(other)
            else { return }
            arrive()
        }
    }

    /// This end closes the stream; the other learns it after what was sent before.
    public func close(at node: NodeID) {
        guard isOpen(at: node) else { return }
        breakOff(from: node)
    }

    /// Both ends are done with it and nothing is under way: it is over for both, without news that has to travel.
    public func finish() {
        forget()
        leaveNetwork()
    }

    /// This end closes the stream, and what it sent and has not arrived is lost.
    public func abort(at node: NodeID) {
        guard isOpen(at: node) else { return }
        shut(node)
        flags.insert(aborted(node))
        let other = peer(of: node)
        network.executor.schedule(afterNanoseconds: network.streamLatency(from: node, to: other)) { [self] in
            guard !flags.contains(.silent), network.isUp(other), !network.isBlocked(from: node, to: other) else {
                return
            }
            closed(at: other)
        }
        if !isOpen(at: other) { leaveNetwork() }
    }

    /// One end is gone: the other is told, if news can reach it.
    func breakOff(from node: NodeID) {
        shut(node)
        let other = peer(of: node)
        transmit(from: node) { [self] in closed(at: other) }
        if !isOpen(at: other) { leaveNetwork() }
    }

    /// Both ends see it break.
    public func reset() {
        network.tally.broken += 1
        for node in [client, server] {
            guard isOpen(at: node) else { continue }
            let latency = network.streamLatency(from: peer(of: node), to: node)
            network.executor.schedule(afterNanoseconds: latency) { [self] in closed(at: node) }
        }
    }

    func forget() {
        shut(client)
        shut(server)
    }

    private func closed(at node: NodeID) {
        guard isOpen(at: node) else { return }
        let closer = shut(node)
        if !isOpen(at: peer(of: node)) { leaveNetwork() }
        closer?()
    }
}
