#pragma once
// Inner loops of the tensors. Conventions: output first, then inputs, then sizes; sizes and strides count elements;
// nothing here allocates tensors, prints, or ends the process. Unless a comment says otherwise a function is serial
// and its operands do not overlap, except that an output may be exactly one of its inputs.
#include <stddef.h>
#include <stdint.h>

// MARK: Buffers (buffers.c)

/// A block of at least `bytes` bytes aligned to 64, or NULL when the system or the limit refuses.
/// `capacity` receives what must be handed back with the block.
void *kernel_buffer_take(size_t bytes, size_t *capacity);
/// Hands a block back; big ones are kept for the next taker, within the cache's bound.
void kernel_buffer_give(void *block, size_t capacity);
/// Bytes handed out and not yet returned.
size_t kernel_buffer_live(void);
/// Bytes kept for reuse.
size_t kernel_buffer_cached(void);
/// Sets how much memory there is: the machine's, or the container's or shell's limit; 4 GB until it is called.
void kernel_memory_set(size_t bytes);
/// What was set.
size_t kernel_memory(void);
/// Most bytes that may be live at once (nine tenths of that).
size_t kernel_buffer_limit(void);
/// Returns all kept blocks to the system.
void kernel_buffer_trim(void);

// MARK: Threads (threads.c)

/// Most threads a parallel loop uses, from 1; to begin with the cores that the process and its container may use.
int kernel_threads_get(void);
/// Threads for a quota of processor time as a container's `cpu.max` says it ("150000 100000": two); 0 for no limit.
int kernel_quota_threads(const char *max);
/// Sets the number of threads (1...256); also keeps OpenBLAS to one thread inside each of them.
void kernel_threads_set(int count);
/// Runs body(context, i) for i in 0..<tasks, on all threads; serially inside another parallel loop.
void kernel_parallel(void (*body)(void *context, size_t task), void *context, size_t tasks);

/// A pointer that belongs to the calling thread, one for each slot 0...3; NULL to begin with.
void *kernel_thread_slot_get(int slot);
void kernel_thread_slot_set(int slot, void *value);
/// 1, 2, 3, … in the process.
uint64_t kernel_next_sequence(void);

// MARK: Instruction sets (dispatch.c)

typedef enum { KERNEL_SCALAR = 0, KERNEL_AVX2 = 1, KERNEL_AVX512 = 2 } KernelISA;
/// The set in use: the machine's best, capped by the environment variable WORKBENCH_ISA (scalar, avx2, avx512).
KernelISA kernel_isa(void);
/// Uses another set if the machine has it (tests); returns the set now in use.
KernelISA kernel_isa_select(KernelISA isa);

// MARK: Element types (convert.c)

typedef enum {
    KERNEL_F32 = 0, KERNEL_F64 = 1, KERNEL_I32 = 2, KERNEL_I64 = 3, KERNEL_U8 = 4, KERNEL_BOOL = 5, KERNEL_I8 = 6,
    KERNEL_I16 = 7, KERNEL_F16 = 8, KERNEL_BF16 = 9
} KernelType;
/// out[i] = (type of out) x[i]. Floats that int64 cannot hold (NaN, out of range) become the smallest; for the other integers
/// those that int32 cannot hold become the smallest int32, cut to size;
/// integers wrap; bool is x != 0.
void kernel_convert(KernelType to, void *out, ptrdiff_t outStride, KernelType from, const void *x, ptrdiff_t stride,
                    size_t n);
/// out[i·outRow + j] = x[j·xRow + i] for i in 0..<rows, j in 0..<columns; elements of four bytes.
void kernel_transpose_32(uint32_t *out, ptrdiff_t outRow, const uint32_t *x, ptrdiff_t xRow, size_t rows,
                         size_t columns);

// MARK: Elementwise (elementwise.inc)

