// What faults of the gateway are in FakeGateway's own words, here and on real sockets.

package import FakeGateway

package typealias GatewayRule = FaultRule

extension SystemFault {
    /// Nil for what is no rule of the gateway's.
    package var gatewayRule: GatewayRule? {
        switch kind {
        case .gatewayErrors: GatewayRule(.status(503), path: "/function/", probability: Double(amount) / 100)
        case .lostReplies: GatewayRule(.dropAfterRun, path: "/function/", probability: Double(amount) / 100)
        case .listingErrors: GatewayRule(.status(500), path: "/system/")
        case .spoiledListings: GatewayRule(.listing(.notJSON), path: "/system/functions")
        default: nil
        }
    }
}
