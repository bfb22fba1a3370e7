import Connector
import Foundation
import HTTP
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
            #expect(stand.fetcher.visited.count == 1)

            var forge = try Forge(good: good, authority: stand.authority)
            var wrong: [String] = []
            for number in 0..<Self.requests {
                let attack = try forge.next(number)
                let reply = try await stand.sender.post(attack.body, to: attack.path, headers: attack.headers)
                if !attack.statuses.contains(reply.status) { wrong.append("\(attack.kind): \(reply.status)") }
            }
            #expect(wrong.prefix(10) == [])
            #expect(stand.fetcher.visited.count == 1)
            #expect(stand.source.statistics.outgoing == 1)
            #expect(stand.source.openRequests == 0, "no event came of them")
            #expect(stand.source.statistics.refused + stand.source.statistics.duplicates == Self.requests)
        }
    }

    private struct Forge {
        let good: [String: String]
        let goodBody: [UInt8]
        let expired: [[String: String]]
        /// Signed by another key.
        let foreign: [String: String]
        let foreignConfirmation: [String: String]
        let goodConfirmations: [String: [String: String]]
        var generator = SeededGenerator(seed: 20_261_126)

        init(good: [String: String], authority: SNSAuthority) throws {
            self.good = good
            goodBody = SNSFixture.json(good)
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
            switch generator.next() % 12 {
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
            default: return missing()
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
            var body = goodBody
            // JSON writes its slashes with a backslash before.
            let url = SNSFixture.certificateURL.replacing("/", with: "\\/")
            let kept = String(decoding: body, as: UTF8.self).firstRange(of: url)
            let text = String(decoding: body, as: UTF8.self)
            let start = kept.map { text.utf8.distance(from: text.startIndex, to: $0.lowerBound) } ?? 0
            let end = start + url.utf8.count
            for _ in 0...pick(4) {
                let place = pick(body.count)
                let byte = UInt8(truncatingIfNeeded: generator.next())
                if place < start || place >= end { body[place] = byte }
            }
            return Attack(body: body, kind: "mutated", statuses: [200, 400, 403])
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
            fields[names[pick(names.count)]] = pick(2) == 0 ? nil : "?"
            return Attack(body: SNSFixture.json(fields), kind: "missing", statuses: [400, 403])
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
