/* layout_change.h - from the layout record that is there to one that fits the program.
 *
 *   no record                       one is written, with an incarnation that is drawn
 *   it fits the program             nothing is to be done
 *   the program has changed         once the group has no members the record is written anew; if there
 *                                   is a member then all the same, the old record is written back and
 *                                   the start refused
 *
 * Several instances may do this at the same time: a writer is the only one from its opening on, and
 * whoever was overtaken begins anew. On its thread.
 */
#ifndef SF_RUNTIME_LAYOUT_CHANGE_H
#define SF_RUNTIME_LAYOUT_CHANGE_H

#include "runtime/layout_record.h"
#include "runtime/layout_topic.h"

#define SF_LAYOUT_KEY "layout"

typedef struct sf_layout_change {
    sf_broker *broker;
    const char *group;
    const sf_topology *topology;
    const int32_t *counts; /* partitions of the topology's topics */
    const sf_layout_topic *topic;
    sf_status (*read)(void *user, sf_layout_record *record,
                      sf_error *err); /* what the topic says now */
    void *user;
    sf_retry_policy retry;
    int64_t empty_within_ms;
    uint64_t seed; /* what is drawn comes from; 0: the system */
} sf_layout_change;

/* *record = the one that is agreed on, matched with the topology. SF_BUSY: the group has members that run
 * another program; SF_INVALID as sf_layout_record_match. */
sf_status sf_layout_settle(const sf_layout_change *change, sf_layout_record *record, sf_error *err);

#endif
