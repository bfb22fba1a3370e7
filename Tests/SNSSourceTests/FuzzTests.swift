import Connector
import Foundation
import SNSTesting
import SeededRandom
import Testing

@testable import SNSSource

/// The cores under seeded mutations and orders of events; a failure names its seed.
@Suite struct FuzzTests {
    // MARK: Messages

    /// Bytes that a seed made from good ones by changing, doubling, cutting and mixing.
    private func mutate(_ good: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = good
        let signs = Array(#"{}[]",:\u0x19eE+-.nulltruefalse"#.utf8) + [0, 0xC0, 0xFF, 0xED, 0xA0, 0x80]
        for _ in 0...Int.random(in: 0...6, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[index] = signs.randomElement(using: &random) ?? 0
            case 2: bytes.remove(at: index)
            case 3: bytes.insert(contentsOf: bytes[index...].prefix(60), at: index)
            case 4: bytes.removeSubrange(index..<min(bytes.count, index + 40))
            default: bytes.insert(signs.randomElement(using: &random) ?? 0, at: index)
            }
        }
        return bytes
    }

    @Test func `what is read of mutated JSON is within its bounds, and all else is refused as malformed`() throws {
        let authority = try SNSAuthority()
        let attributes =
            #","MessageAttributes":{"a":{"Type":"String","Value":"b"},"n":{"Type":"Number","Value":1.5e3}}}"#
        let notification = SNSFixture.json(
            try authority.sign(SNSFixture.notification("Grüße \u{0}\u{1F600}", id: "id-1", subject: "s")))
        let good = [
            notification, Array(notification.dropLast()) + Array(attributes.utf8),
            SNSFixture.json(try authority.sign(SNSFixture.confirmation("SubscriptionConfirmation", id: "id-2"))),
        ]
        var random = SeededGenerator(seed: 1)
        var read = 0
        for round in 0..<20_000 {
            let bytes = mutate(good[round % good.count], &random)
            do throws(Refusal) {
                let message = try SNSMessage(json: bytes)
                read += 1
                #expect(message.messageID.utf8.count <= 100 && message.attributes.count <= 64)
                #expect(message.signature.count >= 256 && message.signature.count <= 1024)
                #expect(message.signingCertificateURL.utf8.count <= 2048)
                #expect(message.signedBytes.count >= message.message.utf8.count)
                _ = try? AllowedHosts(AllowedHosts.amazon).certificate(of: message)
            } catch {
                #expect(error.status == 400 && error.reason == .malformed)
            }
        }
        #expect(read > 1000, "mutations that leave most as it is")
    }

