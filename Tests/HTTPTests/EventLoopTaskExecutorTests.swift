import HTTP
import NIOCore
import NIOPosix
import Testing

struct EventLoopTaskExecutorTests {
    private let executor = EventLoopTaskExecutor(MultiThreadedEventLoopGroup.singleton.any())

    @Test func `a task and its children run on the loop`() async {
        let loop = executor.eventLoop
        await Task(executorPreference: executor) {
            #expect(loop.inEventLoop)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        #expect(loop.inEventLoop)
                        await Task.yield()
                        #expect(loop.inEventLoop)
                    }
                }
            }
            #expect(loop.inEventLoop)
        }.value
    }

    @Test func `tasks run in the order in which they were enqueued`() async {
        let order = Log<Int>()
        await Task(executorPreference: executor) {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<100 { group.addTask { order.add(number) } }
            }
        }.value
        #expect(order.all == Array(0..<100))
    }

    @Test func `a continuation resumed on the loop does not run inside its resumer`() async {
        let loop = executor.eventLoop
        let log = Log<String>()
        await Task(executorPreference: executor) {
            await withCheckedContinuation { continuation in
                loop.execute {
                    continuation.resume()
                    log.add("resumer ends")
                }
            }
            log.add("task goes on")
        }.value
        #expect(log.all == ["resumer ends", "task goes on"])
    }

    @Test func `tasks that never wait do not keep the loop from its timers`() async {
        let loop = executor.eventLoop
        let done = Log<Bool>()
        loop.scheduleTask(in: .milliseconds(5)) { done.add(true) }
        await Task(executorPreference: executor) {
            while done.all.isEmpty { await Task.yield() }
        }.value
    }

    @Test func `many tasks from other threads all run`() async {
        let count = Log<Int>()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<2000 {
                group.addTask(executorPreference: executor) { count.add(number) }
            }
        }
        #expect(count.all.count == 2000)
    }
}
