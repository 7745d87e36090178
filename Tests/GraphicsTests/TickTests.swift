import PluginAPI
import Testing

@testable import GraphicDevices

/// Limits of an axis, whether it is logarithmic, and the labels R's `axis` draws (`axTicks`, formatted together).
private let recorded: [(from: Double, to: Double, log: Bool, labels: [String])] = [
    (0, 1, false, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    (-0.04, 1.04, false, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    (0.64, 10.36, false, ["2", "4", "6", "8", "10"]), (-3.1, 97, false, ["0", "20", "40", "60", "80"]),
    (1.05, 2.37, false, ["1.2", "1.4", "1.6", "1.8", "2.0", "2.2"]),
    (0, 100_000, false, ["0e+00", "2e+04", "4e+04", "6e+04", "8e+04", "1e+05"]),
    (10, 0, false, ["0", "2", "4", "6", "8", "10"]),
    (1e-7, 1e-1, true, ["1e-07", "1e-06", "1e-05", "1e-04", "1e-03", "1e-02", "1e-01"]),
    (1, 1000, true, ["1", "5", "10", "50", "100", "500", "1000"]),
    (1, 100, true, ["1", "2", "5", "10", "20", "50", "100"]),
    (2, 8, true, ["2", "3", "4", "5", "6", "7", "8"]),
]

@Suite struct TickTests {
    @Test func asRChoosesThem() {
        for (from, to, log, labels) in recorded {
            let ticks = Ticks(Axis.Limits(from, to), log ? .log10 : .linear)
            #expect(ticks.labels == labels, "\(from) … \(to)")
        }
    }

    @Test func nothingBreaksThem() {
        for limits in [
            (Double.nan, 1.0), (0, .infinity), (1, 1), (-1, 1e308), (1e-320, 2e-320), (1, 1 + 1e-16), (-5, 0),
            (-1e308, 1e308), (1e300, 1e307),
        ] {
            for scale in [Axis.Scale.linear, .log10] {
                let ticks = Ticks(Axis.Limits(limits.0, limits.1), scale)
                #expect(ticks.values.count == ticks.labels.count && ticks.values.count < 1000)
            }
        }
    }
}
