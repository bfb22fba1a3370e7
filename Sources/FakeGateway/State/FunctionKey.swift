/// A function's name and namespace, as the gateway tells functions apart.
struct FunctionKey: Hashable, Sendable, CustomStringConvertible {
    let name: String
    let namespace: String

    var description: String { "\(name).\(namespace)" }

    /// Reads the name in a path: the namespace is what follows the last dot, if that is a namespace that exists.
    /// Source: docs/openfaas.md, "Namespaces".
    init(called text: String, defaultNamespace: String) {
        if let dot = text.utf8.lastIndex(of: UInt8(ascii: ".")), dot > text.startIndex {
            self.init(name: String(text[..<dot]), namespace: String(text[text.utf8.index(after: dot)...]))
        } else {
            self.init(name: text, namespace: defaultNamespace)
        }
    }

    init(name: String, namespace: String) {
        self.name = name
        self.namespace = namespace
    }

    /// Whether Kubernetes takes it for the name of a service.
    static func isLabel(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        func isAlphanumeric(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (97...122).contains(byte) }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }

    /// Whether the gateway's router takes it for a function's name.
    static func isName(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
