internal import KafkaProtocol

/// Where a broker is to be found, beside the answer that names it as a leader (KIP-951). Each response has a type of
/// its own for it.
protocol NodeEndpoint {
    init()
    var nodeID: Int32 { get set }
    var host: String { get set }
    var port: Int32 { get set }
}

extension FetchResponse.NodeEndpoint: NodeEndpoint {}
extension ProduceResponse.NodeEndpoint: NodeEndpoint {}
extension ShareFetchResponse.NodeEndpoint: NodeEndpoint {}

extension NodeEndpoint {
    init(_ broker: Brokers.Broker, listener: Int) {
        self.init()
        nodeID = broker.id
        host = broker.host
        port = broker.ports[listener]
    }
}

extension Cluster {
    /// Once each.
    func addEndpoint(of id: Int32, listener: Int, to endpoints: inout [some NodeEndpoint]) {
        guard let broker = brokers[id], !endpoints.contains(where: { $0.nodeID == id }) else { return }
        endpoints.append(.init(broker, listener: listener))
    }
}
