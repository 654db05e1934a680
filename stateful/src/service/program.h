/* program.h - the command line that our services share: what they are told by words, all else by the
 * environment.
 *
 *   name                  serves
 *   name WORD …           one of the program's own words
 *   name --help, --version
 *   name --print-config   the settings in force, secrets masked
 *   name --check-config   says what is wrong with them
 *   name --healthcheck    asks the running instance whether it is ready
 *
 * It ends with 0, with 1 when what was to be done failed, and with 2 when it was called wrongly or its
 * settings make no sense.
 */
#ifndef SF_SERVICE_PROGRAM_H
#define SF_SERVICE_PROGRAM_H

#include "service/settings.h"

/* The rows of a table of settings that sf_program_main reads. */
#define SF_PROGRAM_SETTINGS                                                                 \
    {.name = "LOG_LEVEL",                                                                   \
     .kind = SF_SETTING_CHOICE,                                                             \
     .otherwise = "info",                                                                   \
     .choices = "debug info warn error",                                                    \
     .meaning = "lowest level that is logged"},                                             \
    {                                                                                       \
        .name = "LOG_FORMAT", .kind = SF_SETTING_CHOICE, .otherwise = "auto",               \
        .choices = "auto json text", .meaning = "auto: text on a terminal, else JSON lines" \
    }

/* Does what the word says; words are what followed it, and end with NULL. */
typedef sf_status (*sf_program_fn)(const sf_settings *settings, char **words, sf_error *err);

typedef struct sf_program_word {
    const char *word;    /* "migrate"; NULL: no word at all */
    const char *usage;   /* what may follow it, "[NAME]"; NULL: nothing */
    const char *meaning; /* for the help */
    size_t words_max;    /* that may follow it */
    bool is_quiet;       /* logs nothing and minds no signals: prints and ends */
    sf_program_fn run;
} sf_program_word;

typedef struct sf_program {
    const char *name;
    const char *version;
    const char *about; /* one to three lines, for the help */
    const sf_setting *settings;
    size_t setting_count;
    sf_status (*check)(const sf_settings *settings,
                       sf_error *err); /* beyond the table; NULL: no more */
    const sf_program_word *words;
    size_t word_count;
    const char *address_setting; /* where it listens, for --healthcheck */
    const char *port_setting;
} sf_program;

/* Does what the command line says and returns the exit code. Main thread, once. */
int sf_program_main(const sf_program *program, int argc, char **argv);

/* When the process began (sf_clock_monotonic_us). */
int64_t sf_program_began_us(void);

#endif
