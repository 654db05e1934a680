/* log.h - the one function through which the library speaks; the application may replace it.
 *
 * A line is a sentence with key=value after it: "task restored task=0_3 records=1200 ms=87".
 */
#ifndef STATEFUL_LOG_H
#define STATEFUL_LOG_H

#ifdef __cplusplus
extern "C" {
#endif

/* How grave a line is. */
typedef enum sf_log_level {
    SF_LOG_DEBUG,
    SF_LOG_INFO,
    SF_LOG_WARN,
    SF_LOG_ERROR,
} sf_log_level;

/* Called from any thread; line has no newline and is borrowed for the call. */
typedef void (*sf_log_fn)(void *user, sf_log_level level, const char *line);

/* Replaces the writer (NULL: back to standard error) and the lowest level written. Before threads
 * start. */
void sf_log_set(sf_log_fn fn, void *user, sf_log_level lowest);

/* Writes a line. Any thread. */
void sf_log(sf_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#ifdef __cplusplus
}
#endif

#endif
