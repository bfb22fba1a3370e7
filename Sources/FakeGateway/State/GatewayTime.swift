/// The time of an event, as the shell or the simulator says.
package struct GatewayTime: Sendable, Equatable {
    /// Since 1970.
    package var unixNanoseconds: Int64

    package init(unixNanoseconds: Int64) { self.unixNanoseconds = unixNanoseconds }

    func duration(since other: GatewayTime) -> Duration { .nanoseconds(unixNanoseconds - other.unixNanoseconds) }
}
