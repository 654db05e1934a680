/* courier.c - one thread that drives libcurl's multi interface.
 *
 *   1 A question is in the queue (under the lock) until the thread takes it, then under way (the thread's
 *     alone) until it is told of; `waiting` counts both.
 *   2 After is_ending is set nothing enters the queue; the thread tells of all that is left before it ends.
 */
#include "fleet/courier.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/buffer.h"
#include "base/memory.h"

enum {
    WAITING_MAX = 1000,
    PEER_CONNECTIONS_MAX = 64,
    KEPT_CONNECTIONS_MAX = 128,
    CONNECT_PART = 2, /* of the time, to connect */
    IDLE_POLL_MS = 60 * 1000,
};

#define BODY_MAX ((size_t)64 * 1024 * 1024)

typedef struct errand {
    struct errand *next; /* in the queue, or under way */
    CURL *handle;
    struct curl_slist *headers;
    sf_buffer body;
    courier_fn done;
    void *user;
} errand;

struct courier {
    CURLM *multi;
    pthread_t thread;
    bool has_thread;
    errand *under_way; /* the thread's */
    _Atomic uint64_t asked;
    _Atomic uint64_t unanswered;

    pthread_mutex_t lock; /* around what follows */
    errand *first;
    errand **last;
    size_t waiting;
    bool is_ending;
};

/* ---- one question ---- */

static size_t take_bytes(char *bytes, size_t size, size_t count, void *user)
{
    errand *of = user;

    if (of->body.size + size * count > BODY_MAX)
        return 0; /* ends the transfer */
    sf_buffer_add(&of->body, bytes, size * count);
    return size * count;
}

static void add_header(errand *of, const courier_header *header)
{
    struct curl_slist *longer;
    char *line;

    if (!header->value)
        return;
    line = sf_text_printf("%s: %s", header->name, header->value);
    longer = curl_slist_append(of->headers, line);
    free(line);
    of->headers = longer ? longer : of->headers;
}

/* Options that exist, with values of their kinds: none of these can fail but for memory. */
static void set_options(errand *of, const courier_question *question)
{
    char *url = sf_text_printf("http://%s%s", question->address, question->target);

    (void)curl_easy_setopt(of->handle, CURLOPT_URL, url); /* copied */
    (void)curl_easy_setopt(of->handle, CURLOPT_PATH_AS_IS, 1L);
    (void)curl_easy_setopt(of->handle, CURLOPT_PROTOCOLS_STR, "http");
    (void)curl_easy_setopt(of->handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(of->handle, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(of->handle, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(of->handle, CURLOPT_TIMEOUT_MS, (long)question->timeout_ms);
    (void)curl_easy_setopt(of->handle, CURLOPT_CONNECTTIMEOUT_MS,
                           (long)question->timeout_ms / CONNECT_PART + 1);
    (void)curl_easy_setopt(of->handle, CURLOPT_HTTPHEADER, of->headers);
    (void)curl_easy_setopt(of->handle, CURLOPT_WRITEFUNCTION, take_bytes);
    (void)curl_easy_setopt(of->handle, CURLOPT_WRITEDATA, of);
    (void)curl_easy_setopt(of->handle, CURLOPT_PRIVATE, of);
    free(url);
}

static void free_errand(errand *of)
{
    curl_easy_cleanup(of->handle);
    curl_slist_free_all(of->headers);
    sf_buffer_done(&of->body);
    free(of);
}

/* NULL if libcurl has no memory. */
static errand *new_errand(const courier_question *question)
{
    errand *made = sf_zalloc(sizeof(*made));

    made->handle = curl_easy_init();
    made->done = question->done;
    made->user = question->user;
    for (size_t i = 0; i < question->header_count; i++)
        add_header(made, &question->headers[i]);
    if (made->handle) {
        set_options(made, question);
        return made;
    }
    free_errand(made);
    return NULL;
}

static courier_answer answer_of(const errand *of, CURLcode code)
{
    courier_answer answer = {.why = curl_easy_strerror(code), .handle = of->handle};
    long status = 0;

    if (code)
        return answer;
    (void)curl_easy_getinfo(of->handle, CURLINFO_RESPONSE_CODE, &status); /* there was one */
    answer.status = (int)status;
    answer.body = sf_buffer_bytes(&of->body);
    return answer;
}

const char *courier_answer_header(const courier_answer *answer, const char *name)
{
    struct curl_header *found;

    if (!answer->status || curl_easy_header(answer->handle, name, 0, CURLH_HEADER, -1, &found))
        return NULL;
    return found->value;
}

/* ---- the thread ---- */

static void tell(courier *self, errand *of, CURLcode code)
{
    courier_answer answer = answer_of(of, code);

    if (!answer.status)
        atomic_fetch_add(&self->unanswered, 1);
    of->done(of->user, &answer);
    free_errand(of);
    pthread_mutex_lock(&self->lock);
    self->waiting--;
    pthread_mutex_unlock(&self->lock);
}

static errand *take_queue(courier *self, bool *is_ending)
{
    errand *first;

    pthread_mutex_lock(&self->lock);
    first = self->first;
    self->first = NULL;
    self->last = &self->first;
    *is_ending = self->is_ending;
    pthread_mutex_unlock(&self->lock);
    return first;
}

static void begin(courier *self, errand *of)
{
    if (curl_multi_add_handle(self->multi, of->handle)) {
        tell(self, of, CURLE_OUT_OF_MEMORY);
        return;
    }
    of->next = self->under_way;
    self->under_way = of;
}

static void begin_all(courier *self, errand *first)
{
    while (first) {
        errand *next = first->next;

        begin(self, first);
        first = next;
    }
}

static void end(courier *self, errand *of, CURLcode code)
{
    errand **at = &self->under_way;

    while (*at != of)
        at = &(*at)->next;
    *at = of->next;
    (void)curl_multi_remove_handle(self->multi, of->handle); /* it is in there */
    tell(self, of, code);
}

static void end_those_that_are_done(courier *self)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(self->multi, &left))) {
        CURLcode code = message->data.result; /* gone once the handle is removed */
        char *of = NULL;

        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &of); /* was set */
        end(self, (errand *)of, code);
    }
}

