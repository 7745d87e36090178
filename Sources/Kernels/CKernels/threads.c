#define _GNU_SOURCE
#include "kernels.h"
#include <cblas.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

// A pool of threads that wait for one loop at a time. How a loop is cut into tasks is the caller's business and never
// depends on which thread takes which task, so results depend on the number of tasks only.

enum { MOST = 256 };

static pthread_mutex_t busy = PTHREAD_MUTEX_INITIALIZER;  // held by the thread whose loop is running
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER, done = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int wanted, workers;
static _Atomic uint64_t round_number;
static void (*loop_body)(void *, size_t);
static void *loop_context;
static size_t loop_tasks;
static atomic_size_t loop_next;
static int open_for_joining, running;
static _Thread_local int inside;
static _Thread_local void *slots[4];

static void work(void) {
    size_t task;
    while ((task = atomic_fetch_add(&loop_next, 1)) < loop_tasks) loop_body(loop_context, task);
}

static void *worker(void *argument) {
    int number = (int)(intptr_t)argument;
    uint64_t seen = 0;
    inside = 1;
    for (;;) {
        // Loops of a training step follow each other closely: look a little before sleeping.
        for (int i = 0; i < 2000 && atomic_load_explicit(&round_number, memory_order_acquire) == seen; i++)
            __builtin_ia32_pause();
        pthread_mutex_lock(&lock);
        while (atomic_load(&round_number) == seen) pthread_cond_wait(&wake, &lock);
        seen = atomic_load(&round_number);
        // A thread that wakes late, on a busy machine, finds the loop closed: nobody waits for it.
        int joins = open_for_joining && number < wanted - 1;
        running += joins;
        pthread_mutex_unlock(&lock);
        if (!joins) continue;
        work();
        pthread_mutex_lock(&lock);
        if (--running == 0) pthread_cond_signal(&done);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

int kernel_quota_threads(const char *max) {
    long long quota, period;
    if (sscanf(max, "%lld %lld", &quota, &period) != 2 || quota <= 0 || period <= 0) return 0;
    long long cores = quota / period + (quota % period != 0);
    return cores > MOST ? MOST : (int)cores;
}

// What the container's quota of processor time comes to (control groups version 2, then 1); 0 for no limit.
static int quota_threads(void) {
    const char *files[][2] = {{"/sys/fs/cgroup/cpu.max", NULL},
                              {"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us"}};
    for (int version = 0; version < 2; version++) {
        char text[128];
        size_t length = 0;
        for (int part = 0; part < 2 && files[version][part]; part++) {
            FILE *stream = fopen(files[version][part], "r");
            if (!stream) break;
            if (part > 0 && length < sizeof text - 1) text[length++] = ' ';
            length += fread(text + length, 1, sizeof text - 1 - length, stream);
            fclose(stream);
        }
        text[length] = 0;
        if (length > 0) return kernel_quota_threads(text);
    }
    return 0;
}

// The processors this process may use.
static int cores(void) {
    cpu_set_t set;
    long count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : sysconf(_SC_NPROCESSORS_ONLN);
    int quota = quota_threads();
    if (quota > 0 && quota < count) count = quota;
    return count < 1 ? 1 : count > MOST ? MOST : (int)count;
}

static void begin(void) {
    if (wanted == 0) wanted = cores();
    openblas_set_num_threads(1);
}

int kernel_threads_get(void) {
    pthread_once(&once, begin);
    return wanted;
}

void kernel_threads_set(int count) {
    pthread_once(&once, begin);
    pthread_mutex_lock(&busy);
    wanted = count < 1 ? 1 : count > MOST ? MOST : count;
    pthread_mutex_unlock(&busy);
}

static void serial(void (*body)(void *, size_t), void *context, size_t tasks) {
    int before = inside;
    inside = 1;
    for (size_t i = 0; i < tasks; i++) body(context, i);
    inside = before;
}

void kernel_parallel(void (*body)(void *, size_t), void *context, size_t tasks) {
    pthread_once(&once, begin);
    if (tasks == 0) return;
    if (tasks == 1 || inside || wanted == 1 || pthread_mutex_trylock(&busy) != 0) {
        serial(body, context, tasks);
        return;
    }
    while (workers < wanted - 1) {
        pthread_attr_t attributes;
        pthread_t thread;
        pthread_attr_init(&attributes);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        pthread_attr_setstacksize(&attributes, (size_t)8 << 20);
        int failed = pthread_create(&thread, &attributes, worker, (void *)(intptr_t)workers);
        pthread_attr_destroy(&attributes);
        if (failed) {
            wanted = workers + 1;
            break;
        }
        workers++;
    }
    if (wanted == 1) {
        pthread_mutex_unlock(&busy);
        serial(body, context, tasks);
        return;
    }
    pthread_mutex_lock(&lock);
    loop_body = body;
    loop_context = context;
    loop_tasks = tasks;
    atomic_store(&loop_next, 0);
    open_for_joining = 1;
    atomic_fetch_add_explicit(&round_number, 1, memory_order_release);
    pthread_cond_broadcast(&wake);
    pthread_mutex_unlock(&lock);
    inside = 1;
    work();
    inside = 0;
    pthread_mutex_lock(&lock);
    open_for_joining = 0;
    while (running > 0) pthread_cond_wait(&done, &lock);
    pthread_mutex_unlock(&lock);
    pthread_mutex_unlock(&busy);
}

void *kernel_thread_slot_get(int slot) { return slots[slot & 3]; }
void kernel_thread_slot_set(int slot, void *value) { slots[slot & 3] = value; }

uint64_t kernel_next_sequence(void) {
    static atomic_uint_fast64_t sequence;
    return atomic_fetch_add(&sequence, 1) + 1;
}
