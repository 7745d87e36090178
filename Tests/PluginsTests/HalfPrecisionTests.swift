import TestSupport
import Testing

/// Tensors of half precision; the numbers are PyTorch's.
@Suite struct HalfPrecisionTests {
    private func out(_ code: String) -> String {
        let run = runProgram("library(torch)\n" + code)
        return run.out + run.error
    }

    @Test func `numbers are rounded to the nearest, ties to even, and what is too large is infinite`() {
        #expect(
            out(
                """
                x <- torch_tensor(c(0.1, 1/3, 65504, 70000, 1e-8, 6e-5, -2.5, 65519, 65520, 2049, 2051))
                cat(sprintf("%.17g", as.numeric(x$half())), "\\n")
                cat(sprintf("%.17g", as.numeric(x$bfloat16())), "\\n")
                """) == """
                    0.0999755859375 0.333251953125 65504 Inf 0 6.0021877288818359e-05 -2.5 65504 Inf 2048 2052\u{20}
                    0.10009765625 0.333984375 65536 70144 1.0011717677116394e-08 6.008148193359375e-05 -2.5 65536 65536 2048 2048\u{20}

                    """)
    }

    @Test func `types that meet, reductions, products, comparison`() {
        #expect(
            out(
                """
                h <- torch_ones(2, dtype = torch_half()); b <- torch_ones(2, dtype = torch_bfloat16())
                for (x in list(h + b, h + torch_ones(2), h + torch_ones(2, dtype = torch_long()), h * 2.5, h$to(dtype = torch_double()) + h, h > 0, h / 3)) cat(as.character(x$dtype), "")
                m <- torch_tensor(matrix(c(1, 3, 2, 4), 2), dtype = torch_half())
                cat("\\n", as.numeric(m$mm(m)), as.numeric(m$mean()), as.numeric(m$std()), as.numeric(m$max()), m$argmax()$item(), as.numeric(m$cumsum(2)), as.character(m$softmax(2)$dtype), "\\n")
                m$softmax(2)
                m[2, ]
                """) == """
                    Float Float Half Half Double Bool Half\u{20}
                     7 15 10 22 2.5 1.291016 4 4 1 3 3 7 Half\u{20}
                    torch_tensor
                     0.2690  0.7310
                     0.2690  0.7310
                    [ CPUHalfType{2,2} ]
                    torch_tensor
                     3
                     4
                    [ CPUHalfType{2} ]

                    """)
    }

    @Test func `gradients`() {
        #expect(
            out(
                """
                a <- torch_tensor(c(1, 2, 3), dtype = torch_half(), requires_grad = TRUE)
                s <- (a * 0.1 + a$exp())$sum(); s$backward()
                cat(as.numeric(s), as.numeric(a$grad), as.character(a$grad$dtype))
                """) == "30.78125 2.818359 7.492188 20.17188 Half")
    }

    @Test func `kept in files, by modules, and refused where there is no kernel`() {
        #expect(
            out(
                """
                f <- tempfile(fileext = ".pt"); h <- torch_tensor(c(0.1, -2), dtype = torch_half()); b <- h$bfloat16()
                torch_save(list(h = h, b = b), f); l <- torch_load(f)
                cat(as.character(l$h$dtype), as.character(l$b$dtype), torch_equal(l$h, h), torch_equal(l$b, b), "\\n")
                net <- nn_linear(2, 2)$half(); cat(as.character(net$weight$dtype), as.character(net(h)$dtype), "\\n")
                w <- nn_linear(2, 2); w$load_state_dict(net$state_dict()); cat(as.character(w$weight$dtype), as.numeric(w$weight) == as.numeric(net$weight), "\\n")
                r <- tryCatch(nnf_conv2d(torch_ones(1, 1, 3, 3)$half(), torch_ones(1, 1, 3, 3)$half()), error = conditionMessage); cat(r)
                """
            ).hasPrefix(
                """
                Half BFloat16 TRUE TRUE\u{20}
                Half Half\u{20}
                Float TRUE TRUE TRUE TRUE\u{20}

                """))
    }
}
