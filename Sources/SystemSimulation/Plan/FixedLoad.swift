package import LoadGenerators

/// What a user fixes of the load, by load-producer's settings; each seed draws the rest.
package struct FixedLoad: Sendable, Equatable {
    package var keys: KeySource.Kind?
    package var curve: RateCurve?
    package var arrivals: Schedule.Arrivals?
    // Of the values; as in their plan.
    package var payload: String?
    package var size: String?
    package var maxSize: Int?
    package var compressibility: Double?
    package var template: String?
    package var tombstones: Double?

    package init() {}

    package var isEmpty: Bool { self == FixedLoad() }

    /// Puts what is fixed in place of what a plan has.
    package func fix(_ values: inout ValuePlan) {
        if let size {
            values.size = size
            values.maxSize = ValuePlan(seed: 0).maxSize
        }
        if let maxSize { values.maxSize = maxSize }
        if let template {
            values.payload = GeneratorSettings.Payload.template.rawValue
            values.template = template
        }
        if let payload { values.payload = payload }
        if let compressibility { values.compressibility = compressibility }
        if let tombstones { values.tombstones = tombstones }
    }
}
