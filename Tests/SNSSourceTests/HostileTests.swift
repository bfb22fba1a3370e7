import Connector
import Foundation
import HTTP
import NIOHTTP1
import SNSSource
import SNSTesting
import SeededRandom
import Testing

/// Requests that SNS would not send, from somebody who knows the endpoint and has seen messages pass.
@Suite struct HostileTests {
    private static let requests = 10_000
    private static let path = "/callback/5d1f0c2e9a7b4d63"

    private struct Attack {
        var body: [UInt8]
        var path = HostileTests.path
        var headers: [(String, String)] = []
        var method = HTTPMethod.POST
        let kind: String
        /// What is right for it.
        let statuses: Set<Int>
    }

    @Test func `ten thousand are refused with the right status, and none causes a request`() async throws {
        try await Stand.with(configure: { $0.path = Self.path }) { (stand: Stand) async throws -> Void in
            // One message that is good, after which its certificate is known.
            let good = try stand.authority.sign(SNSFixture.notification("good", id: "good"))
            async let status = stand.sender.post(message: good, to: Self.path)
            let event = try await stand.event()
            await stand.source.settle([Settlement(event, .accept)])
            #expect(try await status == 200)
            // And a subscription that was confirmed.
            let confirmation = try stand.authority.sign(SNSFixture.confirmation("SubscriptionConfirmation", id: "c"))
            stand.fetcher.answer(try #require(confirmation["SubscribeURL"]), 200)
            #expect(try await stand.sender.post(message: confirmation, to: Self.path) == 200)
            #expect(stand.fetcher.visited.count == 2)

            var forge = try Forge(good: good, confirmation: confirmation, authority: stand.authority)
            var wrong: [String] = []
            for number in 0..<Self.requests {
                let attack = try forge.next(number)
                let reply = try await stand.sender.post(
                    attack.body, to: attack.path, headers: attack.headers, method: attack.method)
                if !attack.statuses.contains(reply.status) {
                    wrong.append("\(attack.kind): \(reply.status) for \(String(decoding: attack.body, as: UTF8.self))")
                }
            }
            #expect(wrong.prefix(10) == [])
            #expect(stand.fetcher.visited.count == 2, "no request of its own")
            #expect(stand.source.statistics.outgoing == 2)
            #expect(forge.kinds.count == 16)
            #expect(stand.source.openRequests == 0, "no event came of them")
            #expect(stand.source.statistics.refused + stand.source.statistics.duplicates == Self.requests)
        }
    }

    private struct Forge {
        let good: [String: String]
        let goodBody: [UInt8]
        /// The same without what nobody reads, where even JSON's own rules may be broken.
        let bodyRead: [UInt8]
        /// Of a subscription that is confirmed already.
        let confirmation: [String: String]
        let expired: [[String: String]]
        /// Signed by another key.
        let foreign: [String: String]
        let foreignConfirmation: [String: String]
        let goodConfirmations: [String: [String: String]]
        var generator = SeededGenerator(seed: 20_261_126)
        private(set) var kinds: Set<UInt64> = []

        init(good: [String: String], confirmation: [String: String], authority: SNSAuthority) throws {
            self.good = good
            self.confirmation = confirmation
            goodBody = SNSFixture.json(good)
            bodyRead = SNSFixture.json(good.filter { $0.key != "UnsubscribeURL" })
            expired = try [-4000.0, -86_400, 3600].map { offset in
                try authority.sign(SNSFixture.notification("old", id: "old", at: .now + offset))
            }
            let other = try SNSAuthority()
            foreign = try other.sign(SNSFixture.notification("forged", id: "forged"))
            foreignConfirmation = try other.sign(SNSFixture.confirmation("SubscriptionConfirmation", id: "forged"))
            var confirmations: [String: [String: String]] = [:]
            for url in HostileTests.foreignURLs {
                var fields = SNSFixture.confirmation("SubscriptionConfirmation", id: "elsewhere")
                fields["SubscribeURL"] = url
                confirmations[url] = try authority.sign(fields)
            }
            goodConfirmations = confirmations
        }

        mutating func next(_ number: Int) throws -> Attack {
            let kind = generator.next() % 16
            kinds.insert(kind)
            switch kind {
            case 0: return replay()
            case 1: return signed(expired[pick(expired.count)], "expired", [403])
            case 2: return signed(foreign, "signed by another key", [403])
            case 3: return signed(foreignConfirmation, "confirmation signed by another key", [403])
            case 4: return changed(number)
            case 5: return foreignURL()
            case 6: return foreignCertificate(number)
            case 7: return foreignTopic(number)
            case 8: return truncated()
            case 9: return mutated()
            case 10: return stranger(number)
            case 11: return missing()
            case 12: return signed(confirmation, "confirmation replayed", [200])
            case 13: return otherwise(number)
            case 14: return header(number)
            default: return noise()
            }
        }

        private mutating func pick(_ count: Int) -> Int { Int(generator.next() % UInt64(count)) }

        private func signed(_ fields: [String: String], _ kind: String, _ statuses: Set<Int>) -> Attack {
            Attack(body: SNSFixture.json(fields), kind: kind, statuses: statuses)
        }

        /// SNS itself delivers a message again that it got no answer for: the right status is that of the first.
        private func replay() -> Attack { Attack(body: goodBody, kind: "replayed", statuses: [200]) }

        /// One of the fields that the signature covers.
        private mutating func changed(_ number: Int) -> Attack {
            var fields = good
            switch pick(4) {
            case 0: fields["Message"] = "changed \(number)"
            case 1: fields["MessageId"] = "changed-\(number)"
            case 2: fields["Subject"] = "added"
            default: fields["SignatureVersion"] = "1"
            }
            return signed(fields, "changed", [403])
        }

        private mutating func foreignURL() -> Attack {
            let url = HostileTests.foreignURLs[pick(HostileTests.foreignURLs.count)]
            return signed(goodConfirmations[url] ?? [:], "SubscribeURL \(url)", [403])
        }

        private mutating func foreignCertificate(_ number: Int) -> Attack {
            var fields = good
            let url = HostileTests.foreignURLs[pick(HostileTests.foreignURLs.count)]
            fields["SigningCertURL"] = url.contains("?") ? url : "\(url)/\(number).pem"
            return signed(fields, "SigningCertURL \(url)", [403])
        }

        private func foreignTopic(_ number: Int) -> Attack {
            var fields = good
            fields["TopicArn"] = "arn:aws:sns:eu-west-1:123456789012:other-\(number)"
            return signed(fields, "foreign topic", [403])
        }

        private mutating func truncated() -> Attack {
            Attack(body: Array(goodBody.prefix(pick(goodBody.count))), kind: "truncated", statuses: [400])
        }

        /// Some bytes, anywhere but in the certificate's URL: another one at SNS's host would be fetched, and is for
        /// `CertificateTests`. Where that leaves the signed fields alone it is a replay.
        private mutating func mutated() -> Attack {
            var body = bodyRead
            // JSON writes its slashes with a backslash before.
            let url = SNSFixture.certificateURL.replacing("/", with: "\\/")
            let kept = String(decoding: body, as: UTF8.self).firstRange(of: url)
            let text = String(decoding: body, as: UTF8.self)
            let start = kept.map { text.utf8.distance(from: text.startIndex, to: $0.lowerBound) } ?? 0
            let end = start + url.utf8.count
            for _ in 0...pick(4) {
                let place = pick(body.count)
                // Of ASCII: what is no UTF-8 two readers of JSON take differently, and is for `FuzzTests`.
                let byte = UInt8(0x20 + generator.next() % 0x5F)
                if place < start || place >= end { body[place] = byte }
            }
            return Attack(body: body, kind: "mutated", statuses: statuses(of: body))
        }

        /// A replay if all is as it was that the message is judged by; else malformed if it is no JSON of texts.
        private func statuses(of body: [UInt8]) -> Set<Int> {
            let json = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
            guard let fields = json else { return [400] }
            // The last sign of base 64 may change and mean the same.
            let signature = (fields["Signature"] as? String).flatMap { Data(base64Encoded: $0) }
            guard signature == good["Signature"].flatMap({ Data(base64Encoded: $0) }) else { return [400, 403] }
            let judged = good.keys.filter { !["UnsubscribeURL", "Signature"].contains($0) }
            return judged.allSatisfy { fields[$0] as? String == good[$0] } ? [200] : [400, 403]
        }

        /// Who does not know the path learns nothing, and can name any certificate.
        private mutating func stranger(_ number: Int) -> Attack {
            var fields = good
            fields["SigningCertURL"] = "https://sns.eu-west-1.amazonaws.com/\(number).pem"
            let path = ["/", "/callback", "/callback/5d1f0c2e9a7b4d64", "/\(number)"][pick(4)]
            return Attack(body: SNSFixture.json(fields), path: path, kind: "stranger", statuses: [404])
        }

        private mutating func missing() -> Attack {
            var fields = good
            let names = [
                "Type", "MessageId", "TopicArn", "Timestamp", "Signature", "SignatureVersion", "SigningCertURL",
            ]
            let name = names[pick(names.count)]
            let isGone = pick(2) == 0
            fields[name] = isGone ? nil : "?"
            // As a URL it is one of no host that is allowed.
            let status = name == "SigningCertURL" && !isGone ? 403 : 400
            return Attack(body: SNSFixture.json(fields), kind: "missing \(name)", statuses: [status])
        }

        private mutating func otherwise(_ number: Int) -> Attack {
            let methods: [HTTPMethod] = [.PUT, .DELETE, .PATCH, .OPTIONS]
            return Attack(body: goodBody, method: methods[pick(methods.count)], kind: "another method", statuses: [405])
        }

        /// Headers that say something else than the message, or that the message is raw, which is not allowed.
        private mutating func header(_ number: Int) -> Attack {
            let headers = [
                ("x-amz-sns-message-type", "SubscriptionConfirmation"), ("x-amz-sns-message-id", "other-\(number)"),
                ("x-amz-sns-topic-arn", "arn:aws:sns:eu-west-1:123456789012:other"), ("x-amz-sns-rawdelivery", "true"),
            ]
            let header = headers[pick(headers.count)]
            return Attack(
                body: goodBody, headers: [header], kind: header.0,
                statuses: [header.0 == "x-amz-sns-rawdelivery" ? 403 : 400])
        }

        private mutating func noise() -> Attack {
            let bytes = (0..<pick(2000)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            return Attack(body: bytes, kind: "noise", statuses: [400])
        }
    }

    private static let foreignURLs = [
        "http://sns.eu-west-1.amazonaws.com", "https://sns.eu-west-1.amazonaws.com.evil.example",
        "https://evil.example/sns.eu-west-1.amazonaws.com", "https://sns.us-east-1.amazonaws.com",
        "https://169.254.169.254", "https://127.0.0.1:8080", "https://[::1]", "https://localhost",
        "https://sns.eu-west-1.amazonaws.com:8443", "https://user@sns.eu-west-1.amazonaws.com",
        "https://sns.eu-west-1.amazonaws.com@evil.example", "https://xsns.eu-west-1.amazonaws.com",
        "https://sns..amazonaws.com", "ftp://sns.eu-west-1.amazonaws.com", "gopher://evil.example",
        "https://evil.example?sns.eu-west-1.amazonaws.com", "https://evil.example#sns.eu-west-1.amazonaws.com",
        "javascript:alert(1)", "//sns.eu-west-1.amazonaws.com",
    ]
}
