import Connector
import Foundation
import HTTP
import NIOHTTP1
import SNSSource
import SNSTesting
import TestSupport
import Testing

@Suite struct EndpointTests {
    // MARK: Notifications

    @Test(arguments: ["1", "2"])
    func `a message signed by either version becomes an event, with SNS's headers`(version: String) async throws {
        try await Stand.with { (stand: Stand) async throws -> Void in
            let fields = SNSFixture.notification("Grüße\n", id: "id-1", subject: "Hello", version: version)
            let (status, event) = try await stand.deliver(stand.authority.sign(fields))
            #expect(status == 200)
            #expect(event.topic == SNSFixture.topic)
            #expect(event.payload?.text == "Grüße\n")
            #expect(
                event.attributes == [
                    EventAttribute(name: "X-Sns-Message-Id", value: "id-1"),
                    EventAttribute(name: "X-Sns-Arn", value: SNSFixture.topic),
                ])
            #expect(event.headers == [EventHeader(name: "Subject", value: Bytes("Hello"))])
            #expect(event.timestampMilliseconds != nil)
            #expect(stand.fetcher.visited == [SNSFixture.certificateURL])
        }
    }

    @Test func `message attributes become headers with their types`() async throws {
        try await Stand.with { (stand: Stand) async throws -> Void in
            let signed = try stand.authority.sign(SNSFixture.notification("m", id: "id-1"))
            let text = String(decoding: SNSFixture.json(signed).dropLast(), as: UTF8.self)
            let body =
                text + #","MessageAttributes":{"foo":{"Type":"String","Value":"bar"},"#
                + #""count":{"Type":"Number","Value":20}}}"#
            async let reply = stand.sender.post(Array(body.utf8))
            let event = try await stand.event()
            await stand.source.settle([Settlement(event, .accept)])
            #expect(try await reply.status == 200)
            let headers = event.headers.map { "\($0.name)=\($0.value?.text ?? "")" }
            #expect(headers == ["Attr-count=20", "Attr-count-Type=Number", "Attr-foo=bar", "Attr-foo-Type=String"])
        }
    }

    @Test func `the answer is the verdict`() async throws {
        try await Stand.with { (stand: Stand) async throws -> Void in
            let verdicts: [(Verdict, Int)] = [
                (.accept, 200), (.retry(after: .zero), 503), (.reject(reason: "poison"), 422),
            ]
            for (index, (verdict, expected)) in verdicts.enumerated() {
                let fields = try stand.authority.sign(SNSFixture.notification("m", id: "id-\(index)"))
                #expect(try await stand.deliver(fields, verdict).status == expected)
            }
        }
    }

    @Test func `at most once the answer comes before the hand-over`() async throws {
        try await Stand.with { (stand: Stand) async throws -> Void in
            async let status = stand.post(signed: SNSFixture.notification("m", id: "id-1"))
            let batch = [try await stand.event()]
            #expect(await stand.source.acknowledge(batch).acknowledged.count == 1)
            #expect(try await status == 200)
        }
    }

    @Test func `a message that comes again gets the answer of the first, and is no event`() async throws {
        try await Stand.with { (stand: Stand) async throws -> Void in
            let accepted = try stand.authority.sign(SNSFixture.notification("m", id: "id-1"))
            let rejected = try stand.authority.sign(SNSFixture.notification("m", id: "id-2"))
            _ = try await stand.deliver(accepted)
            _ = try await stand.deliver(rejected, .reject(reason: "poison"))
            #expect(try await stand.sender.post(message: accepted) == 200)
            #expect(try await stand.sender.post(message: rejected) == 422)
            #expect(stand.source.statistics.duplicates == 2)
            let next = try stand.authority.sign(SNSFixture.notification("next", id: "id-3"))
            #expect(try await stand.deliver(next).event.payload?.text == "next")
        }
    }

    @Test func `a slow event answers 503 in time, and its outcome to the request that comes after`() async throws {
        try await Stand.with(configure: { $0.replyTimeout = .milliseconds(200) }) {
            (stand: Stand) async throws -> Void in
            let fields = try stand.authority.sign(SNSFixture.notification("m", id: "id-1"))
            async let first = stand.sender.post(message: fields)
            let batch = [try await stand.event()]
            #expect(try await first == 503)
            // As SNS does: on a busy machine one request's time is over before anybody has seen it wait.
            async let second = {
                while true {
                    let status = try await stand.sender.post(message: fields)
                    if status != 503 { return status }
                }
            }()
            try await eventually("a later request waits") { stand.source.openRequests == 1 }
            await stand.source.settle([Settlement(batch[0], .accept)])
            #expect(try await second == 200)
            #expect(stand.source.statistics.duplicates == 0)
        }
    }

    @Test func `what nobody takes is answered with 503 in time, and beyond the bound with 429`() async throws {
        try await Stand.with(configure: {
            $0.replyTimeout = .seconds(2)
            $0.heldMessages = 1
        }) { (stand: Stand) async throws -> Void in
            async let first = stand.post(signed: SNSFixture.notification("m", id: "id-1"))
            try await eventually("the first request waits") { stand.source.openRequests == 1 }
            #expect(
                try await stand.post(signed: SNSFixture.notification("m", id: "id-2")) == 429)
            #expect(try await first == 503)
        }
    }

    // MARK: Subscriptions

    @Test func `a subscription is confirmed once, by a visit`() async throws {
        try await Stand.with { (stand: Stand) async throws -> Void in
            let fields = try stand.authority.sign(SNSFixture.confirmation("SubscriptionConfirmation", id: "id-1"))
            let url = try #require(fields["SubscribeURL"])
            #expect(try await stand.sender.post(message: fields) == 503, "the visit fails: SNS asks again")
            stand.fetcher.answer(url, 200)
            #expect(try await stand.sender.post(message: fields) == 200)
            #expect(try await stand.sender.post(message: fields) == 200)
            #expect(stand.fetcher.visited == [SNSFixture.certificateURL, url, url])
            #expect(stand.source.statistics.confirmed == 1)
        }
    }

    @Test(arguments: [
        "https://sns.eu-west-1.amazonaws.com.evil.example/?Action=ConfirmSubscription",
        "http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
        "https://169.254.169.254/latest/meta-data", "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription",
        "https://sns.eu-west-1.amazonaws.com@evil.example/", "https://sns.eu-west-1.amazonaws.com:8443/?a",
        "https://sns.eu-west-1.amazonaws.com/?Action=DeleteTopic", "file:///etc/passwd", "//evil", "",
        "https://sns.eu-west-1.amazonaws.com\\@evil.example/", "https://evil.example#sns.eu-west-1.amazonaws.com/",
    ]) func `a subscription that names another URL is refused without a visit`(url: String) async throws {
        try await Stand.with { (stand: Stand) async throws -> Void in
            var fields = SNSFixture.confirmation("SubscriptionConfirmation", id: "id-1")
            fields["SubscribeURL"] = url
            #expect(try await stand.post(signed: fields) == 403)
            #expect(stand.fetcher.visited == [])
        }
    }

    @Test func `a subscription to a topic that is not on the list is refused without a visit`() async throws {
        try await Stand.with { (stand: Stand) async throws -> Void in
            let fields = SNSFixture.confirmation(
                "SubscriptionConfirmation", id: "id-1", topic: SNSFixture.topic + "-other")
            #expect(try await stand.post(signed: fields) == 403)
            #expect(stand.fetcher.visited == [])
        }
    }

    @Test func `the end of a subscription is told, and its URL is never visited`() async throws {
        try await Stand.with { (stand: Stand) async throws -> Void in
            let fields = try stand.authority.sign(SNSFixture.confirmation("UnsubscribeConfirmation", id: "id-1"))
            #expect(try await stand.sender.post(message: fields) == 200)
            #expect(stand.fetcher.visited == [SNSFixture.certificateURL])
            #expect(
                stand.notices.all.contains(.transientFailure("SNS has ended the subscription to \(SNSFixture.topic)")),
                "\(stand.notices.all)")
        }
    }

    // MARK: Raw delivery

    @Test func `raw messages come behind basic authentication, with their bytes as they are`() async throws {
        try await Stand.with(configure: {
            $0.acceptsRawDelivery = true
            $0.basicAuth = .init(user: "sns", password: "secret")
        }) { (stand: Stand) async throws -> Void in
            let credentials = ("Authorization", "Basic \(Data("sns:secret".utf8).base64EncodedString())")
            let wrong = ("Authorization", "Basic \(Data("sns:secreT".utf8).base64EncodedString())")
            #expect(try await stand.sender.post(raw: [1], id: "a") == 401)
            #expect(try await stand.sender.post(raw: [1], id: "a", headers: [wrong]) == 401)
            async let status = stand.sender.post(raw: [0, 0xFF], id: "a", headers: [credentials])
            let event = try await stand.event()
            await stand.source.settle([Settlement(event, .accept)])
            #expect(try await status == 200)
            #expect(event.payload?.array == [0, 0xFF])
            #expect(try await stand.sender.post(raw: [0, 0xFF], id: "a", headers: [credentials]) == 200)
            #expect(stand.source.statistics.duplicates == 1)
        }
    }

    @Test func `raw delivery is refused where it is not allowed, and cannot be allowed without a secret`() async throws
    {
        try await Stand.with { (stand: Stand) async throws -> Void in
            #expect(try await stand.sender.post(raw: [1], id: "a") == 403)
        }
        await #expect(throws: SNSConfigurationError.self) {
            try await Stand.with(configure: { $0.acceptsRawDelivery = true }) { _ in }
        }
    }

    @Test func `only POST to the path is answered`() async throws {
        try await Stand.with(configure: { $0.path = "/callback/5d1f0c2e9a7b4d63" }) {
            (stand: Stand) async throws -> Void in
            #expect(try await stand.sender.post([], to: "/").status == 404)
            #expect(try await stand.sender.post([], to: "/callback/5d1f0c2e9a7b4d64").status == 404)
            #expect(try await stand.sender.post([], to: "/callback/5d1f0c2e9a7b4d63", method: .PUT).status == 405)
        }
    }
}
