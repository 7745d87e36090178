import PluginAPI

/// Colours between given ones, in equal steps.
package func ramp(_ anchors: [Color], _ count: Int) -> [Color] {
    steps(0, Double(anchors.count - 1), count).map { position in
        let low = min(Int(position), anchors.count - 1)
        let (a, b) = (anchors[low], anchors[min(low + 1, anchors.count - 1)])
        let t = position - Double(low)
        func between(_ from: UInt8, _ to: UInt8) -> UInt8 {
            UInt8(min(max((Double(from) + (Double(to) - Double(from)) * t).rounded(.down), 0), 255))
        }
        return Color(
            between(a.red, b.red), between(a.green, b.green), between(a.blue, b.blue), between(a.alpha, b.alpha))
    }
}
