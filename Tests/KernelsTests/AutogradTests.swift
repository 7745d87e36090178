import Diagnostics
import Testing

@testable import Tensors

private func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "no error"
    } catch let error as WorkbenchError {
        return error.message
    } catch {
        return "\(error)"
    }
}

@Suite("Autograd") struct AutogradTests {
    @Test("a chain of 30,000 operations runs back and is released without recursion")
    func longChain() throws {
        let x = try Tensor([1.0]).requiresGrad_()
        var y = x
        for _ in 0..<30_000 { y = try y + 0.001 }
        try y.backward()
        #expect(x.grad?.toArray(of: Double.self) == [1])
        var z = x
        for _ in 0..<30_000 { z = try z.mul(x) }
        z = x  // released here, never run
        #expect(z.isLeaf)
    }

    @Test("gradients accumulate, and saved tensors go unless they are retained")
    func accumulation() throws {
        let x = try Tensor([2.0, 3.0]).requiresGrad_()
        let y = try x.square().sum()
        try y.backward(retainGraph: true)
        try y.backward()
        #expect(x.grad?.toArray(of: Double.self) == [8, 12])
        #expect(message { try y.backward() }.hasPrefix("Trying to backward through the graph a second time"))
    }

    @Test("a saved tensor changed in place is missed, by name and version")
    func versions() throws {
        let x = try Tensor([1.0, 2]).requiresGrad_()
        let y = try x.exp()
        let z = try y.square().sum()
        try y.add_(Tensor(scalar: .int(1)))
        #expect(
            message { try z.backward() }
                == "one of the variables needed for gradient computation has been modified by an inplace operation: "
                + "[Double [2]], needed by PowBackward0, is at version 1; expected version 0 instead")
    }

    @Test("a ReLU passes the gradient where its result is NaN, on every instruction set")
    func reluOfNaN() throws {
        try eachInstructionSet {
            let x = try Tensor((0..<40).map { [Float.nan, 1, -1, 0][$0 % 4] }).requiresGrad_()
            try x.relu().backward(gradient: Tensor.ones([40]))
            #expect(x.grad?.toArray() == (0..<40).map { [1, 1, 0, 0][$0 % 4] })
        }
    }

    @Test("in-place operations on results and views pass gradients on")
    func inPlace() throws {
        let w = try Tensor([5.0, 7]).requiresGrad_()
        let x = try Tensor.zeros([2, 2], .float64)
        try x.select(0, 1).copy_(w)
        #expect(x.requiresGrad)
        #expect(x.node?.name == "CopySlices")
        let row = try x.select(0, 1)
        try row.mul_(Tensor(scalar: .int(3)))
        try x.square().sum().backward()
        #expect(w.grad?.toArray(of: Double.self) == [90, 126])  // d(3w)²/dw = 18w
        #expect(
            message { try w.add_(Tensor(scalar: .int(1))) }
                == "a leaf Variable that requires grad is being used in an in-place operation.")
        #expect(
            message { try w.select(0, 0).zero_() }
                == "a view of a leaf Variable that requires grad is being used in an in-place operation.")
        try withoutGradients { _ = try w.sub_(Tensor(scalar: .int(1))) }
        #expect(w.toArray(of: Double.self) == [4, 6])
    }

    @Test("nothing is recorded without need")
    func switches() throws {
        let x = try Tensor([1.0]).requiresGrad_()
        #expect(try withoutGradients { try x.exp() }.requiresGrad == false)
        #expect(try withoutGradients { try withGradients { try x.exp() } }.requiresGrad)
        #expect(try x.detached().exp().node == nil)
        #expect(try x.relu().node?.name == "ReluBackward0")
        #expect(try x.gt(Tensor(scalar: .int(0))).requiresGrad == false)
        #expect(message { try Tensor([1]).requiresGrad_() }.hasPrefix("only Tensors of floating point dtype"))
        #expect(
            message { try Tensor([1.0]).backward() }
                == "element 0 of tensors does not require grad and does not have a grad_fn")
        #expect(message { try x.expand([3]).backward() } == "grad can be implicitly created only for scalar outputs")
    }

    @Test("hooks, kept gradients, gradients of chosen tensors, operations of one's own")
    func rest() throws {
        let x = try Tensor([1.0, 2]).requiresGrad_()
        let y = try x * 2.0
        try y.retainGrad()
        try x.registerHook { try $0 * 10.0 }
        try y.square().sum().backward()
        #expect(y.grad?.toArray(of: Double.self) == [4, 8])
        #expect(x.grad?.toArray(of: Double.self) == [80, 160])
        let unused = try Tensor([1.0]).requiresGrad_()
        let z = try x.square().sum()
        let found = try Tensor.gradients(of: [z], with: [x, unused], retainGraph: true, allowUnused: true)
        #expect(found[1] == nil)
        #expect(message { _ = try Tensor.gradients(of: [z], with: [unused]) }.hasPrefix("One of the differentiated"))
        let own = Tensor(op: "OwnBackward", try x.detached() * 1.0, from: [x]) { dy in [try dy * 100.0] }
        let gradient = try Tensor.gradients(of: [own.sum()], with: [x])[0]
        #expect(gradient?.toArray(of: Double.self) == [1000, 1000])
    }

    @Test("no input traps: sizes, indices and casts beyond what there is")
    func noTraps() throws {
        #expect(message { _ = try Tensor.zeros([1 << 40, 1 << 40]) }.contains("more than 2^63 bytes"))
        #expect(message { _ = try Tensor.zeros([1 << 40]) }.contains("bytes are asked for and the limit is"))
        #expect(message { _ = try Tensor.zeros([-1]) }.contains("negative dimension -1"))
        #expect(message { _ = try Tensor.zeros([1]).expand([1 << 40, 1 << 40]) }.contains("more than 2^63 elements"))
        #expect(message { _ = try Tensor.zeros([2]).pad([Int.min, 0]) }.contains("padding is too large"))
        #expect(message { _ = try Tensor.zeros([2]).diag(Int.min) }.contains("out of range"))
        #expect(message { _ = try Tensor.zeros([2]).narrow(0, from: Int.min, length: Int.max) }.contains("exceeds"))
        #expect(try Tensor([1.5]).round(decimals: Int.min).toArray(of: Double.self).count == 1)
        let odd = try Tensor([Double.nan, .infinity, 1e300, -1e300, 300, -1])
        #expect(try odd.to(.int64).toArray(of: Int.self) == [.min, .min, .min, .min, 300, -1])
        #expect(try odd.to(.uint8).toArray(of: Int.self) == [0, 0, 0, 0, 44, 255])
        #expect(try odd.to(.bool).toArray(of: Bool.self) == [true, true, true, true, true, true])
        let extremes = try Tensor([Int.min, Int.max, 0])
        #expect(try extremes.neg().toArray(of: Int.self) == [.min, -.max, 0])
        #expect(try extremes.add(extremes).toArray(of: Int.self) == [0, -2, 0])
        #expect(try extremes.div(Tensor(scalar: .int(-1)), rounding: .trunc).toArray(of: Int.self) == [.min, -.max, 0])
        #expect(message { _ = try extremes.remainder(Tensor(scalar: .int(0))) } == "ZeroDivisionError")
        #expect(
            message { _ = try extremes.select(0, 3) } == "index 4 out of range for tensor of size [3] at dimension 1")
        #expect(
            message { _ = try extremes.index([Tensor([7])]) } == "index 8 is out of bounds for dimension 1 with size 3")
        #expect(
            message { _ = try Tensor.zeros([2, 3]).add(Tensor.zeros([4])) }
                == "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 2")
    }

    @Test("types promote as in torch")
    func promotion() throws {
        let int = try Tensor([1, 2]), byte = try Tensor([UInt8(1), 2]), float = try Tensor([Float(1), 2])
        let number = try Tensor(scalar: .double(1.5)), double = try Tensor.scalar(.double(1), .float64)
        #expect(try (int + number).dtype == .float32)
        #expect(try (byte + Tensor(scalar: .int(300))).dtype == .uint8)
        #expect(try (float + double).dtype == .float32)
        #expect(try (int + float).dtype == .float32)
        #expect(try (int + double).dtype == .float64)
        #expect(try (int / int).dtype == .float32)
        #expect(try (byte + int).dtype == .int64)
    }
}
