/* layout_topic.h - reads and writes the layout topic of an application. One thread at a time. */
#ifndef SF_RUNTIME_LAYOUT_TOPIC_H
#define SF_RUNTIME_LAYOUT_TOPIC_H

#include <stateful/broker.h>

#include "runtime/retry.h"

typedef struct sf_layout_topic {
    sf_broker *broker;
    char *name;
    char *writer_id; /* transactional id of whoever writes the record */
    int64_t position;
} sf_layout_topic;

void sf_layout_topic_init(sf_layout_topic *topic, sf_broker *broker, const char *application_id);
void sf_layout_topic_done(sf_layout_topic *topic);

/* Gets a record; borrowed. */
typedef sf_status (*sf_layout_take_fn)(void *user, const sf_record *record, sf_error *err);

/* Hands over all that was committed since the last call. *is_end (may be NULL) = false: there may be
 * more behind a transaction that is still open; is_end NULL: such a transaction is waited for. */
sf_status sf_layout_topic_read(sf_layout_topic *topic, sf_retry_policy retry,
                               sf_layout_take_fn take, void *user, bool *is_end, sf_error *err);

/* Who may write the record. From _open on whoever opened one before fails with SF_REBUILD_TASK and
 * SF_FENCED: what was read after the opening still stands when it is written. */
typedef struct sf_layout_writer {
    sf_producer *producer;
    const sf_layout_topic *topic;
    sf_retry_policy retry;
} sf_layout_writer;

sf_status sf_layout_writer_open(sf_layout_writer *writer, const sf_layout_topic *topic,
                                sf_retry_policy retry, sf_error *err);
sf_status sf_layout_writer_write(sf_layout_writer *writer, const sf_record *record, sf_error *err);
/* Writes a record that anybody may write, at once and beside them. Any thread. */
sf_status sf_layout_topic_send(const sf_layout_topic *topic, sf_retry_policy retry,
                               const sf_record *record, sf_error *err);

void sf_layout_writer_close(sf_layout_writer *writer);

#endif
