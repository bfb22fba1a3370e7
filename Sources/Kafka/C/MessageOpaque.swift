/// The one pointer that librdkafka carries with each message and gives back with its delivery report.
///
/// It is either the address of a `PendingSend`, which is even, or a token shifted left, with the lowest bit set.
@safe struct MessageOpaque {
    let pointer: UnsafeMutableRawPointer?

    init(token: UInt) { unsafe pointer = UnsafeMutableRawPointer(bitPattern: token << 1 | 1) }

    /// Keeps the object alive until `takePending` takes it back, exactly once.
    init(_ pending: PendingSend) { unsafe pointer = Unmanaged.passRetained(pending).toOpaque() }

    init(givenBack pointer: UnsafeMutableRawPointer?) { unsafe self.pointer = pointer }

    var token: UInt { unsafe UInt(bitPattern: pointer) >> 1 }

    /// `nil` if it is a token.
    func takePending() -> PendingSend? {
        guard let pointer = unsafe pointer, UInt(bitPattern: pointer) & 1 == 0 else { return nil }
        return unsafe Unmanaged<PendingSend>.fromOpaque(pointer).takeRetainedValue()
    }
}

/// Someone who waits for the delivery report of one message.
final class PendingSend: Sendable {
    private let continuation: CheckedContinuation<SendOutcome, Never>

    init(_ continuation: CheckedContinuation<SendOutcome, Never>) { self.continuation = continuation }

    func finish(_ outcome: SendOutcome) { continuation.resume(returning: outcome) }
}

/// How one attempt to send ended.
enum SendOutcome: Sendable {
    case reported(DeliveryReport)
    case refused(KafkaError)
    case full
}
