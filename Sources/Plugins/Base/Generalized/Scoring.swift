import BaseValues
import Diagnostics
import Glibc
import ModelValues
import RRuntime

/// How long and how exactly is iterated: `glm.control()`.
struct ScoringControl {
    var tolerance = 1e-8
    var limit = 25
    var traces = false

    /// Reads a list.
    init(_ value: Value) throws {
        guard case .list(let list) = value else { return }
        for (name, element) in zip(value.nameStrings, list.elements) {
            let number = try element.asDoubles().elements.first ?? .nan
            switch name {
            case "epsilon":
                guard number > 0 else { throw WorkbenchError(.value, "value of 'epsilon' must be > 0") }
                tolerance = number
            case "maxit":
                guard number > 0, let whole = Int(exactly: number.rounded(.down)) else {
                    throw WorkbenchError(.value, "maximum number of iterations must be > 0")
                }
                limit = whole
            case "trace": traces = number != 0 && !number.isNaN
            default: throw WorkbenchError(.value, "unused argument (\(name))")
            }
        }
    }

    var asValue: Value {
        .named([("epsilon", .number(tolerance)), ("maxit", .number(Double(limit))), ("trace", .flag(traces))])
    }
}

/// Responses of a generalized linear model: means in [0, 1] with numbers of trials for binomial ones.
struct Responses {
    var y: [Double]
    var weights: [Double]
    var trials: [Double]
    /// Means to begin with.
    var start: [Double]

    /// Reads the left side of the formula.
    /// - Throws: R's errors for values that a family does not have.
    init(_ value: Value, weights given: [Double]?, _ family: Family, _ context: Context) throws {
        let name = family.kind.rawValue
        // R runs these checks as a piece of code that the family brings with it.
        func refused(_ message: String) throws -> any Error {
            let code = try context.parse("eval(family$initialize)")
            guard case .call(let call)? = code.first else { return WorkbenchError(.value, message) }
            return try context.raise(
                WorkbenchError(.value, message),
                call: Call(call.function, call.arguments, span: context.currentCall?.span))
        }
        if family.kind.isBinomial, let dim = value.dim, dim.count == 2 {
            guard dim[1] == 2 else {
                throw WorkbenchError(
                    .value,
                    "for the '\(name)' family, y must be a vector of 0 and 1's\nor a 2 column matrix where col 1 is no. successes and col 2 is no. failures"
                )
            }
            let all = try value.asDoubles().elements
            let n = dim[0]
            trials = (0..<n).map { all[$0] + all[$0 + n] }
            y = (0..<n).map { all[$0] / (all[$0] + all[$0 + n]) }
            for row in 0..<n where trials[row] == 0 { y[row] = 0 }
            let prior = given ?? [Double](repeating: 1, count: n)
            weights = zip(prior, trials).map { $0 * $1 }
            let counts = trials
            let shares = y
            start = (0..<n).map { (counts[$0] * shares[$0] + 0.5) / (counts[$0] + 1) }
            if all.contains(where: { abs($0 - $0.rounded()) > 1e-3 }), family.kind == .binomial {
                try context.warn("non-integer counts in a binomial glm!")
            }
            return
        }
        guard value.dim.map({ $0.count < 2 || $0[1] == 1 }) ?? true else {
            throw WorkbenchError(.unsupported, "models with several responses are not supported")
        }
        if value.isFactor, family.kind.isBinomial {
            y = try value.asIntegers().elements.map { $0 == 1 ? 0 : 1 }
        } else {
            guard value.isNumeric || value.typeName == "logical", !value.isFactor else {
                throw WorkbenchError(.value, family.kind.isBinomial ? "y values must be 0 <= y <= 1" : "invalid 'y'")
            }
            y = try value.asDoubles().elements
        }
        weights = given ?? [Double](repeating: 1, count: y.count)
        trials = [Double](repeating: 1, count: y.count)
        let (shares, prior) = (y, weights)
        switch family.kind {
        case .binomial, .quasibinomial:
            guard shares.allSatisfy({ $0 >= 0 && $0 <= 1 }) else {
                throw try refused("y values must be 0 <= y <= 1")
            }
            start = shares.indices.map { (prior[$0] * shares[$0] + 0.5) / (prior[$0] + 1) }
            if family.kind == .binomial,
                shares.indices.contains(where: {
                    abs(prior[$0] * shares[$0] - (prior[$0] * shares[$0]).rounded()) > 1e-3
                })
            {
                try context.warn("non-integer #successes in a binomial glm!")
            }
        case .poisson, .quasipoisson:
            guard shares.allSatisfy({ $0 >= 0 }) else {
                let shown = family.kind == .poisson ? "Poisson" : "quasiPoisson"
                throw try refused("negative values not allowed for the '\(shown)' family")
            }
            start = shares.map { $0 + 0.1 }
        case .gamma:
            guard shares.allSatisfy({ $0 > 0 }) else {
                throw try refused("non-positive values not allowed for the 'Gamma' family")
            }
            start = shares
        case .inverseGaussian:
            guard shares.allSatisfy({ $0 > 0 }) else {
                throw try refused("positive values only are allowed for the 'inverse.gaussian' family")
            }
            start = shares
        case .gaussian:
            if (family.link == .inverse && shares.contains(0)) || (family.link == .log && shares.contains { $0 <= 0 }) {
                throw try refused("cannot find valid starting values: please specify some")
            }
            start = shares
        }
    }
}

