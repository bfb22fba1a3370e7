// Runs Swift tasks on a NIO event loop, so that structured concurrency costs no thread hop beside the socket's own.
//
// A task with this executor as its preference, and the child tasks that it starts, run where its connections are
// served. NIO itself offers only a `SerialExecutor`, which is for actors.

package import NIOCore

/// A `TaskExecutor` over one event loop. Jobs run on the loop, in the order in which they were enqueued.
///
/// Jobs enqueued on the loop wait for its next turn: a continuation resumed within a channel handler never runs inside
/// that handler. One turn runs the jobs that were there when it began; those that they enqueue come a turn later.
package final class EventLoopTaskExecutor: TaskExecutor {
    /// The loop on which every job runs.
    package let eventLoop: any EventLoop

    private struct Queues {
        var ready: [UnownedJob] = []
        /// Emptied by the last turn, kept for its memory.
        var spare: [UnownedJob] = []
    }

    private let queues: NIOLoopBoundBox<Queues>

    package init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        queues = .makeBoxSendingValue(Queues(), eventLoop: eventLoop)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if eventLoop.inEventLoop {
            enqueueOnLoop(job)
        } else {
            eventLoop.execute { self.enqueueOnLoop(job) }
        }
    }

    private func enqueueOnLoop(_ job: UnownedJob) {
        let isFirst = queues.withValue { queues in
            queues.ready.append(job)
            return queues.ready.count == 1
        }
        // The first job asks for a turn of the loop; the others ride along without a lock or a closure.
        if isFirst { eventLoop.execute { self.runReady() } }
    }

    private func runReady() {
        var turn = queues.withValue { queues in
            let ready = queues.ready
            queues.ready = queues.spare
            queues.spare = []
            return ready
        }
        let executor = unsafe asUnownedTaskExecutor()
        for job in turn { unsafe job.runSynchronously(on: executor) }
        turn.removeAll(keepingCapacity: turn.count <= 1024)
        queues.withValue { $0.spare = turn }
    }
}
