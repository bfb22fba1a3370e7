internal import Crdkafka
internal import Threads

/// Owns a reference to one of librdkafka's queues. It must end before the client does.
@safe struct Queue: ~Copyable {
    let pointer: OpaquePointer

    private init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe rd_kafka_queue_destroy(pointer) }

    /// Errors, logs, statistics, commit results, delivery reports.
    static func main(of client: Client) -> Queue {
        unsafe Queue(owning: rd_kafka_queue_get_main(client.pointer))
    }

    /// Rebalances, errors, and messages of partitions without a queue of their own. Absent without a group.
    static func consumer(of client: Client) -> Queue? {
        guard let pointer = unsafe rd_kafka_queue_get_consumer(client.pointer) else { return nil }
        return unsafe Queue(owning: pointer)
    }

    /// What is fetched of one partition, which then no longer comes by the consumer's queue. It stays so if the
    /// partition is given up and comes back.
    static func partition(_ partition: TopicPartition, of client: Client) -> Queue? {
        guard
            let pointer = unsafe rd_kafka_queue_get_partition(client.pointer, partition.topic, partition.partition)
        else { return nil }
        unsafe rd_kafka_queue_forward(pointer, nil)
        return unsafe Queue(owning: pointer)
    }

    static func new(in client: Client) -> Queue {
        unsafe Queue(owning: rd_kafka_queue_new(client.pointer))
    }

    /// Writes to the pipe when the queue was empty and no longer is.
    func wake(_ pipe: WakePipe) {
        var signal: UInt8 = 1
        unsafe rd_kafka_queue_io_event_enable(pointer, pipe.writeEnd, &signal, 1)
    }

    /// The next event, waiting for one if there is none.
    func poll(timeout: Duration) -> Event? {
        guard let event = unsafe rd_kafka_queue_poll(pointer, timeout.forLibrdkafka) else { return nil }
        return unsafe Event(owning: event)
    }

    /// Ends a `poll` that waits on another thread.
    func interruptPoll() { unsafe rd_kafka_queue_yield(pointer) }

    /// Takes what is there, up to the buffer's size or `max`, without waiting. Rebalances are noted on the way.
    func consume(into buffer: inout MessageBuffer, max: Int) {
        let wanted = min(max, buffer.capacity)
        buffer.count = unsafe Swift.max(0, rd_kafka_consume_batch_queue(pointer, 0, buffer.pointers, wanted))
    }
}
