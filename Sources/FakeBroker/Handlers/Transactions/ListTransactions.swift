internal import KafkaProtocol

// ListTransactions (key 66): the transactional ids that the asked broker coordinates, as far as one may see them.

extension Cluster {
    mutating func listTransactions(
        _ request: ListTransactionsRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = ListTransactionsResponse()
        let states = request.stateFilters.compactMap(Transaction.State.init)
        response.unknownStateFilters = request.stateFilters.filter { Transaction.State(rawValue: $0) == nil }
        var pattern: TopicPattern?
        if let text = request.transactionalIDPattern, !text.isEmpty {
            pattern = try? TopicPattern(text)
            if pattern == nil { response.errorCode = .invalidRegularExpression }
        }
        // Unknown states match nothing, and do not mean that every state is wanted.
        let wantsAnyState = request.stateFilters.isEmpty
        if response.errorCode == .none {
            for transaction in transactions.all {
                guard wantsAnyState || states.contains(transaction.state),
                    request.producerIDFilters.isEmpty || request.producerIDFilters.contains(transaction.producer.id),
                    isOlder(transaction, than: request.durationFilter),
                    pattern?.matches(transaction.id) ?? true,
                    transactionCoordinatorError(transaction.id, broker: context.broker) == .none,
                    authorize(.describe, .transactionalID(transaction.id), context)
                else { continue }
                var state = ListTransactionsResponse.TransactionState()
                state.transactionalID = transaction.id
                state.producerID = transaction.producer.id
                state.transactionState = transaction.state.rawValue
                response.transactionStates.append(state)
            }
        }
        reply(to: context, .listTransactions(response), error: response.errorCode, effects: &effects)
    }

    /// - Parameter milliseconds: negative: any age, or none, will do.
    private func isOlder(_ transaction: Transaction, than milliseconds: Int64) -> Bool {
        guard milliseconds >= 0 else { return true }
        guard let started = transaction.started else { return false }
        return now.elapsed - started.elapsed > .milliseconds(milliseconds)
    }
}
