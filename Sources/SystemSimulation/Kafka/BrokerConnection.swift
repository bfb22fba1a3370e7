import DequeModule
import KafkaProtocol
import Simulation

/// Whose connection it is, for the trace.
struct ClientIdentity: Sendable {
    let name: String
    /// A replica, or -1 for a producer.
    let lane: Int
    let life: Int
}

/// A client's connection to a broker: requests in order, each answered, or failed when the connection ends or a reply
/// takes too long.
// Sendable without a lock, for only jobs and events of one executor touch it, and that is one thread.
final class BrokerConnection: @unchecked Sendable {
    enum Failure: Error {
        case closed
        /// The client gave up waiting, and closed the connection.
        case timedOut
    }

    typealias Completion = (Result<Response, Failure>) -> Void

    /// An object, for a request is large, and it is handed on and on.
    final class Sent: Sendable {
        let correlation: Int32
        let version: Int16
        let request: Request

        init(correlation: Int32, version: Int16, request: Request) {
            self.correlation = correlation
            self.version = version
            self.request = request
        }
    }

    private struct Call {
        let correlation: Int32
        let deadline: Duration
        let completion: Completion
    }

    let number: UInt64
    let stream: SimulatedStream
    let broker: Int32
    let client: ClientIdentity
    private let brokers: SimulatedBrokers
    // The broker's end.
    var waiting: Deque<Sent> = []
    var isBusy = false
    var isStalled = false
    /// The brokers know of it no more.
    var isDropped = false
    // The client's end.
    private var calls: Deque<Call> = []
    private var nextCorrelation: Int32 = 0
    private var isTimerSet = false
    private var onClose: (() -> Void)?

    init(
        _ number: UInt64, _ stream: SimulatedStream, _ broker: Int32, _ client: ClientIdentity,
        brokers: SimulatedBrokers
    ) {
        self.number = number
        self.stream = stream
        self.broker = broker
        self.client = client
        self.brokers = brokers
        stream.onClose(at: stream.client) { [self] in fail(.closed) }
    }

    var isOpen: Bool { stream.isOpen(at: stream.client) }

    /// Called once when the connection ends without `close`.
    func whenClosed(_ action: @escaping () -> Void) { onClose = action }

    /// - Parameter timeout: In true time.
    func call(_ request: Request, version: Int16, timeout: Duration, _ completion: @escaping Completion) {
        guard isOpen else { return completion(.failure(.closed)) }
        nextCorrelation += 1
        let sent = Sent(correlation: nextCorrelation, version: version, request: request)
        calls.append(
            Call(correlation: nextCorrelation, deadline: brokers.executor.now + timeout, completion: completion))
        stream.send(from: stream.client) { [self] in brokers.receive(sent, on: self) }
        setTimer()
    }

    /// At the broker: sends the answer back.
    func answer(_ correlation: Int32, _ response: Response) {
        stream.send(from: stream.server) { [self] in
            guard let index = calls.firstIndex(where: { $0.correlation == correlation }) else { return }
            // It is the first all but always, which leaves no gap to be closed.
            let call = index == 0 ? calls.removeFirst() : calls.remove(at: index)
            call.completion(.success(response))
        }
    }

    /// The client closes; whoever waits is told nothing.
    func close() {
        calls.removeAll()
        onClose = nil
        stream.close(at: stream.client)
    }

    private func fail(_ failure: Failure) {
        let failed = calls
        calls.removeAll()
        let action = onClose
        onClose = nil
        for call in failed { call.completion(.failure(failure)) }
        action?()
    }

    private func setTimer() {
        guard !isTimerSet, let first = calls.map(\.deadline).min() else { return }
        isTimerSet = true
        brokers.executor.schedule(after: first - brokers.executor.now) { [self] in
            isTimerSet = false
            guard isOpen, let first = calls.map(\.deadline).min() else { return }
            guard first <= brokers.executor.now else { return setTimer() }
            // Not an orderly close, after which what is on its way would still arrive: a commit that is heard long
            // after the client has repeated it, and others behind it, moves the offset back; nobody can help that.
            stream.abort(at: stream.client)
            fail(.timedOut)
        }
    }
}
