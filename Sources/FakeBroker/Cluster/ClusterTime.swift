extension Duration {
    /// Rounded down; as many as there can be, if there are more.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let product = seconds.multipliedReportingOverflow(by: 1000)
        guard !product.overflow else { return seconds < 0 ? .min : .max }
        let sum = product.partialValue.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return sum.overflow ? (seconds < 0 ? .min : .max) : sum.partialValue
    }
}

/// The time of one event, as the shell or the simulator tells it. The cluster reads no clock of its own.
package struct ClusterTime: Sendable, Equatable {
    /// Since the cluster's start; never goes back. Deadlines are counted in it.
    package var elapsed: Duration
    /// Milliseconds since 1970, for record and commit timestamps only.
    package var wallMilliseconds: Int64

    package init(elapsed: Duration, wallMilliseconds: Int64) {
        self.elapsed = elapsed
        self.wallMilliseconds = wallMilliseconds
    }
}
