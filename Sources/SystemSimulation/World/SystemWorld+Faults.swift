// What each kind of fault does when it begins, and what ends it.

import Simulation

extension SystemWorld {
    func begin(_ fault: SystemFault, _ number: Int) {
        switch fault.kind {
        case .crashReplica: replica(fault)?.crash()
        case .stopReplica: replica(fault)?.drain()
        case .skewClock: replica(fault)?.clock.setRate(Double(max(1, fault.amount)) / 100)
        case .partition, .partitionOutward, .partitionInward, .halfOpen, .resetConnections, .slowLink, .lossyLink:
            if let (node, peer) = link(fault) { begin(fault, node, peer) }
        case .crashBroker: brokers.crash(fault.broker(of: plan.brokers))
        case .slowBroker, .coordinatorErrors, .lostCommitReplies, .commitsTimeOut, .lostProduceReplies, .emptyFetches,
            .spoiledBatches:
            setBrokerRules(fault.brokerRule(of: plan.brokers).map { [$0] }, of: number)
        case .jumpBrokerClock: brokers.jumpWallClock(by: .seconds(fault.amount))
        case .crashGateway: gateway.crash()
        case .slowGateway: gateway.delay = .milliseconds(fault.amount)
        case .gatewayErrors, .lostReplies, .listingErrors, .spoiledListings:
            setGatewayRules(fault.gatewayRule.map { [$0] }, of: number)
        case .failingFunction: change(fault) { $0.fails = true }
        case .slowFunction: change(fault) { $0.addedLatency = .milliseconds(fault.amount) }
        case .removeFunction: change(fault) { $0.isDeployed = false }
        case .unsubscribeFunction: change(fault) { $0.isSubscribed = false }
        }
    }

    func end(_ fault: SystemFault, _ number: Int) {
        switch fault.kind {
        case .crashReplica, .stopReplica: replica(fault)?.start()
        case .skewClock: replica(fault)?.clock.setRate(1)
        case .partition, .partitionOutward, .partitionInward:
            if let (node, peer) = link(fault) { network.heal(node, peer) }
        case .slowLink, .lossyLink:
            guard let (node, peer) = link(fault) else { return }
            network.setQuality(nil, from: node, to: peer)
            network.setQuality(nil, from: peer, to: node)
        case .halfOpen, .resetConnections, .jumpBrokerClock: break
        case .crashBroker: brokers.start(fault.broker(of: plan.brokers))
        case .slowBroker, .coordinatorErrors, .lostCommitReplies, .commitsTimeOut, .lostProduceReplies, .emptyFetches,
            .spoiledBatches:
            setBrokerRules(nil, of: number)
        case .crashGateway: gateway.restart()
        case .slowGateway: gateway.delay = .zero
        case .gatewayErrors, .lostReplies, .listingErrors, .spoiledListings: setGatewayRules(nil, of: number)
        case .failingFunction: change(fault) { $0.fails = false }
        case .slowFunction: change(fault) { $0.addedLatency = .zero }
        case .removeFunction: change(fault) { $0.isDeployed = true }
        case .unsubscribeFunction: change(fault) { $0.isSubscribed = true }
        }
    }

    // MARK: Whom it befalls

    private func replica(_ fault: SystemFault) -> Replica? {
        replicas.isEmpty ? nil : replicas[abs(fault.target) % replicas.count]
    }

    private func link(_ fault: SystemFault) -> (NodeID, NodeID)? {
        guard let replica = replica(fault) else { return nil }
        let peer = fault.peer < 0 ? gateway.node : brokers.nodes[fault.peer % brokers.nodes.count]
        return (replica.node, peer)
    }

    private func change(_ fault: SystemFault, _ body: (inout SimulatedGatewayHost.Manners) -> Void) {
        guard !plan.functions.isEmpty else { return }
        gateway.change(abs(fault.target) % plan.functions.count, body)
    }

    private func begin(_ fault: SystemFault, _ node: NodeID, _ peer: NodeID) {
        switch fault.kind {
        case .partition: network.partition(node, peer)
        case .partitionOutward: network.block(from: node, to: peer)
        case .partitionInward: network.block(from: peer, to: node)
        case .halfOpen: network.makeHalfOpen(node, peer)
        case .resetConnections: network.reset(node, peer)
        case .slowLink:
            let factor = max(1, fault.amount)
            let slow = LinkQuality(minLatencyMicroseconds: 200 * factor, maxLatencyMicroseconds: 1000 * factor)
            network.setQuality(slow, from: node, to: peer)
            network.setQuality(slow, from: peer, to: node)
        case .lossyLink:
            let lossy = LinkQuality(lossPercent: fault.amount)
            network.setQuality(lossy, from: node, to: peer)
            network.setQuality(lossy, from: peer, to: node)
        default: break
        }
    }
}