typedef enum {
    KERNEL_NEG, KERNEL_ABS, KERNEL_EXP, KERNEL_LOG, KERNEL_SQRT, KERNEL_RSQRT, KERNEL_RECIPROCAL, KERNEL_SQUARE,
    KERNEL_RELU, KERNEL_SIGMOID, KERNEL_TANH, KERNEL_SILU, KERNEL_CLAMP, KERNEL_AFFINE, KERNEL_LEAKY_RELU,
    KERNEL_UNARY_COUNT
} KernelUnary;
typedef enum {
    KERNEL_ADD, KERNEL_SUB, KERNEL_MUL, KERNEL_DIV, KERNEL_MAXIMUM, KERNEL_MINIMUM, KERNEL_ADD_SCALED,
    KERNEL_RELU_BACKWARD, KERNEL_LEAKY_RELU_BACKWARD, KERNEL_BINARY_COUNT
} KernelBinary;
typedef enum { KERNEL_EQ, KERNEL_NE, KERNEL_LT, KERNEL_LE, KERNEL_GT, KERNEL_GE, KERNEL_COMPARE_COUNT } KernelCompare;

/// out[i] = op(x[i]); p and q parametrise CLAMP (low, high), AFFINE (x·p + q), LEAKY_RELU (slope).
void kernel_unary_f32(KernelUnary op, float *out, ptrdiff_t so, const float *x, ptrdiff_t sx, size_t n, float p, float q);
void kernel_unary_f64(KernelUnary op, double *out, ptrdiff_t so, const double *x, ptrdiff_t sx, size_t n, double p,
                      double q);
/// out[i] = op(a[i], b[i]); p is ADD_SCALED's factor (a + p·b) and LEAKY_RELU_BACKWARD's slope; the backward ones take
/// (dy, x).
void kernel_binary_f32(KernelBinary op, float *out, ptrdiff_t so, const float *a, ptrdiff_t sa, const float *b,
                       ptrdiff_t sb, size_t n, float p);
void kernel_binary_f64(KernelBinary op, double *out, ptrdiff_t so, const double *a, ptrdiff_t sa, const double *b,
                       ptrdiff_t sb, size_t n, double p);
/// out[i] = a[i] op b[i] as 0 or 1.
void kernel_compare_f32(KernelCompare op, uint8_t *out, ptrdiff_t so, const float *a, ptrdiff_t sa, const float *b,
                        ptrdiff_t sb, size_t n);
void kernel_compare_f64(KernelCompare op, uint8_t *out, ptrdiff_t so, const double *a, ptrdiff_t sa, const double *b,
                        ptrdiff_t sb, size_t n);

// MARK: Reductions (reduce.inc)

/// Sum of n numbers in double precision, in eight interleaved partial sums.
double kernel_sum_f32(const float *x, ptrdiff_t stride, size_t n);
double kernel_sum_f64(const double *x, ptrdiff_t stride, size_t n);
/// acc[j] += Σᵢ x[i·stride + j] for j in 0..<columns: sums down the columns of a matrix.
void kernel_column_sum_f32(double *acc, const float *x, ptrdiff_t stride, size_t rows, size_t columns);
void kernel_column_sum_f64(double *acc, const double *x, ptrdiff_t stride, size_t rows, size_t columns);
/// y = softmax(x) (log = 0) or log softmax (log = 1) of each contiguous row.
void kernel_softmax_f32(float *y, const float *x, size_t rows, size_t n, int log);
void kernel_softmax_f64(double *y, const double *x, size_t rows, size_t n, int log);

// MARK: Batch normalisation, channels last: x is [rows, C] (norm.inc)

/// sum[c] += Σ x[·,c]; sumsq[c] += Σ (x[·,c] − shift[c])².
void kernel_moments_f32(double *sum, double *sumsq, const float *x, const double *shift, size_t rows, size_t C);
void kernel_moments_f64(double *sum, double *sumsq, const double *x, const double *shift, size_t rows, size_t C);
/// y[·,c] = x[·,c]·scale[c] + offset[c].
void kernel_scale_columns_f32(float *y, const float *x, const float *scale, const float *offset, size_t rows, size_t C);
void kernel_scale_columns_f64(double *y, const double *x, const double *scale, const double *offset, size_t rows,
                              size_t C);
