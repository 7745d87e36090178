import CKernels
import Diagnostics
import Glibc
import Testing

@testable import Tensors

@Suite("Kernels", .serialized) struct KernelTests {
    /// Runs the body with each instruction set the machine has.
    private func everySet(_ body: (String) throws -> Void) rethrows {
        let before = kernel_isa()
        defer { kernel_isa_select(before) }
        for isa in [KERNEL_SCALAR, KERNEL_AVX2, KERNEL_AVX512] where kernel_isa_select(isa) == isa {
            try body(kernelInstructionSet)
        }
    }

    @Test("elementwise kernels agree with the formula in double precision, for every tail and stride")
    func elementwise() throws {
        let unary: [(String, (Tensor) throws -> Tensor)] = [
            ("exp", { try $0.exp() }), ("log", { try $0.abs().log() }), ("tanh", { try $0.tanh() }),
            ("sigmoid", { try $0.sigmoid() }), ("silu", { try $0.silu() }), ("relu", { try $0.relu() }),
            ("sqrt", { try $0.abs().sqrt() }), ("clamp", { try $0.clamp(min: -1, max: 2) }),
            ("rsqrt", { try $0.abs().rsqrt() }), ("leaky", { try $0.leakyRelu(0.1) }),
        ]
        try everySet { set in
            for n in [1, 3, 7, 8, 15, 16, 17, 33, 100, 1025] {
                let wide = try Generator(seed: 4).randn([n, 2]) * 8.0
                for x in [try wide.contiguous().reshape([-1]), try wide.select(1, 1)] {
                    for (name, f) in unary {
                        let exact = try f(x.to(.float64)).toArray(of: Double.self)
                        let ours = try f(x).toArray(of: Double.self)
                        for (a, b) in zip(ours, exact) where abs(a - b) > 4e-7 * max(abs(b), 1e-30) + 1e-37 {
                            Issue.record("\(set) \(name), \(n) elements: \(a) for \(b)")
                        }
                    }
                    let y = try x.flip([0]) + 0.5
                    for f in [Tensor.add0, Tensor.mul, Tensor.div, Tensor.maximum] {
                        let exact = try f(x.to(.float64))(y.to(.float64)).toArray(of: Double.self)
                        #expect(relativeError(try f(x)(y).toArray(), exact) < 1e-6, "\(set)")
                    }
                }
            }
            let special = try Tensor([Float.nan, .infinity, -.infinity, 0, -0.0, 1e-42, 100, -100, 88.5, -103])
            let e = try special.exp().toArray(of: Float.self)
            #expect(e[0].isNaN && e[1] == .infinity && e[2] == 0 && e[3] == 1 && e[6] == .infinity && e[7] < 1e-43)
            let l = try special.log().toArray(of: Float.self)
            #expect(l[0].isNaN && l[1] == .infinity && l[2].isNaN && l[3] == -.infinity && abs(l[5] + 96.71) < 0.1)
        }
    }

    @Test("sums, softmax, normalisation, pooling and Adam agree with double precision on every set")
    func others() throws {
        try everySet { set in
            let x = try Generator(seed: 9).randn([5, 7, 6, 6])
            let d = try x.to(.float64)
            let pairs: [(String, (Tensor) throws -> Tensor)] = [
                ("sum", { try $0.sum(dims: [1]) }), ("column", { try $0.sum(dims: [0, 2, 3]) }),
                ("softmax", { try $0.softmax(3) }), ("log_softmax", { try $0.logSoftmax(1) }),
                ("norm", { try $0.batchNorm(training: true) }),
                ("pool", { try $0.maxPool2d(PoolWindow([3], stride: [2])) }),
            ]
            for (name, f) in pairs {
                let error = relativeError(try f(x).toArray(), try f(d).toArray())
                #expect(error < 1e-6, "\(set) \(name): \(error)")
            }
            for decoupled in [false, true] {
                let step = AdamStep(lr: 0.01, weightDecay: 0.1, decoupled: decoupled)
                var results: [[Double]] = []
                for type in [DType.float32, .float64] {
                    let p = try Generator(seed: 1).randn([103]).to(type),
                        g = try Generator(seed: 2).randn([103]).to(type)
                    let m = try p.zerosLike(), v = try p.zerosLike()
                    for i in 1...3 { try step.apply(p, gradient: g, mean: m, square: v, step: i) }
                    results.append(p.toArray())
                }
                #expect(relativeError(results[0], results[1]) < 1e-6, "\(set) Adam")
            }
        }
    }

