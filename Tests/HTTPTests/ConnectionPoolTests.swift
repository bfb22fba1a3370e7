import SeededRandom
import NIOCore
import Testing

@testable import HTTP

struct ConnectionPoolTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test func `a request makes a connection and the next one reuses it`() {
        var pool = ConnectionPool(maximumConnections: 2, maximumWaiting: 2)
        #expect(pool.lease(for: 1) == .wait(connect: 0))
        #expect(pool.ready(0, now: start) == .serve(1))
        #expect(pool.ready(0, now: start) == .idle)
        #expect(pool.lease(for: 2) == .use(0))
        #expect(pool.openConnections == 1)
    }

    @Test func `requests wait first come first served once all connections are busy`() {
        var pool = ConnectionPool(maximumConnections: 1, maximumWaiting: 2)
        #expect(pool.lease(for: 1) == .wait(connect: 0))
        #expect(pool.ready(0, now: start) == .serve(1))
        #expect(pool.lease(for: 2) == .wait(connect: nil))
        #expect(pool.lease(for: 3) == .wait(connect: nil))
        #expect(pool.lease(for: 4) == .refuse)
        #expect(pool.ready(0, now: start) == .serve(2))
        #expect(pool.lease(for: 5) == .wait(connect: nil))
        #expect(pool.ready(0, now: start) == .serve(3))
        #expect(pool.ready(0, now: start) == .serve(5))
    }

    @Test func `with no room to wait a request still gets a connection of its own`() {
        var pool = ConnectionPool(maximumConnections: 2, maximumWaiting: 0)
        #expect(pool.lease(for: 1) == .wait(connect: 0))
        #expect(pool.lease(for: 2) == .wait(connect: 1))
        #expect(pool.lease(for: 3) == .refuse)
    }

    @Test func `a connection that frees itself serves a request that waited for a new one`() {
        var pool = ConnectionPool(maximumConnections: 2, maximumWaiting: 2)
        #expect(pool.lease(for: 1) == .wait(connect: 0))
        #expect(pool.ready(0, now: start) == .serve(1))
        #expect(pool.lease(for: 2) == .wait(connect: 1))
        #expect(pool.ready(0, now: start) == .serve(2))
        #expect(pool.ready(1, now: start) == .idle)
    }

    @Test func `a failed connection fails one request and is tried again for the others`() {
        var pool = ConnectionPool(maximumConnections: 1, maximumWaiting: 5)
        #expect(pool.lease(for: 1) == .wait(connect: 0))
        #expect(pool.lease(for: 2) == .wait(connect: nil))
        let first = pool.failedToConnect(0)
        #expect(first.fails == 1)
        #expect(first.connect == 0)
        let second = pool.failedToConnect(0)
        #expect(second.fails == 2)
        #expect(second.connect == nil)
        #expect(pool.openConnections == 0)
    }

    @Test func `a busy connection that closes makes room for those who wait`() {
        var pool = ConnectionPool(maximumConnections: 1, maximumWaiting: 5)
        #expect(pool.lease(for: 1) == .wait(connect: 0))
        #expect(pool.ready(0, now: start) == .serve(1))
        #expect(pool.lease(for: 2) == .wait(connect: nil))
        #expect(pool.closed(0) == 0)
        #expect(pool.ready(0, now: start) == .serve(2))
        #expect(pool.closed(0) == nil)
        #expect(pool.closed(0) == nil)
        #expect(pool.openConnections == 0)
    }

    @Test func `a request that gave up is passed over`() {
        var pool = ConnectionPool(maximumConnections: 1, maximumWaiting: 5)
        #expect(pool.lease(for: 1) == .wait(connect: 0))
        #expect(pool.lease(for: 2) == .wait(connect: nil))
        pool.abandon(1)
        #expect(pool.ready(0, now: start) == .serve(2))
    }

    @Test func `the connection used last is used first and the others expire`() {
        var pool = ConnectionPool(maximumConnections: 3, maximumWaiting: 5)
        for number in 0..<3 { #expect(pool.lease(for: UInt64(number)) == .wait(connect: number)) }
        for number in 0..<3 { #expect(pool.ready(number, now: start) == .serve(UInt64(number))) }
        for number in 0..<3 { #expect(pool.ready(number, now: start + .seconds(Int64(number))) == .idle) }
        #expect(pool.idleLongestSince == start)
        #expect(pool.lease(for: 9) == .use(2))
        #expect(pool.expireIdle(since: start + .seconds(1)) == [0, 1])
        #expect(pool.closed(0) == nil)
        #expect(pool.closed(1) == nil)
        #expect(pool.openConnections == 1)
        #expect(pool.idleConnections == 0)
    }

    @Test func `after the shutdown nothing is served`() {
        var pool = ConnectionPool(maximumConnections: 1, maximumWaiting: 5)
        #expect(pool.lease(for: 1) == .wait(connect: 0))
        #expect(pool.lease(for: 2) == .wait(connect: nil))
        #expect(pool.shutDown() == [1, 2])
        #expect(pool.lease(for: 3) == .refuse)
        #expect(pool.ready(0, now: start) == .close)
        #expect(pool.closed(0) == nil)
        #expect(pool.openConnections == 0)
    }

    /// Whatever happens in whatever order, the pool keeps its bounds and loses no request.
    @Test(arguments: 0..<50 as Range<UInt64>)
    func `a random life keeps every bound`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var pool = ConnectionPool(maximumConnections: 4, maximumWaiting: 6)
        var connecting: Set<Int> = [], busy: [Int: UInt64] = [:], idle: Set<Int> = [], waiting: [UInt64] = []
        var next: UInt64 = 0

        func begin(_ connection: Int?) {
            guard let connection else { return }
            #expect(!connecting.contains(connection) && busy[connection] == nil && !idle.contains(connection))
            connecting.insert(connection)
        }
        func settle(_ connection: Int, _ outcome: ConnectionPool.Next) {
            switch outcome {
            case .serve(let request):
                #expect(waiting.first == request)
                waiting.removeFirst()
                busy[connection] = request
            case .idle:
                #expect(waiting.isEmpty)
                idle.insert(connection)
            case .close: Issue.record("closed without a shutdown")
            }
        }
        for step in 0..<500 {
            let now = start + .seconds(Int64(step))
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1:
                next += 1
                switch pool.lease(for: next) {
                case .use(let connection):
                    #expect(idle.remove(connection) != nil)
                    busy[connection] = next
                case .wait(let connect):
                    #expect(idle.isEmpty)
                    waiting.append(next)
                    begin(connect)
                case .refuse: #expect(waiting.count - connecting.count == 6)
                }
            case 2:
                guard let connection = connecting.min() else { break }
                connecting.remove(connection)
                settle(connection, pool.ready(connection, now: now))
            case 3:
                guard let connection = connecting.max() else { break }
                connecting.remove(connection)
                let (fails, connect) = pool.failedToConnect(connection)
                #expect(fails == waiting.first)
                if fails != nil { waiting.removeFirst() }
                begin(connect)
            case 4:
                guard let connection = busy.keys.sorted().randomElement(using: &random) else { break }
                busy[connection] = nil
                if Bool.random(using: &random) {
                    settle(connection, pool.ready(connection, now: now))
                } else {
                    begin(pool.closed(connection))
                }
            default:
                guard let request = waiting.randomElement(using: &random) else { break }
                waiting.removeAll { $0 == request }
                pool.abandon(request)
            }
            #expect(pool.openConnections == connecting.count + busy.count + idle.count)
            #expect(pool.openConnections <= 4)
            #expect(pool.waitingRequests == waiting.count)
            #expect(waiting.isEmpty || connecting.count + busy.count > 0)
        }
    }
}
