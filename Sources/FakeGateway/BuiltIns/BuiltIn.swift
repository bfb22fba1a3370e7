import GoDuration
import NIOCore
import SeededRandom

/// Functions that are there without writing one.
public enum BuiltIn: String, CaseIterable, Sendable {
    /// Answers with the request's body and content type.
    case echo
    /// Answers with the body as a banner.
    case figlet
    /// Answers with the environment that the classic watchdog would give its process.
    case env
    /// Answers after a while: `?duration=`, or the body, or `duration` in the environment; a Go duration; else 2 s.
    case sleep
    /// Answers with the status in the path, the query's `status`, or the body.
    case status
    /// Fails at random with 500, for a share of the calls: `?ratio=` from 0 to 1; else half of them.
    case flaky
    /// Answers 302 with the `destination` in its environment, or else the body.
    case redirector

    /// As a function of that name.
    public func function(_ name: String? = nil, namespace: String? = nil, topic: String? = nil) -> Function {
        Function(name ?? rawValue, namespace: namespace, topic: topic, annotations: [:], body: body)
    }

    /// The one that a deployment's image, or else its service, names.
    init(deployment: FunctionDeployment) {
        self = Self.named(deployment) ?? .echo
    }

    static func named(_ deployment: FunctionDeployment) -> BuiltIn? {
        let image = deployment.image.split(separator: "/").last?.prefix { $0 != ":" && $0 != "@" } ?? ""
        return BuiltIn(rawValue: String(image)) ?? BuiltIn(rawValue: deployment.service)
    }

    var body: Function.Body {
        switch self {
        case .echo: .immediate { FunctionReply(status: 200, buffer: $0.buffer) }
        case .figlet: .immediate { FunctionReply(Figlet.banner($0.text), headers: [("Content-Type", "text/plain")]) }
        case .env: .immediate { FunctionReply(WatchdogEnvironment.text($0), headers: [("Content-Type", "text/plain")]) }
        case .sleep: .timed { request, _ in Self.sleep(request) }
        case .status: .immediate(Self.status)
        case .redirector: .immediate(Self.redirect)
        case .flaky: .timed { request, generator in (.zero, Self.flaky(request, &generator)) }
        }
    }

    private static func sleep(_ request: FunctionRequest) -> (after: Duration, FunctionReply) {
        let texts = [request.queryValue("duration"), request.text, request.environment["duration"]]
        let text = texts.compactMap(\.self).first { !$0.isEmpty } ?? ""
        let duration = Duration(goDuration: text.filter { !$0.isWhitespace }) ?? .seconds(2)
        return (min(duration, .seconds(3600)), FunctionReply("slept for \(duration)\n"))
    }

    private static func redirect(_ request: FunctionRequest) -> FunctionReply {
        FunctionReply("", status: 302, headers: [("Location", request.environment["destination"] ?? request.text)])
    }

    private static func status(_ request: FunctionRequest) -> FunctionReply {
        let texts = [String(request.path.dropFirst()), request.queryValue("status") ?? "", request.text]
        let codes = texts.compactMap { text in Int(text.filter { !$0.isWhitespace }) }
        guard let code = codes.first(where: { (200...599).contains($0) }) else {
            return FunctionReply("give a status from 200 to 599 in the path, the query or the body\n", status: 400)
        }
        return FunctionReply("\(code)\n", status: code)
    }

    private static func flaky(_ request: FunctionRequest, _ generator: inout SeededGenerator) -> FunctionReply {
        let ratio = request.queryValue("ratio").flatMap(Double.init) ?? 0.5
        let fails = Double.random(in: 0..<1, using: &generator) < ratio
        return fails ? FunctionReply("out of luck\n", status: 500) : FunctionReply("lucky\n")
    }
}
