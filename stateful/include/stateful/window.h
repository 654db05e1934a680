/* window.h - spans of time that records are gathered in: tumbling, hopping, sliding, session and
 * unlimited windows, and those of joins. Times in ms. "Stream time" is that of the operator at hand:
 * the largest timestamp that has reached it. */
#ifndef STATEFUL_WINDOW_H
#define STATEFUL_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Windows [start, start + size) that begin at multiples of advance since 1970. A window is closed,
 * and records for it are late, once end <= stream time - grace, by the stream time of the operator
 * that uses it. */
typedef struct sf_window {
    int64_t size_ms;
    int64_t advance_ms; /* 0: the size, so that windows do not overlap */
    int64_t grace_ms;
} sf_window;

/* For each record the window [timestamp - diff, timestamp] and, once a later record falls into it,
 * (timestamp, timestamp + diff]; both ends inclusive. A record is late once timestamp + diff < stream
 * time - grace. */
typedef struct sf_sliding_window {
    int64_t diff_ms;
    int64_t grace_ms;
} sf_sliding_window;

/* Records of a key that lie at most gap apart, from the first to the last, both inclusive. A session
 * is late once its end < stream time - gap - grace. */
typedef struct sf_session_window {
    int64_t gap_ms;
    int64_t grace_ms;
} sf_session_window;

/* One window from start on; earlier records are left out. */
typedef struct sf_unlimited_window {
    int64_t start_ms;
} sf_unlimited_window;

/* When results of windows go downstream. */
typedef enum sf_emit {
    SF_EMIT_ON_UPDATE, /* each change, or with caching the newest at the commit */
    SF_EMIT_ON_CLOSE, /* once, when stream time and grace have closed the window. As in Kafka Streams
                          a jump of stream time loses the results of windows that are closed by it
                          and older, by then, than the store's retention: a longer one helps */
    SF_EMIT_ON_CLOSE_LOSSLESS, /* the same, and a jump loses nothing: results go out before the record
                                  that closed them is taken up */
} sf_emit;

/* A record of the right side meets one of the left if left - before <= right <= left + after. What
 * has met nothing comes out (left and outer joins) once its window and grace have passed. */
typedef struct sf_join_window {
    int64_t before_ms;
    int64_t after_ms;
    int64_t grace_ms;
    bool
        is_eager; /* unmatched records come out at once, and again when they are matched (the rule of
                      Kafka Streams before 3.1) */
} sf_join_window;

#ifdef __cplusplus
}
#endif

#endif