    @Test(
        "every convolution candidate agrees with the reference",
        arguments: [
            ([3, 5, 9, 8], [4, 5, 3, 3], 1, 1, 1, 1), ([2, 4, 9, 8], [6, 2, 3, 2], 2, 1, 1, 2),
            ([2, 3, 12, 12], [5, 3, 7, 7], 2, 3, 1, 1),
            ([2, 3, 9, 9], [5, 3, 3, 3], 1, 2, 2, 1), ([2, 8, 4, 4], [8, 1, 3, 3], 1, 1, 1, 8),
            ([2, 6, 5, 5], [3, 6, 1, 1], 1, 0, 1, 1),
        ])
    func convolutions(input: [Int], weight: [Int], stride: Int, padding: Int, dilation: Int, groups: Int) throws {
        let s = try ConvolutionShape(
            input, weight, stride: [stride, stride], padding: [padding, padding], dilation: [dilation, dilation],
            groups: groups)
        let generator = Generator(seed: 3)
        let x = try generator.randn(input).channelsLast(), w = try generator.randn(weight).channelsLast()
        let dy = try generator.randn([s.N, s.K, s.P, s.Q]).channelsLast(), bias = try generator.randn([s.K])
        func all(_ a: any ConvolutionAlgorithm.Type) throws -> [[Double]] {
            let y = try dy.emptyLike(), dx = try x.emptyLike(), dw = try w.emptyLike()
            try a.forward(y, x, w, bias: bias, s)
            try a.inputGradient(dx, dy, w, s)
            try a.weightGradient(dw, x, dy, s)
            return [y.toArray(), dx.toArray(), dw.toArray()]
        }
        let exact = try all(ReferenceConvolution.self)
        for candidate in Convolutions.candidates where candidate.declines(s, .float32) == nil {
            for (ours, wanted) in zip(try all(candidate), exact) {
                #expect(relativeError(ours, wanted) < 2e-6, "\(candidate)")
            }
        }
    }

    @Test("results do not depend on when threads run, and hardly on how many there are")
    func threads() throws {
        let before = Threads.count
        defer { Threads.setCount(before) }
        let x = try Generator(seed: 3).randn([64, 16, 16, 16]), w = try Generator(seed: 4).randn([16, 16, 3, 3])
        func gradient() throws -> [Float] {
            let leaf = try w.copied().requiresGrad_()
            try x.conv2d(leaf, padding: .pixels([1])).relu().sum().backward()
            return leaf.grad?.toArray(of: Float.self) ?? []
        }
        Threads.setCount(3)
        let first = try gradient()
        #expect(try gradient() == first)
        Threads.setCount(1)
        #expect(relativeError(try gradient().map { Double($0) }, first.map { Double($0) }) < 1e-5)
    }

    @Test("threads for a container's quota of processor time")
    func quota() {
        for (text, threads) in [
            ("max 100000\n", 0), ("100000 100000", 1), ("150000 100000\n", 2), ("-1\n 100000\n", 0), ("", 0), ("5", 0),
            ("9000000000000000000 1", 256), ("50000\n 100000\n", 1), ("100000 0", 0),
        ] { #expect(kernel_quota_threads(text) == Int32(threads), "\(text)") }
    }

    /// PyTorch's numbers.
    @Test("floats that an integer cannot hold")
    func unholdable() throws {
        let least = Int(Int32.min)
        for type in [DType.float32, DType.float64] {
            let x = try Tensor([Double.nan, .infinity, -.infinity, 3e9, -3e9, 300, -1.5, 8_589_934_597], shape: [8])
            func whole(_ other: DType) throws -> [Int] { try x.to(type).to(other).toArray(of: Int.self) }
            #expect(try whole(.int32) == [least, least, least, least, least, 300, -1, least])
            #expect(try whole(.int16) == [0, 0, 0, 0, 0, 300, -1, 0])
            #expect(try whole(.int8) == [0, 0, 0, 0, 0, 44, -1, 0])
            #expect(try whole(.uint8) == [0, 0, 0, 0, 0, 44, 255, 0])
            let large = type == .float32 ? 8_589_934_592 : 8_589_934_597
            #expect(try whole(.int64) == [Int.min, Int.min, Int.min, 3_000_000_000, -3_000_000_000, 300, -1, large])
        }
    }
}

extension Tensor {
    fileprivate func add0(_ other: Tensor) throws -> Tensor { try add(other) }
}

@Suite("Safetensors") struct SafetensorsTests {
    private func path(_ name: String) -> String { "/tmp/workbench-test-\(getpid())-\(name).safetensors" }

