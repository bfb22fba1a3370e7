// Reads calls from the logs of functions: `GET /system/logs` of an OpenFaaS gateway, asked again and again. A function
// that writes the header of its call to its log, in whatever words around it, can be followed.

import Foundation
import HTTP
import NIOCore
import NIOHTTP1
import NIOPosix

struct GatewayLogs: Sendable {
    struct Line: Decodable {
        let timestamp: String
        let text: String
        let instance: String?
    }

    private static let interval = Duration.milliseconds(500)
    private static let mostBytes = 256 * 1024 * 1024

    let url: String
    let functions: [String]
    let credentials: (user: String, password: String)?

    /// Goes on until it is cancelled.
    /// - Throws: `Failure` if the gateway cannot be asked, or refuses.
    func follow(_ take: @Sendable (_ function: String, _ header: Substring, _ time: Int64) -> Void) async throws {
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let client = try HTTPClient(try HTTPEndpoint(url), on: loops.next())
            var readers = functions.map { LogReader(function: $0) }
            while !Task.isCancelled {
                for index in readers.indices { try await read(client, &readers[index], take) }
                try? await Task.sleep(for: Self.interval)
            }
            await client.shutDown()
            try? await loops.shutdownGracefully()
        } catch {
            try? await loops.shutdownGracefully()
            if Task.isCancelled { return }
            throw error as? Failure ?? Failure("gateway_url: \(error)")
        }
    }

    private func read(
        _ client: HTTPClient, _ reader: inout LogReader,
        _ take: @Sendable (_ function: String, _ header: Substring, _ time: Int64) -> Void
    ) async throws {
        var builder = try HTTPRequestBuilder(.GET, reader.target, to: client.endpoint)
        if let credentials {
            let pair = BasicCredentials(user: credentials.user, password: credentials.password)
            try builder.addHeader("Authorization", pair.authorization)
        }
        let reply = try await client.send(
            builder.finish(timeout: .seconds(30), replyBody: .whole(limit: Self.mostBytes)))
        guard reply.status == 200 else {
            throw Failure("gateway_url: \(url) answered \(reply.status) to GET \(reader.target)")
        }
        for call in reader.read(String(buffer: reply.body)) { take(reader.function, call.header, call.time) }
    }
}

/// Which lines of a function's log have been read.
struct LogReader {
    let function: String
    private var since: String?
    private var sinceTime = Int64.min
    /// Lines of `since` and later, which the next answer repeats.
    private var known: Set<String> = []

    init(function: String) { self.function = function }

    var target: String {
        let parts = function.split(separator: ".", maxSplits: 1).map(String.init)
        var target = "/system/logs?name=\(Self.encoded(parts[0]))&follow=false&tail=-1"
        if parts.count > 1 { target += "&namespace=\(Self.encoded(parts[1]))" }
        if let since { target += "&since=\(Self.encoded(since))" }
        return target
    }

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    /// New calls in what a gateway answered, one JSON object a line.
    mutating func read(_ text: String) -> [(header: Substring, time: Int64)] {
        var calls: [(header: Substring, time: Int64)] = []
        var times: [(line: String, time: Int64)] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let line = String(line)
            guard let entry = try? JSONDecoder().decode(GatewayLogs.Line.self, from: Data(line.utf8)),
                let time = Self.nanoseconds(entry.timestamp)
            else { continue }
            times.append((line, time))
            if time > sinceTime {
                sinceTime = time
                since = entry.timestamp
            }
            guard !known.contains(line) else { continue }
            if let header = Self.header(in: entry.text) { calls.append((header, time)) }
        }
        // Lines of one moment may come in two answers; those before it are not sent again.
        known = Set(times.filter { $0.time >= sinceTime }.map(\.line)).union(known.filter { _ in times.isEmpty })
        return calls
    }

    /// The value of the record's header, wherever it stands in a line.
    static func header(in text: String) -> Substring? {
        guard let start = text.firstRange(of: "run=")?.lowerBound else { return nil }
        let value = text[start...].prefix { character in
            character.isASCII && (character.isLetter || character.isNumber || ";=._-".contains(character))
        }
        return VerificationHeader(value) == nil ? nil : value
    }

    /// Of RFC 3339, with up to nine digits of a second, in UTC or with an offset.
    static func nanoseconds(_ text: String) -> Int64? {
        guard
            let match = text.wholeMatch(
                of: /(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:[Zz]|([+-])(\d\d):(\d\d))/),
            let year = Int(match.1), let month = Int(match.2), let day = Int(match.3), let hour = Int(match.4),
            let minute = Int(match.5), let second = Int(match.6), 1...12 ~= month, 1...31 ~= day, 1970...2261 ~= year
        else { return nil }
        var fraction = match.7.map(String.init) ?? ""
        fraction += String(repeating: "0", count: 9 - fraction.count)
        var offset = 0
        if let sign = match.8, let hours = match.9.flatMap({ Int($0) }), let minutes = match.10.flatMap({ Int($0) }) {
            offset = (hours * 60 + minutes) * 60 * (sign == "-" ? -1 : 1)
        }
        let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset
        return Int64(seconds) * 1_000_000_000 + (Int64(fraction) ?? 0)
    }

    /// Since 1970-01-01, of the Gregorian calendar, counted in years that begin in March.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}
