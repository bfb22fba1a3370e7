import KafkaProtocol
import Testing

/// The fields of every message in every version, against Kafka's own definitions: names, order, types, nullability,
/// tags and defaults. Names matter: they tell two neighbours of the same type apart.
@Suite struct `Layouts agree with Kafka's definitions` {
    /// Those that kafka-python's wheel does not hold. kio has them: see DifferentialTests.
    private static let undefined: Set<APIKey> = [
        .consumerGroupHeartbeat, .consumerGroupDescribe, .getTelemetrySubscriptions, .pushTelemetry,
        .shareGroupHeartbeat, .shareGroupDescribe, .shareFetch, .shareAcknowledge, .describeShareGroupOffsets,
        .alterShareGroupOffsets, .deleteShareGroupOffsets,
    ]

    @Test(arguments: APIKey.allCases, Oracle.Kind.allCases)
    func `in every version`(apiKey: APIKey, kind: Oracle.Kind) async throws {
        let oracle = try Oracle.get()
        for version in apiKey.versions {
            guard let expected = try await oracle.layout(apiKey, kind, version: version) else {
                #expect(Self.undefined.contains(apiKey))
                return
            }
            #expect(expected.apiKey == apiKey.rawValue)
            #expect(expected.last == apiKey.versions.upperBound)
            #expect(expected.flexible == apiKey.isFlexible(version), "v\(version)")
            let fields =
                switch kind {
                case .request: Request.layout(apiKey, version: version)
                case .response: Response.layout(apiKey, version: version)
                }
            compare(fields, expected.fields, "\(apiKey.name)\(kind.rawValue) v\(version)")
        }
        #expect(!Self.undefined.contains(apiKey), "is defined now: compare it")
    }

    private func compare(_ ours: [WireLayout.Field], _ theirs: [Oracle.Layout.Field], _ path: String) {
        #expect(ours.map(\.name) == theirs.map(\.name), "\(path)")
        for (our, their) in zip(ours, theirs) {
            let path = "\(path).\(our.name)"
            #expect(our.type == their.type, "\(path)")
            #expect(our.isNullable == their.nullable, "\(path)")
            #expect(our.tag == their.tag, "\(path)")
            if let standard = their.default { #expect(our.standard == standard, "\(path)") }
            compare(our.fields, their.fields, path)
        }
    }
}
