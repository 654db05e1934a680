#include "http/answer_cache.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"

typedef struct place {
    pthread_mutex_t lock;
    sf_view_version version;
    sf_buffer question; /* empty: nothing is here */
    sf_buffer answer;
} place;

struct answer_cache {
    place places[ANSWER_CACHE_PLACES];
};

answer_cache *answer_cache_new(void)
{
    answer_cache *cache = sf_zalloc(sizeof(*cache));

    for (size_t i = 0; i < ANSWER_CACHE_PLACES; i++)
        (void)pthread_mutex_init(&cache->places[i].lock,
                                 NULL); /* cannot fail with default attributes */
    return cache;
}

void answer_cache_free(answer_cache *cache)
{
    if (!cache)
        return;
    for (size_t i = 0; i < ANSWER_CACHE_PLACES; i++) {
        sf_buffer_done(&cache->places[i].question);
        sf_buffer_done(&cache->places[i].answer);
        (void)pthread_mutex_destroy(&cache->places[i].lock); /* nobody is left */
    }
    free(cache);
}

static place *place_of(answer_cache *cache, sf_bytes question)
{
    return &cache->places[sf_hash(question) % ANSWER_CACHE_PLACES];
}

bool answer_cache_find(answer_cache *cache, sf_bytes question, sf_view_version version,
                       sf_buffer *answer)
{
    place *at = place_of(cache, question);
    bool is_here;

    pthread_mutex_lock(&at->lock);
    is_here = sf_bytes_equal(sf_buffer_bytes(&at->question), question) &&
              sf_view_version_equal(at->version, version);
    if (is_here)
        sf_buffer_add_bytes(answer, sf_buffer_bytes(&at->answer));
    pthread_mutex_unlock(&at->lock);
    return is_here;
}

static void replace(sf_buffer *kept, sf_bytes bytes)
{
    sf_buffer_clear(kept);
    sf_buffer_add_bytes(kept, bytes);
}

void answer_cache_keep(answer_cache *cache, sf_bytes question, sf_view_version version,
                       sf_bytes answer)
{
    place *at = place_of(cache, question);

    if (answer.size > ANSWER_CACHE_ANSWER_MAX)
        return;
    pthread_mutex_lock(&at->lock);
    at->version = version;
    replace(&at->question, question);
    replace(&at->answer, answer);
    pthread_mutex_unlock(&at->lock);
}
