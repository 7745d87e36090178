import PluginAPI
import Tensors

/// Cosine similarity and p-norm distance.
func registerSimilarity(_ torch: Namespace) {
    torch.function(
        "nnf_cosine_similarity", [.value("x1"), .value("x2"), .value("dim", 2), .value("eps", 1e-8)],
        help: "Cosine of the angle along a dimension"
    ) { args in
        .tensor(
            try args.tensor("x1").cosineSimilarity(
                try args.tensor("x2"), try args.dimension("dim"), eps: try args.real("eps")))
    }
    torch.function(
        "nnf_pairwise_distance",
        [.value("x1"), .value("x2"), .value("p", 2), .value("eps", 1e-6), .value("keepdim", false)],
        help: "p-norm of the difference of rows"
    ) { args in
        .tensor(
            try args.tensor("x1").pairwiseDistance(
                try args.tensor("x2"), p: try args.real("p"), eps: try args.real("eps"),
                keepdim: try args.flag("keepdim")))
    }
    torch.module(
        "nn_pairwise_distance", [.value("p", 2), .value("eps", 1e-6), .value("keepdim", false)],
        inputs: [.value("x1"), .value("x2")], help: "p-norm of the difference of rows"
    ) { _, args in
        let p = try args.real("p")
        let eps = try args.real("eps")
        let keepdim = try args.flag("keepdim")
        return { args, _ in
            .tensor(try args.tensor("x1").pairwiseDistance(try args.tensor("x2"), p: p, eps: eps, keepdim: keepdim))
        }
    }
}
