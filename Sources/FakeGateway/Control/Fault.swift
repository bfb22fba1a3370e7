/// What goes wrong with one request.
public enum Fault: Sendable {
    /// The gateway answers this, and the function does not run.
    case status(Int, text: String = "")
    /// Everything happens later.
    case delay(Duration)
    /// The connection ends without a reply, before the function ran.
    case dropBeforeRun
    /// The connection ends without a reply, after the function ran.
    case dropAfterRun
}
