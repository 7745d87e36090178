import Diagnostics

/// How an object of a plug-in was made: by which maker, with which arguments. A saved session makes it anew in the same
/// way and then hands back its state.
///
/// A copy of an object needs a construction of its own (``copied()``): the cycle collector counts who holds what.
public final class Construction: @unchecked Sendable {
    /// What made it.
    public let maker: Maker
    /// One value for each parameter, as the maker got them.
    public let values: [Value]
    /// What `...` collected.
    public let dots: [Argument]

    /// Keeps arguments.
    public init(_ maker: Maker, _ values: [Value], dots: [Argument] = []) {
        self.maker = maker
        // Arrays that nobody else holds: each element is then held once by this object.
        self.values = values.map { $0 }
        self.dots = dots.map { $0 }
    }

    /// The same for a copy of the object.
    public func copied() -> Construction { Construction(maker, values, dots: dots) }

    /// Hands out the arguments.
    func visitReferences(_ visit: (Value) -> Void) {
        for value in values { visit(value) }
        for argument in dots { visit(argument.value) }
    }
}

/// A function that makes objects and can make them again when a session is restored.
public final class Maker: @unchecked Sendable {
    /// Makes an object from matched arguments, without running R code.
    public typealias Make = (inout Arguments) throws -> ForeignObject

    /// Namespace and name: `torch::nn_linear`.
    public let name: String
    /// The function that R calls.
    public private(set) var function: Builtin
    private let make: Make

    fileprivate init(
        _ namespace: String, _ name: String, _ parameters: [Parameter], help: String, visible: Bool,
        finish: ((ForeignObject, Context) throws -> Void)?, make: @escaping Make
    ) {
        self.name = "\(namespace)::\(name)"
        self.make = make
        function = Builtin(name, namespace: namespace, parameters, help: help) { _ in .null }
        function = Builtin(name, namespace: namespace, parameters, help: help, visible: visible) {
            [unowned self] args in
            let kept = Construction(self, args.values, dots: args.dots)
            let object = try make(&args)
            if object.savedKind == nil { object.construction = kept }
            try finish?(object, args.context)
            return .object(object)
        }
    }

    /// Makes the object anew from the arguments it was made with.
    /// - Throws: what making throws; `.data` when the parameters are others by now.
    public func remake(_ values: [Value], dots: [Argument], _ context: Context) throws -> ForeignObject {
        var values = values
        let parameters = function.parameters
        guard values.count <= parameters.count else {
            throw WorkbenchError(
                .data, "\(name)() had \(values.count) parameters when it was saved and has \(parameters.count) now")
        }
        for parameter in parameters[values.count...] { values.append(parameter.defaultValue ?? .missing) }
        var args = Arguments(
            values: values, dots: dots, function: function, call: Call(function.name.name, []),
            environment: context.globalEnvironment, context: context)
        let object = try make(&args)
        if object.savedKind == nil { object.construction = Construction(self, values, dots: dots) }
        return object
    }
}

/// The makers of a registry, by namespace and name.
public final class Makers: @unchecked Sendable {
    private var makers: [String: Maker] = [:]

    init() {}

    /// The maker of a name such as `torch::nn_linear`.
    public subscript(name: String) -> Maker? { makers[name] }

    func add(_ maker: Maker) { makers[maker.name] = maker }
}

extension Registry {
    /// Functions that make objects which sessions can restore.
    public var makers: Makers { shelf(Makers.self) { Makers() } }
}

extension Namespace {
    /// A function that makes objects which a saved session can restore: it is called again with the same arguments, and
    /// the object then takes back what its ``ForeignObject/savedState(_:)`` gave.
    ///
    /// - Parameters:
    ///   - finish: What else happens when R makes one, and must not when a session is restored (a first step, say).
    ///   - make: Makes one. It may draw random numbers (restoring puts the generators right at its end), but must not
    ///     call R functions among its arguments: their environments are not filled yet when a session is restored.
    /// - Returns: The function; it is not a variable of the namespace yet.
    public func maker(
        _ name: String, _ parameters: [Parameter], help: String = "", visible: Bool = true,
        finish: ((ForeignObject, Context) throws -> Void)? = nil,
        _ make: @escaping Maker.Make
    ) -> Builtin {
        let maker = Maker(
            self.name, name, parameters, help: help, visible: visible, finish: finish, make: make)
        adopt(maker.function)
        makers.add(maker)
        return maker.function
    }
}
