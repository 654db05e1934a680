/* log_limit.h - keeps one sentence from filling the log: of lines with the same level and message only
 * so many a second pass, and then one says how many did not.
 *
 * The message is what stands before the first " key=". Any thread.
 */
#ifndef SF_SERVICE_LOG_LIMIT_H
#define SF_SERVICE_LOG_LIMIT_H

#include <stateful/bytes.h>

enum {
    SF_LOG_LIMIT_BURST = 20, /* lines of one sentence within a window */
    SF_LOG_LIMIT_WINDOW_MS = 1000,
};

typedef struct sf_log_limit sf_log_limit;

sf_log_limit *sf_log_limit_new(void);
void sf_log_limit_free(sf_log_limit *limit);

/* Whether a line with that key (level and message) is to be written now. *held = how many like it were
 * not, since the last that was; to be told with this one. */
bool sf_log_limit_admit(sf_log_limit *limit, sf_bytes key, int64_t now_ms, uint64_t *held);

#endif
