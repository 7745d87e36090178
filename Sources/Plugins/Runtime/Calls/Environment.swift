import Diagnostics

/// Variables by name, and where to look when a name is not among them.
///
/// Frames of calls are small: names and values are two arrays searched from the front. From 13 names on an index is
/// kept. A frame shares the array of its function's parameter names until it gets a local variable.
///
/// The fields that every lookup reads carry no run-time check for overlapping access: it took a third of a loop's time.
/// The evaluator lock keeps other threads out, and no access runs code that could come back to the same field.
public final class Environment: @unchecked Sendable {
    /// Names, parallel to ``slots``.
    @exclusivity(unchecked) @usableFromInline var symbols: [Symbol]
    /// Values: promises, dots, active bindings and `.missing` included.
    @exclusivity(unchecked) @usableFromInline var slots: [Value]
    @exclusivity(unchecked) @usableFromInline var index: [Int: Int]?
    /// Where lookup goes on; nil only for the empty environment.
    @exclusivity(unchecked) public var parent: Environment?
    /// Attributes, or nil; an environment is a reference, so everybody who holds it sees them.
    public var attributes: Attributes?
    /// `R_GlobalEnv`, `base`, `package:torch`, or nil for all others.
    public var name: String?
    /// Watched by the cycle collector.
    package var isTracked = false
    /// No variable can be added or removed.
    @exclusivity(unchecked) public private(set) var isLocked = false
    @exclusivity(unchecked) private var lockedBindings: Set<Int> = []
    /// Set for environments on the search path, whose lookups are cached. Not weak, since every lookup reads it; the path
    /// holds its environments and takes itself off them when it goes.
    @exclusivity(unchecked) @usableFromInline unowned(unsafe) var searchPath: SearchPath?

    @usableFromInline static let indexFrom = 13

    /// Makes an empty environment.
    public init(parent: Environment?, name: String? = nil) {
        symbols = []
        slots = []
        self.parent = parent
        self.name = name
    }

    /// Makes the frame of a call; names and values are of equal length.
    @inlinable public init(parent: Environment, symbols: [Symbol], slots: [Value]) {
        self.symbols = symbols
        self.slots = slots
        self.parent = parent
        if symbols.count >= Environment.indexFrom { rebuildIndex() }
    }

    /// Position of a name in this environment alone, or -1.
    @inlinable public func position(of symbol: Symbol) -> Int {
        if let index { return index[symbol.id] ?? -1 }
        var i = 0
        while i < symbols.count {
            if symbols[i] === symbol { return i }
            i += 1
        }
        return -1
    }

    /// What a name holds in this environment alone, promises and `.missing` included; nil if it is not there.
    @inlinable public func local(_ symbol: Symbol) -> Value? {
        let position = position(of: symbol)
        // A bare `nil` in `? :` would be taken for R's NULL.
        return position < 0 ? Optional<Value>.none : slots[position]
    }

    /// What a position returned by ``position(of:)`` holds.
    @inlinable public subscript(position position: Int) -> Value {
        get { slots[position] }
        _modify { yield &slots[position] }
    }

    /// What a name holds here or in an environment around it, promises and `.missing` included.
    public func lookup(_ symbol: Symbol) -> Value? {
        var environment: Environment? = self
        while let current = environment {
            if let path = current.searchPath { return path.lookup(symbol, from: current) }
            let position = current.position(of: symbol)
            if position >= 0 { return current.slots[position] }
            environment = current.parent
        }
        return nil
    }

    /// The environment, this or one around it, that has a name.
    public func owner(of symbol: Symbol) -> Environment? {
        var environment: Environment? = self
        while let current = environment {
            if current.position(of: symbol) >= 0 { return current }
            environment = current.parent
        }
        return nil
    }

    /// Sets a variable without regard to locks: for frames being filled and for the evaluator's own bookkeeping.
    @inlinable public func define(_ symbol: Symbol, _ value: Value) {
        let position = position(of: symbol)
        if position >= 0 {
            slots[position] = value
        } else {
            append(symbol, value)
        }
    }

    /// Sets a variable in this environment.
    /// - Throws: when the binding or the environment is locked.
    @inlinable public func set(_ symbol: Symbol, _ value: Value) throws {
        let position = position(of: symbol)
        if position >= 0 {
            if hasLocks { try checkUnlocked(symbol) }
            slots[position] = value
        } else {
            if isLocked { throw Environment.cannotAdd(symbol) }
            append(symbol, value)
        }
    }

    @usableFromInline func append(_ symbol: Symbol, _ value: Value) {
        symbols.append(symbol)
        slots.append(value)
        if index != nil {
            index?[symbol.id] = symbols.count - 1
        } else if symbols.count >= Environment.indexFrom {
            rebuildIndex()
        }
        searchPath?.invalidate()
    }

    @usableFromInline func rebuildIndex() {
        var built: [Int: Int] = [:]
        built.reserveCapacity(symbols.count * 2)
        for (position, symbol) in symbols.enumerated() { built[symbol.id] = position }
        index = built
    }