/// Fisher scoring: repeated weighted least squares (McCullagh & Nelder, Generalized Linear Models, 1989, 2.5).
struct Scoring {
    var coefficients: [Double] = []
    var eta: [Double]
    var mu: [Double]
    var deviance: Double
    /// Weights of the last least-squares fit.
    var working: [Double] = []
    var effects: [Double] = []
    var squares: LeastSquares
    var iterations = 0
    var converged = false
    var boundary = false

    init(
        columns: [[Double]], _ responses: Responses, offset: [Double], _ family: Family, _ control: ScoringControl,
        start: [Double]? = nil, eta given: [Double]? = nil, _ context: Context
    ) throws {
        let y = responses.y, prior = responses.weights
        let link = family.link
        func predictor(_ beta: [Double]) -> [Double] {
            y.indices.map { row in
                columns.indices.reduce(offset[row]) { sum, k in
                    beta[k].isNaN ? sum : sum + columns[k][row] * beta[k]
                }
            }
        }
        eta = given ?? start.map(predictor) ?? responses.start.map(link.predictor)
        mu = eta.map(link.mean)
        guard family.isValid(mu), link.isValid(eta) else {
            throw WorkbenchError(.value, "cannot find valid starting values: please specify some")
        }
        deviance = family.deviance(y, mu, prior)
        squares = LeastSquares(columns: [], qraux: [], pivot: [], rank: 0, rows: y.count)
        guard !columns.isEmpty else {
            eta = offset
            mu = eta.map(link.mean)
            guard family.isValid(mu), link.isValid(eta) else {
                throw WorkbenchError(.value, "invalid fitted means in empty model")
            }
            deviance = family.deviance(y, mu, prior)
            working = y.indices.map { row in
                let slope = link.slope(eta[row])
                return prior[row] * slope * slope / family.variance(mu[row])
            }
            converged = true
            return
        }
        var before = deviance
        var previous = start
        for round in 1...max(1, control.limit) {
            try context.pollInterrupt()
            iterations = round
            let slopes = eta.map(link.slope)
            for row in y.indices where prior[row] > 0 {
                let variance = family.variance(mu[row])
                if variance.isNaN { throw WorkbenchError(.value, "NAs in V(mu)") }
                if variance == 0 { throw WorkbenchError(.value, "0s in V(mu)") }
                if slopes[row].isNaN { throw WorkbenchError(.value, "NAs in d(mu)/d(eta)") }
            }
            let good = y.indices.filter { prior[$0] > 0 && slopes[$0] != 0 }
            guard !good.isEmpty else {
                try context.warn("no observations informative at iteration \(round)")
                break
            }
            working = [Double](repeating: 0, count: y.count)
            var roots: [Double] = [], targets: [Double] = []
            for row in good {
                let slope = slopes[row]
                let root = (prior[row] * (slope * slope) / family.variance(mu[row])).squareRoot()
                working[row] = root * root
                roots.append(root)
                targets.append(((eta[row] - offset[row]) + (y[row] - mu[row]) / slope) * root)
            }
            let scaled = columns.map { column in zip(good, roots).map { column[$0] * $1 } }
            squares = try LeastSquares(scaled, rows: good.count, tolerance: min(1e-7, control.tolerance / 1000)) {
                try context.pollInterrupt()
            }
            if good.count < squares.rank {
                throw WorkbenchError(
                    .value, "X matrix has rank \(squares.rank), but only \(good.count) observations")
            }
            effects = squares.effects(targets)
            var beta = [Double](repeating: .nan, count: columns.count)
            for (place, value) in zip(squares.pivot, squares.solution(effects)) { beta[place] = value }
            guard squares.pivot.prefix(squares.rank).allSatisfy({ beta[$0].isFinite }) else {
                try context.warn("non-finite coefficients at iteration \(round)")
                break
            }
            func settle() {
                eta = predictor(beta)
                mu = eta.map(link.mean)
                deviance = family.deviance(y, mu, prior)
            }
            settle()
            if control.traces {
                context.console.write("Deviance = \(numberText(deviance, digits: 7)) Iterations - \(round)\n")
            }
            boundary = false
            func isOutside() -> Bool { !deviance.isFinite || !(link.isValid(eta) && family.isValid(mu)) }
            if isOutside() {
                guard let old = previous else {
                    throw WorkbenchError(
                        .value, "no valid set of coefficients has been found: please supply starting values")
                }
                try context.warn(
                    deviance.isFinite
                        ? "step size truncated: out of bounds" : "step size truncated due to divergence")
                var halvings = 1
                while isOutside() {
                    guard halvings <= control.limit else {
                        throw WorkbenchError(.value, "inner loop 1; cannot correct step size")
                    }
                    halvings += 1
                    for k in beta.indices { beta[k] = (beta[k] + old[k]) / 2 }
                    settle()
                }
                boundary = true
            }
            coefficients = beta
            if abs(deviance - before) / (abs(deviance) + 0.1) < control.tolerance {
                converged = true
                break
            }
            before = deviance
            previous = beta
        }
        try warn(family, context)
    }

    private func warn(_ family: Family, _ context: Context) throws {
        if !converged { try context.warn("glm.fit: algorithm did not converge") }
        if boundary { try context.warn("glm.fit: algorithm stopped at boundary value") }
        let near = 10 * Double.ulpOfOne
        if family.kind == .binomial, mu.contains(where: { $0 > 1 - near || $0 < near }) {
            try context.warn("glm.fit: fitted probabilities numerically 0 or 1 occurred")
        }
        if family.kind == .poisson, mu.contains(where: { $0 < near }) {
            try context.warn("glm.fit: fitted rates numerically 0 occurred")
        }
    }
}