/// sumDy[c] += Σ dy; sumDyX[c] += Σ dy·(x − mean[c]).
void kernel_norm_sums_f32(double *sumDy, double *sumDyX, const float *dy, const float *x, const double *mean,
                          size_t rows, size_t C);
void kernel_norm_sums_f64(double *sumDy, double *sumDyX, const double *dy, const double *x, const double *mean,
                          size_t rows, size_t C);
/// dx = a[c]·(dy − d[c] − (x − mean[c])·b[c]).
void kernel_norm_backward_f32(float *dx, const float *dy, const float *x, const float *a, const float *b,
                              const float *d, const float *mean, size_t rows, size_t C);
void kernel_norm_backward_f64(double *dx, const double *dy, const double *x, const double *a, const double *b,
                              const double *d, const double *mean, size_t rows, size_t C);

// MARK: Batch normalisation and ReLU together (norm_relu.inc), single precision; dz is dy where y > 0 and else 0

/// y = relu(x·scale[c] + offset[c] + other); other may be NULL.
void kernel_norm_relu(float *y, const float *x, const float *other, const float *scale, const float *offset,
                      size_t rows, size_t C);
/// sumDy[c] += Σ dz; sumDyX[c] += Σ dz·(x − mean[c]).
void kernel_norm_relu_sums(double *sumDy, double *sumDyX, const float *dy, const float *y, const float *x,
                           const double *mean, size_t rows, size_t C);
/// dx = a[c]·(dz − d[c] − (x − mean[c])·b[c]); dx may be x.
void kernel_norm_relu_backward(float *dx, const float *dy, const float *y, const float *x, const float *a,
                               const float *b, const float *d, const float *mean, size_t rows, size_t C);

// MARK: Windows over channels-last images (windows.c)

/// One axis pair of a convolution or pooling: H×W input, R×S window, P×Q output.
typedef struct {
    ptrdiff_t H, W, C, R, S, P, Q, strideH, strideW, padH, padW, dilationH, dilationW;
} KernelWindow;
/// cols[row − first, (r·S + s)·C + c] = x[n, h, w, c] or 0 outside, for output rows first..<first+count of image-major
/// [N·P·Q]; `pixel` is the distance between neighbouring pixels of x (C, or more when C is a group of the channels);
/// `unit` the bytes of an element.
void kernel_im2col(void *cols, const void *x, KernelWindow w, ptrdiff_t pixel, size_t first, size_t count, size_t unit);
/// The transpose of kernel_im2col: adds the rows of cols into dx (one thread an image).
void kernel_col2im_f32(float *dx, const float *cols, KernelWindow w, ptrdiff_t pixel, size_t first, size_t count);
void kernel_col2im_f64(double *dx, const double *cols, KernelWindow w, ptrdiff_t pixel, size_t first, size_t count);
/// Largest element of each window of one image, NaN winning, and its place h·W + w.
void kernel_max_pool_f32(float *y, int32_t *place, const float *x, KernelWindow w);
void kernel_max_pool_f64(double *y, int32_t *place, const double *x, KernelWindow w);
/// dx[place] += dy for one image; dx must be zero to begin with.
void kernel_max_pool_backward_f32(float *dx, const float *dy, const int32_t *place, KernelWindow w);
void kernel_max_pool_backward_f64(double *dx, const double *dy, const int32_t *place, KernelWindow w);

// MARK: Convolution by its definition (convolution_reference.c), in double precision inside

