/* json_log.h - the service's log on standard error: one JSON object a line, or text on a terminal.
 *
 * "task restored task=0_3 records=1200" becomes
 * {"ts":"…","level":"info","service":"query-service","msg":"task restored","task":"0_3","records":1200}.
 * A sentence that repeats fast is held back (log_limit.h); "held_back" says how many lines were.
 */
#ifndef SF_SERVICE_JSON_LOG_H
#define SF_SERVICE_JSON_LOG_H

#include <stateful/log.h>

#include "base/buffer.h"

typedef enum sf_log_form {
    SF_LOG_FORM_BY_TERMINAL, /* text when standard error is a terminal, else JSON */
    SF_LOG_FORM_JSON,
    SF_LOG_FORM_TEXT,
} sf_log_form;

/* Makes sf_log write so from now on. service is borrowed for good. Before threads start. */
void sf_json_log_start(const char *service, sf_log_level lowest, sf_log_form form);

/* One line of the log, without its newline. From the first " key=" on, everything is pairs; a value
 * reaches to the next " key=", so that it may hold spaces; whole numbers stay numbers. A key that is
 * there already gets a '_' behind it. Any thread. */
typedef struct sf_json_log_line {
    const char *service;
    int64_t time_ms;
    sf_log_level level;
    const char *line;
} sf_json_log_line;
void sf_json_log_write(const sf_json_log_line *line, sf_buffer *out);
void sf_json_log_write_text(const sf_json_log_line *line, sf_buffer *out);

/* The level of "debug", "info", "warn", "error"; info for any other word. */
sf_log_level sf_json_log_level(const char *word);

#endif
