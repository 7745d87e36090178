/// An image in memory: 8 bits a channel, rows from the top, channels interleaved, no padding.
public struct DecodedImage: Sendable, Equatable {
    /// Rows.
    public let height: Int
    /// Columns.
    public let width: Int
    /// 1 gray, 2 gray and alpha, 3 red green blue, 4 with alpha.
    public let channels: Int
    /// `height * width * channels` bytes.
    public let bytes: [UInt8]
    /// Complaints of the decoder that left the pixels usable.
    public let warnings: Int

    /// Keeps pixels, or returns nil if the sizes and the number of bytes do not go together.
    public init?(height: Int, width: Int, channels: Int, bytes: [UInt8], warnings: Int = 0) {
        guard height > 0, width > 0, (1...4).contains(channels) else { return nil }
        let (area, tooTall) = height.multipliedReportingOverflow(by: width)
        let (count, tooLarge) = area.multipliedReportingOverflow(by: channels)
        guard !tooTall, !tooLarge, count == bytes.count else { return nil }
        self.height = height
        self.width = width
        self.channels = channels
        self.bytes = bytes
        self.warnings = warnings
    }

    /// One channel value, 0 … 255; 0 outside the image.
    public subscript(row: Int, column: Int, channel: Int) -> UInt8 {
        guard (0..<height).contains(row), (0..<width).contains(column), (0..<channels).contains(channel) else {
            return 0
        }
        return bytes[(row * width + column) * channels + channel]
    }
}
