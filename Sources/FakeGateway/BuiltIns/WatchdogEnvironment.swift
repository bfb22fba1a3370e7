import NIOCore

/// What the classic watchdog puts into the environment of a function's process.
/// Source: the watchdog's documentation, "HTTP headers to function".
enum WatchdogEnvironment {
    /// One `NAME=value` a line, sorted.
    static func text(_ request: FunctionRequest) -> String {
        variables(request).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
    }

    /// What the deployment sets, and the request.
    static func variables(_ request: FunctionRequest) -> [String: String] {
        var variables = request.environment
        variables["Http_Method"] = request.method
        variables["Http_Path"] = request.path.isEmpty ? "/" : request.path
        variables["Http_ContentLength"] = "\(request.buffer.readableBytes)"
        if !request.query.isEmpty { variables["Http_Query"] = request.query }
        if let host = request.header("Host") { variables["Http_Host"] = host }
        for header in request.headers {
            variables["Http_\(canonical(header.name).replacing("-", with: "_"))"] = oneLine(header.value)
        }
        return variables
    }

    /// `content-type` → `Content-Type`, as Go has header names.
    private static func canonical(_ name: String) -> String {
        name.split(separator: "-", omittingEmptySubsequences: false)
            .map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }.joined(separator: "-")
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
