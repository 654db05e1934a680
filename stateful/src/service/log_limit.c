/* log_limit.c - a small table of sentences; where two share a place, the newer one takes it, so the
 * memory is bounded and a limit is lifted at worst. */
#include "service/log_limit.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"

enum { PLACES = 256 };

typedef struct place {
    uint64_t hash;     /* of the key */
    int64_t window_ms; /* when its window began */
    uint32_t written;
    uint64_t held;
} place;

struct sf_log_limit {
    pthread_mutex_t lock;
    place places[PLACES];
};

sf_log_limit *sf_log_limit_new(void)
{
    sf_log_limit *limit = sf_zalloc(sizeof(*limit));

    pthread_mutex_init(&limit->lock, NULL);
    return limit;
}

void sf_log_limit_free(sf_log_limit *limit)
{
    if (!limit)
        return;
    pthread_mutex_destroy(&limit->lock);
    free(limit);
}

/* True also when the clock was set back. */
static bool is_over(const place *at, int64_t now_ms)
{
    return now_ms - at->window_ms >= SF_LOG_LIMIT_WINDOW_MS || now_ms < at->window_ms;
}

static bool admit(place *at, uint64_t hash, int64_t now_ms, uint64_t *held)
{
    *held = 0;
    if (at->hash != hash) {
        *at = (place){.hash = hash, .window_ms = now_ms, .written = 1};
        return true;
    }
    if (is_over(at, now_ms)) {
        *held = at->held;
        *at = (place){.hash = hash, .window_ms = now_ms, .written = 1};
        return true;
    }
    if (at->written < SF_LOG_LIMIT_BURST) {
        at->written++;
        return true;
    }
    at->held++;
    return false;
}

bool sf_log_limit_admit(sf_log_limit *limit, sf_bytes key, int64_t now_ms, uint64_t *held)
{
    uint64_t hash = sf_hash(key);
    bool is_admitted;

    pthread_mutex_lock(&limit->lock);
    is_admitted = admit(&limit->places[hash % PLACES], hash, now_ms, held);
    pthread_mutex_unlock(&limit->lock);
    return is_admitted;
}
