#include "kernels.h"
#include <cblas.h>
#include <stdatomic.h>
#include <sys/mman.h>

// OpenBLAS maps 128 MB for each product that runs beside others, keeps them for later ones, and where there are none
// asks again for ever. So we look first; where memory ends that much earlier, the product is made by plain loops.
#define BUFFER ((size_t)129 << 20)
static atomic_int running, mapped;

int kernel_blas_room(void) {
    void *probe = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (probe == MAP_FAILED) return 0;
    munmap(probe, BUFFER);
    return 1;
}

/// The number of products that run with this one, or 0 where there is no memory for its buffer.
static int begin(void) {
    int mine = atomic_fetch_add(&running, 1) + 1;
    if (mine <= atomic_load(&mapped)) return mine;
    if (kernel_blas_room()) return mine;
    atomic_fetch_sub(&running, 1);
    return 0;
}

static void end(int mine) {
    int most = atomic_load(&mapped);
    while (most < mine && !atomic_compare_exchange_weak(&mapped, &most, mine)) {}
    atomic_fetch_sub(&running, 1);
}

#define PLAIN_GEMM(name, T)                                                                                            \
    static void name(int transA, int transB, ptrdiff_t M, ptrdiff_t N, ptrdiff_t K, T alpha, const T *A,               \
                     ptrdiff_t lda, const T *B, ptrdiff_t ldb, T beta, T *C, ptrdiff_t ldc) {                          \
        for (ptrdiff_t i = 0; i < M; i++) {                                                                            \
            T *c = C + i * ldc;                                                                                        \
            for (ptrdiff_t j = 0; j < N; j++) c[j] = beta == 0 ? 0 : beta * c[j];                                      \
            for (ptrdiff_t k = 0; k < K; k++) {                                                                        \
                T a = alpha * (transA ? A[k * lda + i] : A[i * lda + k]);                                              \
                const T *b = transB ? B + k : B + k * ldb;                                                             \
                ptrdiff_t step = transB ? ldb : 1;                                                                     \
                for (ptrdiff_t j = 0; j < N; j++) c[j] += a * b[j * step];                                             \
            }                                                                                                          \
        }                                                                                                              \
    }

PLAIN_GEMM(plain_f32, float)
PLAIN_GEMM(plain_f64, double)

#define GEMM(name, T, blas, plain)                                                                                     \
    void name(int transA, int transB, ptrdiff_t M, ptrdiff_t N, ptrdiff_t K, T alpha, const T *A, ptrdiff_t lda,       \
              const T *B, ptrdiff_t ldb, T beta, T *C, ptrdiff_t ldc) {                                                \
        int mine = begin();                                                                                            \
        if (mine == 0) {                                                                                               \
            plain(transA, transB, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc);                                       \
            return;                                                                                                    \
        }                                                                                                              \
        blas(CblasRowMajor, transA ? CblasTrans : CblasNoTrans, transB ? CblasTrans : CblasNoTrans, (blasint)M,        \
             (blasint)N, (blasint)K, alpha, A, (blasint)lda, B, (blasint)ldb, beta, C, (blasint)ldc);                  \
        end(mine);                                                                                                     \
    }

GEMM(kernel_gemm_f32, float, cblas_sgemm, plain_f32)
GEMM(kernel_gemm_f64, double, cblas_dgemm, plain_f64)
