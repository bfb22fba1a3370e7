internal import OrderedCollections

extension OrderedDictionary {
    /// Changes a value where it stands: the key's subscript takes it to the end and back, in case it is to be removed.
    mutating func change(_ key: Key, _ change: (inout Value) -> Void) {
        if let index = index(forKey: key) { change(&values[index]) }
    }
}
