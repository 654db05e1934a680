/* publisher.h - takes rows of the outbox to the broker's topics. One thread.
 *
 *   1 rows of one aggregate are sent in the order of the outbox
 *   2 what orders may refer to (products) is in the log before any order of the same batch is sent
 *   3 a row counts as published only when all earlier rows of its aggregate are: behind one that is
 *     not, later ones stay pending, even if they got through; they are sent again in order
 *   4 after a failure that may pass, the producer with all it still holds is dropped: the table says
 *     what is to be sent, nothing else
 */
#ifndef COMMAND_SERVICE_PUBLISHER_H
#define COMMAND_SERVICE_PUBLISHER_H

#include <stateful/broker.h>

#include "outbox.h"

struct publisher;

/* Which topic has the events of which aggregates. */
typedef struct publisher_topic {
    const char *aggregate_type;
    const char *name;
    int wave; /* topics of a lower one are flushed first */
} publisher_topic;

typedef struct publisher_options {
    sf_broker *broker; /* borrowed, as are the texts */
    const publisher_topic *topics;
    size_t topic_count;
    int32_t partitions; /* of topics that are not there yet */

    /* Called once a batch, when its first records are with the producer, before they are waited for.
     * NULL: nothing is to be done. */
    void (*meanwhile)(void *user);

    /* Asked while the broker is silent: whether to wait no longer. NULL: wait for ever. */
    bool (*gives_up)(void *user);
    void *user; /* for both */
} publisher_options;

struct publisher *publisher_new(const publisher_options *options);
void publisher_free(struct publisher *publisher); /* NULL is fine */

/* Makes the topics that are missing and a producer; nothing if that is done. SF_RETRY: the broker is
 * away. */
sf_status publisher_open(struct publisher *publisher, sf_error *err);

/* Sends pending rows and waits for what becomes of them; their states are set. SF_OK also when some
 * have failed for good; otherwise some are pending still, and _open is due before the next try. */
sf_status publisher_send(struct publisher *publisher, outbox_row *rows, size_t count,
                         sf_error *err);

#endif
