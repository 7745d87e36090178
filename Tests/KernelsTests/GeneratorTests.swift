import Testing

@testable import Tensors

/// What each block of golden/07_rng.txt asks for, from a generator with seed 777.
private let recipes: [String: @Sendable (Generator) throws -> Tensor] = [
    "torch_randn(5)": { try $0.randn([5]) },
    "torch_randn(15)": { try $0.randn([15]) },
    "torch_randn(16)": { try $0.randn([16]) },
    "torch_randn(17)": { try $0.randn([17]) },
    "torch_randn(2,3)": { try $0.randn([2, 3]) },
    "torch_randn(100)": { try $0.randn([100]) },
    "torch_randn(1000)": { try $0.randn([1000]) },
    "torch_randn(5, double)": { try $0.randn([5], .float64) },
    "torch_randn(16, double)": { try $0.randn([16], .float64) },
    "torch_rand(5)": { try $0.rand([5]) },
    "torch_rand(20)": { try $0.rand([20]) },
    "torch_rand(5,double)": { try $0.rand([5], .float64) },
    "torch_randperm(10)  (0-based!)": { try $0.randperm(10) },
    "torch_randperm(600) sums": { try $0.randperm(600) },
    "torch_randint(1,11,10) float": { try $0.randint(1, 11, [10], .float32) },
    "torch_randint(1,11,10,long)": { try $0.randint(1, 11, [10]) },
    "torch_bernoulli(full(10,.3))": { try $0.bernoulli(.full([10], .double(0.3))) },
    "torch_multinomial(ones(5),5)": { try $0.multinomial(.ones([5]), count: 5) + Tensor(scalar: .int(1)) },
    "torch_empty(1)$uniform_(-30,30)": { try Tensor.empty([1]).uniform_(-30, 30, $0) },
    "torch_empty(10)$uniform_(-1,1)": { try Tensor.empty([10]).uniform_(-1, 1, $0) },
    "torch_empty(20)$normal_(0,0.5)": { try Tensor.empty([20]).normal_(0, 0.5, $0) },
    "torch_empty(5)$exponential_(1)": { try Tensor.empty([5]).exponential_(1, $0) },
    "nn_linear(3,2)$weight": { try weight([2, 3], $0) },
    "nn_linear(3,2)$bias": { try bias([2], [2, 3], $0) },
    "nn_conv2d(3,4,3)$weight": { try weight([4, 3, 3, 3], $0) },
    "nn_conv2d(3,4,3)$bias": { try bias([4], [4, 3, 3, 3], $0) },
    "nn_linear(1024,200)$weight": { try weight([200, 1024], $0) },
    "nn_conv2d(3,64,3,padding=1)$weight": { try weight([64, 3, 3, 3], $0) },
    "nn_conv2d(3,64,7,bias=F)": { try weight([64, 3, 7, 7], $0) },
    "nn_dropout(0.5) on ones(20), train": { try Tensor.ones([20]).dropout(0.5, $0) },
    "nn_dropout(0.05) on ones(4,50)": { try Tensor.ones([4, 50]).dropout(0.05, $0) },
    "nn_dropout2d(0.5) on ones(2,8,2,2)": { try Tensor.ones([2, 8, 2, 2]).featureDropout(0.5, $0) },
    "nn_dropout2d(0.05) on ones(4,64,2,2) channels zero count via sum": {
        try Tensor.ones([4, 64, 2, 2]).featureDropout(0.05, $0)
    },
    "nnf_dropout(ones(20),p=.5,training=FALSE)": { try Tensor.ones([20]).dropout(0.5, training: false, $0) },
    "kaiming_normal_ fan_out relu (8,3,3,3)": {
        try Initializers.kaimingNormal(.empty([8, 3, 3, 3]), .relu, fan: .out, $0)
    },
    "kaiming_uniform_ a=sqrt(5) (4,3)": { try weight([4, 3], $0) },
    "xavier_uniform_(4,3)": { try Initializers.xavierUniform(.empty([4, 3]), $0) },
    "xavier_normal_(4,3)": { try Initializers.xavierNormal(.empty([4, 3]), $0) },
    "sequence in one stream: randn(3), rand(3), randperm(5), randn(3)": {
        try Tensor.cat([$0.randn([3]), $0.rand([3]), $0.randperm(5, .float32), $0.randn([3])])
    },
]