/// The reference that every faster convolution is tested against. x is [N,H,W,groups·C], w [groups·K,R,S,C] and
/// y [N,P,Q,groups·K], where C and K count the channels of one group.
typedef struct {
    KernelWindow window;
    ptrdiff_t N, K, groups;
} KernelConvolution;
void kernel_convolution_reference_f32(float *y, const float *x, const float *w, KernelConvolution c);
void kernel_convolution_reference_f64(double *y, const double *x, const double *w, KernelConvolution c);
/// Gradient of x from that of y.
void kernel_convolution_reference_dx_f32(float *dx, const float *dy, const float *w, KernelConvolution c);
void kernel_convolution_reference_dx_f64(double *dx, const double *dy, const double *w, KernelConvolution c);
/// Gradient of w from that of y.
void kernel_convolution_reference_dw_f32(float *dw, const float *x, const float *dy, KernelConvolution c);
void kernel_convolution_reference_dw_f64(double *dw, const double *x, const double *dy, KernelConvolution c);

// MARK: Products of matrices in panels, single precision (panel.inc)

/// Columns of a panel.
#define KERNEL_PANEL 32
/// Matrices of `rows` rows, one for each place, `step` floats apart. Columns lie in panels: element [row, column] is at
/// (column / KERNEL_PANEL)·rows·KERNEL_PANEL + row·KERNEL_PANEL + column % KERNEL_PANEL.
typedef struct {
    float *at;
    size_t step, rows;
} KernelPanels;
/// c = a·b, or c += if `add`, at each place: c[rows, width], a[rows, depth], b[depth, width].
void kernel_panel_product(KernelPanels c, KernelPanels a, KernelPanels b, size_t places, size_t rows, size_t depth,
                          size_t width, int add);
/// c = aᵀ·b, or c += if `add`, at each place: c[rows, width], a[depth, rows], b[depth, width].
void kernel_panel_product_turned(KernelPanels c, KernelPanels a, KernelPanels b, size_t places, size_t rows,
                                 size_t depth, size_t width, int add);

// MARK: Filters and rows as panels (filters.c)

/// Filters wherever they lie: floats from a filter to the next, from a channel, from a tap (row after row).
typedef struct {
    float *at;
    ptrdiff_t filter, channel, tap;
} KernelFilters;
/// out[tap, channel, filter] of at most KERNEL_PANEL filters; `rows` rows of a panel from a tap to the next.
void kernel_filters_turned(float *out, KernelFilters w, ptrdiff_t taps, size_t filters, ptrdiff_t channels,
                           ptrdiff_t rows);
/// Rows of `columns` numbers into the panels of one matrix, from its first row on.
void kernel_rows_to_panels(KernelPanels out, const float *x, size_t rows, size_t columns);
/// Back to rows, with bias[column % period] added (period a multiple of KERNEL_PANEL); bias may be NULL.
void kernel_panels_to_rows(float *y, KernelPanels m, const float *bias, size_t rows, size_t columns, size_t period);

// MARK: Winograd's method for 3×3 filters, single precision (winograd.inc, tiles.inc)

/// Output pixels of a tile, and what the filters are like.
typedef enum {
    /// F(4×4, 3×3), stride 1: 36 places. The only one that has gradients.
    KERNEL_TILES_4 = 0,
    /// 4×4 output pixels, stride 2: 81 places, 36 filters.
    KERNEL_TILES_STRIDED_4 = 1,
    /// 2×2 output pixels, stride 2: 25 places, 16 filters.
    KERNEL_TILES_STRIDED_2 = 2,
    /// Images of 2×2 pixels, stride 1, padding 1: 9 places.
    KERNEL_TILES_IMAGE_2 = 3,
    KERNEL_TILING_COUNT
} KernelTiling;
/// Images cut into tiles of output pixels, `down`×`across` an image: x is [N,H,W,C], y [N,P,Q,K]. Tile t counts
/// image after image, row after row.
typedef struct {
    ptrdiff_t H, W, C, P, Q, K, padH, padW, down, across;
    KernelTiling tiling;
} KernelTiles;
// A transformed tile has a place for each product of a pair of channels; its channels are a row of the matrix of each
// place. The same goes for a filter; with stride 2 some places share one.
/// v = Bᵀ d B of the input tiles first..<first+count, from row 0 on.
void kernel_winograd_input(KernelPanels v, const float *x, KernelTiles g, size_t first, size_t count);
/// z = A dY Aᵀ of tiles of the output's gradient, from row 0 on.
void kernel_winograd_slope(KernelPanels z, const float *dy, KernelTiles g, size_t first, size_t count);
/// y = Aᵀ m A + bias for channels from..<from+channels, which m begins with; bias may be NULL.
void kernel_winograd_output(float *y, KernelPanels m, const float *bias, KernelTiles g, size_t first, size_t count,
                            ptrdiff_t from, ptrdiff_t channels);
