/// Why bytes are no HTTP message that this project takes.
enum MessageError: Error, Equatable, CustomStringConvertible {
    /// What is wrong with them.
    case malformed(String)
    /// The head is longer than the limits, or has more fields.
    case headTooLarge
    /// Neither HTTP/1.0 nor HTTP/1.1.
    case version

    var description: String {
        switch self {
        case .malformed(let what): what
        case .headTooLarge: "the first line or the headers are too long or too many"
        case .version: "only HTTP/1.0 and 1.1 are spoken"
        }
    }
}
