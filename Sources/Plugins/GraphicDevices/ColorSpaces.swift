import Glibc
import PluginAPI

/// A colour of hue, saturation and value, each 0 … 1.
package func hsv(_ hue: Double, _ saturation: Double, _ value: Double, _ alpha: Double = 1) -> Color {
    let position = 6 * hue.truncatingRemainder(dividingBy: 1)
    let sector = position.isFinite ? Int(position.rounded(.down)) : 0
    let fraction = position - Double(sector)
    let p = value * (1 - saturation)
    let q = value * (1 - saturation * fraction)
    let t = value * (1 - saturation * (1 - fraction))
    switch sector {
    case 0: return Color(red: value, green: t, blue: p, alpha: alpha)
    case 1: return Color(red: q, green: value, blue: p, alpha: alpha)
    case 2: return Color(red: p, green: value, blue: t, alpha: alpha)
    case 3: return Color(red: p, green: q, blue: value, alpha: alpha)
    case 4: return Color(red: t, green: p, blue: value, alpha: alpha)
    default: return Color(red: value, green: p, blue: q, alpha: alpha)
    }
}

/// A colour of hue (degrees), chroma and luminance: polar CIE L*u*v* with white point D65, moved into sRGB.
package func hcl(_ hue: Double, _ chroma: Double, _ luminance: Double, _ alpha: Double = 1) -> Color {
    guard luminance > 0 else { return Color(red: 0, green: 0, blue: 0, alpha: alpha) }
    let white = (y: 100.0, u: 0.1978398, v: 0.4683363)
    let angle = hue * .pi / 180
    let y = white.y * (luminance > 7.999592 ? pow((luminance + 16) / 116, 3) : luminance / 903.3)
    let u = chroma * cos(angle) / (13 * luminance) + white.u
    let v = chroma * sin(angle) / (13 * luminance) + white.v
    let x = 9 * y * u / (4 * v)
    let z = -x / 3 - 5 * y + 3 * y / v
    func gamma(_ linear: Double) -> Double {
        linear > 0.00304 ? 1.055 * pow(linear, 1 / 2.4) - 0.055 : 12.92 * linear
    }
    return Color(
        red: gamma((3.240479 * x - 1.537150 * y - 0.498535 * z) / white.y),
        green: gamma((-0.969256 * x + 1.875992 * y + 0.041556 * z) / white.y),
        blue: gamma((0.055648 * x - 0.204043 * y + 1.057311 * z) / white.y), alpha: alpha)
}

/// Equal steps from one number to another, both included.
package func steps(_ from: Double, _ to: Double, _ count: Int) -> [Double] {
    guard count > 1 else { return count == 1 ? [from] : [] }
    return (0..<count).map { from + (to - from) * Double($0) / Double(count - 1) }
}

/// The recipes behind `hcl.colors`: paths through hue, chroma and luminance.
package struct ColorPath {
    var hue: (Double, Double)
    /// First, last and, where there is a bend in the middle, largest chroma.
    var chroma: (Double, Double, Double?)
    var luminance: (Double, Double)
    /// Exponents of chroma and luminance.
    var power: (Double, Double)

    /// The paths by name, letters and digits only.
    package static let known: [String: ColorPath] = [
        "viridis": ColorPath(hue: (300, 75), chroma: (40, 95, nil), luminance: (15, 90), power: (1, 1.1)),
        "blues": ColorPath(hue: (260, 220), chroma: (45, 5, 70), luminance: (25, 98), power: (1.2, 1.3)),
        "grays": ColorPath(hue: (0, 0), chroma: (0, 0, nil), luminance: (10, 98), power: (1.3, 1.3)),
        "plasma": ColorPath(hue: (-100, 100), chroma: (60, 100, nil), luminance: (15, 95), power: (2, 0.9)),
        "inferno": ColorPath(hue: (-100, 85), chroma: (0, 65, nil), luminance: (1, 98), power: (1.1, 0.9)),
        "heat": ColorPath(hue: (0, 90), chroma: (80, 30, nil), luminance: (30, 95), power: (0.2, 2)),
    ]

    /// Colours along the path.
    package func colors(_ count: Int, alpha: Double) -> [Color] {
        steps(1, 0, count).map { i in
            let c: Double
            if let peak = chroma.2 {
                let middle = 1 / (1 + abs(peak - chroma.0) / abs(peak - chroma.1))
                let j = pow(i, power.0)
                c =
                    j < middle
                    ? chroma.1 - (chroma.1 - peak) * j / middle : peak - (peak - chroma.0) * (j - middle) / (1 - middle)
            } else {
                c = chroma.1 - (chroma.1 - chroma.0) * pow(i, power.0)
            }
            let l = luminance.1 - (luminance.1 - luminance.0) * pow(i, power.1)
            return hcl(hue.1 - (hue.1 - hue.0) * i, c, l, alpha)
        }
    }
}