    /// Removes a variable.
    /// - Returns: false if it was not there.
    /// - Throws: when the environment is locked.
    @discardableResult
    public func remove(_ symbol: Symbol) throws -> Bool {
        let position = position(of: symbol)
        guard position >= 0 else { return false }
        if isLocked { throw WorkbenchError(.value, "cannot remove bindings from a locked environment") }
        if index == nil {
            symbols.remove(at: position)
            slots.remove(at: position)
        } else {
            let last = symbols.count - 1
            symbols.swapAt(position, last)
            slots.swapAt(position, last)
            symbols.removeLast()
            slots.removeLast()
            index?[symbol.id] = nil
            if position < last { index?[symbols[position].id] = position }
        }
        lockedBindings.remove(symbol.id)
        searchPath?.invalidate()
        return true
    }

    /// Removes everything; for frames that are garbage.
    public func removeAll() {
        symbols = []
        slots = []
        index = nil
        searchPath?.invalidate()
    }

    /// Names in the order in which they came (for large environments: in no order).
    public func names() -> [Symbol] { symbols }

    /// Number of variables.
    public var count: Int { symbols.count }

    // MARK: Locks

    @usableFromInline var hasLocks: Bool { !lockedBindings.isEmpty }

    @usableFromInline func checkUnlocked(_ symbol: Symbol) throws {
        if lockedBindings.contains(symbol.id) {
            throw WorkbenchError(.value, "cannot change value of locked binding for '\(symbol.name)'")
        }
    }

    @usableFromInline static func cannotAdd(_ symbol: Symbol) -> WorkbenchError {
        WorkbenchError(
            .value, "cannot add bindings to a locked environment",
            hint: "`\(symbol.name)` is not there, and nothing can be added")
    }

    /// Locks the environment against new names and, if asked, all its bindings.
    public func lock(bindings: Bool = false) {
        isLocked = true
        if bindings { lockedBindings = Set(symbols.map { $0.id }) }
    }

    /// Locks or unlocks one binding.
    public func setLock(_ locked: Bool, on symbol: Symbol) {
        if locked { lockedBindings.insert(symbol.id) } else { lockedBindings.remove(symbol.id) }
    }

    /// Whether a binding is locked.
    public func isLocked(_ symbol: Symbol) -> Bool { lockedBindings.contains(symbol.id) }
}

/// The global environment and the attached namespaces after it, with a cache of where each name was found last.
///
/// A lookup of `c` or `+` from a function would otherwise pass through every attached namespace.
public final class SearchPath: @unchecked Sendable {
    /// The global environment first, base last.
    @exclusivity(unchecked) public private(set) var environments: [Environment]
    @exclusivity(unchecked) private var found: [Place] = []
    @exclusivity(unchecked) private var version = 1

    private struct Place {
        unowned(unsafe) var environment: Environment?
        var position: Int
        var version: Int
    }

    /// Chains environments: each one's parent becomes the next.
    public init(_ environments: [Environment]) {
        self.environments = environments
        relink()
    }

    deinit { for environment in environments where environment.searchPath === self { environment.searchPath = nil } }

    private func relink() {
        for (place, environment) in environments.enumerated() {
            environment.searchPath = self
            if place + 1 < environments.count { environment.parent = environments[place + 1] }
        }
        invalidate()
    }

    /// Attaches an environment right behind the global one.
    public func attach(_ environment: Environment) {
        guard !environments.contains(where: { $0 === environment }) else { return }
        environments.insert(environment, at: 1)
        relink()
    }

    /// Takes an environment off the path.
    public func detach(_ environment: Environment) {
        guard let place = environments.firstIndex(where: { $0 === environment }), place > 0 else { return }
        environments.remove(at: place)
        environment.searchPath = nil
        environment.parent = environments.last
        relink()
    }

    /// Forgets all places; called when a name is added or removed anywhere on the path.
    @usableFromInline func invalidate() { version &+= 1 }

    func lookup(_ symbol: Symbol, from environment: Environment) -> Value? {
        if environment === environments[0] {
            if symbol.id < found.count, found[symbol.id].version == version {
                let place = found[symbol.id]
                guard let owner = place.environment else { return nil }
                return owner.slots[place.position]
            }
            return search(symbol, from: 0)
        }
        guard let start = environments.firstIndex(where: { $0 === environment }) else { return nil }
        for candidate in environments[start...] {
            let position = candidate.position(of: symbol)
            if position >= 0 { return candidate.slots[position] }
        }
        return environments.last?.parent?.lookup(symbol)
    }

    private func search(_ symbol: Symbol, from start: Int) -> Value? {
        if symbol.id >= found.count {
            let count = max(Symbol.count, symbol.id + 1)
            // One by one: an unoptimized build takes a sequence of places without an environment for an empty one.
            for _ in found.count..<count { found.append(Place(environment: nil, position: 0, version: 0)) }
        }
        for candidate in environments {
            let position = candidate.position(of: symbol)
            if position >= 0 {
                found[symbol.id] = Place(environment: candidate, position: position, version: version)
                return candidate.slots[position]
            }
        }
        found[symbol.id] = Place(environment: nil, position: 0, version: version)
        return nil
    }
}
