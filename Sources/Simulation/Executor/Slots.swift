/// What comes and goes, each in a place of its own until it is taken out: cheaper than a table of numbers.
package struct Slots<Element> {
    private var elements: [Element?] = []
    private var free: [Int] = []

    package init() {}

    /// In the order of their places, which is nobody's.
    package var all: [Element] { elements.compactMap(\.self) }

    /// Where it is, until it is removed.
    package mutating func insert(_ element: Element) -> Int {
        guard let slot = free.popLast() else {
            elements.append(element)
            return elements.count - 1
        }
        elements[slot] = element
        return slot
    }

    /// Nothing, if it was removed before.
    package mutating func remove(_ slot: Int) {
        guard elements[slot].take() != nil else { return }
        free.append(slot)
    }

    /// No place that was given out means anything any more.
    package mutating func removeAll() { self = Self() }
}
