import HTTP
import Testing

struct EndpointTests {
    @Test(arguments: [
        ("http://gateway:8080", "gateway", 8080, "", "gateway:8080"),
        ("http://gateway", "gateway", 80, "", "gateway"),
        ("HTTP://gateway.openfaas:80/", "gateway.openfaas", 80, "", "gateway.openfaas"),
        ("https://gateway/base/path/", "gateway", 443, "/base/path", "gateway"),
        ("http://127.0.0.1:31112/a%20b", "127.0.0.1", 31112, "/a%20b", "127.0.0.1:31112"),
        ("http://[::1]:8080", "::1", 8080, "", "[::1]:8080"),
        ("http://[fe80::1%25eth0]", "fe80::1%25eth0", 80, "", "[fe80::1%25eth0]"),
        ("http://my_service:65535//", "my_service", 65535, "", "my_service:65535"),
    ])
    func `a base URL is read`(_ url: String, host: String, port: Int, path: String, authority: String) throws {
        let endpoint = try HTTPEndpoint(url)
        #expect(endpoint.host == host)
        #expect(endpoint.port == port)
        #expect(endpoint.basePath == path)
        #expect(endpoint.authority == authority)
    }

    @Test(arguments: [
        "", "gateway", "gateway:8080", "://gateway", "ftp://gateway", "http://", "http:///path", "http://:8080",
        "http://gateway:0", "http://gateway:65536", "http://gateway:+80", "http://gateway:", "http://gateway:80a",
        "http://gate way", "http://gateway/a b", "http://gateway\r\nX: y", "http://gateway/\r\n", "http://::1:8080",
        "http://[::1", "http://[]:80", "http://[::1]x", "http://gateway?x=1", "http://gateway/a#b", "http://gäteway",
    ])
    func `what is no base URL is refused with what is accepted`(_ url: String) {
        let error = #expect(throws: HTTPEndpointError.self) { try HTTPEndpoint(url) }
        #expect("\(error, default: "")".contains("Accepted: http://HOST[:PORT][/PATH]"))
    }

    @Test(arguments: ["http://user:secret@gateway:8080", "http://secret@gateway", "gopher://a:secret@b", "a:secret@b"])
    func `credentials in a URL are refused and not shown`(_ url: String) {
        let error = #expect(throws: HTTPEndpointError.self) { try HTTPEndpoint(url) }
        #expect(!"\(error, default: "")".contains("secret"))
    }
}

struct HTTPDateTests {
    @Test(arguments: [
        (Int64(0), "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
    ])
    func `a date is written as HTTP wants it`(_ seconds: Int64, text: String) {
        #expect(HTTPDate.text(unixSeconds: seconds) == text)
    }
}

struct HeaderSyntaxTests {
    @Test(arguments: ["X-Topic", "a", "!#$%&'*+-.^_`|~0", "Content-Type"])
    func `a token may be a name`(_ name: String) { #expect(HeaderSyntax.isToken(name)) }

    @Test(arguments: ["", " ", "a b", "a:", "a\r", "\n", "ä", "a\u{0}", "(a)", "a/b", "\u{7F}"])
    func `anything else may not`(_ name: String) { #expect(!HeaderSyntax.isToken(name)) }

    @Test func `of all characters, letters, digits and fifteen signs may be in a name`() {
        let legal = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"
        let found = (UInt8.min...UInt8.max).filter { HeaderSyntax.isToken(String(UnicodeScalar($0))) }
        #expect(found == legal.utf8.sorted())
    }

    @Test(arguments: ["", "a b", "\ttab", "äöü", "日本", "\"quoted\""])
    func `text may be a value`(_ value: String) { #expect(HeaderSyntax.isFieldValue(value)) }

    @Test(arguments: ["a\r\nb", "\n", "\r", "\u{0}", "\u{7F}", "\u{1B}[0m"])
    func `control characters may not`(_ value: String) { #expect(!HeaderSyntax.isFieldValue(value)) }
}

/// `#expect` cannot take a span.
extension HeaderSyntax {
    fileprivate static func isToken(_ name: String) -> Bool { isToken(name.utf8Span.span) }
    fileprivate static func isFieldValue(_ value: String) -> Bool { isFieldValue(value.utf8Span.span) }
}
