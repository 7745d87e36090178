import Diagnostics
import Glibc
import ModelValues
import RRuntime

/// Between the mean of a response and the linear predictor.
enum Link: String, CaseIterable {
    case identity, log, logit, probit, cloglog, cauchit, inverse, sqrt
    case inverseSquare = "1/mu^2"

    /// The predictor of a mean.
    func predictor(_ mu: Double) -> Double {
        switch self {
        case .identity: mu
        case .log: Glibc.log(mu)
        case .logit: Glibc.log(mu / (1 - mu))
        case .probit: NormalDistribution.quantile(mu)
        case .cloglog: Glibc.log(-Glibc.log(1 - mu))
        case .cauchit: tan(.pi * (mu - 0.5))
        case .inverse: 1 / mu
        case .sqrt: mu.squareRoot()
        case .inverseSquare: 1 / (mu * mu)
        }
    }

    /// The mean of a predictor, kept off the ends of its range.
    func mean(_ eta: Double) -> Double {
        if eta.isNaN { return eta }
        let tiny = Double.ulpOfOne
        switch self {
        case .identity: return eta
        case .log: return max(exp(eta), tiny)
        case .logit:
            let odds = eta < -30 ? tiny : eta > 30 ? 1 / tiny : exp(eta)
            return odds / (1 + odds)
        case .probit:
            let limit = -NormalDistribution.quantile(tiny)
            return NormalDistribution.cumulative(min(max(eta, -limit), limit))
        case .cloglog: return max(min(-expm1(-exp(eta)), 1 - tiny), tiny)
        case .cauchit:
            let limit = -tan(.pi * (tiny - 0.5))
            return 0.5 + atan(min(max(eta, -limit), limit)) / .pi
        case .inverse: return 1 / eta
        case .sqrt: return eta * eta
        case .inverseSquare: return 1 / eta.squareRoot()
        }
    }

    /// How fast the mean grows with the predictor.
    func slope(_ eta: Double) -> Double {
        if eta.isNaN { return eta }
        let tiny = Double.ulpOfOne
        switch self {
        case .identity: return 1
        case .log: return max(exp(eta), tiny)
        case .logit:
            let odds = 1 + exp(eta)
            return abs(eta) > 30 ? tiny : exp(eta) / (odds * odds)
        case .probit: return max(NormalDistribution.density(eta), tiny)
        case .cloglog:
            let held = min(eta, 700)
            return max(exp(held) * exp(-exp(held)), tiny)
        case .cauchit: return max(1 / (.pi * (1 + eta * eta)), tiny)
        case .inverse: return -1 / (eta * eta)
        case .sqrt: return 2 * eta
        case .inverseSquare: return -1 / (2 * pow(eta, 1.5))
        }
    }

    /// Whether predictors are in its range.
    func isValid(_ eta: [Double]) -> Bool {
        switch self {
        case .inverse: eta.allSatisfy { $0.isFinite && $0 != 0 }
        case .sqrt, .inverseSquare: eta.allSatisfy { $0.isFinite && $0 > 0 }
        default: true
        }
    }

    /// The link of a name, or R's error.
    init(named name: String, _ args: Arguments) throws {
        guard let link = Link(rawValue: name) else {
            throw try args.context.raise(
                WorkbenchError(
                    .value, "‘\(name)’ link not recognised",
                    hint: "links: " + Link.allCases.map { $0.rawValue }.joined(separator: ", ")),
                call: Call("make.link", [.symbol(Symbol.named("link"))], span: args.call.span))
        }
        self = link
    }
}
