import ArgumentParser

/// `HOST:PORT` of a listener, as a command line has it.
struct ListenAddress: ExpressibleByArgument {
    static let loopback = ListenAddress(host: "127.0.0.1", port: 0)

    let host: String
    let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let port = UInt16(argument[argument.index(after: colon)...])
        else { return nil }
        let host = argument[..<colon]
        guard !host.isEmpty, !host.contains(where: \.isWhitespace) else { return nil }
        self.init(host: host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : String(host), port: Int(port))
    }

    var defaultValueDescription: String { "\(host):\(port)" }
}

/// `NAME` or `NAME:PARTITIONS`.
struct TopicArgument: ExpressibleByArgument {
    let name: String
    /// `nil` is the broker's default.
    let partitions: Int?

    init?(argument: String) {
        let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty else { return nil }
        self.name = String(name)
        guard parts.count == 2 else {
            partitions = nil
            return
        }
        guard let count = Int(parts[1]), count > 0 else { return nil }
        partitions = count
    }
}

/// `NAME=TOPIC[,TOPIC…]`, where the name is that of a built-in function, or `NAME:BUILT-IN=TOPIC…`.
struct FunctionArgument: ExpressibleByArgument {
    static let defaults = [
        "figlet=faas-request", "echo=faas-echo", "env=faas-env", "sleep=faas-sleep", "status=faas-status",
        "flaky=faas-flaky",
    ]

    let name: String
    let builtIn: String
    /// As the annotation has it.
    let topics: String

    init(name: String, builtIn: String, topics: String) {
        self.name = name
        self.builtIn = builtIn
        self.topics = topics
    }

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let names = parts[0].split(separator: ":", maxSplits: 1)
        guard let name = names.first, let builtIn = names.last else { return nil }
        self.name = String(name)
        self.builtIn = String(builtIn)
        topics = String(parts[1])
    }
}
