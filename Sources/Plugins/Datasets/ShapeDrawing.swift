import Glibc
import Images

/// Random numbers of the embedded data: the same everywhere, for ever.
///
/// - Source: SplitMix64, Steele, Lea, Flood 2014.
struct ShapeRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func bits() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// Evenly between two numbers.
    mutating func number(_ low: Double, _ high: Double) -> Double {
        low + (high - low) * Double(bits() >> 11) * 0x1p-53
    }
}

/// What a picture of the embedded data shows.
enum Shape: Int, CaseIterable {
    case circle, square, triangle, cross, ring, star, diamond, stripes, checks, crescent

    /// The word of `words.txt`.
    var word: String {
        switch self {
        case .circle: "circle"
        case .square: "square"
        case .triangle: "triangle"
        case .cross: "cross"
        case .ring: "ring"
        case .star: "star"
        case .diamond: "diamond"
        case .stripes: "stripes"
        case .checks: "checkerboard"
        case .crescent: "crescent"
        }
    }

    /// Whether a point belongs to the shape; the shape fills about the unit circle.
    func contains(_ x: Double, _ y: Double) -> Bool {
        let r = (x * x + y * y).squareRoot()
        switch self {
        case .circle: return r < 0.9
        case .square: return max(abs(x), abs(y)) < 0.8
        case .triangle: return y > -0.6 && y < 1.1 - 1.9 * abs(x)
        case .cross: return min(abs(x), abs(y)) < 0.28 && max(abs(x), abs(y)) < 0.95
        case .ring: return r > 0.55 && r < 0.95
        case .star:
            let turn = (atan2(y, x) / (2 * .pi) * 5 + 100).truncatingRemainder(dividingBy: 1)
            return r < 0.4 + 0.6 * (1 - 2 * min(turn, 1 - turn)) * 0.95
        case .diamond: return abs(x) / 0.65 + abs(y) < 1
        case .stripes: return max(abs(x), abs(y)) < 0.9 && sin(y * 9) > 0
        case .checks: return max(abs(x), abs(y)) < 0.9 && sin(x * 7) * sin(y * 7) > 0
        case .crescent: return r < 0.95 && (x - 0.45) * (x - 0.45) + y * y > 0.55
        }
    }
}

/// One 64 × 64 picture of a class.
///
/// - Parameters:
///   - label: Number of the class from 0: the shape is `label % 10`; from 11 classes on the hue tells them apart.
///   - classes: Number of classes.
func shapePicture(label: Int, classes: Int, isGray: Bool, _ random: inout ShapeRandom) -> DecodedImage? {
    let side = 64
    let shape = Shape.allCases[label % Shape.allCases.count]
    let families = (classes + Shape.allCases.count - 1) / Shape.allCases.count
    let hue =
        families == 1
        ? random.number(0, 1)
        : (Double(label / Shape.allCases.count) + random.number(0.1, 0.9)) / Double(families)
    let front = color(hue: hue, random.number(0.55, 1), random.number(0.65, 1))
    let back = color(hue: random.number(0, 1), random.number(0, 0.35), random.number(0.1, 0.5))
    let (cx, cy) = (random.number(24, 40), random.number(24, 40))
    let size = random.number(14, 24)
    let turn = random.number(-0.4, 0.4)
    let (slopeX, slopeY) = (random.number(-0.3, 0.3), random.number(-0.3, 0.3))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(side * side * (isGray ? 1 : 3))
    for row in 0..<side {
        for column in 0..<side {
            // Four samples a pixel keep edges smooth.
            var share = 0.0
            for (dx, dy) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
                let x = (Double(column) + dx - cx) / size, y = (cy - Double(row) - dy) / size
                let u = x * cos(turn) - y * sin(turn), v = x * sin(turn) + y * cos(turn)
                if shape.contains(u, v) { share += 0.25 }
            }
            let light = (Double(column) - 32) / 64 * slopeX + (Double(row) - 32) / 64 * slopeY
            let noise = random.number(-0.04, 0.04)
            let mixed = (0..<3).map { share * front[$0] + (1 - share) * back[$0] + light + noise }
            func byte(_ value: Double) -> UInt8 { UInt8(min(max(value, 0), 1) * 255) }
            if isGray {
                bytes.append(byte(0.299 * mixed[0] + 0.587 * mixed[1] + 0.114 * mixed[2]))
            } else {
                for value in mixed { bytes.append(byte(value)) }
            }
        }
    }
    return DecodedImage(height: side, width: side, channels: isGray ? 1 : 3, bytes: bytes)
}

private func color(hue: Double, _ saturation: Double, _ value: Double) -> [Double] {
    [0.0, 1 / 3.0, 2 / 3.0].map { offset in
        let place = (hue - offset + 2).truncatingRemainder(dividingBy: 1)
        let distance = min(place, 1 - place) * 6
        let pure = min(max(2 - distance, 0), 1)
        return value * (1 - saturation * (1 - pure))
    }
}