    @Test("what is written is read again, of every type and shape")
    func roundTrip() throws {
        let file = path("round")
        defer { unlink(file) }
        let generator = Generator(seed: 1)
        let tensors: [(name: String, tensor: Tensor)] =
            try [
                ("a \"quoted\"\n name", generator.randn([3, 4]).t()), ("empty", .zeros([0, 3])),
                ("number", .scalar(.double(2))),
            ] + DType.allCases.map { ("\($0)", try generator.randint(0, 2, [5]).to($0)) }
        try Safetensors.write(tensors, metadata: [("format", "pt")], to: file)
        let back = try Safetensors.read(file)
        #expect(back.metadata.map(\.value) == ["pt"])
        for (name, tensor) in tensors {
            let read = try #require(back[name])
            #expect(read.dtype == tensor.dtype && read.shape == tensor.shape)
            #expect(read.toArray(of: Double.self) == tensor.toArray(of: Double.self))
        }
    }

    @Test(
        "damaged files are refused in one line",
        arguments: [
            ("{", "not valid JSON"), ("[]", "no JSON object"), ("{\"x\":1}", "is no object"),
            ("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", "needs 8 bytes"),
            ("{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "lie outside"),
            ("{\"x\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", "no whole numbers"),
            ("{\"x\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,9],\"data_offsets\":[0,4]}}", "too large"),
            ("{\"x\":{\"dtype\":\"C64\",\"shape\":[1],\"data_offsets\":[0,4]}}", "not supported"),
            ("{\"x\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}", "leave a gap"),
            ("{\"x\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}", "but 4 follow"),
            (
                "{\"x\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},\"y\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
                "overlap"
            ),
        ])
    func damaged(header: String, expected: String) throws {
        let file = path("damaged-\(header.utf8.count)-\(expected.utf8.count)")
        defer { unlink(file) }
        var bytes: [UInt8] = []
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes += $0 }
        bytes += Array(header.utf8) + [0, 0, 0, 0]
        let handle = try #require(fopen(file, "w"))
        fwrite(bytes, 1, bytes.count, handle)
        fclose(handle)
        let error = #expect(throws: WorkbenchError.self) { try Safetensors.read(file) }
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("\n") == false)
    }

    @Test("a convolution whose threads become more while it runs stays with those it began with")
    func threadsThatChange() throws {
        let before = Threads.count
        defer { Threads.setCount(before) }
        let generator = Generator(seed: 3)
        let s = try ConvolutionShape(
            [8, 256, 12, 12], [256, 256, 5, 5], stride: [1, 1], padding: [2, 2], dilation: [1, 1], groups: 1)
        let x = try generator.randn([8, 256, 12, 12]).channelsLast(), dy = try generator.randn([8, 256, 12, 12])
        func gradient() throws -> [Double] {
            let dw = try Tensor.empty([256, 256, 5, 5], .float32)
            try GemmConvolution.weightGradient(dw, x, dy.channelsLast(), s)
            return dw.toArray()
        }
        Threads.setCount(2)
        let wanted = try gradient()
        let surroundings = LoopSurroundings { loop in
            loop()
            Threads.setCount(5)
        }
        let ours = try surroundings.bound { try gradient() }
        #expect(relativeError(ours, wanted) <= 1e-5)
    }
}
