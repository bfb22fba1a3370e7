package import SeededRandom

// What a simulator changes from outside, between two events.

extension GatewayState {
    /// Deploys a function, or replaces it.
    package mutating func deploy(_ function: Function, now: GatewayTime) {
        advance(to: now)
        deploy(function)
    }

    /// Removes a function of the default namespace.
    package mutating func remove(_ name: String, now: GatewayTime) {
        advance(to: now)
        _ = remove(FunctionKey(name: name, namespace: defaultNamespace))
    }

    /// Replaces the faults there are.
    package mutating func setFaults(_ rules: [FaultRule], now: GatewayTime) {
        advance(to: now)
        faults.replace(rules, now: self.now)
    }
}

extension Function {
    /// A function that answers after a while of the gateway's time, drawn by the gateway's seed; it needs no task.
    package init(
        _ name: String, topic: String? = nil, annotations: [String: String] = [:],
        timed body: @escaping @Sendable (FunctionRequest, inout SeededGenerator) -> (after: Duration, FunctionReply)
    ) {
        self.init(name, namespace: nil, topic: topic, annotations: annotations, body: .timed(body))
    }
}
