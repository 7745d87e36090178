import Diagnostics
import PluginAPI
import TensorCalls
import Tensors

/// `torch_manual_seed()`, `torch_rand()`, …: libtorch's CPU generator.
func registerRandom(_ torch: Namespace, _ table: TensorFunctionTable) {
    registerSeeds(torch)
    let sized: [Parameter] = [
        .dots, .value("names", nil), .value("dtype", nil), .value("layout", nil), .value("device", nil),
        .value("requires_grad", false),
    ]
    torch.function("torch_rand", sized, help: "Uniform random numbers in [0, 1)") { args in
        let dtype = try args.dtype() ?? args.context.tensors.defaultType
        return try finish(try args.context.tensors.generator.rand(try args.sizes(), dtype), args)
    }
    torch.function("torch_randn", sized, help: "Standard normal random numbers") { args in
        let dtype = try args.dtype() ?? args.context.tensors.defaultType
        return try finish(try args.context.tensors.generator.randn(try args.sizes(), dtype), args)
    }
    torch.function(
        "torch_randint",
        [
            .value("low"), .value("high"), .value("size"), .value("generator", nil), .value("dtype", nil),
            .value("layout", nil),
            .value("device", nil), .value("requires_grad", false),
        ],
        help: "Random whole numbers in low … high − 1"
    ) { args in
        let low = try args.int("low")
        let high = try args.int("high")
        guard low < high else {
            throw WorkbenchError(
                .value, "random_ expects 'from' to be less than 'to', but got from=\(low) >= to=\(high)")
        }
        return try finish(
            try args.context.tensors.generator.randint(
                Int64(low), Int64(high), try args.sizes("size"), try args.dtype() ?? args.context.tensors.defaultType),
            args)
    }
    torch.function(
        "torch_randperm",
        [
            .value("n"), .value("dtype", nil), .value("layout", nil), .value("device", nil),
            .value("requires_grad", false),
        ],
        help: "The numbers 0 … n − 1 in random order"
    ) { args in
        let n = try args.int("n")
        try MemoryDoor.check(count: max(n, 0), elementBytes: 16)
        return try finish(try args.context.tensors.generator.randperm(n, try args.dtype() ?? .int64), args)
    }
    let like: [Parameter] = [
        .value("input"), .value("dtype", nil), .value("layout", nil), .value("device", nil),
        .value("requires_grad", false),
        .value("memory_format", nil),
    ]
    torch.function("torch_rand_like", like, help: "Uniform random numbers in the shape of a tensor") { args in
        let input = try args.tensor("input")
        return try finish(try args.context.tensors.generator.rand(input.shape, try args.dtype() ?? input.dtype), args)
    }
    torch.function("torch_randn_like", like, help: "Standard normal random numbers in the shape of a tensor") { args in
        let input = try args.tensor("input")
        return try finish(try args.context.tensors.generator.randn(input.shape, try args.dtype() ?? input.dtype), args)
    }
    torch.function(
        "torch_randint_like",
        [
            .value("input"), .value("low"), .value("high"), .value("dtype", nil), .value("device", nil),
            .value("requires_grad", false),
        ],
        help: "Random whole numbers in the shape of a tensor"
    ) { args in
        let input = try args.tensor("input")
        return try finish(
            try args.context.tensors.generator.randint(
                Int64(try args.int("low")), Int64(try args.int("high")), input.shape, try args.dtype() ?? input.dtype),
            args)
    }
    torch.function(
        "torch_normal",
        [
            .value("mean", 0), .value("std", 1), .value("size", nil), .value("generator", nil), .value("dtype", nil),
            .value("device", nil), .value("requires_grad", false),
        ],
        help: "Normal random numbers of given mean and standard deviation"
    ) { args in
        let mean = try args.tensor("mean")
        let std = try args.tensor("std")
        if let least = std.count > 0 ? try std.to(.float64).toArray(of: Double.self).min() : nil, least < 0 {
            throw WorkbenchError(.value, "normal expects all elements of std >= 0.0, but found std \(least)")
        }
        let shape = args["size"].isNull ? try Tensor.broadcastShape(mean.shape, std.shape) : try args.sizes("size")
        let standard = try args.context.tensors.generator.randn(
            shape, try args.dtype() ?? args.context.tensors.defaultType)
        return try finish(try standard.mul(std).add(mean), args)
    }
    registerSampling(table)
}

