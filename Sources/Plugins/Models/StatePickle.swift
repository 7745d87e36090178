import Diagnostics
import Tensors

/// A value that a pickle of a state dict can hold.
enum StateValue {
    case none
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case tuple(StateTuple)
    case list(StateList)
    case dictionary(StateDictionary)
    /// `module.name`, never called but for the few that state dicts need.
    case global(String)
    case storage(type: String, key: String, count: Int)
    case tensor(Tensor)
}

/// Values that hold others. They may hold themselves, or be nested a million deep.
protocol StateContainer: AnyObject {
    /// Lets go of what it holds.
    func empty()
}

final class StateTuple: StateContainer {
    private(set) var items: [StateValue]

    init(_ items: [StateValue]) { self.items = items }

    func empty() { items = [] }
}

final class StateList: StateContainer {
    var items: [StateValue] = []

    func empty() { items = [] }
}

final class StateDictionary: StateContainer {
    var entries: [(key: StateValue, value: StateValue)] = []

    func empty() { entries = [] }
}

/// Reads the pickle of a PyTorch state dict without running anything: the opcodes that tensors, numbers, texts, lists
/// and dictionaries need are understood, everything else is refused.
///
/// - Source: Python's Lib/pickletools.py (opcodes); torch/serialization.py (persistent ids).
struct StatePickle {
    private let bytes: [UInt8]
    private let fault: (String) -> WorkbenchError
    private let makeTensor:
        (_ type: String, _ key: String, _ count: Int, _ offset: Int, _ size: [Int], _ stride: [Int]) throws -> Tensor
    private var at = 0
    private var stack: [StateValue] = []
    private var marks: [Int] = []
    private var memo: [Int: StateValue] = [:]
    /// Every container made: releasing one that holds the next would go as deep as they are nested.
    private var containers: [any StateContainer] = []

    init(
        _ bytes: [UInt8], fault: @escaping (String) -> WorkbenchError,
        makeTensor: @escaping (String, String, Int, Int, [Int], [Int]) throws -> Tensor
    ) {
        self.bytes = bytes
        self.fault = fault
        self.makeTensor = makeTensor
    }

    /// The value of the whole pickle.
    mutating func value() throws -> StateValue {
        while true {
            let code = try byte()
            if code == UInt8(ascii: ".") {
                guard let last = stack.last else { throw fault("its pickle is empty") }
                return last
            }
            try step(code)
            guard stack.count < 1_000_000 else { throw fault("its pickle is too large") }
        }
    }

    /// Lets go of everything that was read, one container after the other.
    mutating func dismantle() {
        for container in containers { container.empty() }
        stack = []
        memo = [:]
        containers = []
    }

    private mutating func kept<Container: StateContainer>(_ container: Container) -> Container {
        containers.append(container)
        return container
    }

