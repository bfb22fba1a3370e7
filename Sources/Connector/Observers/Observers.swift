/// Passes every step on to several observers, in order.
public struct Observers: ConnectorObserver {
    private let observers: [any ConnectorObserver]

    public init(_ observers: [any ConnectorObserver]) { self.observers = observers }

    public func connector(did step: ConnectorStep) {
        for observer in observers { observer.connector(did: step) }
    }
}
