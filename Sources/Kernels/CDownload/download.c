#define _FILE_OFFSET_BITS 64
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "download.h"

typedef struct {
    CURL *curl;
    const download_request *request;
    download_result *result;
    int begun;
} transfer;

static pthread_once_t prepared = PTHREAD_ONCE_INIT;

static void prepare(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

void download_prepare(void) { pthread_once(&prepared, prepare); }

// A server that does not know ranges answers 200 and sends everything: then what was there is thrown away.
static int begin(transfer *state) {
    long status = 0;
    state->begun = 1;
    curl_easy_getinfo(state->curl, CURLINFO_RESPONSE_CODE, &status);
    if (state->request->offset == 0 || status == 206) return 0;
    state->result->restarted = 1;
    if (ftruncate(state->request->file, 0) != 0) return -1;
    return lseek(state->request->file, 0, SEEK_SET) == 0 ? 0 : -1;
}

static size_t keep(char *bytes, size_t size, size_t count, void *context) {
    transfer *state = context;
    size_t total = size * count;
    if (!state->begun && begin(state) != 0) {
        state->result->write_error = errno;
        return 0;
    }
    size_t written = 0;
    while (written < total) {
        ssize_t step = write(state->request->file, bytes + written, total - written);
        if (step < 0 && errno == EINTR) continue;
        if (step < 0) {
            state->result->write_error = errno;
            return written;
        }
        written += (size_t)step;
    }
    return total;
}

static int tell(void *context, curl_off_t total, curl_off_t received, curl_off_t up_total, curl_off_t up) {
    transfer *state = context;
    (void)up_total;
    (void)up;
    if (state->request->progress == NULL) return 0;
    int64_t before = state->result->restarted ? 0 : state->request->offset;
    int stop = state->request->progress(
        state->request->context, before + (int64_t)received, total > 0 ? before + (int64_t)total : 0);
    if (stop != 0) state->result->stopped = 1;
    return stop;
}

download_result download_run(download_request request, char *message, size_t message_size) {
    download_result result = {0, 0, 0, 0, 0};
    char text[CURL_ERROR_SIZE] = "";
    char range[32];
    snprintf(range, sizeof range, "%lld-", (long long)request.offset);
    download_prepare();
    if (message_size > 0) message[0] = 0;
    CURL *curl = curl_easy_init();
    if (curl == NULL) {
        result.code = CURLE_FAILED_INIT;
        snprintf(message, message_size, "libcurl cannot start");
        return result;
    }
    transfer state = {curl, &request, &result, 0};
    curl_easy_setopt(curl, CURLOPT_URL, request.url);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, text);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 10L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)request.connect_seconds);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 100L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)request.stall_seconds);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, request.agent);
    // Not CURLOPT_RESUME_FROM: with that a server without ranges is an error before `begin` can start over.
    if (request.offset > 0) curl_easy_setopt(curl, CURLOPT_RANGE, range);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &state);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, tell);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &state);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    CURLcode code = curl_easy_perform(curl);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    result.code = (int32_t)code;
    result.http_status = (int32_t)status;
    if (code != CURLE_OK) {
        snprintf(message, message_size, "%s", text[0] != 0 ? text : curl_easy_strerror(code));
    }
    curl_easy_cleanup(curl);
    return result;
}
