import Base64Coding
import Foundation
import Testing

@testable import FakeBroker

@Suite struct EncodingTests {
    /// RFC 4648 section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `base 64 is as the RFC shows it`(plain: String, encoded: String) {
        #expect(Base64.encode(plain.utf8) == encoded)
        #expect(Base64.decode(encoded.utf8) == Array(plain.utf8))
        let unpadded = encoded.replacing("=", with: "")
        #expect(Base64.encode(plain.utf8, .url) == unpadded)
        #expect(Base64.decode(unpadded.utf8, .url) == Array(plain.utf8))
    }

    @Test func `base 64 agrees with another coder`() {
        var random = SeededGenerator(seed: 64)
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            let other = Data(bytes).base64EncodedString()
            #expect(Base64.encode(bytes) == other)
            #expect(Base64.decode(other.utf8) == bytes)
            let url = Base64.encode(bytes, .url)
            #expect(url == other.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: ""))
            #expect(Base64.decode(url.utf8, .url) == bytes)
        }
    }

    @Test(arguments: ["Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9v=", "Zm 9v", "=", "====", "Zm-_", "Zm9vÄ"])
    func `base 64 takes nothing else`(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }

    @Test(arguments: ["Zg==", "Zh", "Z", "+/+/"])
    func `URL-safe base 64 takes nothing else`(text: String) {
        #expect(Base64.decode(text.utf8, .url) == nil)
    }

    @Test(arguments: [
        "null", "true", "false", "0", "-1.5e3", "1e-2", #""text""#, #""\u00e9\ud83d\ude00\n\/""#, "[]", "[1, [2], {}]",
        #" { "a" : [ null , true ] , "b" : { "c" : "" } } "#,
    ])
    func `JSON is read as another reader reads it`(text: String) throws {
        let other = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
        let own = try #require(JSONValue(Array(text.utf8)))
        #expect(NSArray(object: own.foundation) == NSArray(object: other))
    }

    @Test(arguments: [
        "", " ", "nul", "tru", "01", "+1", "1.", ".5", "1e", "-", "[1,]", "[1 2]", "[", "{", "{,}", #"{"a"}"#,
        #"{"a":1,}"#, #"{"a":1,"a":2}"#, #"{a:1}"#, #"""#, #""\x""#, #""\u12""#, #""\ud800""#, #""\udc00x""#, "\"\n\"",
        "1 1", "1e999", #"{"a":1}}"#,
    ])
    func `what is no JSON is not read`(text: String) {
        #expect(JSONValue(Array(text.utf8)) == nil)
    }

    @Test func `JSON goes as deep as the limit and no deeper`() {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(JSONValue(nested(JSONValue.depthLimit)) != nil)
        #expect(JSONValue(nested(JSONValue.depthLimit + 1)) == nil)
        #expect(JSONValue(nested(100_000)) == nil)
    }

    @Test func `mutated JSON never traps`() {
        var random = SeededGenerator(seed: 8)
        let text = Array(#"{"alg":"RS256","a":[1,-2.5e3,null],"s":"\u00e9\\","o":{"x":true}}"#.utf8)
        for _ in 0..<20_000 { _ = JSONValue(text.mutated(using: &random)) }
    }

    @Test func `escaped text is read back`() {
        let text = "\"quoted\" back\\slash \n\u{1}\u{1F} é 😀"
        #expect(JSONValue(Array("\"\(JSONValue.escaped(text))\"".utf8)) == .string(text))
    }
}

extension JSONValue {
    fileprivate var foundation: Any {
        switch self {
        case .null: NSNull()
        case .bool(let bool): NSNumber(value: bool)
        case .number(let number): NSNumber(value: number)
        case .string(let text): NSString(string: text)
        case .array(let values): NSArray(array: values.map(\.foundation))
        case .object(let members):
            NSDictionary(dictionary: Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.value.foundation) }))
        }
    }
}
