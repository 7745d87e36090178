import Diagnostics
import PluginAPI
import TensorCalls
import Tensors

/// `torch_einsum("ij,jk->ik", list(a, b))`: sums of products by the names of dimensions.
func registerEinsum(_ table: TensorFunctionTable) {
    table.function(
        "torch_einsum",
        [
            .value("equation", help: "names of the dimensions, \"bij,bjk->bik\""), .value("tensors", code: "list()"),
            .value("path", nil),
        ], help: "Sums of products, the dimensions named by letters"
    ) { args in
        var tensors = try args.tensorList("tensors")
        var (inputs, output) = try parsed(try args.string("equation"), &tensors)
        // What is in one operand and nowhere else is summed first; then two at a time become one.
        var letters = inputs.removeFirst()
        var result = tensors.removeFirst()
        while let next = inputs.first {
            let other = tensors.removeFirst()
            inputs.removeFirst()
            (result, letters) = try contracted(result, letters, other, next, needed: output + inputs.joined())
        }
        let gone = letters.indices.filter { !output.contains(letters[$0]) }
        if !gone.isEmpty {
            result = try result.sum(dims: gone)
            letters.removeAll { !output.contains($0) }
        }
        guard letters != output else { return .tensor(result) }
        return .tensor(try result.permute(output.compactMap { letters.firstIndex(of: $0) }))
    }
}

private func fault(_ message: String) -> WorkbenchError {
    WorkbenchError(.value, "einsum(): " + message, hint: "torch_einsum(\"ij,jk->ik\", list(a, b))")
}

/// The letters of each operand and of the result, checked; repeated letters of one operand become its diagonal.
private func parsed(_ equation: String, _ tensors: inout [Tensor]) throws -> ([[Character]], [Character]) {
    // Letters of no alphabet stand for the dimensions of `...`, counted from the last.
    let most = tensors.map { $0.dimensions }.max() ?? 0
    let others = (0..<min(most, 64)).map { Character(Unicode.Scalar(UInt8(0x80 + $0))) }
    var spread: [Character] = []
    func letters(_ side: Substring, _ dimensions: Int?) -> [Character] {
        guard let range = side.firstRange(of: "...") else { return Array(side) }
        let (front, back) = (Array(side[..<range.lowerBound]), Array(side[range.upperBound...]))
        guard let dimensions else { return front + spread + back }
        let count = max(0, min(dimensions - front.count - back.count, others.count))
        let own = Array(others[..<count].reversed())
        if own.count > spread.count { spread = own }
        return front + own + back
    }
    let plain = equation.filter { $0 != " " }
    let sides = plain.split(separator: ">", omittingEmptySubsequences: false)
    guard sides.count <= 2, sides.count == 1 || sides[0].hasSuffix("-") else {
        throw fault("the equation \"\(equation)\" has no single ->")
    }
    let left = sides.count == 2 ? sides[0].dropLast() : sides[0]
    let written = left.split(separator: ",", omittingEmptySubsequences: false)
    var inputs = written.enumerated().map { place, side in
        letters(side, place < tensors.count ? tensors[place].dimensions : nil)
    }
    guard inputs.count == tensors.count, !tensors.isEmpty else {
        throw fault("the equation names \(inputs.count) operands, but there are \(tensors.count)")
    }
    var sizes: [Character: Int] = [:]
    for (place, letters) in inputs.enumerated() {
        guard letters.allSatisfy({ $0.isASCII && $0.isLetter || others.contains($0) }) else {
            throw fault("\"\(written[place])\" must consist of letters")
        }
        guard letters.count == tensors[place].dimensions else {
            throw fault(
                "\"\(written[place])\" names \(letters.count) dimensions, but operand \(place + 1) has the shape \(tensors[place].shape)"
            )
        }
        for (letter, size) in zip(letters, tensors[place].shape) {
            if let known = sizes[letter], known != size {
                throw fault("\"\(letter)\" is \(known) in one operand and \(size) in operand \(place + 1)")
            }
            sizes[letter] = size
        }
        (tensors[place], inputs[place]) = try withoutRepeats(tensors[place], letters)
    }
    guard sides.count == 2 else {
        // Without an arrow: the letters that come once, in the order of the alphabet.
        let all = written.joined().filter { $0 != "." }
        return (inputs, spread + sizes.keys.filter { letter in all.filter { $0 == letter }.count == 1 }.ordered(by: <))
    }
    let output = letters(sides[1], nil)
    guard Set(output).count == output.count, output.allSatisfy({ sizes[$0] != nil }) else {
        throw fault("the result \"\(sides[1])\" must name dimensions of the operands, each once")
    }
    return (inputs, output)
}

