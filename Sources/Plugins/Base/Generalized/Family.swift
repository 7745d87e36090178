import BaseValues
import Diagnostics
import Glibc
import ModelValues
import RRuntime

/// The distribution of a response and its link.
struct Family {
    /// What the responses are.
    enum Kind: String, CaseIterable {
        case gaussian, binomial, poisson
        case gamma = "Gamma"
        case inverseGaussian = "inverse.gaussian"
        case quasibinomial, quasipoisson

        /// The links R has for it, its own first.
        var links: [Link] {
            switch self {
            case .gaussian: [.identity, .log, .inverse]
            case .binomial, .quasibinomial: [.logit, .probit, .cloglog, .cauchit, .log]
            case .poisson, .quasipoisson: [.log, .identity, .sqrt]
            case .gamma: [.inverse, .log, .identity]
            case .inverseGaussian: [.inverseSquare, .inverse, .identity, .log]
            }
        }

        var isBinomial: Bool { self == .binomial || self == .quasibinomial }
        var isPoisson: Bool { self == .poisson || self == .quasipoisson }
        /// The dispersion is 1 and not estimated.
        var hasFixedDispersion: Bool { self == .binomial || self == .poisson }
        /// The dispersion counts as a parameter.
        var estimatesDispersion: Bool { self == .gaussian || self == .gamma || self == .inverseGaussian }
    }

    let kind: Kind
    let link: Link

    /// Variance of a response of mean `mu`, up to the dispersion.
    func variance(_ mu: Double) -> Double {
        switch kind {
        case .gaussian: 1
        case .binomial, .quasibinomial: mu * (1 - mu)
        case .poisson, .quasipoisson: mu
        case .gamma: mu * mu
        case .inverseGaussian: mu * mu * mu
        }
    }

    /// What one response adds to the deviance.
    func deviance(_ y: Double, _ mu: Double, _ weight: Double) -> Double {
        func part(_ y: Double, _ mu: Double) -> Double { y == 0 ? 0 : y * log(y / mu) }
        switch kind {
        case .gaussian: return weight * (y - mu) * (y - mu)
        case .binomial, .quasibinomial: return 2 * weight * (part(y, mu) + part(1 - y, 1 - mu))
        case .poisson, .quasipoisson:
            return 2 * (y > 0 ? weight * (y * log(y / mu) - (y - mu)) : mu * weight)
        case .gamma: return -2 * weight * (log(y == 0 ? 1 : y / mu) - (y - mu) / mu)
        case .inverseGaussian: return weight * (y - mu) * (y - mu) / (y * mu * mu)
        }
    }

    /// Sum of the deviances.
    func deviance(_ y: [Double], _ mu: [Double], _ weights: [Double]) -> Double {
        y.indices.reduce(0) { $0 + deviance(y[$1], mu[$1], weights[$1]) }
    }

    /// Whether means are in the range of the responses.
    func isValid(_ mu: [Double]) -> Bool {
        switch kind {
        case .gaussian: true
        case .binomial, .quasibinomial: mu.allSatisfy { $0.isFinite && $0 > 0 && $0 < 1 }
        default: mu.allSatisfy { $0.isFinite && $0 > 0 }
        }
    }

    /// −2 log-likelihood, and 2 where the dispersion is estimated; NA for the quasi families.
    /// - Parameter trials: Numbers of trials behind each response, for binomial ones.
    func criterion(
        _ y: [Double], _ mu: [Double], _ weights: [Double], trials: [Double], deviance: Double, _ context: Context
    ) throws -> Double {
        let r = RCalls(context)
        func logs(_ name: String, _ values: [Double]...) throws -> [Double] {
            try context.call(name, values.map { Argument(.numbers($0)) } + [Argument(true, name: "log")]).asDoubles()
                .elements
        }
        switch kind {
        case .gaussian:
            let n = Double(y.count)
            return n * (log(2 * .pi * deviance / n) + 1) + 2 - weights.reduce(0) { $0 + log($1) }
        case .binomial:
            let sizes = trials.contains { $0 > 1 } ? trials : weights
            let counts = try r.round(zip(sizes, y).map { $0 * $1 }, 0)
            let likelihoods = try logs("dbinom", counts, try r.round(sizes, 0), mu)
            return -2
                * y.indices.reduce(0) {
                    $0 + (sizes[$1] > 0 ? weights[$1] / sizes[$1] * likelihoods[$1] : 0)
                }
        case .poisson:
            return -2 * zip(try logs("dpois", y, mu), weights).reduce(0) { $0 + $1.0 * $1.1 }
        case .gamma:
            let dispersion = deviance / weights.reduce(0, +)
            let density = try context.call(
                "dgamma",
                [
                    Argument(.numbers(y)), Argument(.number(1 / dispersion)),
                    Argument(.numbers(mu.map { $0 * dispersion }), name: "scale"), Argument(true, name: "log"),
                ]
            ).asDoubles().elements
            return -2 * zip(density, weights).reduce(0) { $0 + $1.0 * $1.1 } + 2
        case .inverseGaussian:
            let total = weights.reduce(0, +)
            return total * (log(deviance / total * 2 * .pi) + 1) + 3
                * zip(y, weights).reduce(0) { $0 + log($1.0) * $1.1 } + 2
        case .quasibinomial, .quasipoisson: return .na
        }
    }

    /// Reads `binomial`, `binomial()`, `"binomial"`.
    init(_ value: Value, _ context: Context) throws {
        var value = value
        if case .character(let name) = value, name.count == 1 {
            value = try context.matchFunction(value, environment: context.globalEnvironment)
        }
        if value.isFunction { value = try context.call(value, []) }
        guard value.inherits("family"), case .character(let name)? = value.field("family"),
            case .character(let link)? = value.field("link"), let kindName = name.elements.first??.string,
            let linkName = link.elements.first??.string
        else {
            guard value.isAtomic, case .call(let field)? = try context.parse("family$family").first else {
                throw WorkbenchError(.value, "'family' not recognized")
            }
            throw try context.raise(
                WorkbenchError(
                    .type, "$ operator is invalid for atomic vectors", hint: "family = binomial, for example"),
                call: Call(field.function, field.arguments, span: context.currentCall?.span))
        }
        guard let kind = Kind(rawValue: kindName), let known = Link(rawValue: linkName) else {
            throw WorkbenchError(
                .unsupported, "family \(kindName) with link \(linkName) is not supported",
                hint: "families: " + Kind.allCases.map { $0.rawValue }.joined(separator: ", "))
        }
        self.init(kind: kind, link: known)
    }

    init(kind: Kind, link: Link) {
        self.kind = kind
        self.link = link
    }
}
