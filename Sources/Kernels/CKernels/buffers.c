#include "kernels.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// Blocks of 64 kB and more are kept in lists by size class (eighths of an octave) and reused: a fresh block of 100 MB
// costs 33,000 page faults each time it is asked for. What is kept should make the process little larger than it was
// with the most bytes in use: before a fresh block is asked for, those go for which nobody has come for long. A training
// step takes a few times the most bytes in use, and all its blocks again in the next one: those must not go.

enum { SMALLEST = 1 << 16, CLASSES = 8 * 48 };
typedef struct Block {
    struct Block *next;
    uint64_t since;  // bytes that had been taken when it was kept
} Block;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Block *lists[CLASSES];
static size_t live, most_live, cached;
static uint64_t taken;

// Bytes of the machine; the caller knows better (containers, limits of the shell) and says so.
static _Atomic size_t memory = (size_t)4 << 30;

void kernel_memory_set(size_t bytes) { memory = bytes; }
size_t kernel_memory(void) { return memory; }

size_t kernel_buffer_limit(void) { return kernel_memory() / 10 * 9; }
static size_t bound(void) { return kernel_memory() / 8; }

// Class index and its size: 2^e · (8 + k) / 8.
static int class_of(size_t bytes, size_t *size) {
    int e = 63 - __builtin_clzll(bytes);
    size_t unit = (size_t)1 << (e - 3);
    size_t k = (bytes - ((size_t)1 << e) + unit - 1) / unit;
    if (k == 8) { e += 1; k = 0; unit <<= 1; }
    *size = ((size_t)1 << e) + k * unit;
    return (e - 16) * 8 + (int)k;
}

static void *fresh(size_t size) {
    if (size < ((size_t)4 << 20)) {
        void *p = NULL;
        return posix_memalign(&p, 64, size) == 0 ? p : NULL;
    }
    // Aligned to 2 MB so that the kernel can back it with huge pages.
    size_t huge = (size_t)2 << 20;
    char *p = mmap(NULL, size + huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return NULL;
    char *start = (char *)(((uintptr_t)p + huge - 1) & ~(uintptr_t)(huge - 1));
    if (start > p) munmap(p, (size_t)(start - p));
    size_t tail = (size_t)(p + size + huge - (start + size));
    if (tail >= 4096) munmap((char *)(((uintptr_t)(start + size) + 4095) & ~(uintptr_t)4095), tail & ~(size_t)4095);
    madvise(start, size, MADV_HUGEPAGE);
    return start;
}

static void release(void *block, size_t size) {
    if (size < ((size_t)4 << 20)) free(block);
    else munmap(block, (size + 4095) & ~(size_t)4095);
}

static size_t class_size(int index) { return ((size_t)1 << (16 + index / 8)) / 8 * (8 + (size_t)(index % 8)); }

enum { STALE = 16 };  // times the most bytes in use: taken by others since a block was kept

// Takes a block off its list that was kept before `since`; a list has its oldest block at the end. The lock is held.
static Block *stale(uint64_t since, size_t *size) {
    for (int i = CLASSES - 1; i >= 0; i--) {
        Block **place = &lists[i];
        if (!*place) continue;
        while ((*place)->next) place = &(*place)->next;
        if ((*place)->since >= since) continue;
        Block *block = *place;
        *place = NULL;
        *size = class_size(i);
        cached -= *size;
        return block;
    }
    return NULL;
}

// Makes room for a fresh block.
static void shrink(size_t size) {
    size_t in_use = __atomic_load_n(&live, __ATOMIC_RELAXED) + size;
    for (;;) {
        size_t old = 0;
        Block *block = NULL;
        pthread_mutex_lock(&lock);
        uint64_t long_ago = (uint64_t)STALE * most_live;
        if (in_use + cached > most_live && taken > long_ago) block = stale(taken - long_ago, &old);
        pthread_mutex_unlock(&lock);
        if (!block) return;
        release(block, old);
    }
}

void *kernel_buffer_take(size_t bytes, size_t *capacity) {
    if (bytes < SMALLEST) {
        size_t size = bytes < 64 ? 64 : (bytes + 63) & ~(size_t)63;
        void *p = NULL;
        *capacity = size;
        if (posix_memalign(&p, 64, size) != 0) return NULL;
        __atomic_fetch_add(&live, size, __ATOMIC_RELAXED);
        return p;
    }
    if (bytes > kernel_buffer_limit()) return NULL;
    size_t size;
    int index = class_of(bytes, &size);
    *capacity = size;
    if (__atomic_load_n(&live, __ATOMIC_RELAXED) + size > kernel_buffer_limit()) return NULL;
    pthread_mutex_lock(&lock);
    size_t in_use = __atomic_load_n(&live, __ATOMIC_RELAXED) + size;
    if (in_use > most_live) most_live = in_use;
    taken += size;
    Block *block = lists[index];
    if (block) {
        lists[index] = block->next;
        cached -= size;
    }
    pthread_mutex_unlock(&lock);
    if (!block) shrink(size);
    void *result = block ? (void *)block : fresh(size);
    if (!result) {
        kernel_buffer_trim();
        result = fresh(size);
    }
    if (result) __atomic_fetch_add(&live, size, __ATOMIC_RELAXED);
    return result;
}

void kernel_buffer_give(void *block, size_t capacity) {
    __atomic_fetch_sub(&live, capacity, __ATOMIC_RELAXED);
    if (capacity < SMALLEST) {
        free(block);
        return;
    }
    size_t size;
    int index = class_of(capacity, &size);
    pthread_mutex_lock(&lock);
    int keep = cached + size <= bound();
    if (keep) {
        ((Block *)block)->next = lists[index];
        ((Block *)block)->since = taken;
        lists[index] = block;
        cached += size;
    }
    pthread_mutex_unlock(&lock);
    if (!keep) release(block, size);
}

void kernel_buffer_trim(void) {
    for (int i = 0; i < CLASSES; i++) {
        pthread_mutex_lock(&lock);
        Block *block = lists[i];
        lists[i] = NULL;
        size_t size = class_size(i);
        for (Block *b = block; b; b = b->next) cached -= size;
        pthread_mutex_unlock(&lock);
        while (block) {
            Block *next = block->next;
            release(block, size);
            block = next;
        }
    }
}

size_t kernel_buffer_live(void) { return __atomic_load_n(&live, __ATOMIC_RELAXED); }
size_t kernel_buffer_cached(void) {
    pthread_mutex_lock(&lock);
    size_t size = cached;
    pthread_mutex_unlock(&lock);
    return size;
}
