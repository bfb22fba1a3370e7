// Where tests plant bugs: around the seams of a replica, and in the simulated client. Nothing here is wrong by itself.

package import Connector

/// Stands between a connector and the world, one a run. Tests put what misbehaves in between; without one nothing is.
package protocol Sabotage: Sendable {
    /// The source that the connector gets in place of `source`.
    func wrap(_ source: any EventSource, configuration: ConnectorConfiguration, time: TimeSource) -> any EventSource
    /// The gateway that the connector gets in place of `gateway`.
    func wrap(_ gateway: any Gateway, configuration: ConnectorConfiguration, time: TimeSource) -> any Gateway
    /// Whether members that were thrown out of the group stay out.
    var consumersStayOut: Bool { get }
}

extension Sabotage {
    package func wrap(
        _ source: any EventSource, configuration: ConnectorConfiguration, time: TimeSource
    ) -> any EventSource { source }
    package func wrap(
        _ gateway: any Gateway, configuration: ConnectorConfiguration, time: TimeSource
    ) -> any Gateway { gateway }
    package var consumersStayOut: Bool { false }
}
