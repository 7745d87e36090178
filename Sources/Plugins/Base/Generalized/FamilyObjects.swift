import BaseValues
import Diagnostics
import ModelValues
import RRuntime

/// `binomial()` and its like, `make.link()`, `family()`, and the functions in the objects they return.
func registerFamilies(_ stats: Namespace) {
    let functions = FamilyFunctions(stats)
    for kind in Family.Kind.allCases {
        let own = kind.links[0].rawValue
        stats.function(
            kind.rawValue, [.promise("link", help: kind.links.map { $0.rawValue }.joined(separator: ", "))],
            help: "The \(kind.rawValue) family of a generalized linear model; link \(own) if none is named"
        ) { args in
            let link = try linkName(args, own)
            return functions.object(Family(kind: kind, link: try Link(named: link, args)))
        }
    }
    stats.function("make.link", [.value("link")], help: "The functions of a link") { args in
        let name = try args.string("link")
        guard let link = Link(rawValue: name) else {
            throw WorkbenchError(
                .value, "‘\(name)’ link not recognised",
                hint: "links: " + Link.allCases.map { $0.rawValue }.joined(separator: ", "))
        }
        return Value.named(functions.parts(of: link) + [("name", .string(name))]).withClass("link-glm")
    }
    stats.function("family", [.value("object"), .dots], help: "The family of a fit", dispatch: .generic) { args in
        let object = try args.required("object")
        if object.inherits("family") { return object }
        if let family = object.field("family") { return family }
        if object.inherits("lm") { return functions.object(Family(kind: .gaussian, link: .identity)) }
        throw try args.noMethod(object)
    }
    stats.method("print", for: "family", [.value("x"), .dots], visible: false) { args in
        let name = try args[0].field("family")?.asCharacters().elements.first??.string ?? ""
        let link = try args[0].field("link")?.asCharacters().elements.first??.string ?? ""
        args.context.console.write("\nFamily: \(name) \nLink function: \(link) \n\n")
        return args[0]
    }
}

/// `link = "probit"`, `link = probit`, or an object of `make.link()`.
private func linkName(_ args: Arguments, _ own: String) throws -> String {
    guard args.has("link") else { return own }
    if case .symbol(let symbol) = args.expression("link"), Link(rawValue: symbol.name) != nil { return symbol.name }
    let value = try args.forced("link")
    if value.inherits("link-glm"), let name = value.field("name") {
        return try name.asCharacters().elements.first??.string ?? own
    }
    guard case .character(let text) = value, text.count == 1, let name = text[0] else {
        throw WorkbenchError(.value, "invalid argument; must be a link name")
    }
    return name.string
}

/// The functions that lie in family objects, made once under names of their own, by which saved sessions and files find them.
private struct FamilyFunctions {
    private var ofLinks: [Link: [(String, Value)]] = [:]
    private var ofKinds: [Family.Kind: [(String, Value)]] = [:]

    init(_ stats: Namespace) {
        func inner(_ name: String, _ parameters: [Parameter], _ body: @escaping Builtin.Implementation) -> Value {
            .builtin(stats.function(name, parameters, help: "A function of a family of glm()", body))
        }
        func elementwise(_ x: Value, _ f: (Double) -> Double) throws -> Value {
            .double(Vector(try x.asDoubles().elements.map(f), x.attributes))
        }
        for link in Link.allCases {
            let name = ".link.\(link.rawValue)."
            ofLinks[link] = [
                (
                    "linkfun",
                    inner(name + "linkfun", [.value("mu")]) { try elementwise($0.required("mu"), link.predictor) }
                ),
                (
                    "linkinv",
                    inner(name + "linkinv", [.value("eta")]) { try elementwise($0.required("eta"), link.mean) }
                ),
                ("mu.eta", inner(name + "mu.eta", [.value("eta")]) { try elementwise($0.required("eta"), link.slope) }),
                (
                    "valideta",
                    inner(name + "valideta", [.value("eta")]) {
                        .flag(link.isValid(try $0.required("eta").asDoubles().elements))
                    }
                ),
            ]
        }
        for kind in Family.Kind.allCases {
            let family = Family(kind: kind, link: kind.links[0])
            let name = ".family.\(kind.rawValue)."
            ofKinds[kind] = [
                (
                    "variance",
                    inner(name + "variance", [.value("mu")]) { try elementwise($0.required("mu"), family.variance) }
                ),
                (
                    "dev.resids",
                    inner(name + "dev.resids", [.value("y"), .value("mu"), .value("wt")]) { args in
                        let y = try args.required("y").asDoubles().elements
                        let mu = try args.required("mu").asDoubles().elements
                        let weights = try args.required("wt").asDoubles().elements
                        guard !y.isEmpty, !mu.isEmpty, !weights.isEmpty else { return .numbers([]) }
                        return .numbers(
                            y.indices.map { family.deviance(y[$0], mu[$0 % mu.count], weights[$0 % weights.count]) })
                    }
                ),
                (
                    "aic",
                    inner(name + "aic", [.value("y"), .value("n"), .value("mu"), .value("wt"), .value("dev")]) { args in
                        let y = try args.required("y").asDoubles().elements
                        func column(_ name: String) throws -> [Double] {
                            let given = try args.required(name).asDoubles().elements
                            guard !given.isEmpty else { throw args.invalid(name) }
                            return y.indices.map { given[$0 % given.count] }
                        }
                        let dev = args.has("dev") ? try args.number("dev") : .nan
                        return .number(
                            try family.criterion(
                                y, try column("mu"), try column("wt"), trials: try column("n"), deviance: dev,
                                args.context))
                    }
                ),
                (
                    "validmu",
                    inner(name + "validmu", [.value("mu")]) {
                        .flag(family.isValid(try $0.required("mu").asDoubles().elements))
                    }
                ),
            ]
        }
    }

    func parts(of link: Link) -> [(String, Value)] { ofLinks[link] ?? [] }

    /// R's list of class "family".
    func object(_ family: Family) -> Value {
        var fields: [String: Value] = [:]
        for (name, value) in parts(of: family.link) + (ofKinds[family.kind] ?? []) { fields[name] = value }
        fields["family"] = .string(family.kind.rawValue)
        fields["link"] = .string(family.link.rawValue)
        let order = [
            "family", "link", "linkfun", "linkinv", "variance", "dev.resids", "aic", "mu.eta", "validmu", "valideta",
        ]
        return Value.named(order.compactMap { name in fields[name].map { (name, $0) } }).withClass("family")
    }
}