private func registerSeeds(_ torch: Namespace) {
    torch.function(
        "torch_manual_seed", [.value("seed", help: "a whole number")], help: "Seeds torch's generator", visible: false
    ) {
        args in
        args.context.tensors.generator.seed(UInt64(bitPattern: Int64(try args.int("seed"))))
        return .null
    }
    torch.function("torch_get_rng_state", [], help: "State of torch's generator, as a tensor of bytes") { args in
        .tensor(try Tensor(args.context.tensors.generator.stateBytes))
    }
    torch.function(
        "torch_set_rng_state", [.value("state")], help: "Sets the state of torch's generator", visible: false
    ) { args in
        let state = try args.tensor("state")
        try args.context.tensors.generator.restore(state.to(.uint8).toArray(of: UInt8.self))
        return .null
    }
    torch.function(
        "with_torch_manual_seed", [.promise("code"), .dots, .value("seed")],
        help: "Runs code with the generator seeded; its state comes back afterwards"
    ) { args in
        let generator = args.context.tensors.generator
        let before = generator.stateBytes
        generator.seed(UInt64(bitPattern: Int64(try args.int("seed"))))
        let result: Value
        do {
            result = try args.forced("code")
        } catch {
            try generator.restore(before)
            throw error
        }
        try generator.restore(before)
        return result
    }
    torch.function(
        "local_torch_manual_seed", [.value("seed"), .value(".env", code: "parent.frame()")],
        help: "Seeds the generator until the function that called this ends", visible: false
    ) { args in
        guard let frame = args.context.frames.last(where: { $0.environment === args.environment }) else {
            throw WorkbenchError(.value, "local_torch_manual_seed() is for use inside a function")
        }
        let generator = args.context.tensors.generator
        let before = try Tensor(generator.stateBytes)
        frame.onExit.insert(
            .call(Call(.symbol(Symbol.named("torch_set_rng_state")), [Argument(.tensor(before))])), at: 0)
        generator.seed(UInt64(bitPattern: Int64(try args.int("seed"))))
        return .null
    }
}

private func registerSampling(_ table: TensorFunctionTable) {
    let generator: (Arguments) -> Generator = { $0.context.tensors.generator }
    table.method(
        "uniform_", [.value("self"), .value("from", 0), .value("to", 1), .value("generator", nil)],
        help: "Fills with uniform numbers"
    ) { args in
        _ = try args.tensor("self").uniform_(try args.real("from"), try args.real("to"), generator(args))
        return args[0]
    }
    table.method(
        "normal_", [.value("self"), .value("mean", 0), .value("std", 1), .value("generator", nil)],
        help: "Fills with normal numbers"
    ) { args in
        _ = try args.tensor("self").normal_(try args.real("mean"), try args.real("std"), generator(args))
        return args[0]
    }
    table.method(
        "exponential_", [.value("self"), .value("lambd", 1), .value("generator", nil)],
        help: "Fills with exponential numbers"
    ) { args in
        _ = try args.tensor("self").exponential_(try args.real("lambd"), generator(args))
        return args[0]
    }
    table.method(
        "bernoulli_", [.value("self"), .value("p", 0.5), .value("generator", nil)],
        help: "Fills with 1 in a share p of places, else 0"
    ) { args in
        let target = try args.tensor("self")
        if let p = args["p"].asTensor {
            _ = try target.copy_(try generator(args).bernoulli(try p.expand(target.shape)))
        } else {
            _ = try target.bernoulli_(try args.real("p"), generator(args))
        }
        return args[0]
    }
    table.method(
        "random_", [.value("self"), .value("from", 0), .value("to", nil), .value("generator", nil)],
        help: "Fills with whole numbers"
    ) { args in
        let target = try args.tensor("self")
        var low = Int64(try args.int("from"))
        let high: Int64
        if let to = try args.optionalInt("to") {
            high = Int64(to)
        } else if args.has("from"), low > 0 {
            high = low
            low = 0
        } else {
            high = target.dtype == .float32 ? 1 << 24 : target.dtype == .float64 ? 1 << 53 : 1 << 31
        }
        _ = try target.random_(low, high, generator(args))
        return args[0]
    }
    table.both(
        "bernoulli", [.value("self"), .value("p", nil), .value("generator", nil)],
        help: "1 with the probability given at each place, else 0"
    ) { args in
        let x = try args.tensor("self")
        if let p = try args.optionalReal("p") { return .tensor(try x.zerosLike().bernoulli_(p, generator(args))) }
        return .tensor(try generator(args).bernoulli(x))
    }
    table.both(
        "multinomial", [.value("self"), .value("num_samples"), .value("replacement", false), .value("generator", nil)],
        help: "Indices (from 1) drawn with weights"
    ) { args in
        let indices = try generator(args).multinomial(
            try args.tensor("self"), count: try args.int("num_samples"), replacement: try args.flag("replacement"))
        return .tensor(try indices.add(Tensor(scalar: .int(1))))
    }
}
