import NIOSSL
import Testing

@testable import FakeBroker

@Suite struct CertificateTests {
    private func certificate(_ pem: String) throws -> NIOSSLCertificate {
        try NIOSSLCertificate(bytes: Array(pem.utf8), format: .pem)
    }

    @Test func `the authority signs for brokers and clients`() throws {
        let authority = try CertificateAuthority()
        let broker = try authority.brokerIdentity()
        #expect(try certificate(authority.certificatePEM) != certificate(broker.certificatePEM))
        _ = try NIOSSLPrivateKey(bytes: Array(broker.privateKeyPEM.utf8), format: .pem)
        _ = try certificate(try authority.clientIdentity("alice", organization: "Acme").certificatePEM)
    }

    @Test func `no key is printed`() throws {
        let authority = try CertificateAuthority()
        let identity = try authority.clientIdentity("alice")
        let secret = identity.privateKeyPEM.split(separator: "\n")[1]
        var dumped = ""
        dump(identity, to: &dumped)
        dump(authority, to: &dumped)
        for text in ["\(identity)", String(reflecting: identity), "\(authority)", dumped] {
            #expect(!text.contains("PRIVATE KEY"))
            #expect(!text.contains(secret))
        }
    }

    @Test(arguments: [
        ("127.0.0.1", [127, 0, 0, 1]), ("::1", Array(repeating: UInt8(0), count: 15) + [1]),
        ("::", Array(repeating: 0, count: 16)),
        ("fe80::1:2", [0xFE, 0x80] + Array(repeating: 0, count: 10) + [0, 1, 0, 2]),
        ("1:2:3:4:5:6:7:8", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]),
        ("::ffff:10.0.0.1", Array(repeating: 0, count: 10) + [255, 255, 10, 0, 0, 1]),
    ])
    func `an address is its bytes`(text: String, bytes: [UInt8]) {
        #expect(IPAddress.bytes(text) == bytes)
    }

    @Test(arguments: [
        "localhost", "127.0.0", "1.2.3.256", "1:2", "1:2:3:4:5:6:7:8:9", "1::2::3", ":1", "12345::", "g::",
    ])
    func `a name is none`(text: String) {
        #expect(IPAddress.bytes(text) == nil)
    }

    @Test(arguments: [
        ("alice", "alice"), ("a,b", #"a\,b"#), (" a b ", #"\ a b\ "#), ("#1", "\\#1"), ("a#", "a#"), ("  ", #"\ \ "#),
        (#"a+b"c\d<e>f;g=h"#, #"a\+b\"c\\d\<e\>f\;g=h"#), ("", ""),
    ])
    func `signs in a name are written as RFC 2253 does`(value: String, escaped: String) {
        #expect(X500Name.escaped(value) == escaped)
    }
}
