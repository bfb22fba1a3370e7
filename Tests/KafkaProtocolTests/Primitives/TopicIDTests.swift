import KafkaProtocol
import Testing

@Suite struct TopicIDTests {
    @Test func `an id is written as Kafka's tools write it`() {
        let id = TopicID(high: 0x0123_4567_89ab_cdef, low: 0xfedc_ba98_7654_3210)
        #expect(id.description == "ASNFZ4mrze_-3LqYdlQyEA")
        #expect(TopicID.zero.description == "AAAAAAAAAAAAAAAAAAAAAA")
    }
}
