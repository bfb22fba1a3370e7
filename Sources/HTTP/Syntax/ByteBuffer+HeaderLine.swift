import NIOCore

extension ByteBuffer {
    /// Writes `name: value` and a line end, in one write where four would each look for room. Neither is checked.
    mutating func writeHeaderLine(_ name: String, _ value: String) {
        var name = name
        var value = value
        name.withUTF8 { name in
            value.withUTF8 { value in
                let count = name.count + value.count + 4
                unsafe writeWithUnsafeMutableBytes(minimumWritableBytes: count) { line in
                    let colon = name.count
                    let end = colon + 2 + value.count
                    unsafe UnsafeMutableRawBufferPointer(rebasing: line[..<colon]).copyMemory(from: .init(name))
                    unsafe line[colon] = UInt8(ascii: ":")
                    unsafe line[colon + 1] = UInt8(ascii: " ")
                    unsafe UnsafeMutableRawBufferPointer(rebasing: line[(colon + 2)..<end])
                        .copyMemory(from: .init(value))
                    unsafe line[end] = UInt8(ascii: "\r")
                    unsafe line[end + 1] = UInt8(ascii: "\n")
                    return count
                }
            }
        }
    }
}
