#ifndef WORKBENCH_LAPACK_H
#define WORKBENCH_LAPACK_H

#include <stddef.h>

// The routines of LAPACK that R calls, with the arguments that R gives them, so that signs and orders of vectors are R's.
// Matrices lie in columns; inputs are overwritten. Results: 0, LAPACK's positive `info`, or lapack_no_memory.

enum { lapack_no_memory = -1000, lapack_bad_argument = -1001 };

/// Eigenvalues w[n], rising, and vectors z[n × n] (or NULL) of the symmetric a[n × n], of which the lower triangle is read
/// (dsyevr).
int lapack_eigen_symmetric(ptrdiff_t n, double *a, double *w, double *z);

/// Eigenvalues re[n] + i im[n] and right vectors z[n × n] (or NULL) of a[n × n] (dgeev). Of a pair of conjugates the
/// vector is column j + i column j + 1.
int lapack_eigen_general(ptrdiff_t n, double *a, double *re, double *im, double *z);

/// Singular values d[min(n, p)] of a[n × p], u[n × uColumns] and vt[vtRows × p] (dgesdd). job: 'N' values only, 'S' the
/// first min(n, p) vectors, 'A' all.
int lapack_singular_values(char job, ptrdiff_t n, ptrdiff_t p, double *a, double *d, double *u, double *vt);

/// L and U in place of a[n × n], exchanged rows (from 1) in pivots[n] (dgetrf).
int lapack_lu(ptrdiff_t n, double *a, int *pivots);

/// Solves a x = b[n × columns] with the factors of lapack_lu (dgetrs).
int lapack_lu_solve(ptrdiff_t n, ptrdiff_t columns, const double *a, const int *pivots, double *b);

/// Reciprocal of the condition number from the factors of lapack_lu and the norm of the matrix (dgecon); norm: 'O' or 'I'.
int lapack_lu_condition(char norm, ptrdiff_t n, const double *a, double size, double *result);

/// Upper Cholesky triangle in place of a[n × n] (dpotrf); what lies below is left.
int lapack_cholesky(ptrdiff_t n, double *a);

#endif
