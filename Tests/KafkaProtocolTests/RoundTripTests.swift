import KafkaProtocol
import NIOCore
import Testing

@Suite struct `Every message in every version` {
    @Test(arguments: APIKey.allCases) func `comes back as it went`(apiKey: APIKey) throws {
        for version in apiKey.versions {
            for seed in 1...12 as ClosedRange<UInt64> {
                let request = Request.sample(apiKey, version: version, seed: seed)
                var bytes = ByteBuffer()
                try request.encode(version: version, into: &bytes)
                #expect(try Request.decode(apiKey, version: version, from: &bytes) == request)
                #expect(bytes.readableBytes == 0)

                let response = Response.sample(apiKey, version: version, seed: seed)
                bytes.clear()
                try response.encode(version: version, into: &bytes)
                #expect(try Response.decode(apiKey, version: version, from: &bytes) == response)
                #expect(bytes.readableBytes == 0)
            }
        }
    }

    @Test(arguments: APIKey.allCases) func `is written at its defaults too`(apiKey: APIKey) throws {
        for version in apiKey.versions {
            var bytes = ByteBuffer()
            try Response(apiKey).encode(version: version, into: &bytes)
            _ = try Response.decode(apiKey, version: version, from: &bytes)
            #expect(bytes.readableBytes == 0)
        }
    }

    @Test(arguments: APIKey.allCases) func `has a name, and no version beyond its range`(apiKey: APIKey) throws {
        #expect(apiKey.name.prefix(1).lowercased() + apiKey.name.dropFirst() == "\(apiKey)")
        for version in [apiKey.versions.lowerBound - 1, apiKey.versions.upperBound + 1] {
            var bytes = ByteBuffer()
            #expect(throws: WireError.self) { try Request(apiKey).encode(version: version, into: &bytes) }
            #expect(throws: WireError.self) { try Response.decode(apiKey, version: version, from: &bytes) }
            #expect(bytes.readableBytes == 0)
        }
    }
}
