import NIOCore

extension Function.Body {
    private static let secretsFolder = "/var/openfaas/secrets/"

    /// What a function does that a client deployed: the program that it names if programs are run, one of the three
    /// that OpenFaaS's acceptance tests run in `functions/alpine`, a built-in function, or else an echo.
    static func deployed(_ deployment: FunctionDeployment, runsProcesses: Bool) -> Function.Body {
        let words = (deployment.process ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
        if words.count == 2, words[0] == "cat", words[1].hasPrefix(secretsFolder) {
            return .immediate { secret(String(words[1].dropFirst(secretsFolder.count)), $0) }
        }
        if runsProcesses, !words.isEmpty { return ProcessFunction.body(words) }
        switch words {
        case ["env"]: return BuiltIn.env.body
        case ["cat"]: return BuiltIn.echo.body
        // A fixed program that only reads what it is given.
        case ["sha512sum"]: return ProcessFunction.body(words)
        default: return BuiltIn(deployment: deployment).body
        }
    }

    private static func secret(_ name: String, _ request: FunctionRequest) -> FunctionReply {
        guard let value = request.secretValues[name] else {
            return FunctionReply(
                "exit status 1\ncat: can't open '\(secretsFolder)\(name)': No such file or directory\n", status: 500)
        }
        return FunctionReply(body: value)
    }
}
