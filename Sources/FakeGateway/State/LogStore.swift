import DequeModule
import NIOHTTP1
import OrderedCollections

/// One line that a replica of a function wrote.
struct LogLine: Sendable {
    /// A call, as the of-watchdog notes it. Put into words only when it is read, for there is one of each call.
    struct Call: Sendable {
        let method: String
        let path: String
        let query: String
        let status: Int
        let bytes: Int
        let duration: Duration

        var text: String {
            let reason = HTTPResponseStatus(statusCode: status).reasonPhrase
            let target = (path.isEmpty ? "/" : path) + (query.isEmpty ? "" : "?\(query)")
            return "\(method) \(target) - \(status) \(reason) - ContentLength: \(size) "
                + "(\(duration.secondsText.dropLast(2))s)"
        }

        /// In units of 1,000, with four digits: `2B`, `12.35kB`.
        private var size: String {
            var value = Double(bytes)
            var units = ["B", "kB", "MB", "GB"][...]
            while value >= 1000, units.count > 1 {
                value /= 1000
                units.removeFirst()
            }
            let scale: Double = value >= 1000 ? 1 : value >= 100 ? 10 : value >= 10 ? 100 : 1000
            let rounded = (value * scale).rounded(.toNearestOrEven) / scale
            return (rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)") + (units.first ?? "")
        }
    }

    enum Content: Sendable {
        case text(String)
        case call(Call)
    }

    let key: FunctionKey
    let replica: Int
    let time: GatewayTime
    let content: Content

    var instance: String { "\(key.name)-\(replica)" }

    private var text: String {
        switch content {
        case .text(let text): text
        case .call(let call): call.text
        }
    }

    /// As `/system/logs` shows it.
    var json: JSONValue {
        .object([
            ("name", .string(key.name)), ("namespace", .string(key.namespace)), ("instance", .string(instance)),
            ("timestamp", .string(RFC3339.text(time))), ("text", .string(text)),
        ])
    }
}

/// Which lines a client wants.
struct LogQuery: Sendable {
    let key: FunctionKey
    /// Empty is any.
    let instance: String
    /// How many of the last ones that are there already; `nil` is all.
    let tail: Int?
    let since: GatewayTime?
    let follow: Bool

    func matches(_ line: LogLine) -> Bool {
        line.key == key && (instance.isEmpty || line.instance == instance) && (since.map { line.time >= $0 } ?? true)
    }
}

/// The last lines of each function, and who follows them.
struct LogStore: Sendable {
    private static let lineBytes = 16 * 1024

    private let linesPerFunction: Int
    private var lines: OrderedDictionary<FunctionKey, Deque<LogLine>> = [:]
    /// In the order in which they came.
    private(set) var followers: [(number: Int, query: LogQuery)] = []
    /// What followers have not been sent yet.
    private(set) var fresh: [LogLine] = []

    init(linesPerFunction: Int) { self.linesPerFunction = max(0, linesPerFunction) }

    /// Whether somebody may read what is added now.
    var isRead: Bool { linesPerFunction > 0 || !followers.isEmpty }

    mutating func add(_ text: String, of key: FunctionKey, instance: Int, at time: GatewayTime) {
        for line in text.split(whereSeparator: \.isNewline) {
            let kept = String(decoding: line.utf8.prefix(Self.lineBytes), as: UTF8.self)
            add(LogLine(key: key, replica: instance, time: time, content: .text(kept)))
        }
    }

    mutating func add(_ call: LogLine.Call, of key: FunctionKey, instance: Int, at time: GatewayTime) {
        add(LogLine(key: key, replica: instance, time: time, content: .call(call)))
    }

    private mutating func add(_ line: LogLine) {
        if linesPerFunction > 0 { Self.append(line, to: &lines[line.key, default: []], limit: linesPerFunction) }
        if !followers.isEmpty { fresh.append(line) }
    }

    private static func append(_ line: LogLine, to kept: inout Deque<LogLine>, limit: Int) {
        if kept.count == limit { kept.removeFirst() }
        kept.append(line)
    }

    func matching(_ query: LogQuery) -> [LogLine] {
        let all = (lines[query.key] ?? []).filter(query.matches)
        return query.tail.map { Array(all.suffix($0)) } ?? Array(all)
    }

    mutating func follow(_ number: Int, _ query: LogQuery) { followers.append((number, query)) }

    mutating func unfollow(_ number: Int) { followers.removeAll { $0.number == number } }

    func isFollowed(by number: Int) -> Bool { followers.contains { $0.number == number } }

    mutating func takeFresh() -> [LogLine] {
        defer { fresh = [] }
        return fresh
    }

    mutating func remove(_ key: FunctionKey) { lines[key] = nil }
}
