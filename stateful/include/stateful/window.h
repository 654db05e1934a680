/* window.h - spans of time that records are gathered in: tumbling and hopping windows. */
#ifndef STATEFUL_WINDOW_H
#define STATEFUL_WINDOW_H

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

#ifdef __cplusplus
}
#endif

#endif
