// What a fault of a simulated system becomes where everything runs on real sockets, in one process and in real time.

import FakeBroker
import FakeGateway
import Scenarios
import SystemSimulation

/// What is done when a fault begins; the end takes it back.
enum SocketFault {
    case stopBroker(Int)
    case stopConnector
    case brokerRules([BrokerRule])
    case gatewayRules([GatewayFaultRule])
    /// The connections of the connector to a broker are closed, once.
    case closeConnections(toBroker: Int)
    /// A function of the command line, by its place there, is gone, without its annotation, or answers 500.
    case remove(function: Int)
    case unsubscribe(function: Int)
    case fail(function: Int)
    /// It has no meaning here, and why.
    case impossible(String)

    /// - Parameters:
    ///   - length: How long it lasts.
    ///   - functions: Names of the functions of the command line.
    init(_ fault: SystemFault, for length: Duration, brokers: Int, functions: [String]) {
        let function = abs(fault.target) % max(1, functions.count)
        switch fault.kind {
        case .crashReplica:
            self = .impossible("one process is connector, broker and gateway; stopReplica stops the connector alone")
        case .stopReplica: self = .stopConnector
        case .skewClock, .jumpBrokerClock: self = .impossible("here all have the machine's clock")
        case .lossyLink: self = .impossible("loopback loses no packets; slowLink delays them")
        case .partitionInward where fault.peer >= 0:
            self = .impossible("a broker's replies cannot be held back alone; partition holds back both ways")
        case .partition, .partitionOutward, .partitionInward, .halfOpen, .slowLink, .resetConnections:
            self = Self.link(fault, for: length, brokers: brokers)
        case .crashBroker: self = .stopBroker(Int(fault.broker(of: brokers)))
        case .slowBroker, .coordinatorErrors, .lostCommitReplies, .commitsTimeOut, .lostProduceReplies, .emptyFetches,
            .spoiledBatches:
            self = .brokerRules(fault.brokerRule(of: brokers).map { [$0] } ?? [])
        case .crashGateway: self = .gatewayRules([GatewayFaultRule(.dropBeforeRun)])
        case .slowGateway: self = .gatewayRules([GatewayFaultRule(.delay(.milliseconds(max(1, fault.amount))))])
        case .gatewayErrors, .lostReplies, .listingErrors, .spoiledListings:
            self = .gatewayRules(fault.gatewayRule.map { [$0] } ?? [])
        case .failingFunction: self = .fail(function: function)
        case .slowFunction:
            self = .gatewayRules(Self.slow(functions.isEmpty ? "" : functions[function], by: fault.amount))
        case .removeFunction: self = .remove(function: function)
        case .unsubscribeFunction: self = .unsubscribe(function: function)
        }
    }

    /// As a caller sees it: the function answers later.
    private static func slow(_ function: String, by milliseconds: Int) -> [GatewayFaultRule] {
        // As called where the gateway has no namespaces, and where it has.
        [function, "\(function).openfaas-fn"].map {
            GatewayFaultRule(.replyLate(.milliseconds(max(1, milliseconds))), function: $0)
        }
    }

    // MARK: Links

    /// Between the connector, which stands for every replica, and a broker or the gateway. What a partition holds back
    /// arrives when it is over: here each request waits for as long as the partition lasts.
    private static func link(_ fault: SystemFault, for length: Duration, brokers: Int) -> SocketFault {
        // Both ways of a round trip, at the latency that a simulated link has by default.
        let slow = Duration.microseconds(1200) * max(1, fault.amount)
        guard fault.peer >= 0 else {
            let act: Fault =
                switch fault.kind {
                case .halfOpen: .halfOpen
                case .resetConnections: .reset
                case .slowLink: .delay(slow)
                case .partitionInward: .replyLate(length)
                default: .delay(length)
                }
            return .gatewayRules([GatewayFaultRule(act)])
        }
        let broker = fault.peer % max(1, brokers) + 1
        func rule(_ act: FaultAction?, delay: Duration = .zero) -> SocketFault {
            .brokerRules([BrokerRule(act, clientID: LocalSystem.clientID, brokers: [broker], delay: delay)])
        }
        switch fault.kind {
        case .halfOpen: return rule(.halfOpen)
        case .resetConnections: return .closeConnections(toBroker: broker)
        case .slowLink: return rule(nil, delay: slow)
        default: return rule(nil, delay: length)
        }
    }
}
