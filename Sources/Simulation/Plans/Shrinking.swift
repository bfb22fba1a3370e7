/// Makes a list that fails smaller, for as long as it still fails.
///
/// Leaves out ever smaller runs of items (delta debugging: Zeller and Hildebrandt, 2002), so that of a hundred items
/// the few that matter are found in some dozens of tries. What is left fails, and no single item of it can be left out,
/// unless `tries` ran out before.
///
/// - Parameters:
///   - tries: How often `fails` may be asked; what it asked for is taken off.
///   - fails: Whether such a list still fails. It is never asked about the whole list.
public func shrink<Item>(_ items: [Item], tries: inout Int, while fails: ([Item]) -> Bool) -> [Item] {
    var items = items
    guard !items.isEmpty, tries > 0 else { return items }
    tries -= 1
    if fails([]) { return [] }
    var size = max(1, items.count / 2)
    while true {
        var start = 0
        var hasShrunk = false
        while start < items.count, items.count > 1 {
            var candidate = items
            candidate.removeSubrange(start..<min(start + size, items.count))
            guard !candidate.isEmpty, candidate.count < items.count else { break }
            guard tries > 0 else { return items }
            tries -= 1
            if fails(candidate) {
                items = candidate
                hasShrunk = true
            } else {
                start += size
            }
        }
        if size == 1 && !hasShrunk { return items }
        if size > 1 { size = max(1, size / 2) }
    }
}