/// Dimensions of the same letter become one, their diagonal.
private func withoutRepeats(_ tensor: Tensor, _ letters: [Character]) throws -> (Tensor, [Character]) {
    var (result, left) = (tensor, letters)
    while let second = left.indices.first(where: { left[..<$0].contains(left[$0]) }),
        let first = left[..<second].firstIndex(of: left[second])
    {
        // The diagonal is the last dimension.
        result = try result.diagonal(offset: 0, first, second)
        let letter = left.remove(at: second)
        left.remove(at: first)
        left.append(letter)
    }
    return (result, left)
}

/// The product of two operands, what nobody needs any more summed: a product of matrices.
private func contracted(
    _ a: Tensor, _ aLetters: [Character], _ b: Tensor, _ bLetters: [Character], needed: some Sequence<Character>
) throws -> (Tensor, [Character]) {
    let needed = Set(needed)
    let both = aLetters.filter(bLetters.contains)
    let batch = both.filter(needed.contains)
    let summed = both.filter { !needed.contains($0) }
    let left = aLetters.filter { !bLetters.contains($0) }
    let right = bLetters.filter { !aLetters.contains($0) }
    func arranged(_ x: Tensor, _ letters: [Character], _ order: [[Character]]) throws -> Tensor {
        let places = order.joined().compactMap { letters.firstIndex(of: $0) }
        let turned = try x.permute(places)
        var shape: [Int] = []
        var at = 0
        for group in order {
            shape.append(turned.shape[at..<(at + group.count)].reduce(1, *))
            at += group.count
        }
        return try turned.reshape(shape)
    }
    let product = try arranged(a, aLetters, [batch, left, summed]).bmm(arranged(b, bLetters, [batch, summed, right]))
    let letters = batch + left + right
    let shape = letters.map { letter -> Int in
        if let place = aLetters.firstIndex(of: letter) { return a.shape[place] }
        return bLetters.firstIndex(of: letter).map { b.shape[$0] } ?? 1
    }
    return (try product.reshape(shape), letters)
}

/// `torch_meshgrid()` and `torch_bincount()`.
func registerCounting(_ table: TensorFunctionTable) {
    table.function(
        "torch_meshgrid", [.value("tensors"), .value("indexing", "ij", help: "\"ij\" or \"xy\"")],
        help: "The coordinates of the points of a grid"
    ) { args in
        var tensors = try args.tensorList("tensors")
        let indexing = try args.string("indexing")
        guard ["ij", "xy"].contains(indexing) else {
            throw WorkbenchError(
                .value, "torch_meshgrid: indexing must be one of \"xy\" or \"ij\", but received: \(indexing)")
        }
        for tensor in tensors where tensor.dimensions > 1 {
            throw WorkbenchError(
                .shape, "torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got shape \(tensor.shape)")
        }
        let swaps = indexing == "xy" && tensors.count >= 2
        if swaps { tensors.swapAt(0, 1) }
        let sizes = tensors.map { $0.count }
        var grids = try tensors.enumerated().map { place, tensor -> Tensor in
            var shape = [Int](repeating: 1, count: sizes.count)
            shape[place] = sizes[place]
            return try tensor.reshape(shape).expand(sizes)
        }
        if swaps { grids.swapAt(0, 1) }
        return .tensors(grids)
    }
    table.both(
        "bincount",
        [.value("self", help: "whole numbers from 1"), .value("weights", nil), .value("minlength", 0)],
        help: "How often each number from 1 occurs, or the sum of its weights"
    ) { args in
        let x = try args.tensor("self")
        guard x.dimensions == 1, x.dtype.isInteger else {
            throw WorkbenchError(
                .shape,
                "bincount only supports 1-d non-negative integral inputs, not \(x.dtype.torchName) of shape \(x.shape)",
                hint: "x$flatten()$to(dtype = torch_long())")
        }
        // As all indices of R torch.
        let numbers = try x.to(.int64).toArray(of: Int.self).map { $0.subtractingReportingOverflow(1).partialValue }
        let least = try args.int("minlength")
        guard numbers.allSatisfy({ $0 >= 0 }), least >= 0 else {
            throw WorkbenchError(
                .value, "bincount counts whole numbers from 1, and found a \((numbers.min() ?? -1) &+ 1)",
                hint: "x + 1L counts numbers from 0")
        }
        let size = max(least, (numbers.max() ?? -1).addingReportingOverflow(1).partialValue)
        guard let weights = try args.optionalTensor("weights") else {
            _ = try Storage.elementCount(of: [size], dtype: .int64)
            var counts = [Int64](repeating: 0, count: size)
            for number in numbers { counts[number] += 1 }
            return .tensor(try Tensor(counts, shape: [size]))
        }
        guard weights.shape == x.shape else {
            throw WorkbenchError(
                .shape, "weights should be 1-d and have the same length as input: \(weights.shape), \(x.shape)")
        }
        let type: DType = weights.dtype == .float32 ? .float32 : .float64
        let zeros = try Tensor.zeros([size], type)
        return .tensor(try zeros.indexAdd(0, Tensor(numbers.map { Int64($0) }, shape: x.shape), try weights.to(type)))
    }
}
