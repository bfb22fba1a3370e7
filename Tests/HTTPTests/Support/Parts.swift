extension StringProtocol {
    /// What stands between the occurrences of `separator`, empty parts included.
    func parts(_ separator: String) -> [SubSequence] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}
