package import NIOCore

// Requests and replies to and from bytes, without header and length. Not generic, so that the walk of each message is
// specialised inside this module.

extension Request {
    /// Reads a request's body and leaves what follows it.
    package static func decode(
        _ apiKey: APIKey, version: Int16, from buffer: inout ByteBuffer, limits: Limits = .standard
    ) throws(WireError) -> Request {
        try apiKey.check(version, "\(apiKey.name)Request")
        var request = Request(apiKey)
        var reader = WireReader(buffer, version: version, isFlexible: apiKey.isFlexible(version), limits: limits)
        request.wire(&reader)
        buffer = try reader.finish("\(apiKey.name)Request")
        return request
    }

    /// Appends the request's body. On an error the buffer is as it was.
    package consuming func encode(version: Int16, into buffer: inout ByteBuffer) throws(WireError) {
        let apiKey = apiKey
        try apiKey.check(version, "\(apiKey.name)Request")
        var writer = WireWriter(taking: &buffer, version: version, isFlexible: apiKey.isFlexible(version))
        wire(&writer)
        try writer.finish("\(apiKey.name)Request", givingBack: &buffer)
    }
}

extension Response {
    /// Reads a reply's body and leaves what follows it.
    package static func decode(
        _ apiKey: APIKey, version: Int16, from buffer: inout ByteBuffer, limits: Limits = .standard
    ) throws(WireError) -> Response {
        try apiKey.check(version, "\(apiKey.name)Response")
        var response = Response(apiKey)
        var reader = WireReader(buffer, version: version, isFlexible: apiKey.isFlexible(version), limits: limits)
        response.wire(&reader)
        buffer = try reader.finish("\(apiKey.name)Response")
        return response
    }

    /// Appends the reply's body. On an error the buffer is as it was.
    ///
    /// - Parameter omitTags: leave every tag section empty, for librdkafka 2.0.2, which misreads those of
    ///   ApiVersions v3 and Metadata v9.
    package consuming func encode(
        version: Int16, into buffer: inout ByteBuffer, omitTags: Bool = false
    ) throws(WireError) {
        _ = try encode(version: version, into: &buffer, omitTags: omitTags, cutFrom: .max)
    }

    /// Leaves records of `cutFrom` bytes or more out and says where they belong.
    consuming func encode(
        version: Int16, into buffer: inout ByteBuffer, omitTags: Bool, cutFrom: Int
    ) throws(WireError) -> [WireWriter.Cut] {
        let apiKey = apiKey
        try apiKey.check(version, "\(apiKey.name)Response")
        var writer = WireWriter(
            taking: &buffer, version: version, isFlexible: apiKey.isFlexible(version), omitTags: omitTags,
            cutFrom: cutFrom)
        wire(&writer)
        return try writer.finish("\(apiKey.name)Response", givingBack: &buffer)
    }
}

extension APIKey {
    fileprivate func check(_ version: Int16, _ message: @autoclosure () -> String) throws(WireError) {
        guard !versions.contains(version) else { return }
        throw WireError(
            message: message(), version: version, field: "", offset: 0,
            reason: .unsupportedVersion(version, supported: versions))
    }
}
