/* answer_cache.h - answers to reads of one store, kept until the store changes: an answer comes with the version of
 * the view that was taken before it was read, and is given out while the view still has that version.
 *
 * A fixed number of places, each question has one; what comes later takes it. Any thread.
 */
#ifndef QUERY_SERVICE_HTTP_ANSWER_CACHE_H
#define QUERY_SERVICE_HTTP_ANSWER_CACHE_H

#include <stateful/view.h>

#include "base/buffer.h"

enum { ANSWER_CACHE_PLACES = 64, ANSWER_CACHE_ANSWER_MAX = 32 * 1024 };

typedef struct answer_cache answer_cache;

answer_cache *answer_cache_new(void);
void answer_cache_free(answer_cache *cache); /* NULL is fine */

/* Appends the answer to that question if there is one of that version. */
bool answer_cache_find(answer_cache *cache, sf_bytes question, sf_view_version version,
                       sf_buffer *answer);

/* Copies; an answer of more than ANSWER_CACHE_ANSWER_MAX bytes is not kept. */
void answer_cache_keep(answer_cache *cache, sf_bytes question, sf_view_version version,
                       sf_bytes answer);

#endif