/// sum[c] += Σ (y − shift[c]) and squares[c] += Σ (y − shift[c])² over the output pixels of 4×4 tiles, for channels
/// from..<from+channels, with which the three arrays begin. Returns the number of pixels.
ptrdiff_t kernel_winograd_moments(double *sum, double *squares, const float *y, const double *shift, KernelTiles g,
                                  size_t first, size_t count, ptrdiff_t from, ptrdiff_t channels);
/// dx += B m Bᵀ for channels from..<from+channels, which m begins with. Neighbouring tiles share pixels.
void kernel_winograd_back(float *dx, KernelPanels m, KernelTiles g, size_t first, size_t count, ptrdiff_t from,
                          ptrdiff_t channels);
/// u[filter, channel] = G g Gᵀ of `filters` filters of `channels` channels.
void kernel_winograd_filter(KernelPanels u, KernelFilters w, size_t filters, ptrdiff_t channels);
/// u[channel, filter] = G g Gᵀ.
void kernel_winograd_filter_turned(KernelPanels u, KernelFilters w, size_t filters, ptrdiff_t channels,
                                   KernelTiling tiling);
/// dw = Gᵀ m G of m[filter, channel], or dw += if `add`.
void kernel_winograd_filter_back(KernelFilters dw, KernelPanels m, size_t filters, ptrdiff_t channels, int add);

// MARK: ReLU and 2×2 max-pooling, stride 2, next to other work (pool.inc, winograd_pool.inc), single precision
//
// Pooled images are [N, H / 2, W / 2, C]; the last row and column of an odd side belong to no window. `place` stands
// beside a pooled number: 0…3 = row·2 + column of the first largest of the window (NaN wins), 4 where it is not
// positive and no gradient passes.

/// Channels-last images of H×W pixels.
typedef struct {
    ptrdiff_t H, W, C;
} KernelImages;
/// The pooled y = maxpool(relu(Aᵀ m A + bias))·factor, as kernel_winograd_output. `factor` here and below has a number
/// for each image and channel, or is NULL for ones.
void kernel_winograd_output_pool(float *y, uint8_t *place, KernelPanels m, const float *bias, const float *factor,
                                 KernelTiles g, size_t first, size_t count, ptrdiff_t from, ptrdiff_t channels);
/// z = A dY Aᵀ, as kernel_winograd_slope, from the gradient of the pooled output.
void kernel_winograd_slope_pool(KernelPanels z, const float *dy, const uint8_t *place, const float *factor,
                                KernelTiles g, size_t first, size_t count);
// The functions below work on the rows of windows first..<first+count of all N·(H / 2).
/// y = maxpool(relu(x·scale[c] + offset[c])); both NULL for 1 and 0.
void kernel_pool_forward(float *y, uint8_t *place, const float *x, const float *scale, const float *offset,
                         KernelImages g, size_t first, size_t count);
