import KafkaProtocol
import NIOCore
import Testing

/// Bytes of every message in every version, against kio: what one side writes, the other reads and writes again, and
/// not a byte differs.
@Suite struct `Bytes agree with kio's` {
    private static let seeds = 3

    @Test(arguments: APIKey.allCases, Oracle.Kind.allCases)
    func `in both directions`(apiKey: APIKey, kind: Oracle.Kind) async throws {
        let oracle = try Oracle.get()
        let versions = try await oracle.versions(apiKey)
        #expect(versions.last == apiKey.versions.upperBound)
        // What Kafka 4 no longer speaks, kio does not know either; LayoutTests compares these versions.
        let retired = apiKey.versions.prefix { !versions.contains($0) }
        #expect(apiKey.versions.dropFirst(retired.count).elementsEqual(versions))

        for version in versions {
            for seed in 1...Self.seeds {
                let ours = try sample(apiKey, kind, version, UInt64(seed))
                let theirs = try await oracle.reencode(ours, apiKey, kind, version: version)
                #expect(theirs == ours, "v\(version), our seed \(seed)")

                let sample = try await oracle.sample(apiKey, kind, version: version, seed: seed)
                #expect(try reencode(sample, apiKey, kind, version) == sample, "v\(version), kio's seed \(seed)")
            }
        }
    }

    private func sample(_ apiKey: APIKey, _ kind: Oracle.Kind, _ version: Int16, _ seed: UInt64) throws -> ByteBuffer {
        var bytes = ByteBuffer()
        switch kind {
        case .request:
            try Request.sample(apiKey, version: version, seed: seed, values: .plain)
                .encode(version: version, into: &bytes)
        case .response:
            try Response.sample(apiKey, version: version, seed: seed, values: .plain)
                .encode(version: version, into: &bytes)
        }
        return bytes
    }

    private func reencode(
        _ bytes: ByteBuffer, _ apiKey: APIKey, _ kind: Oracle.Kind, _ version: Int16
    ) throws -> ByteBuffer {
        var rest = bytes
        var written = ByteBuffer()
        switch kind {
        case .request:
            try Request.decode(apiKey, version: version, from: &rest).encode(version: version, into: &written)
        case .response:
            try Response.decode(apiKey, version: version, from: &rest).encode(version: version, into: &written)
        }
        #expect(rest.readableBytes == 0)
        return written
    }
}
