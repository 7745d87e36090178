import Diagnostics
import PluginAPI

/// The names that a plug-in brings, against those that are there.
struct PluginNames {
    /// Name and the namespace it goes to.
    let names: [(namespace: String, name: String)]
    let title: String
    /// The plug-in's own namespace.
    let home: String

    /// The namespaces that have one of the names already, with the name.
    func taken(in context: Context) -> [(namespace: Namespace, symbol: Symbol)] {
        let registry = context.registry
        return names.flatMap { entry -> [(namespace: Namespace, symbol: Symbol)] in
            let symbol = Symbol.named(entry.name)
            return registry.namespaces.filter { $0.environment.local(symbol) != nil }.map { ($0, symbol) }
        }
    }

    /// - Throws: for names that are taken, the first three with their owners.
    func refuseIfTaken(in context: Context) throws {
        let taken = taken(in: context)
        guard !taken.isEmpty else { return }
        let shown = taken.prefix(3).map { place in
            let owner = context.registry.owner(of: place.symbol, in: place.namespace) ?? ""
            return "\(place.symbol.name) (\(place.namespace.name)::\(place.symbol.name) of the plug-in \(owner))"
        }
        let rest = taken.count - shown.count
        throw WorkbenchError(
            .plugin,
            "\(title): the name\(taken.count == 1 ? "" : "s") \(shown.joined(separator: ", "))\(rest > 0 ? " and \(rest) more" : "") \(taken.count == 1 ? "is" : "are") taken",
            hint: "library(\(home), override = TRUE) puts the plug-in's in their place")
    }

    /// Puts what the plug-in has in the place of what was there, in every namespace that has it.
    func replace(_ taken: [(namespace: Namespace, symbol: Symbol)], in context: Context) {
        guard let home = context.registry.existingNamespace(home) else { return }
        context.registry.registering(as: self.home) {
            for place in taken {
                if let value = home.environment.local(place.symbol), place.namespace !== home {
                    place.namespace.object(place.symbol.name, value, kind(place.symbol, context))
                }
                context.refresh(place.symbol, of: place.namespace)
                PluginSurroundings.of(context).refresh(place.symbol)
            }
        }
    }

    /// Brings what the plug-in has added to namespaces of others to the copies of them that are attached.
    func reveal(_ new: ArraySlice<Registration>, in context: Context) {
        for registration in new where registration.namespace != home {
            guard let namespace = context.registry.existingNamespace(registration.namespace) else { continue }
            context.refresh(registration.symbol, of: namespace)
            PluginSurroundings.of(context).refresh(registration.symbol)
        }
    }

    private func kind(_ symbol: Symbol, _ context: Context) -> Registration.Kind {
        context.registry.registrations.last { $0.symbol === symbol && $0.namespace == home }?.kind ?? .function
    }
}
