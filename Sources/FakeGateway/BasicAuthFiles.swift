internal import Foundation

extension FakeGateway.Configuration.BasicAuth {
    /// Reads user and password as the gateway does: from the files `basic-auth-user` and `basic-auth-password` of a
    /// folder (`secret_mount_path`), without the whitespace around them.
    ///
    /// - Throws: ``FakeGatewayError`` with the path of a file that cannot be read or is empty; never what is in it.
    public static func files(in folder: String) throws(FakeGatewayError) -> Self {
        func read(_ name: String) throws(FakeGatewayError) -> String {
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw .invalid("basicAuth", path, accepted: "a file of text that can be read")
            }
            let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
            guard !trimmed.isEmpty else { throw .invalid("basicAuth", path, accepted: "a file that is not empty") }
            return trimmed
        }
        return Self(user: try read("basic-auth-user"), password: try read("basic-auth-password"))
    }
}