    @Test(arguments: [
        "", "null", "[]", "1", "\"a\"", "{", "{}", "{\"Type\":null}", "{\"Type\":1}", "\u{FEFF}{}", "[[[[[[[[",
        "{\"MessageAttributes\":[]}", "{\"Type\":\"Notification\",\"Type\":\"Notification\"}",
        String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 100_000),
        "{\"a\":" + String(repeating: "[", count: 50_000) + String(repeating: "]", count: 50_000) + "}",
        "{\"MessageId\":\"" + String(repeating: "a", count: 1_000_000) + "\"}",
        "{\"MessageAttributes\":{\"a\":{\"Type\":\"Number\",\"Value\":1e999999}}}",
    ]) func `JSON that is no message is refused, however deep or long`(text: String) {
        let refusal = #expect(throws: Refusal.self) { try SNSMessage(json: Array(text.utf8)) }
        #expect(refusal?.status == 400)
    }

    @Test func `times and names are read as they were written, or not at all`() {
        var random = SeededGenerator(seed: 2)
        let time = Array("2012-04-26T20:45:04.751Z".utf8)
        let name = Array(SNSFixture.topic.utf8)
        for _ in 0..<20_000 {
            let text = String(decoding: mutate(time, &random), as: UTF8.self)
            if let milliseconds = SNSTimestamp.milliseconds(text) {
                #expect(milliseconds > -63_000_000_000_000 && milliseconds < 254_000_000_000_000, "\(text)")
            }
            let topic = String(decoding: mutate(name, &random), as: UTF8.self)
            if let read = TopicARN(topic) { #expect(read.description == topic && !read.region.isEmpty) }
        }
    }

    // MARK: Certificates

    @Test(arguments: 1...50)
    func `the cache stays within its bounds, and so do the fetches, whatever is asked for`(seed: UInt64) throws {
        var limits = CertificateCacheLimits()
        limits.certificates = 4
        limits.lifetime = .seconds(100)
        limits.refusalLifetime = .seconds(20)
        limits.fetches = 3
        limits.fetchInterval = .seconds(5)
        var cache = CertificateCache(limits)
        var random = SeededGenerator(seed: seed)
        let topic = try #require(TopicARN(SNSFixture.topic))
        let hosts = try AllowedHosts(AllowedHosts.amazon)
        let urls = try (0..<8).map { number in
            try hosts.allow("https://sns.eu-west-1.amazonaws.com/\(number).pem", "URL", for: topic)
        }
        var now = Duration.zero
        var fetched: [Duration] = []
        var refusedAt: [AllowedURL: Duration] = [:]
        for _ in 0..<2000 {
            now += .milliseconds(Int.random(in: 0...2000, using: &random))
            let url = urls[Int.random(in: 0..<urls.count, using: &random)]
            switch cache.find(url, now: now) {
            case .found: Issue.record("nothing good was stored")
            case .refused(let refusal):
                #expect(refusal.reason == .untrustedCertificate)
                #expect(now < refusedAt[url, default: .zero] + limits.refusalLifetime)
            case .tooManyFetches: break
            case .fetch:
                fetched.append(now)
                // A bucket of three that a fetch drains and five seconds refill.
                for start in fetched {
                    let since = fetched.count { $0 >= start }
                    #expect(since <= limits.fetches + Int((now - start) / limits.fetchInterval) + 1)
                }
                fetched.removeAll { $0 + .seconds(60) < now }
                let isAway = Bool.random(using: &random)
                let refusal = isAway ? Refusal(503, .busy, "away") : SigningCertificate.untrusted("bad")
                cache.store(url, .failure(refusal), now: now)
                if !isAway { refusedAt[url] = now }
            }
            #expect(cache.count <= limits.certificates)
        }
    }

    @Test func `bad certificates do not push out a good one`() async throws {
        var cache = CertificateCache(CertificateCacheLimits())
        let topic = try #require(TopicARN(SNSFixture.topic))
        let hosts = try AllowedHosts(AllowedHosts.amazon)
        let authority = try SNSAuthority()
        let good = try hosts.allow(SNSFixture.certificateURL, "URL", for: topic)
        let certificate = try await SigningCertificate(
            pem: try authority.certificatePEM(), names: ["sns.amazonaws.com"], trust: .authorities([authority.root]))
        cache.store(good, .success(certificate), now: .zero)
        for number in 0..<100 {
            let bad = try hosts.allow("https://sns.eu-west-1.amazonaws.com/\(number).pem", "URL", for: topic)
            cache.store(bad, .failure(SigningCertificate.untrusted("bad")), now: .seconds(1))
        }
        guard case .found = cache.find(good, now: .seconds(2)) else {
            Issue.record("the good one is gone")
            return
        }
        guard case .fetch = cache.find(good, now: .seconds(24 * 3600)) else {
            Issue.record("it is used for longer than a day")
            return
        }
    }

    // MARK: The inbox

    @Test(arguments: 1...60)
    func `each request is answered once and in time, no message is two events, and nothing outgrows its bound`(
        seed: UInt64
    ) {
        var model = InboxModel(seed: seed)
        for _ in 0..<1500 { model.step() }
        model.end()
        #expect(model.problems == [])
        #expect(model.accepted > 20, "a run in which something happens")
    }
}
