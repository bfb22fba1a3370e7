// One connection by librabbitmq, for one thread: every call may block up to the server's timeout.
//
// This is where memory of librabbitmq is read; everything that leaves is copied. What the server says is data: no
// answer of it may trap.

internal import Crabbitmq

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// What came in.
enum Incoming {
    case message(IncomingMessage)
    /// A part of what `get` got, which nobody wants.
    case ignored
    /// The server ended the consumer of this channel.
    case cancelled(channel: UInt16)
    case channelClosed(channel: UInt16, RabbitMQError)
}

/// A message as the server delivered it.
struct IncomingMessage {
    var channel: UInt16
    var tag: UInt64
    var isRedelivered: Bool
    var routingKey: String
    var payload: [UInt8]
    var properties: MessageProperties
}

/// Texts and tables are kept alive over the call that reads them.
@safe package final class Connection {
    private let state: amqp_connection_state_t
    private let timeout: timeval
    let heartbeat: Duration

    // MARK: Life

    package init(_ server: RabbitMQServer) throws(RabbitMQError) {
        guard let state = unsafe amqp_new_connection() else {
            throw RabbitMQError(.connection, "no memory for a connection")
        }
        unsafe self.state = unsafe state
        timeout = timeval(server.timeout)
        heartbeat = server.heartbeat
        // If this throws, `deinit` follows, for every property has its value.
        try open(server)
    }

    private func open(_ server: RabbitMQServer) throws(RabbitMQError) {
        let socket = try unsafe socket(server)
        var timeout = timeout
        unsafe amqp_set_handshake_timeout(state, &timeout)
        unsafe amqp_set_rpc_timeout(state, &timeout)
        let status = unsafe amqp_socket_open_noblock(socket, server.host, Int32(server.port), &timeout)
        try check(status, "connecting to \(server.address)")
        let seconds = Int32(clamping: server.heartbeat.components.seconds)
        let reply = unsafe crabbitmq_login(state, server.virtualHost, seconds, server.user, server.password)
        try unsafe check(reply, "logging in at \(server.address)", isLogin: true)
    }

    private func socket(_ server: RabbitMQServer) throws(RabbitMQError) -> OpaquePointer {
        let tls = server.tls
        let made = tls == nil ? unsafe amqp_tcp_socket_new(state) : unsafe amqp_ssl_socket_new(state)
        guard let socket = unsafe made else { throw RabbitMQError(.connection, "no memory for a socket") }
        guard let tls else { return unsafe socket }
        unsafe amqp_ssl_socket_set_verify_peer(socket, 1)
        unsafe amqp_ssl_socket_set_verify_hostname(socket, 1)
        guard unsafe amqp_ssl_socket_set_cacert(socket, tls.authorities) == 0 else {
            throw RabbitMQError(.configuration, "no certificates of authorities in \(tls.authorities)")
        }
        if let certificate = tls.certificate, let key = tls.key {
            guard unsafe amqp_ssl_socket_set_key(socket, certificate, key) == 0 else {
                throw RabbitMQError(.configuration, "no certificate in \(certificate) that fits the key in \(key)")
            }
        }
        return unsafe socket
    }

    /// Forgets the connection; the server takes it as lost unless `close` was called.
    deinit { unsafe amqp_destroy_connection(state) }

    /// The server has processed everything before it when this returns.
    package func close() { unsafe _ = amqp_connection_close(state, Int32(AMQP_REPLY_SUCCESS)) }

    var descriptor: Int32 { unsafe amqp_get_sockfd(state) }

    // MARK: Channels and queues

    package func openChannel(_ channel: UInt16) throws(RabbitMQError) {
        unsafe amqp_channel_open(state, channel)
        try unsafe check(unsafe amqp_get_rpc_reply(state), "opening a channel", channel)
    }

    /// The server delivers again what was not acknowledged on the channel.
    package func closeChannel(_ channel: UInt16) throws(RabbitMQError) {
        try unsafe check(
            unsafe amqp_channel_close(state, channel, Int32(AMQP_REPLY_SUCCESS)), "closing a channel", channel)
        unsafe amqp_maybe_release_buffers_on_channel(state, channel)
    }

    /// - Parameter deadLetterExchange: Where the queue sends what is rejected; `nil`: nowhere.
    /// - Returns: How many messages are ready, and how many consumers there are.
    @discardableResult
    package func declare(
        queue: String, isPassive: Bool, type: QueueType = .classic, deadLetterExchange: String? = nil,
        on channel: UInt16
    ) throws(RabbitMQError) -> (ready: Int, consumers: Int) {
        var values: [String: String] = [:]
        if !isPassive {
            values["x-queue-type"] = type.rawValue
            values["x-dead-letter-exchange"] = deadLetterExchange
        }
        let arguments = Table(values)
        let queueName = Text(queue)
        let declared = unsafe amqp_queue_declare(
            state, channel, queueName.bytes, isPassive ? 1 : 0, 1, 0, 0, arguments.table)
        withExtendedLifetime((arguments, queueName)) {}
        try unsafe check(unsafe amqp_get_rpc_reply(state), "declaring queue \(queue)", channel)
        guard let declared = unsafe declared else { return (0, 0) }
        return unsafe (Int(declared.pointee.message_count), Int(declared.pointee.consumer_count))
    }

    /// The server cancels the consumers of the queue.
    package func delete(queue: String, on channel: UInt16) throws(RabbitMQError) {
        let queueName = Text(queue)
        unsafe amqp_queue_delete(state, channel, queueName.bytes, 0, 0)
        withExtendedLifetime(queueName) {}
        try unsafe check(unsafe amqp_get_rpc_reply(state), "deleting queue \(queue)", channel)
    }

    /// Makes a durable fanout exchange, and binds a queue to it.
    package func bind(queue: String, toNewExchange exchange: String, on channel: UInt16) throws(RabbitMQError) {
        let (queueName, exchangeName, type, key) = (Text(queue), Text(exchange), Text("fanout"), Text(""))
        unsafe amqp_exchange_declare(
            state, channel, exchangeName.bytes, type.bytes, 0, 1, 0, 0, amqp_empty_table)
        try unsafe check(unsafe amqp_get_rpc_reply(state), "declaring exchange \(exchange)", channel)
        unsafe amqp_queue_bind(state, channel, queueName.bytes, exchangeName.bytes, key.bytes, amqp_empty_table)
        withExtendedLifetime((queueName, exchangeName, type, key)) {}
        try unsafe check(unsafe amqp_get_rpc_reply(state), "binding queue \(queue)", channel)
    }

    /// - Parameter prefetch: The most messages unacknowledged.
    func consume(queue: String, prefetch: UInt16, on channel: UInt16) throws(RabbitMQError) {
        try setPrefetch(prefetch, on: channel)
        let queueName = Text(queue)
        unsafe amqp_basic_consume(
            state, channel, queueName.bytes, amqp_empty_bytes, 0, 0, 0, amqp_empty_table)
        withExtendedLifetime(queueName) {}
        try unsafe check(unsafe amqp_get_rpc_reply(state), "consuming queue \(queue)", channel)
    }

    /// For consumers that come later on this channel. Its answer also tells that the server took everything sent on the
    /// channel before.
    func setPrefetch(_ prefetch: UInt16, on channel: UInt16) throws(RabbitMQError) {
        unsafe amqp_basic_qos(state, channel, 0, prefetch, 0)
        try unsafe check(unsafe amqp_get_rpc_reply(state), "setting the prefetch to \(prefetch)", channel)
    }

    // MARK: Messages

    package func acknowledge(_ tag: UInt64, on channel: UInt16) throws(RabbitMQError) {
        try check(unsafe amqp_basic_ack(state, channel, tag, 0), "acknowledging a message")
    }

    /// Takes the next message off a queue, if one waits, whatever the prefetch.
    ///
    /// - Returns: Its tag. What it holds comes as `Incoming.ignored`.
    func get(queue: String, on channel: UInt16) throws(RabbitMQError) -> UInt64? {
        let queueName = Text(queue)
        let reply = unsafe amqp_basic_get(state, channel, queueName.bytes, 0)
        withExtendedLifetime(queueName) {}
        try unsafe check(reply, "asking queue \(queue) for a message", channel)
        guard unsafe reply.reply.id == UInt32(AMQP_BASIC_GET_OK_METHOD), let decoded = unsafe reply.reply.decoded
        else { return nil }
        return unsafe decoded.assumingMemoryBound(to: amqp_basic_get_ok_t.self).pointee.delivery_tag
    }

    /// - Parameter requeues: `false` sends it to the queue's dead-letter exchange, or drops it if there is none.
    func refuse(_ tag: UInt64, requeues: Bool, on channel: UInt16) throws(RabbitMQError) {
        try check(unsafe amqp_basic_nack(state, channel, tag, 0, requeues ? 1 : 0), "refusing a message")
    }

    /// Puts a persistent message into a queue.
    package func publish(
        _ payload: [UInt8], to queue: String, id: String? = nil, headers: [(name: String, value: [UInt8])] = [],
        on channel: UInt16
    ) throws(RabbitMQError) {
        let (queueName, body, idText) = (Text(queue), Text(payload), Text(id ?? ""))
        let table = Table(headers)
        var properties = unsafe amqp_basic_properties_t()
        unsafe properties._flags = amqp_flags_t(AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_HEADERS_FLAG)
        unsafe properties.delivery_mode = 2
        unsafe properties.headers = table.table
        if id != nil {
            unsafe properties._flags |= amqp_flags_t(AMQP_BASIC_MESSAGE_ID_FLAG)
            unsafe properties.message_id = idText.bytes
        }
        let status = unsafe amqp_basic_publish(
            state, channel, amqp_empty_bytes, queueName.bytes, 0, 0, &properties, body.bytes)
        withExtendedLifetime((queueName, body, idText, table)) {}
        try check(status, "publishing to \(queue)")
    }

    /// From here on the channel confirms what was published, in `waitForConfirms`.
    package func confirm(on channel: UInt16) throws(RabbitMQError) {
        unsafe amqp_confirm_select(state, channel)
        try unsafe check(unsafe amqp_get_rpc_reply(state), "asking for confirms", channel)
    }

    /// Waits until everything up to this number of publishing is confirmed.
    package func waitForConfirms(upTo number: UInt64) throws(RabbitMQError) {
        var confirmed: UInt64 = 0
        while confirmed < number {
            var frame = unsafe amqp_frame_t()
            var timeout = timeout
            try check(unsafe amqp_simple_wait_frame_noblock(state, &frame, &timeout), "waiting for confirms")
            guard unsafe Int32(frame.frame_type) == AMQP_FRAME_METHOD else { continue }
            let method = unsafe frame.payload.method
            guard unsafe method.id == UInt32(AMQP_BASIC_ACK_METHOD), let decoded = unsafe method.decoded else {
                throw RabbitMQError(.connection, "published, and not confirmed")
            }
            confirmed = unsafe max(
                confirmed, decoded.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee.delivery_tag)
        }
    }

    /// What came in, if anything did; sends heartbeats that are due. Does not wait for a message to begin.
    func next() throws(RabbitMQError) -> Incoming? {
        unsafe amqp_maybe_release_buffers(state)
        var envelope = unsafe amqp_envelope_t()
        var now = timeval(tv_sec: 0, tv_usec: 0)
        let reply = unsafe amqp_consume_message(state, &envelope, &now, 0)
        if unsafe reply.reply_type == AMQP_RESPONSE_NORMAL {
            defer { unsafe amqp_destroy_envelope(&envelope) }
            return unsafe .message(
                IncomingMessage(
                    channel: envelope.channel, tag: envelope.delivery_tag, isRedelivered: envelope.redelivered != 0,
                    routingKey: String(envelope.routing_key), payload: Array(envelope.message.body),
                    properties: MessageProperties(envelope.message.properties)))
        }
        let status = unsafe reply.library_error
        if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
        guard status == AMQP_STATUS_UNEXPECTED_STATE.rawValue else {
            try unsafe check(reply, "reading")
            return nil
        }
        return try otherFrame()
    }

    /// Something that is no message.
    private func otherFrame() throws(RabbitMQError) -> Incoming? {
        var frame = unsafe amqp_frame_t()
        var now = timeval(tv_sec: 0, tv_usec: 0)
        let status = unsafe amqp_simple_wait_frame_noblock(state, &frame, &now)
        if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
        try check(status, "reading")
        guard unsafe Int32(frame.frame_type) == AMQP_FRAME_METHOD else { return .ignored }
        let channel = unsafe frame.channel
        let method = unsafe frame.payload.method
        switch unsafe method.id {
        case UInt32(AMQP_BASIC_CANCEL_METHOD): return .cancelled(channel: channel)
        case UInt32(AMQP_CHANNEL_CLOSE_METHOD):
            let error = unsafe refusal(method, "channel \(channel)")
            confirmClose(of: channel)
            return .channelClosed(channel: channel, error)
        case UInt32(AMQP_CONNECTION_CLOSE_METHOD): throw unsafe refusal(method, "connection")
        default: return nil
        }
    }

    private func confirmClose(of channel: UInt16) {
        var answer = amqp_channel_close_ok_t()
        unsafe _ = amqp_send_method(state, channel, amqp_method_number_t(AMQP_CHANNEL_CLOSE_OK_METHOD), &answer)
    }

    // MARK: Errors

    private func check(_ status: Int32, _ what: String) throws(RabbitMQError) {
        guard status < 0 else { return }
        let text = unsafe amqp_error_string2(status).map { unsafe String(cString: $0) } ?? "error \(status)"
        throw RabbitMQError(.connection, "\(what): \(text)")
    }

    private func check(
        _ reply: amqp_rpc_reply_t, _ what: String, _ channel: UInt16 = 0, isLogin: Bool = false
    ) throws(RabbitMQError) {
        switch unsafe reply.reply_type {
        case AMQP_RESPONSE_NORMAL: return
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            let error = unsafe refusal(reply.reply, what)
            if error.reach == .channel { confirmClose(of: channel) }
            let isRefusal = isLogin && [403, 530].contains(error.code)
            throw isRefusal ? RabbitMQError(.access, code: error.code, error.description) : error
        case AMQP_RESPONSE_LIBRARY_EXCEPTION:
            let status = unsafe reply.library_error
            try check(status, what)
            throw RabbitMQError(.connection, "\(what): error \(status)")
        default: throw RabbitMQError(.connection, "\(what): no answer")
        }
    }

    private func refusal(_ method: amqp_method_t, _ what: String) -> RabbitMQError {
        guard let decoded = unsafe method.decoded else { return RabbitMQError(.connection, "\(what): refused") }
        switch unsafe method.id {
        case UInt32(AMQP_CHANNEL_CLOSE_METHOD):
            let close = unsafe decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee
            return unsafe RabbitMQError(
                .channel, code: Int(close.reply_code), "\(what): \(close.reply_code) \(String(close.reply_text))")
        case UInt32(AMQP_CONNECTION_CLOSE_METHOD):
            let close = unsafe decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            return unsafe RabbitMQError(
                .connection, code: Int(close.reply_code), "\(what): \(close.reply_code) \(String(close.reply_text))")
        default: return RabbitMQError(.connection, "\(what): refused")
        }
    }
}

extension timeval {
    fileprivate init(_ duration: Duration) {
        let parts = duration.components
        self.init(
            tv_sec: .init(clamping: parts.seconds), tv_usec: .init(clamping: parts.attoseconds / 1_000_000_000_000))
    }
}
