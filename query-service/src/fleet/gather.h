/* gather.h - questions about many keys: each instance is asked for its part, and the parts are merged.
 *
 * Where all is here, a question is answered from here at once, straight into the reply. Else each partition
 * is asked for at the one instance that is known to hold it, all at the same time; an instance answers for all
 * the partitions it is asked for, or for none. What cannot be had is named in a 503, or beside the rest if the
 * caller says allowPartial=true.
 */
#ifndef QUERY_SERVICE_FLEET_GATHER_H
#define QUERY_SERVICE_FLEET_GATHER_H

#include <stateful/view.h>

#include "fleet/gaps.h"
#include "fleet/part_merge.h"

/* What is asked, and how it is answered. Functions are called with asked, one at a time. */
typedef struct gathering {
    const char *store;   /* NULL: each instance is asked for what it is itself */
    sf_bytes record_key; /* the partition of these records alone; null: all partitions */
    void *asked;         /* the handler's, in the request's arena */

    /* Replies if all partitions are here, else SF_RETRY; not called if store is NULL. */
    sf_status (*answer_here)(void *asked, sf_reply *reply, sf_error *err);

    /* Writes what is in the view (NULL if store is NULL), and closes the part. */
    sf_status (*collect)(void *asked, sf_view *view, part_writer *part, sf_error *err);

    /* Replies with all parts; missing has no items if nothing is. */
    sf_status (*answer)(void *asked, sf_reply *reply, part_merge *parts, const gaps *missing,
                        sf_error *err);

    bool is_always_partial; /* without being asked to */
} gathering;

/* In a handler: replies, or hands request and reply over. What is borrowed by the gathering is in the
 * request's arena or outlives the server. */
void fleet_gather(fleet *fleet, const sf_request *request, sf_reply *reply,
                  const gathering *wanted);

#endif
