#pragma once

#include <stddef.h>
#include <stdint.h>

// One HTTP download through libcurl, whose option setter is variadic and so out of Swift's reach.

/// Hears how far a download is; total is 0 while unknown. Anything but 0 ends it.
typedef int (*download_progress)(void *context, int64_t received, int64_t total);

/// What to fetch and how.
typedef struct {
    const char *url;
    /// Open for writing; the body is written from `offset` on.
    int file;
    /// Bytes that are there already and need not come again; 0 for all.
    int64_t offset;
    int32_t connect_seconds;
    /// Ends the download when fewer than 100 bytes a second come for this long.
    int32_t stall_seconds;
    const char *agent;
    download_progress progress;
    void *context;
} download_request;

/// How it ended.
typedef struct {
    /// 0 when the whole body came, else libcurl's code.
    int32_t code;
    /// Status of the last answer, or 0 if there was none.
    int32_t http_status;
    /// errno of a write that failed, else 0.
    int32_t write_error;
    /// `progress` ended it.
    int32_t stopped;
    /// The server did not continue at `offset`: the file was emptied and holds the body from its beginning.
    int32_t restarted;
} download_result;

/// Prepares libcurl, once for the process; safe to call again.
void download_prepare(void);

/// Downloads; `message` gets one line when something went wrong.
download_result download_run(download_request request, char *message, size_t message_size);