/// dx = dy at the places, 0 elsewhere (also in the odd last row and column).
void kernel_pool_spread(float *dx, const float *dy, const uint8_t *place, KernelImages g, size_t first, size_t count);
/// y = x at the places, 0 where the place is 4: the transpose.
void kernel_pool_gather(float *y, const float *x, const uint8_t *place, KernelImages g, size_t first, size_t count);
/// acc[c] += Σ dy[·,c]·factor[c] of rows of C numbers of one image, where the place is not 4.
void kernel_pool_sums(double *acc, const float *dy, const uint8_t *place, const float *factor, size_t rows, size_t C);
/// sumDy[c] += Σ dz, sumDyX[c] += Σ dz·(x − mean[c]), with dz = dy at the places and 0 elsewhere.
void kernel_norm_pool_sums(double *sumDy, double *sumDyX, const float *dy, const uint8_t *place, const float *x,
                           const double *mean, KernelImages g, size_t first, size_t count);
/// dx = a[c]·(dz − d[c] − (x − mean[c])·b[c]), with the same dz; dx may be x. sums[c] += Σ dx.
void kernel_norm_pool_backward(float *dx, double *sums, const float *dy, const uint8_t *place, const float *x,
                               const float *a, const float *b, const float *d, const float *mean, KernelImages g,
                               size_t first, size_t count);

// MARK: Convolution of images of few channels, single precision (direct.inc, direct_weight.inc)

/// One image: x is [H,W,C], y [P,Q,K], the weights `w` [R·S·C, rowK] (kernel_direct_filters) and `bias` rowK numbers.
/// `rowK` is K rounded up to 16, `length` the floats of a padded row (kernel_direct). `stream` says that y is
/// larger than the caches.
typedef struct {
    KernelWindow window;
    ptrdiff_t K, rowK, length;
    int stream;
} KernelDirect;
/// Sizes for a window without dilation and K filters.
KernelDirect kernel_direct(KernelWindow window, ptrdiff_t K, int stream);
/// Floats of scratch that any of these functions needs for `rows` rows (of windows, if pooled: counted double).
size_t kernel_direct_scratch(KernelDirect d, ptrdiff_t rows);
/// packed[(r·S + s)·C + c, k] = w[k, r, s, c], with zeros up to rowK.
void kernel_direct_filters(float *packed, KernelFilters w, KernelDirect d);
/// Rows first..<first+rows of y = bias + Σ x·w.
void kernel_direct_forward(float *y, const float *x, const float *w, const float *bias, KernelDirect d,
                           ptrdiff_t first, ptrdiff_t rows, float *scratch);
/// Rows first..<first+rows of y [P/2,Q/2,K]: the largest of each 2×2 outputs, or 0 if none is positive. place holds
/// which of the four (row·2 + column) it was, 4 if none is positive or one is NaN (y is NaN then). y is multiplied by
/// `factor`, a number for each channel, or NULL for ones.
void kernel_direct_pooled(float *y, uint8_t *place, const float *x, const float *w, const float *bias,
                          const float *factor, KernelDirect d, ptrdiff_t first, ptrdiff_t rows, float *scratch);
/// sums[(r·S + s)·C + c, k] += Σ x·dy over rows first..<first+rows of dy.
void kernel_direct_weight(float *sums, const float *x, const float *dy, KernelDirect d, ptrdiff_t first,
                          ptrdiff_t rows, float *scratch);
/// The same from the gradient of the pooled output.
void kernel_direct_pooled_weight(float *sums, const float *x, const float *dy, const uint8_t *place,
                                 const float *factor, KernelDirect d, ptrdiff_t first, ptrdiff_t rows,
                                 float *scratch);

// MARK: Filters 7 wide with step 2 over images of few channels, by Winograd's method along rows (stem.c, stem.inc)