private func weight(_ shape: [Int], _ generator: Generator) throws -> Tensor {
    try Initializers.layerWeight(.empty(shape), generator)
}

private func bias(_ shape: [Int], _ weightShape: [Int], _ generator: Generator) throws -> Tensor {
    try Initializers.layerBias(.empty(shape), weight: weight(weightShape, generator), generator)
}

@Suite("Generator") struct GeneratorTests {
    @Test(
        "gives R torch's numbers, to nine digits, for every block of the recording", .enabled(if: Golden.folder != nil))
    func recording() throws {
        let blocks = Golden.blocks("07_rng.txt")
        #expect(blocks.count > 40)
        var checked = 0
        for block in blocks where block.title.hasPrefix("seed 777; ") {
            let title = String(block.title.dropFirst("seed 777; ".count))
            if title.hasPrefix("R's own") { continue }
            guard let recipe = recipes[title] else {
                Issue.record("no recipe for \(title)")
                continue
            }
            let values = try recipe(Generator(seed: 777)).toArray(of: Double.self)
            let body = block.lines.dropFirst().map { $0.filter { $0 != " " } }
            if block.lines.count > 1, block.lines[1].hasPrefix("  first8") {
                let words = block.lines[0].split(separator: " ")
                let sum = words.first { $0.hasPrefix("sum=") }.flatMap { Double($0.dropFirst(4)) } ?? .nan
                let squares = words.first { $0.hasPrefix("sumsq=") }.flatMap { Double($0.dropFirst(6)) } ?? .nan
                #expect(abs(values.reduce(0, +) - sum) <= 1e-11 * max(1, abs(sum)), "\(title)")
                #expect(abs(values.reduce(0) { $0 + $1 * $1 } - squares) <= 1e-12 * squares, "\(title)")
                let first = block.lines[1].split(separator: " ").dropFirst().map(String.init)
                let last = block.lines[2].split(separator: " ").dropFirst().map(String.init)
                #expect(values.prefix(8).map(nineDigits) == first, "\(title)")
                #expect(values.suffix(4).map(nineDigits) == last, "\(title)")
            } else {
                #expect(values.map(nineDigits) == body, "\(title)")
            }
            checked += 1
        }
        #expect(checked == recipes.count)
    }

    @Test(
        "gives the recorded numbers kept here",
        arguments: [
            ("torch_randn(5)", ["-0.401486874", "-0.593355596", "1.68850744", "0.555427432", "-0.943299651"]),
            ("torch_rand(5)", ["0.081915319", "0.491137445", "0.403293312", "0.385919929", "0.881322324"]),
            ("torch_randperm(10)  (0-based!)", ["5", "9", "0", "3", "1", "7", "4", "8", "6", "2"]),
            ("torch_randint(1,11,10,long)", ["6", "10", "2", "9", "6", "8", "8", "8", "4", "5"]),
            (
                "nn_linear(3,2)$weight",
                [
                    "-0.482762605", "-0.0102335969", "-0.111667261", "-0.131728321", "0.440313071", "0.440054983",
                ]
            ),
            (
                "torch_randn(16)",
                [
                    "0.187389717", "-0.0980037749", "-0.381458133", "-0.817533612", "1.5975877", "-1.49273252",
                    "-0.150730968",
                    "1.18056095", "-0.368532747", "1.15825295", "0.941885769", "-0.553984344", "1.30782342",
                    "-1.4250176",
                    "-1.59805584", "-0.0755800381",
                ]
            ),
        ])
    func excerpts(title: String, expected: [String]) throws {
        let recipe = try #require(recipes[title])
        let values = try recipe(Generator(seed: 777))
        #expect(values.toArray(of: Double.self).map(nineDigits) == expected)
    }

    @Test("continues from a stored state")
    func state() throws {
        let generator = Generator(seed: 3)
        _ = try generator.randn([5])
        let saved = generator.stateBytes
        let next = try generator.randn([7]).toArray(of: Float.self)
        try generator.restore(saved)
        #expect(try generator.randn([7]).toArray(of: Float.self) == next)
        #expect(throws: (any Error).self) { try generator.restore([1, 2, 3]) }
    }
}
