/* settings.h - a service's settings: from the environment, checked once, by a table that is also the
 * help text.
 *
 * A variable that is empty counts as not set. The name is looked for first, then its aliases in their
 * order; the first found wins. A secret may also stand in a file which NAME_FILE names. Read before
 * threads start; the getters may be called by any thread.
 */
#ifndef SF_SERVICE_SETTINGS_H
#define SF_SERVICE_SETTINGS_H

#include <stateful/error.h>

#include "base/buffer.h"

typedef enum sf_setting_kind {
    SF_SETTING_TEXT,
    SF_SETTING_INTEGER, /* from least to most */
    SF_SETTING_BOOLEAN, /* true, false, yes, no, on, off, 1, 0 */
    SF_SETTING_CHOICE,  /* one of the words in choices, in any case */
} sf_setting_kind;

typedef struct sf_setting {
    const char *name;    /* "SERVER_PORT" */
    const char *aliases; /* "PORT HTTP_PORT", NULL: none */
    sf_setting_kind kind;
    const char *otherwise; /* the value when nothing is set; NULL: it must be set */
    int64_t least;
    int64_t most;
    const char *choices; /* "agreed list strict" */
    bool is_secret;      /* never printed; NAME_FILE is read as well */
    const char *meaning; /* one line for the help text */
} sf_setting;

typedef struct sf_settings sf_settings;

/* Reads and checks all; the table is borrowed for the settings' life. The error names the variable,
 * what it holds (not for secrets) and what is allowed; where several are wrong, all are named. */
sf_status sf_settings_read(const sf_setting *table, size_t count, sf_settings **settings,
                           sf_error *err);
void sf_settings_free(sf_settings *settings);

/* The value; name must be in the table, and of that kind. A text is never NULL, a choice is as the
 * table writes it. Valid until the free. */
const char *sf_settings_text(const sf_settings *settings, const char *name);
int64_t sf_settings_integer(const sf_settings *settings, const char *name);
bool sf_settings_boolean(const sf_settings *settings, const char *name);

/* Whether it came from the environment, and not from the table. */
bool sf_settings_is_set(const sf_settings *settings, const char *name);

/* Calls visit for each variable of the environment that begins with prefix and is not in the table
 * (nor an alias or a file of one), for typing errors and for "any KAFKA_…". */
typedef void (*sf_settings_visit_fn)(void *user, const char *name, const char *value);
void sf_settings_visit_others(const sf_settings *settings, const char *prefix,
                              sf_settings_visit_fn visit, void *user);

/* Appends the list of all variables with kind, default and meaning, for --help. */
void sf_settings_help(const sf_setting *table, size_t count, sf_buffer *text);

/* Appends NAME=value lines, secrets as ***, with whether each is a default, for --print-config. */
void sf_settings_print(const sf_settings *settings, sf_buffer *text);

#endif