/// One image: x is [H,W,C], y [P,Q,K]; the weights are those of kernel_stem_filters, the bias has rowK numbers. `tiles` of
/// four outputs a row; `lines` rows of the image are read for a band of outputs. `stream` as in KernelDirect.
typedef struct {
    KernelWindow window;
    ptrdiff_t K, rowK, tiles, lines;
    int stream;
} KernelStem;
/// Sizes for a window of width 7, step 2 and dilation 1, and bands of at most `rows` rows of outputs.
KernelStem kernel_stem(KernelWindow window, ptrdiff_t K, ptrdiff_t rows, int stream);
/// Floats of scratch for a band, and of the transformed filters.
size_t kernel_stem_scratch(KernelStem s);
size_t kernel_stem_filters_count(KernelStem s);
/// packed[place, channel, row of the filter, filter].
void kernel_stem_filters(float *packed, KernelFilters w, KernelStem s);
/// Rows first..<first+rows of y = bias + Σ x·w.
void kernel_stem_forward(float *y, const float *x, const float *w, const float *bias, KernelStem s, ptrdiff_t first,
                         ptrdiff_t rows, float *scratch);

// MARK: Products of matrices (gemm.c), row major: C[M,N] = alpha·op(A)·op(B) + beta·C, serial

/// Whether there is memory for the buffer of OpenBLAS, which asks for ever where there is none.
int kernel_blas_room(void);

void kernel_gemm_f32(int transA, int transB, ptrdiff_t M, ptrdiff_t N, ptrdiff_t K, float alpha, const float *A,
                     ptrdiff_t lda, const float *B, ptrdiff_t ldb, float beta, float *C, ptrdiff_t ldc);
void kernel_gemm_f64(int transA, int transB, ptrdiff_t M, ptrdiff_t N, ptrdiff_t K, double alpha, const double *A,
                     ptrdiff_t lda, const double *B, ptrdiff_t ldb, double beta, double *C, ptrdiff_t ldc);

// MARK: Adam (adam.inc)

typedef struct {
    float beta1, beta2, eps, stepSize, biasCorrection2Sqrt, weightDecay, decoupledDecay;
} KernelAdam;
/// One step of Adam over n elements, all contiguous: g ← g + weightDecay·p (not stored), p ← p·decoupledDecay,
/// m ← β1·m + (1−β1)·g, v ← β2·v + (1−β2)·g², p ← p − stepSize·m / (√v / biasCorrection2Sqrt + eps).
void kernel_adam_f32(float *p, const float *g, float *m, float *v, size_t n, KernelAdam s);

// MARK: Random numbers (random.c): libtorch's CPU generator

typedef struct {
    uint32_t state[624];
    int32_t left;
    uint32_t next;
    int32_t seeded;
    int32_t hasNormalFloat, hasNormalDouble;
    float normalFloat;
    double normalDouble;
    uint64_t seed;
} KernelGenerator;
/// mt19937 seeded with the low 32 bits of seed.
void kernel_random_seed(KernelGenerator *g, uint64_t seed);
uint32_t kernel_random_32(KernelGenerator *g);
/// Two draws, the first in the high half.
uint64_t kernel_random_64(KernelGenerator *g);
/// out[i] = fma(u, to − from, from), u of 24 (float) or 53 bits (double) in [0, 1).
void kernel_random_uniform_f32(KernelGenerator *g, float *out, size_t n, double from, double to);
void kernel_random_uniform_f64(KernelGenerator *g, double *out, size_t n, double from, double to);
/// Normal numbers as libtorch makes them: below 16 elements in pairs with one kept, from 16 on in blocks of 16.
void kernel_random_normal_f32(KernelGenerator *g, float *out, size_t n, double mean, double std);
void kernel_random_normal_f64(KernelGenerator *g, double *out, size_t n, double mean, double std);
/// One normal number by the pair method, in double precision.
double kernel_random_normal(KernelGenerator *g, double mean, double std);
/// out[i] = 1 where a 53-bit uniform is below p, else 0.
void kernel_random_bernoulli(KernelGenerator *g, uint8_t *out, size_t n, double p);
/// One 53-bit uniform in [0, 1).
double kernel_random_double(KernelGenerator *g);// MARK: checksum.c

/// CRC-32 of bytes, continued from that of the bytes before (0 at the start).
uint32_t kernel_checksum(uint32_t before, const void *bytes, size_t count);


