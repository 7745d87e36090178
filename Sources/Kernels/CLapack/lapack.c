#include "lapack.h"
#include "kernels.h"
#include <cblas.h>
#include <limits.h>
#include <stdlib.h>

// Fortran: everything by address, lengths of texts at the end.
void dsyevr_(const char *, const char *, const char *, const blasint *, double *, const blasint *, const double *,
             const double *, const blasint *, const blasint *, const double *, blasint *, double *, double *,
             const blasint *, blasint *, double *, const blasint *, blasint *, const blasint *, blasint *, size_t, size_t,
             size_t);
void dgeev_(const char *, const char *, const blasint *, double *, const blasint *, double *, double *, double *,
            const blasint *, double *, const blasint *, double *, const blasint *, blasint *, size_t, size_t);
void dgesdd_(const char *, const blasint *, const blasint *, double *, const blasint *, double *, double *,
             const blasint *, double *, const blasint *, double *, const blasint *, blasint *, blasint *, size_t);
void dgetrf_(const blasint *, const blasint *, double *, const blasint *, blasint *, blasint *);
void dgetrs_(const char *, const blasint *, const blasint *, const double *, const blasint *, const blasint *, double *,
             const blasint *, blasint *, size_t);
void dgecon_(const char *, const blasint *, const double *, const blasint *, const double *, double *, double *,
             blasint *, blasint *, size_t);
void dpotrf_(const char *, const blasint *, double *, const blasint *, blasint *, size_t);

// OpenBLAS asks for ever for a buffer that is not to be had: look first.
static int begin(void) {
    if (!kernel_blas_room()) return 0;
    openblas_set_num_threads(1);
    return 1;
}

static int fits(ptrdiff_t n) { return n > 0 && n <= INT_MAX / 8; }

int lapack_eigen_symmetric(ptrdiff_t size, double *a, double *w, double *z) {
    if (!fits(size)) return lapack_bad_argument;
    if (!begin()) return lapack_no_memory;
    const char *job = z ? "V" : "N";
    blasint n = (blasint)size, found = 0, info = 0, query = -1, one = 1, places = 0;
    double zero = 0, length = 0, none = 0;
    blasint *support = malloc(2 * (size_t)n * sizeof *support);
    if (!support) return lapack_no_memory;
    dsyevr_(job, "A", "L", &n, a, &n, &zero, &zero, &one, &one, &zero, &found, w, z ? z : &none, &n, support, &length,
            &query, &places, &query, &info, 1, 1, 1);
    blasint lwork = (blasint)length, liwork = places;
    double *work = info == 0 ? malloc((size_t)lwork * sizeof *work) : NULL;
    blasint *iwork = info == 0 ? malloc((size_t)liwork * sizeof *iwork) : NULL;
    if (work && iwork) {
        dsyevr_(job, "A", "L", &n, a, &n, &zero, &zero, &one, &one, &zero, &found, w, z ? z : &none, &n, support, work,
                &lwork, iwork, &liwork, &info, 1, 1, 1);
    } else if (info == 0) {
        info = lapack_no_memory;
    }
    free(work);
    free(iwork);
    free(support);
    return (int)info;
}

int lapack_eigen_general(ptrdiff_t size, double *a, double *re, double *im, double *z) {
    if (!fits(size)) return lapack_bad_argument;
    if (!begin()) return lapack_no_memory;
    const char *job = z ? "V" : "N";
    blasint n = (blasint)size, info = 0, query = -1;
    double length = 0, none = 0;
    dgeev_("N", job, &n, a, &n, re, im, &none, &n, z ? z : &none, &n, &length, &query, &info, 1, 1);
    if (info != 0) return (int)info;
    blasint lwork = (blasint)length;
    double *work = malloc((size_t)lwork * sizeof *work);
    if (!work) return lapack_no_memory;
    dgeev_("N", job, &n, a, &n, re, im, &none, &n, z ? z : &none, &n, work, &lwork, &info, 1, 1);
    free(work);
    return (int)info;
}

int lapack_singular_values(char job, ptrdiff_t rows, ptrdiff_t columns, double *a, double *d, double *u, double *vt) {
    if (!fits(rows) || !fits(columns)) return lapack_bad_argument;
    if (!begin()) return lapack_no_memory;
    blasint n = (blasint)rows, p = (blasint)columns, least = n < p ? n : p, info = 0, query = -1;
    blasint ldvt = job == 'A' ? p : least;
    double length = 0;
    blasint *iwork = malloc(8 * (size_t)least * sizeof *iwork);
    if (!iwork) return lapack_no_memory;
    dgesdd_(&job, &n, &p, a, &n, d, u, &n, vt, &ldvt, &length, &query, iwork, &info, 1);
    blasint lwork = (blasint)length;
    double *work = info == 0 ? malloc((size_t)lwork * sizeof *work) : NULL;
    if (work) {
        dgesdd_(&job, &n, &p, a, &n, d, u, &n, vt, &ldvt, work, &lwork, iwork, &info, 1);
    } else if (info == 0) {
        info = lapack_no_memory;
    }
    free(work);
    free(iwork);
    return (int)info;
}

int lapack_lu(ptrdiff_t size, double *a, int *pivots) {
    if (!fits(size)) return lapack_bad_argument;
    if (!begin()) return lapack_no_memory;
    blasint n = (blasint)size, info = 0;
    blasint *rows = malloc((size_t)n * sizeof *rows);
    if (!rows) return lapack_no_memory;
    dgetrf_(&n, &n, a, &n, rows, &info);
    for (blasint i = 0; i < n; i++) pivots[i] = (int)rows[i];
    free(rows);
    return (int)info;
}

int lapack_lu_solve(ptrdiff_t size, ptrdiff_t columns, const double *a, const int *pivots, double *b) {
    if (!fits(size) || !fits(columns)) return lapack_bad_argument;
    if (!begin()) return lapack_no_memory;
    blasint n = (blasint)size, right = (blasint)columns, info = 0;
    blasint *rows = malloc((size_t)n * sizeof *rows);
    if (!rows) return lapack_no_memory;
    for (blasint i = 0; i < n; i++) rows[i] = (blasint)pivots[i];
    dgetrs_("N", &n, &right, a, &n, rows, b, &n, &info, 1);
    free(rows);
    return (int)info;
}

int lapack_lu_condition(char norm, ptrdiff_t size, const double *a, double norm_of_a, double *result) {
    if (!fits(size)) return lapack_bad_argument;
    if (!begin()) return lapack_no_memory;
    blasint n = (blasint)size, info = 0;
    double *work = malloc(4 * (size_t)n * sizeof *work);
    blasint *iwork = malloc((size_t)n * sizeof *iwork);
    if (work && iwork) {
        dgecon_(&norm, &n, a, &n, &norm_of_a, result, work, iwork, &info, 1);
    } else {
        info = lapack_no_memory;
    }
    free(work);
    free(iwork);
    return (int)info;
}

int lapack_cholesky(ptrdiff_t size, double *a) {
    if (!fits(size)) return lapack_bad_argument;
    if (!begin()) return lapack_no_memory;
    blasint n = (blasint)size, info = 0;
    dpotrf_("U", &n, a, &n, &info, 1);
    return (int)info;
}
