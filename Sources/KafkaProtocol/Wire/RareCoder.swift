/// Keeps from the optimizer which coder it holds. Otherwise each pair of a coder and a kind of message becomes code of
/// its own, which for what is done rarely costs minutes of compiling and nobody gains by.
private final class RareCoder {
    var coder: any WireCoder

    init(_ coder: any WireCoder) { self.coder = coder }

    @inline(never) func code(_ request: inout Request) { request.wire(&coder) }
    @inline(never) func code(_ response: inout Response) { response.wire(&coder) }
}

extension Request {
    /// Shows every field to a coder other than those of the wire. Returns the coder with what it found.
    mutating func walk<Coder: WireCoder>(_ coder: Coder) -> Coder {
        let rare = RareCoder(coder)
        rare.code(&self)
        return rare.coder as? Coder ?? coder
    }
}

extension Response {
    /// Shows every field to a coder other than those of the wire. Returns the coder with what it found.
    mutating func walk<Coder: WireCoder>(_ coder: Coder) -> Coder {
        let rare = RareCoder(coder)
        rare.code(&self)
        return rare.coder as? Coder ?? coder
    }
}
