internal import Connector
internal import FakeBroker
internal import FakeGateway
internal import Simulation
package import SystemSimulation
internal import Yams

// How a scenario is written, for ``Scenario/read(_:)`` to read it again.

extension Scenario {
    /// A plan as a scenario: all that the seed drew is in it, so that a replay of it is the same run.
    package init(recording plan: SystemPlan, standing: StandingFaults = StandingFaults()) {
        self.init(brokerFaults: standing.broker, gatewayFaults: standing.gateway)
        simulation.plan = plan
        simulation.faults = plan.faults
        simulation.standing = standing
    }

    /// The document.
    ///
    /// - Parameter comment: Stands above it; a line or several.
    package func text(comment: String) throws -> String {
        var document: [(String, Node)] = []
        if !brokerFaults.rules.isEmpty {
            let faults = try compose(yaml: YAMLEncoder().encode(brokerFaults))
            document.append(("broker", .block([("faults", faults ?? .list([]))])))
        }
        if !gatewayFaults.isEmpty {
            document.append(("gateway", .block([("faults", .list(gatewayFaults.map(\.node)))])))
        }
        if let plan = simulation.plan {
            var values: [(String, Node)] = [("faults", .list(simulation.faults.map(\.node)))]
            if let node = try compose(yaml: YAMLEncoder().encode(RecordedPlan(plan))) { values.append(("plan", node)) }
            document.append(("simulation", .block(values)))
        }
        let lines = comment.split(whereSeparator: \.isNewline).map { "# \($0)\n" }.joined()
        return try lines + serialize(node: .block(document), width: -1)
    }
}

extension Node {
    fileprivate static func flow(_ pairs: [(String, Node)]) -> Node { mapping(pairs, .flow) }
    fileprivate static func block(_ pairs: [(String, Node)]) -> Node { mapping(pairs, .block) }
    private static func mapping(_ pairs: [(String, Node)], _ style: Mapping.Style) -> Node {
        .mapping(Mapping(pairs.map { (Node($0), $1) }, Tag(.implicit), style))
    }
    fileprivate static func list(_ nodes: [Node]) -> Node { .sequence(Sequence(nodes, Tag(.implicit), .block)) }

    fileprivate static func number(_ number: Int) -> Node { Node(String(number)) }
}

extension PlannedFault<SystemFault> {
    fileprivate var node: Node {
        var pairs: [(String, Node)] = [("at", Node("\(atMilliseconds)ms"))]
        if forMilliseconds != 0 { pairs.append(("for", Node("\(forMilliseconds)ms"))) }
        pairs.append(("fault", Node(fault.kind.rawValue)))
        if fault.target != 0 { pairs.append(("target", .number(fault.target))) }
        if fault.peer != 0 { pairs.append(("peer", fault.peer < 0 ? Node("gateway") : .number(fault.peer))) }
        if fault.amount != 0 { pairs.append(("amount", .number(fault.amount))) }
        return .flow(pairs)
    }
}

extension GatewayFaultRule {
    fileprivate var node: Node {
        var pairs: [(String, Node)] = []
        if let method { pairs.append(("method", Node(method))) }
        if let path { pairs.append(("path", Node(path))) }
        if let function { pairs.append(("function", Node(function))) }
        if skip != 0 { pairs.append(("after", .number(skip))) }
        if let count { pairs.append(("count", .number(count))) }
        if let duration { pairs.append(("for", Node(duration.text))) }
        if probability != 1 { pairs.append(("probability", Node("\(probability)"))) }
        if case .delay(let delay) = fault {
            pairs.append(("delay", Node(delay.text)))
        } else {
            pairs.append(("act", fault.node))
        }
        return .flow(pairs)
    }
}

extension Fault {
    fileprivate var node: Node {
        if let word { return Node(word) }
        switch self {
        case .status(let code, let text): return .flow([("status", Self.reply(code, text))])
        case .replyEarly(let code, let text): return .flow([("replyEarly", Self.reply(code, text))])
        case .provider(.status(let code, let text)): return .flow([("providerStatus", Self.reply(code, text))])
        case .truncate(let bytes): return .flow([("truncate", .number(bytes))])
        case .contentLength(let bytes): return .flow([("contentLength", .number(bytes))])
        case .replyLate(let delay): return .flow([("replyLate", Node(delay.text))])
        case .trickle(let bytes, let every):
            return .flow([("trickle", .flow([("bytes", .number(bytes)), ("every", Node(every.text))]))])
        case .listing(.null): return .flow([("listing", Node("empty"))])
        case .listing(.notJSON): return .flow([("listing", Node("notJSON"))])
        case .listing(.stale): return .flow([("listing", Node("stale"))])
        case .listing(.huge(let count)): return .flow([("listing", .flow([("huge", .number(count))]))])
        case .dropBeforeRun, .dropAfterRun, .reset, .halfOpen, .unauthorized, .provider(.down), .delay: return .flow([])
        }
    }

    private static func reply(_ code: Int, _ text: String) -> Node {
        text.isEmpty ? .number(code) : .flow([("code", .number(code)), ("text", Node(text))])
    }
}

extension Duration {
    /// As Go writes it, in whole nanoseconds.
    fileprivate var text: String {
        let (seconds, attoseconds) = components
        let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        return nanoseconds.isMultiple(of: 1_000_000) ? "\(nanoseconds / 1_000_000)ms" : "\(nanoseconds)ns"
    }
}
