internal import KafkaProtocol
internal import NIOCore

// What a fault does to a request before it is handled, and to its reply.

extension Cluster {
    /// A request is met by the plan's rules, and then handled or not.
    ///
    /// - Parameter delay: what an interceptor added.
    mutating func meet(
        _ request: consuming Request, from context: consuming RequestContext, delay: Duration = .zero,
        effects: inout Effects
    ) {
        guard !faults.isEmpty || delay > .zero else {
            return dispatch(consume request, from: consume context, effects: &effects)
        }
        let topics = faults.looksAtTopics ? topics(namedIn: copy request, context) : []
        let verdict = faults.meet(context, topics: topics)
        context.fault = verdict.act
        context.faultTopics = verdict.topics.map(selection)
        if !verdict.names.isEmpty { journal.met(context.number, by: verdict.names) }
        let wait = delay + verdict.delay
        guard wait > .zero else { return begin(request, from: context, effects: &effects) }
        timers.set(.delayedRequest(delayedRequests.insert(request, from: context)), at: now.elapsed + wait)
    }

    private func topics(namedIn request: Request, _ context: RequestContext) -> [String] {
        let named = request.namedTopics(version: context.apiVersion)
        return named.names + named.ids.compactMap { topics.name(of: $0) }
            + sessionTopics(of: request)
    }

    /// Those that a fetch means without naming them.
    private func sessionTopics(of request: Request) -> [String] {
        guard case .fetch(let body) = request, body.sessionID != 0 else { return [] }
        return fetchSessions.topics(of: body.sessionID).compactMap { topics.name($0.name, or: $0.id) }
    }

    /// A request's turn has come, now or after a delay.
    mutating func begin(_ request: consuming Request, from context: RequestContext, effects: inout Effects) {
        guard let fault = context.fault else { return dispatch(consume request, from: context, effects: &effects) }
        switch fault {
        case .fail(let error):
            if failTopics(of: request, from: context, with: error.code, effects: &effects) { return }
            // What is said of it is the fault; nothing more is to be done to the reply.
            var plain = context
            plain.fault = nil
            fail(request, from: plain, with: error.code, effects: &effects)
        case .drop:
            journal.end(context.number, .dropped, at: now)
            effects.append(.finish(context))
        case .close:
            close(context, reason: "a fault plan said so", effects: &effects)
        case .reset:
            journal.end(context.number, .closed, at: now)
            effects.append(.reset(context.connection))
        case .halfOpen:
            journal.end(context.number, .dropped, at: now)
            effects.append(.stall(context.connection, nil))
        case .lie(.lostCommit):
            if failTopics(of: request, from: context, with: .none, effects: &effects) { return }
            reply(to: context, Response(refusing: request, with: .none), effects: &effects)
        case .lie(.emptyFetch):
            // Of several topics some may have records, which are not to wait.
            dispatch(
                context.faultTopics == nil ? Self.withoutHope(request) : request, from: context, effects: &effects)
        case .stallReads(let time):
            effects.append(.stall(context.connection, time))
            dispatch(consume request, from: context, effects: &effects)
        case .failAfterwards, .tear, .trickle, .corrupt, .badCRC, .lie(.zeroOffsets), .lie(.lostAcknowledgement):
            dispatch(consume request, from: context, effects: &effects)
        }
    }

    /// The request is not handled, and every part of the reply says this error.
    mutating func fail(
        _ request: Request, from context: RequestContext, with error: ErrorCode, effects: inout Effects
    ) {
        if case .produce(let body) = request, body.acks == 0 {
            // Nobody reads a reply; a connection that closes is all that the producer can notice.
            return close(context, reason: "produce without acknowledgement failed: \(error)", effects: &effects)
        }
        var response = Response(refusing: request, with: error)
        response.stamp(error, version: context.apiVersion)
        reply(to: context, response, error: error, effects: &effects)
    }

    /// A fetch that waits for its max wait, whatever is there, as one for which nothing is there does.
    private static func withoutHope(_ request: Request) -> Request {
        guard case .fetch(var body) = request else { return request }
        body.minBytes = .max
        return .fetch(body)
    }

    // MARK: The reply

    /// The request has been handled; its reply is altered, or sent otherwise.
    mutating func replyFaulty(
        _ fault: FaultAction, to context: RequestContext, _ response: Response, error: ErrorCode,
        effects: inout Effects
    ) {
        var response = response
        var error = error
        var delivery: Delivery?
        let topics = context.faultTopics
        switch fault {
        case .failAfterwards(let said):
            stampAfterwards(&response, said.code, context)
            error = said.code
        case .fail(let said):
            joinFailed(&response, said.code, context)
            error = said.code
        case .lie(.lostCommit): joinFailed(&response, .none, context)
        case .lie(.lostAcknowledgement):
            return close(context, reason: "a fault plan lost the acknowledgement", effects: &effects)
        case .lie(.emptyFetch): response.forgetRecords(of: topics)
        case .lie(.zeroOffsets): response.sayZeroOffsets(of: topics)
        case .badCRC: response.spoilChecksums(of: topics)
        case .tear(let bytes): delivery = .torn(afterBytes: bytes)
        case .trickle(let bytes, let every): delivery = .trickled(bytes: bytes, every: every)
        case .corrupt(let bits): delivery = .corrupted(bits: faults.chooseBits(bits))
        case .drop, .close, .reset, .halfOpen, .stallReads: break
        }
        journal.end(context.number, .answered(error), at: now, reply: journaled(response, context))
        effects.append(delivery.map { .deliver(context, response, $0) } ?? .reply(context, response))
    }
}

extension Response {
    fileprivate mutating func forgetRecords(of topics: TopicSelection?) {
        guard case .fetch(var body) = self else { return }
        for topic in body.responses.indices
        where topics?.holds(body.responses[topic].topic, body.responses[topic].topicID) ?? true {
            for index in body.responses[topic].partitions.indices {
                body.responses[topic].partitions[index].records = ByteBuffer()
                body.responses[topic].partitions[index].abortedTransactions = nil
            }
        }
        self = .fetch(body)
    }

    fileprivate mutating func sayZeroOffsets(of topics: TopicSelection?) {
        guard case .listOffsets(var body) = self else { return }
        for topic in body.topics.indices where topics?.holds(body.topics[topic].name, .zero) ?? true {
            for index in body.topics[topic].partitions.indices
            where body.topics[topic].partitions[index].errorCode == .none {
                body.topics[topic].partitions[index].offset = 0
                body.topics[topic].partitions[index].oldStyleOffsets = [0]
            }
        }
        self = .listOffsets(body)
    }

    fileprivate mutating func spoilChecksums(of topics: TopicSelection?) {
        guard case .fetch(var body) = self else { return }
        for topic in body.responses.indices
        where topics?.holds(body.responses[topic].topic, body.responses[topic].topicID) ?? true {
            for index in body.responses[topic].partitions.indices {
                guard let records = body.responses[topic].partitions[index].records else { continue }
                body.responses[topic].partitions[index].records = RecordBatch.withWrongChecksums(records)
            }
        }
        self = .fetch(body)
    }
}
