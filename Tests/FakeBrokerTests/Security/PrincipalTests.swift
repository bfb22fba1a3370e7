import Testing

@testable import FakeBroker

@Suite struct PrincipalTests {
    @Test func `a principal is a type and a name, in which colons are allowed`() {
        #expect(Principal("User:alice") == Principal(name: "alice"))
        #expect(Principal("User:CN=a:b,O=c") == Principal(name: "CN=a:b,O=c"))
        #expect(Principal("Service:x")?.description == "Service:x")
    }

    @Test(arguments: ["", "alice", ":alice", "User:", ":"])
    func `what lacks either is none`(text: String) {
        #expect(Principal(text) == nil)
    }
}
