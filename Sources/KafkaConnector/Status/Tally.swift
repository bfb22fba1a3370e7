/// Values by key, made to be changed often: most changes are of the key that was changed last, as events come by
/// partition and calls go to few functions, and that one is not looked up.
struct Tally<Key: Hashable, Value> {
    // Side by side, so that to look at a key copies no value.
    private var keys: [Key] = []
    private var values: [Value] = []
    private var places: [Key: Int] = [:]
    private var last = 0

    var count: Int { keys.count }
    /// In the order in which the keys came.
    var entries: [(key: Key, value: Value)] { zip(keys, values).map { ($0, $1) } }

    /// - Parameter initial: The value of a key that comes for the first time.
    mutating func change(_ key: Key, from initial: @autoclosure () -> Value, _ change: (inout Value) -> Void) {
        if last >= keys.count || keys[last] != key {
            if let place = places[key] {
                last = place
            } else {
                last = keys.count
                places[key] = last
                keys.append(key)
                values.append(initial())
            }
        }
        change(&values[last])
    }

    mutating func removeAll(where isGone: (Key) -> Bool) {
        let kept = entries.filter { !isGone($0.key) }
        keys = kept.map(\.key)
        values = kept.map(\.value)
        places = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
        last = 0
    }
}
