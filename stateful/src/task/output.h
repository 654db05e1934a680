/* output.h - what a task sends, and where it goes. */
#ifndef SF_TASK_OUTPUT_H
#define SF_TASK_OUTPUT_H

#include <stateful/error.h>
#include <stateful/record.h>

/* What a task sends: to a sink, a repartition topic, a changelog, the dead-letter topic. */
typedef struct sf_output {
    size_t topic;      /* the port's number for it */
    int32_t partition; /* -1: by the key */
    size_t key_tail;   /* by the key without its last bytes: a window, which does not part a key */
    sf_record record;
} sf_output;

/* Where output goes; handed in from above. */
typedef struct sf_output_port {
    /* The number of a topic by its full name; the same name gives the same number. */
    sf_status (*open)(void *user, const char *topic, size_t *number, sf_error *err);
    /* Sends in order; copies. Called with many records at a time, only when a record is whole. Takes
     * all or fails: what can be tried again is tried again in here. */
    sf_status (*send)(void *user, const sf_output *outputs, size_t count, sf_error *err);
    void *user;
    size_t record_max_bytes; /* key, value and headers of a record; larger ones are not sent at all,
                              * the record they come from is refused; 0: any size */
} sf_output_port;

#endif
