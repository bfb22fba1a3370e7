/// What comes and goes, each in a place of its own until it is taken out: cheaper than a table of numbers.
struct Slots<Element> {
    private var elements: [Element?] = []
    private var free: [Int] = []

    init() {}

    /// In the order of their places, which means nothing.
    var all: [Element] { elements.compactMap(\.self) }

    /// Where it is, until it is removed.
    mutating func insert(_ element: Element) -> Int {
        guard let slot = free.popLast() else {
            elements.append(element)
            return elements.count - 1
        }
        elements[slot] = element
        return slot
    }

    mutating func remove(_ slot: Int) {
        elements[slot] = nil
        free.append(slot)
    }

    /// No place that was given out means anything any more.
    mutating func removeAll() { self = Self() }
}
