/* window_filter.h - knows of some windows which keys they surely do not have, so that the database is not
 * asked for a key's first record in a window.
 *
 *   1 It is told of every row that is put, before anybody asks for it: of the windows that begin after
 *     the newest that there was when the filter began, nothing exists that it was not told of.
 *   2 Keys are bits (a Bloom filter): what was told is never said to be absent, what was not rarely
 *     "perhaps there". Nothing is taken back: a put that is undone leaves its bits.
 *   3 Two generations. A full young one becomes the old one, and a new one begins behind the newest
 *     window; of what is older than the old one nothing is known. Each is twice as large as the one
 *     before, up to a bound.
 *   4 Whoever changes the database behind the buffer's back ends it first.
 *
 * Stream thread only.
 */
#ifndef SF_STORE_WINDOW_FILTER_H
#define SF_STORE_WINDOW_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sf_window_generation {
    uint64_t *bits; /* NULL: there is none */
    size_t blocks;
    size_t keys;      /* told */
    int64_t after_ms; /* it knows of windows that begin later */
} sf_window_generation;

typedef struct sf_window_filter {
    sf_window_generation young;
    sf_window_generation old;
    int64_t newest_ms; /* begin of the newest window */
} sf_window_filter;

/* Zero is a filter that has not begun and knows nothing. */
static inline bool sf_window_filter_has_begun(const sf_window_filter *filter)
{
    return filter->young.bits;
}

/* newest_ms: no row that exists is of a window that begins later; -1: there are none. */
void sf_window_filter_begin(sf_window_filter *filter, int64_t newest_ms);
void sf_window_filter_end(sf_window_filter *filter);

/* hash: of a window's key with all that tells its rows apart. */
void sf_window_filter_tell(sf_window_filter *filter, int64_t start_ms, uint64_t hash);
bool sf_window_filter_is_absent(const sf_window_filter *filter, int64_t start_ms, uint64_t hash);

/* Bytes of memory. */
size_t sf_window_filter_memory(const sf_window_filter *filter);

#endif
