import KafkaProtocol
import NIOCore
import Testing

@Suite struct `Frames` {
    @Test func `a request comes back as it went`() throws {
        var partition = ProduceRequest.PartitionProduceData()
        partition.index = 3
        partition.records = ByteBuffer(string: "records")
        var topic = ProduceRequest.TopicProduceData()
        topic.name = "orders"
        topic.partitionData = [partition]
        var produce = ProduceRequest()
        produce.acks = -1
        produce.topicData = [topic]

        for version in APIKey.produce.versions where version < 13 {
            var bytes = ByteBuffer()
            try Frame.encode(
                Request.produce(produce), version: version, correlationID: 7, clientID: "me", into: &bytes)
            let frame = try #require(try Frame.next(from: &bytes))
            let (header, request) = try Frame.decodeRequest(frame)
            #expect(header.correlationID == 7)
            #expect(header.clientID == "me")
            #expect(header.apiVersion == version)
            #expect(request == .produce(produce))
            #expect(bytes.readableBytes == 0)
        }
    }

    @Test(arguments: [false, true]) func `tagged fields can be left out of a reply`(omitTags: Bool) throws {
        var reply = ApiVersionsResponse()
        reply.finalizedFeaturesEpoch = 5
        var bytes = ByteBuffer()
        try Frame.encode(
            Response.apiVersions(reply), version: 3, correlationID: 1, into: &bytes, omitTags: omitTags)
        let frame = try #require(try Frame.next(from: &bytes))
        let (_, response) = try Frame.decodeResponse(.apiVersions, version: 3, frame)
        guard case .apiVersions(let read) = response else {
            Issue.record("\(response)")
            return
        }
        #expect(read.finalizedFeaturesEpoch == (omitTags ? -1 : 5))
    }

    @Test(arguments: [0, 4_095, 4_096, 100_000]) func `a reply in pieces is the same bytes`(size: Int) throws {
        var small = FetchResponse.PartitionData()
        small.records = ByteBuffer(string: "small")
        var large = FetchResponse.PartitionData()
        large.records = ByteBuffer(repeating: 1, count: size)
        var topic = FetchResponse.FetchableTopicResponse()
        topic.partitions = [large, small, large]
        var fetch = FetchResponse()
        fetch.responses = [topic, topic]
        for version in APIKey.fetch.versions {
            var whole = ByteBuffer()
            try Frame.encode(Response.fetch(fetch), version: version, correlationID: 5, into: &whole)
            let pieces = try Frame.encodeInPieces(.fetch(fetch), version: version, correlationID: 5)
            #expect(pieces.count == (size < Frame.pieceBytes ? 1 : 9))
            var joined = ByteBuffer()
            for piece in pieces { joined.writeImmutableBuffer(piece) }
            #expect(joined == whole)
        }
    }

    @Test func `an error names the field and the byte`() throws {
        var bytes = ByteBuffer()
        var topic = MetadataRequest.MetadataRequestTopic()
        topic.name = "orders"
        var metadata = MetadataRequest()
        metadata.topics = [topic, topic]
        try Request.metadata(metadata).encode(version: 4, into: &bytes)
        bytes = bytes.getSlice(at: 0, length: 15)!
        #expect {
            try Request.decode(.metadata, version: 4, from: &bytes)
        } throws: { error in
            "\(error)" == "MetadataRequest v4, field Topics[1].Name, byte 14: needs 6 bytes, 1 are left"
        }
    }
}
