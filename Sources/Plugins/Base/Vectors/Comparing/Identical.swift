import RRuntime

func registerIdentical(_ base: Namespace) {
    base.function(
        "identical",
        [
            .value("x"), .value("y"), .value("num.eq", true), .value("single.NA", true), .value("attrib.as.set", true),
            .value("ignore.bytecode", true), .value("ignore.environment", false), .value("ignore.srcref", true),
            .value("extptr.as.ref", false),
        ], help: "Whether two objects are the same in every detail."
    ) { args in
        let rules = Sameness(
            numbersByValue: try args.flag("num.eq"), oneNA: try args.flag("single.NA"),
            attributesAsSet: try args.flag("attrib.as.set"), ignoresEnvironment: try args.flag("ignore.environment"))
        return .flag(rules.same(try args.required("x"), try args.required("y")))
    }
}

/// R's `identical`.
struct Sameness {
    var numbersByValue = true
    var oneNA = true
    var attributesAsSet = true
    var ignoresEnvironment = false

    func same(_ a: Value, _ b: Value) -> Bool {
        switch (a, b) {
        case (.null, .null), (.missing, .missing): return true
        case (.logical(let x), .logical(let y)): return x.elements == y.elements && attributes(a, b)
        case (.integer(let x), .integer(let y)): return x.elements == y.elements && attributes(a, b)
        case (.character(let x), .character(let y)): return x.elements == y.elements && attributes(a, b)
        case (.raw(let x), .raw(let y)): return x.elements == y.elements && attributes(a, b)
        case (.double(let x), .double(let y)):
            return x.count == y.count && zip(x.elements, y.elements).allSatisfy(number) && attributes(a, b)
        case (.complex(let x), .complex(let y)):
            return x.count == y.count
                && zip(x.elements, y.elements).allSatisfy {
                    number($0.real, $1.real) && number($0.imaginary, $1.imaginary)
                }
                && attributes(a, b)
        case (.list(let x), .list(let y)), (.expression(let x), .expression(let y)):
            return x.count == y.count && zip(x.elements, y.elements).allSatisfy(same) && attributes(a, b)
        case (.symbol(let x), .symbol(let y)): return x === y
        case (.call(let x), .call(let y)):
            if x === y { return true }
            return same(x.function, y.function) && arguments(x.arguments, y.arguments) && attributes(a, b)
        case (.closure(let x), .closure(let y)):
            if x === y { return true }
            return x.formals.names == y.formals.names
                && zip(x.formals.defaults, y.formals.defaults).allSatisfy(same) && same(x.body, y.body)
                && (ignoresEnvironment || x.environment === y.environment) && attributes(a, b)
        case (.builtin(let x), .builtin(let y)): return x === y
        case (.environment(let x), .environment(let y)): return x === y
        case (.object(let x), .object(let y)): return x === y
        case (.promise(let x), .promise(let y)): return x === y
        default: return false
        }
    }

    private func arguments(_ a: [Argument], _ b: [Argument]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { $0.name === $1.name && same($0.value, $1.value) }
    }

    private func number(_ a: Double, _ b: Double) -> Bool {
        if a.isNaN || b.isNaN {
            guard a.isNaN, b.isNaN else { return false }
            return oneNA ? a.isNA == b.isNA : a.bitPattern == b.bitPattern
        }
        return numbersByValue ? a == b : a.bitPattern == b.bitPattern
    }

    private func attributes(_ a: Value, _ b: Value) -> Bool {
        let x = (a.attributes?.entries ?? []).filter { $0.name !== Symbol.srcref }
        let y = (b.attributes?.entries ?? []).filter { $0.name !== Symbol.srcref }
        guard x.count == y.count else { return false }
        if attributesAsSet {
            return x.allSatisfy { entry in
                guard let other = b.attributes[entry.name] else { return false }
                return same(entry.value, other)
            }
        }
        return zip(x, y).allSatisfy { $0.name === $1.name && same($0.value, $1.value) }
    }
}