    private mutating func step(_ code: UInt8) throws {
        switch code {
        case 0x80: _ = try byte()
        case 0x95: _ = try take(8)
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: "N"): stack.append(.none)
        case 0x88: stack.append(.bool(true))
        case 0x89: stack.append(.bool(false))
        case UInt8(ascii: "K"): stack.append(.int(try number(1)))
        case UInt8(ascii: "M"): stack.append(.int(try number(2)))
        case UInt8(ascii: "J"): stack.append(.int(Int(Int32(truncatingIfNeeded: try number(4)))))
        case 0x8A: stack.append(.int(try long()))
        case UInt8(ascii: "G"):
            let bits = try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            stack.append(.double(Double(bitPattern: bits)))
        case UInt8(ascii: "X"): stack.append(.string(try text(try number(4))))
        case 0x8C, UInt8(ascii: "U"): stack.append(.string(try text(try number(1))))
        case UInt8(ascii: "}"): stack.append(.dictionary(kept(StateDictionary())))
        case UInt8(ascii: "]"): stack.append(.list(kept(StateList())))
        case UInt8(ascii: ")"): stack.append(.tuple(kept(StateTuple([]))))
        case UInt8(ascii: "t"): stack.append(.tuple(kept(StateTuple(try popMark()))))
        case 0x85, 0x86, 0x87: stack.append(.tuple(kept(StateTuple(try pop(Int(code) - 0x84)))))
        case UInt8(ascii: "q"): try remember(try number(1))
        case UInt8(ascii: "r"): try remember(try number(4))
        case 0x94: try remember(memo.count)
        case UInt8(ascii: "h"): try recall(try number(1))
        case UInt8(ascii: "j"): try recall(try number(4))
        case UInt8(ascii: "c"): stack.append(.global(try line() + "." + line()))
        case 0x93:
            let parts = try pop(2)
            guard case .string(let module) = parts[0], case .string(let name) = parts[1] else { throw damaged() }
            stack.append(.global(module + "." + name))
        case UInt8(ascii: "Q"): stack.append(try storage(try pop(1)[0]))
        case UInt8(ascii: "R"):
            let parts = try pop(2)
            stack.append(try reduced(parts[0], parts[1]))
        case UInt8(ascii: "b"):
            // The attributes of an OrderedDict (`_metadata`): nothing that a state needs.
            _ = try pop(1)
            guard case .dictionary? = stack.last else { throw refused("objects with attributes") }
        case UInt8(ascii: "s"): try set(try pop(2))
        case UInt8(ascii: "u"): try set(try popMark())
        case UInt8(ascii: "a"): try append(try pop(1))
        case UInt8(ascii: "e"): try append(try popMark())
        default: throw refused("pickle code 0x" + String(code, radix: 16))
        }
    }

    // MARK: Objects

    private func storage(_ id: StateValue) throws -> StateValue {
        guard case .tuple(let tuple) = id, case let parts = tuple.items, parts.count == 5,
            case .string("storage") = parts[0],
            case .global(let type) = parts[1], case .string(let key) = parts[2], case .int(let count) = parts[4],
            count >= 0
        else { throw refused("a persistent id that is no storage") }
        return .storage(type: type, key: key, count: count)
    }

    private mutating func reduced(_ function: StateValue, _ arguments: StateValue) throws -> StateValue {
        guard case .global(let name) = function, case .tuple(let tuple) = arguments else { throw damaged() }
        let parts = tuple.items
        switch name {
        case "collections.OrderedDict":
            guard parts.isEmpty else { throw refused("an OrderedDict made of other things") }
            return .dictionary(kept(StateDictionary()))
        case "torch._utils._rebuild_tensor_v2":
            guard parts.count >= 4, case .storage(let type, let key, let count) = parts[0],
                case .int(let offset) = parts[1], let size = whole(parts[2]), let stride = whole(parts[3])
            else { throw damaged() }
            return .tensor(try makeTensor(type, key, count, offset, size, stride))
        case "torch._utils._rebuild_parameter":
            guard let first = parts.first, case .tensor = first else { throw damaged() }
            return first
        default: throw refused("a call of \(name)")
        }
    }

    private func whole(_ value: StateValue) -> [Int]? {
        guard case .tuple(let tuple) = value else { return nil }
        var result: [Int] = []
        for part in tuple.items {
            guard case .int(let number) = part else { return nil }
            result.append(number)
        }
        return result
    }

    private mutating func set(_ parts: [StateValue]) throws {
        guard parts.count % 2 == 0, case .dictionary(let dictionary)? = stack.last else { throw damaged() }
        for place in stride(from: 0, to: parts.count, by: 2) {
            dictionary.entries.append((parts[place], parts[place + 1]))
        }
    }

    private mutating func append(_ parts: [StateValue]) throws {
        guard case .list(let list)? = stack.last else { throw damaged() }
        list.items += parts
    }

    // MARK: Stack and bytes

    private mutating func pop(_ count: Int) throws -> [StateValue] {
        guard stack.count >= count, stack.count - count >= marks.last ?? 0 else { throw damaged() }
        let taken = Array(stack.suffix(count))
        stack.removeLast(count)
        return taken
    }

    private mutating func popMark() throws -> [StateValue] {
        guard let mark = marks.popLast(), mark <= stack.count else { throw damaged() }
        let taken = Array(stack[mark...])
        stack.removeSubrange(mark...)
        return taken
    }

    private mutating func remember(_ place: Int) throws {
        guard let last = stack.last else { throw damaged() }
        memo[place] = last
    }

    private mutating func recall(_ place: Int) throws {
        guard let value = memo[place] else { throw damaged() }
        stack.append(value)
    }

    private mutating func byte() throws -> UInt8 {
        guard at < bytes.count else { throw damaged() }
        at += 1
        return bytes[at - 1]
    }

    private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - at else { throw damaged() }
        at += count
        return bytes[(at - count)..<at]
    }

    private mutating func number(_ width: Int) throws -> Int {
        try take(width).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    private mutating func long() throws -> Int {
        let count = Int(try byte())
        guard count <= 8 else { throw refused("whole numbers of more than 64 bits") }
        let digits = try take(count)
        guard let last = digits.last else { return 0 }
        let start: Int64 = last & 0x80 != 0 ? -1 : 0
        return Int(digits.reversed().reduce(start) { $0 << 8 | Int64($1) })
    }

    private mutating func text(_ count: Int) throws -> String { String(decoding: try take(count), as: UTF8.self) }

    private mutating func line() throws -> String {
        var letters: [UInt8] = []
        while true {
            let next = try byte()
            if next == UInt8(ascii: "\n") { return String(decoding: letters, as: UTF8.self) }
            letters.append(next)
            guard letters.count < 1000 else { throw damaged() }
        }
    }

    private func damaged() -> WorkbenchError { fault("its pickle is damaged") }

    private func refused(_ what: String) -> WorkbenchError {
        var error = fault("it holds \(what), which is not run")
        error.hint = "only state dicts are read: in Python, torch.save(model.state_dict(), path)"
        return error
    }
}
