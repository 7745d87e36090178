import BaseValues
import Diagnostics
import Glibc
import ModelValues
import RRuntime

/// `bw.nrd0()`, `bw.nrd()`: rules of thumb for the width of a kernel (Silverman 1986, Scott 1992).
func registerBandwidths(_ stats: Namespace) {
    stats.function("bw.nrd0", [.value("x")], help: "Width of a kernel by Silverman's rule of thumb") { args in
        .number(try Bandwidth.silverman(try numbers(args), args.context))
    }
    stats.function("bw.nrd", [.value("x")], help: "Width of a kernel by Scott's rule") { args in
        .number(try Bandwidth.scott(try numbers(args), args.context))
    }
}

private func numbers(_ args: Arguments) throws -> [Double] {
    let x = try args.required("x")
    guard x.isNumeric || x.typeName == "logical" else { throw WorkbenchError(.type, "invalid 'x' argument") }
    return try x.asDoubles().elements
}

/// Rules for the width of a kernel.
enum Bandwidth {
    /// 0.9 min(sd, IQR / 1.34) n^(−1/5)
    static func silverman(_ x: [Double], _ context: Context) throws -> Double {
        guard x.count >= 2 else { throw WorkbenchError(.value, "need at least 2 data points") }
        let r = RCalls(context)
        let deviation = try r("sd", .numbers(x)).asDoubles()[0]
        let quartiles = try r("quantile", .numbers(x), .numbers([0.25, 0.75])).asDoubles().elements
        var width = min(deviation, (quartiles[1] - quartiles[0]) / 1.34)
        if width == 0 { width = deviation != 0 ? deviation : abs(x[0]) != 0 ? abs(x[0]) : 1 }
        return 0.9 * width * pow(Double(x.count), -0.2)
    }

    /// 1.06 min(sd, IQR / 1.34) n^(−1/5)
    static func scott(_ x: [Double], _ context: Context) throws -> Double {
        guard x.count >= 2 else { throw WorkbenchError(.value, "need at least 2 data points") }
        let r = RCalls(context)
        let deviation = try r("var", .numbers(x)).asDoubles()[0].squareRoot()
        let quartiles = try r("quantile", .numbers(x), .numbers([0.25, 0.75])).asDoubles().elements
        return 1.06 * min(deviation, (quartiles[1] - quartiles[0]) / 1.34) * pow(Double(x.count), -0.2)
    }
}
