/// Values by key, made to be changed often: most changes are of the key that was changed last, as events come by
/// partition and calls go to few functions, and that one is not looked up.
struct Tally<Key: Hashable, Value> {
    private(set) var entries: [(key: Key, value: Value)] = []
    private var places: [Key: Int] = [:]
    private var last = 0

    /// - Parameter initial: The value of a key that comes for the first time.
    mutating func change(_ key: Key, from initial: @autoclosure () -> Value, _ change: (inout Value) -> Void) {
        if last >= entries.count || entries[last].key != key {
            if let place = places[key] {
                last = place
            } else {
                last = entries.count
                places[key] = last
                entries.append((key, initial()))
            }
        }
        change(&entries[last].value)
    }

    mutating func removeAll(where isGone: (Key) -> Bool) {
        entries.removeAll { isGone($0.key) }
        places = Dictionary(uniqueKeysWithValues: entries.indices.map { (entries[$0].key, $0) })
        last = 0
    }
}
