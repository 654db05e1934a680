/* waiting_records.h - records that wait for a time, given back by their timestamps, equals in the order
 * they came. They lie in a key-value store:
 *
 *   key      timestamp (8 bytes big-endian), number among equals (4), the record's key
 *   value    headers and value: sf_headers_pack
 *
 * Records of one timestamp go all at once, so those that are there have no gaps in their numbers.
 */
#ifndef SF_DSL_OPERATORS_WAITING_RECORDS_H
#define SF_DSL_OPERATORS_WAITING_RECORDS_H

#include <stateful/processor.h>

/* Of one node of one task; its times are the task's, under the store's name. */
typedef struct sf_waiting_records {
    sf_context *context;
    sf_key_value_store *rows;
    const char *store;
    int64_t *seen;     /* the largest timestamp that was added, -1: none */
    int64_t *earliest; /* that waits, -1: nothing does */
} sf_waiting_records;

sf_status sf_waiting_records_init(sf_waiting_records *waiting, sf_context *context,
                                  const char *store, sf_error *err);

/* Key and value as on the wire; neither is null. */
sf_status sf_waiting_records_add(sf_waiting_records *waiting, const sf_record *record,
                                 sf_error *err);

/* Takes a record, in the form in which it was added, its bytes in the arena. */
typedef sf_status (*sf_waiting_fn)(void *user, const sf_record *record, sf_error *err);

/* Gives away what has waited until that time. */
sf_status sf_waiting_records_release(sf_waiting_records *waiting, int64_t until, sf_waiting_fn take,
                                     void *user, sf_error *err);

#endif
