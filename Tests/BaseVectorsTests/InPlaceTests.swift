import BaseArithmetic
import BaseSubsetting
import BaseVectors
import Diagnostics
import PluginAPI
import Session
import Testing

/// Assignment changes a vector that nobody else holds where it lies, and never one that somebody else holds.
@Suite struct InPlaceTests {
    private func call(_ name: String, _ values: [Argument]) throws -> (Value, Context) {
        let console = Console(out: { _ in }, error: { _ in })
        let session = Session(
            plugins: [BaseVectors.self, BaseSubsetting.self, BaseArithmetic.self], console: console,
            workingDirectory: "/tmp")
        return (try session.context.call(name, values), session.context)
    }

    private func storage(_ value: Value) -> UInt? {
        guard case .double(let v) = value else { return nil }
        return v.elements.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
    }

    @Test(arguments: ["[<-", "[[<-"])
    func keepsTheStorageOfAUniqueVector(_ setter: String) throws {
        let console = Console(out: { _ in }, error: { _ in })
        let session = Session(
            plugins: [BaseVectors.self, BaseSubsetting.self, BaseArithmetic.self], console: console,
            workingDirectory: "/tmp")
        guard
            case .builtin(let builtin) = try session.context.function(
                Symbol.named(setter), from: session.context.globalEnvironment)
        else {
            Issue.record("\(setter) is no registered function")
            return
        }
        // A literal of constants lies in static memory, which is never unique.
        let elements = (1...3).shuffled().sorted().map(Double.init)
        var arguments = Arguments(
            values: [.numbers(consume elements), .null, 20], dots: [Argument(2)], function: builtin,
            call: Call(setter, []),
            environment: session.context.globalEnvironment, context: session.context)
        let before = storage(arguments.values[0])
        let result = try builtin.implementation(&arguments)
        #expect(storage(result) == before)
        guard case .double(let v) = result else {
            Issue.record("the result is no double vector")
            return
        }
        #expect(v.elements == [1, 20, 3])
    }

    @Test func leavesASharedVectorAlone() throws {
        let shared = Value.numbers([1, 2, 3])
        let (result, _) = try call("[[<-", [Argument(shared), Argument(1), Argument(9, name: "value")])
        guard case .double(let old) = shared, case .double(let new) = result else {
            Issue.record("no double vectors")
            return
        }
        #expect(old.elements == [1, 2, 3])
        #expect(new.elements == [9, 2, 3])
    }

    /// The fast entries of the operators give what the general path gives, or pass.
    @Test(arguments: ["+", "-", "*", "/", "^", "%%", "%/%", "==", "<", ">", "<=", ">=", "!="])
    func directEntriesAgreeWithTheGeneralPath(_ name: String) throws {
        let console = Console(out: { _ in }, error: { _ in })
        let session = Session(
            plugins: [BaseVectors.self, BaseSubsetting.self, BaseArithmetic.self], console: console,
            workingDirectory: "/tmp")
        let context = session.context
        guard case .builtin(let builtin) = try context.function(Symbol.named(name), from: context.globalEnvironment),
            let direct = builtin.direct
        else {
            Issue.record("\(name) has no fast entry")
            return
        }
        let operands: [Value] = [
            0, 1, -1, 2, 3.5, -7.25, 1e10, 1e300, .number(.infinity), .number(.nan), .number(.na), .int(0), .int(1),
            .int(-7), .int(5), .int(Int(Int32.max)), .integer(Vector([nil])), true, .flag(nil),
        ]
        var compared = 0
        for left in operands {
            for right in operands {
                guard let fast = try direct(left, right, context) else { continue }
                var arguments = Arguments(
                    values: [left, right], function: builtin, call: Call(name, []),
                    environment: context.globalEnvironment, context: context)
                let general = try builtin.implementation(&arguments)
                let same = try context.call("identical", [Argument(fast), Argument(general)])
                #expect(try same.asLogicals()[0] == true, "\(left) \(name) \(right)")
                compared += 1
            }
        }
        #expect(compared > 50)
    }
}
