import Foundation
import SNSSource
import SNSTesting
import Testing

@Suite struct CertificateTests {
    private func status(
        pem: (SNSAuthority) throws -> [UInt8], configure: @Sendable (inout SNSSourceConfiguration) -> Void = { _ in }
    ) async throws -> Int {
        var status = 0
        try await Stand.with(configure: configure) { (stand: Stand) async throws -> Void in
            stand.fetcher.answer(SNSFixture.certificateURL, 200, try pem(stand.authority))
            let fields = SNSFixture.confirmation("UnsubscribeConfirmation", id: "id-1")
            status = try await stand.post(signed: fields)
        }
        return status
    }

    @Test func `a certificate that is not SNS's, expired, of the future or no certificate is refused`() async throws {
        #expect(try await status(pem: { try $0.certificatePEM() }) == 200)
        #expect(try await status(pem: { try $0.certificatePEM(for: "evil.example") }) == 403)
        #expect(try await status(pem: { try $0.certificatePEM(validFrom: -7200, validUntil: -3600) }) == 403)
        #expect(try await status(pem: { try $0.certificatePEM(validFrom: 3600, validUntil: 7200) }) == 403)
        #expect(try await status(pem: { _ in Array("no certificate".utf8) }) == 403)
        #expect(try await status(pem: { _ in [] }) == 403)
    }

    @Test func `a certificate of another authority is refused, unless the host is all that is trusted`() async throws {
        let other = try SNSAuthority()
        #expect(
            try await status(
                pem: { try $0.certificatePEM() }, configure: { $0.signingTrust = .authorities([other.root]) }) == 403)
        #expect(
            try await status(
                pem: { try $0.certificatePEM() }, configure: { $0.signingTrust = .system(intermediates: []) }) == 403)
        #expect(try await status(pem: { try $0.certificatePEM() }, configure: { $0.signingTrust = .host }) == 200)
    }

    @Test func `a certificate is fetched once, and one that is refused is not fetched again`() async throws {
        try await Stand.with { (stand: Stand) async throws -> Void in
            for index in 0..<5 {
                _ = try await stand.deliver(
                    stand.authority.sign(SNSFixture.notification("m", id: "good-\(index)")))
            }
            var bad = SNSFixture.notification("m", id: "bad")
            let url = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-bad.pem"
            bad["SigningCertURL"] = url
            stand.fetcher.answer(url, 200, try stand.authority.certificatePEM(for: "evil.example"))
            for _ in 0..<5 {
                #expect(try await stand.post(signed: bad) == 403)
            }
            #expect(stand.fetcher.visited == [SNSFixture.certificateURL, url])
        }
    }

    @Test func `made-up certificates lead to a bounded number of fetches, and the good one goes on`() async throws {
        try await Stand.with { (stand: Stand) async throws -> Void in
            _ = try await stand.deliver(stand.authority.sign(SNSFixture.notification("m", id: "good-1")))
            for index in 0..<100 {
                var forged = SNSFixture.notification("m", id: "id-\(index)")
                forged["SigningCertURL"] = "https://sns.eu-west-1.amazonaws.com/made-up-\(index).pem"
                #expect(try await stand.post(signed: forged) == 503)
            }
            #expect(stand.fetcher.visited.count <= 12)
            let (status, _) = try await stand.deliver(
                stand.authority.sign(SNSFixture.notification("m", id: "good-2")))
            #expect(status == 200)
        }
    }
}
