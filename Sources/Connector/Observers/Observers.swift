/// Passes every step on to several observers, in order.
public struct Observers: ConnectorObserver {
    private let observers: [any ConnectorObserver]

    public init(_ observers: [any ConnectorObserver]) { self.observers = observers }

    public func connector(did step: ConnectorStep) {
        for index in observers.indices { observers[index].connector(did: step) }
    }
}