static void *run(void *user)
{
    courier *self = user;
    bool is_ending = false;
    int running;

    (void)pthread_setname_np(pthread_self(), "courier"); /* for debuggers */
    while (!is_ending) {
        begin_all(self, take_queue(self, &is_ending));
        (void)curl_multi_perform(self->multi, &running); /* each transfer has its own result */
        end_those_that_are_done(self);
        if (!is_ending)
            (void)curl_multi_poll(self->multi, NULL, 0, IDLE_POLL_MS, NULL); /* or a wake-up */
    }
    while (self->under_way)
        end(self, self->under_way, CURLE_ABORTED_BY_CALLBACK);
    return NULL;
}

/* ---- asking ---- */

sf_status courier_new(courier **made, sf_error *err)
{
    courier *self = sf_zalloc(sizeof(*self));
    int code;

    self->last = &self->first;
    pthread_mutex_init(&self->lock, NULL);
    if (!curl_global_init(CURL_GLOBAL_DEFAULT))
        self->multi = curl_multi_init();
    if (!self->multi) {
        courier_free(self);
        return sf_fail(err, SF_IO, "libcurl cannot be used");
    }
    (void)curl_multi_setopt(self->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)PEER_CONNECTIONS_MAX);
    (void)curl_multi_setopt(self->multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS_MAX);
    code = pthread_create(&self->thread, NULL, run, self);
    self->has_thread = !code;
    if (!code) {
        *made = self;
        return SF_OK;
    }
    courier_free(self);
    return sf_fail(err, SF_IO, "cannot start a thread: %s", strerror(code));
}

void courier_free(courier *self)
{
    if (!self)
        return;
    pthread_mutex_lock(&self->lock);
    self->is_ending = true;
    pthread_mutex_unlock(&self->lock);
    if (self->has_thread) {
        (void)curl_multi_wakeup(self->multi);   /* at the latest after IDLE_POLL_MS */
        (void)pthread_join(self->thread, NULL); /* it was told to end */
    }
    if (self->multi)
        (void)curl_multi_cleanup(self->multi); /* nothing is in it */
    pthread_mutex_destroy(&self->lock);
    free(self);
}

/* Its place counts from now on. False: there is none. */
static bool take_place(courier *self)
{
    bool has_place;

    pthread_mutex_lock(&self->lock);
    has_place = !self->is_ending && self->waiting < WAITING_MAX;
    self->waiting += has_place;
    pthread_mutex_unlock(&self->lock);
    return has_place;
}

static void refuse(courier *self, const courier_question *question)
{
    const courier_answer answer = {.why = "too many questions wait, or this instance is stopping"};

    atomic_fetch_add(&self->unanswered, 1);
    question->done(question->user, &answer);
}

/* False: it came too late. */
static bool enqueue(courier *self, errand *made)
{
    bool is_ending;

    pthread_mutex_lock(&self->lock);
    is_ending = self->is_ending;
    if (is_ending) {
        self->waiting--;
    } else {
        *self->last = made;
        self->last = &made->next;
    }
    pthread_mutex_unlock(&self->lock);
    return !is_ending;
}

static void give_place_back(courier *self)
{
    pthread_mutex_lock(&self->lock);
    self->waiting--;
    pthread_mutex_unlock(&self->lock);
}

void courier_ask(courier *self, const courier_question *question)
{
    errand *made = NULL;

    atomic_fetch_add(&self->asked, 1);
    if (take_place(self)) {
        made = new_errand(question);
        if (!made)
            give_place_back(self);
    }
    if (made && enqueue(self, made)) {
        (void)curl_multi_wakeup(self->multi); /* at the latest after IDLE_POLL_MS */
        return;
    }
    if (made)
        free_errand(made);
    refuse(self, question);
}

courier_counters courier_count(courier *self)
{
    return (courier_counters){atomic_load(&self->asked), atomic_load(&self->unanswered)};
}
