import TestSupport
import Testing

/// Functions of tensors against numbers of PyTorch, or against what defines them.
@Suite struct LinearAlgebraTests {
    @Test(arguments: [
        ("torch_det(torch_tensor(rbind(c(2, 1), c(1, 3))))", "5"), ("a$det()", "-2"),
        ("a$inverse()$t()$flatten()", "-2 1.5 1 -0.5"), ("linalg_inv(a)$matmul(a)$round()$flatten()", "1 0 0 1"),
        ("torch_stack(list(a, 2 * a))$det()", "-2 -8"), ("torch_zeros(2, 2)$det()", "0"),
        ("{ b <- a$clone()$requires_grad_(); b$det()$backward(); b$grad$flatten() }", "4 -3 -2 1"),
        ("{ b <- a$clone()$requires_grad_(); b$inverse()$sum()$backward(); b$grad$flatten() }", "-0.5 0.5 0.5 -0.5"),
        ("linalg_norm(torch_tensor(c(3, 4)))", "5"), ("linalg_norm(a, \"fro\")^2", "30"), ("linalg_norm(a, 1)", "6"),
        ("linalg_norm(a, Inf)", "7"), ("linalg_norm(torch_tensor(c(3, -4)), 1)", "7"),
        ("linalg_norm(a, dim = 1)^2", "10 20"), ("linalg_norm(torch_eye(3) * 2, \"nuc\")", "6"),
        ("linalg_norm(torch_stack(list(torch_eye(2), 3 * torch_eye(2))), \"nuc\", dim = c(2, 3))", "2 6"),
        ("linalg_norm(torch_ones(2, 3), \"nuc\", keepdim = TRUE)^2", "6"),
        ("torch_kron(torch_tensor(c(1, 2)), torch_tensor(c(1, 10)))", "1 10 2 20"),
        ("torch_kron(torch_eye(2), a)$sum(1)", "4 6 4 6"),
        ("torch_cdist(torch_tensor(rbind(c(0, 0), c(3, 4))), torch_tensor(rbind(c(0, 0))))$flatten()", "0 5"),
        ("torch_einsum(\"ij,jk->ik\", list(a, a))$flatten()", "7 10 15 22"),
        ("torch_einsum(\"ij->j\", list(a))", "4 6"),
        ("torch_einsum(\"i,j\", list(torch_tensor(c(1, 2)), torch_tensor(c(3, 4))))$flatten()", "3 4 6 8"),
        ("torch_einsum(\"ij,ij->\", list(a, a))", "30"),
        ("torch_einsum(\"bij,bjk,k->bi\", list(a$unsqueeze(1), a$unsqueeze(1), torch_ones(2)))", "17 37"),
        ("torch_einsum(\"ij->ji\", list(a))$flatten()", "1 3 2 4"),
        ("torch_einsum(\"ii->i\", list(a))", "1 4"), ("torch_einsum(\"ii\", list(a))", "5"),
        ("torch_einsum(\"...ij->...ji\", list(a$unsqueeze(1)))$flatten()", "1 3 2 4"),
        ("torch_einsum(\"...i,i\", list(a, torch_tensor(c(1, 10))))", "21 43"),
        ("torch_meshgrid(list(torch_tensor(1:2), torch_tensor(1:3)))[[2]]$flatten()", "1 2 3 1 2 3"),
        ("torch_meshgrid(list(torch_tensor(1:2), torch_tensor(1:3)), indexing = \"xy\")[[1]]$shape", "3 2"),
        ("torch_bincount(torch_tensor(c(1L, 2L, 2L, 4L)))", "1 2 0 1"),
        ("torch_tensor(c(1L, 2L))$bincount(minlength = 3)", "1 1 0"),
        ("torch_bincount(torch_tensor(c(1L, 2L, 2L)), torch_tensor(c(0.5, 1, 2)))", "0.5 3"),
        ("nnf_huber_loss(torch_tensor(c(0.5, 3)), torch_tensor(c(0, 0)), reduction = \"sum\")", "2.625"),
        ("nn_huber_loss(delta = 2)(torch_tensor(c(0.5, 3)), torch_tensor(c(0, 0)))", "2.0625"),
        ("nnf_kl_div(torch_zeros(2, 2), torch_ones(2, 2) * 0.5, reduction = \"batchmean\")$mul(1000)$round()", "-693"),
        ("nn_kl_div_loss(reduction = \"batchmean\")(torch_zeros(2, 2), torch_ones(2, 2))", "0"),
        (
            "{ x <- torch_empty(3, 5); nn_init_orthogonal_(x, gain = 2); (x$matmul(x$t()) - 4 * torch_eye(3))$abs()$max() < 1e-5 }",
            "1"
        ),
        (
            "{ x <- torch_empty(5, 3); nn_init_orthogonal_(x); (x$t()$matmul(x) - torch_eye(3))$abs()$max() < 1e-5 }",
            "1"
        ),
        (
            "{ x <- nn_init_trunc_normal_(torch_empty(1000), std = 2); c(x$abs()$max()$item() <= 2, x$std()$item() > 0.9, x$std()$item() < 1.3) }",
            "1 1 1"
        ),
    ])
    func `computes`(_ code: String, _ expected: String) {
        let run = runProgram(
            "library(torch); torch_manual_seed(1); a <- torch_tensor(rbind(c(1, 2), c(3, 4)))\ncat(signif(as.numeric(\(code)), 5))"
        )
        #expect(run.out == expected, "\(run.error)")
    }
}
