import Diagnostics
import PluginAPI
import Tensors

/// `nn_embedding()`: rows of a table by index (from 1); the table is drawn from N(0, 1).
func registerEmbedding(_ torch: Namespace) {
    torch.module(
        "nn_embedding",
        [
            .value("num_embeddings", help: "rows"), .value("embedding_dim", help: "columns"),
            .value("padding_idx", nil),
            .value("max_norm", nil), .value("norm_type", 2), .value("scale_grad_by_freq", false),
            .value("sparse", false, help: "gradients are dense either way"), .value(".weight", nil),
        ], inputs: [.value("input")], help: "Rows of a learned table by index"
    ) { layer, args in
        let rows = try size(args, "num_embeddings")
        let padding = try args.optionalInt("padding_idx")
        let options = try embeddingOptions(args)
        if let padding, padding < 1 || padding > rows {
            throw WorkbenchError(.value, "padding_idx must be within num_embeddings: 1 … \(rows), not \(padding)")
        }
        let weight: Tensor
        if let given = args[".weight"].asTensor {
            weight = given
        } else {
            weight = try args.context.tensors.generator.randn(
                [rows, try size(args, "embedding_dim")], args.context.tensors.defaultType)
            if let padding { _ = try weight.select(0, padding - 1).zero_() }
        }
        layer.setParameter("weight", try weight.requiresGrad_())
        return { args, layer in
            .tensor(
                try layer.needed("weight").embedding(try rowIndex(args), options))
        }
    }
    torch.function(
        "nnf_embedding",
        [
            .value("input"), .value("weight"), .value("padding_idx", nil), .value("max_norm", nil),
            .value("norm_type", 2), .value("scale_grad_by_freq", false), .value("sparse", false),
        ], help: "Rows of a table by index"
    ) { args in
        .tensor(try args.tensor("weight").embedding(try rowIndex(args), try embeddingOptions(args)))
    }
}

private func embeddingOptions(_ args: Arguments) throws -> EmbeddingOptions {
    EmbeddingOptions(
        paddingIndex: try args.optionalInt("padding_idx").map { $0 - 1 },
        maxNorm: try args.optionalReal("max_norm"), normType: try args.real("norm_type"),
        scalesByFrequency: try args.flag("scale_grad_by_freq"))
}

/// Row numbers from 0.
/// - Throws: for tensors of a type that counts nothing.
private func rowIndex(_ args: Arguments) throws -> Tensor {
    let index = try args.tensor("input")
    guard index.dtype.isInteger else {
        throw WorkbenchError(
            .type,
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
                + "torch.\(index.dtype.torchName) instead",
            hint: "x$to(dtype = torch_long()) makes whole numbers")
    }
    return try classIndex(args, "input")
}
