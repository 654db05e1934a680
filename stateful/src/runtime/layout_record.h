/* layout_record.h - what the record of the layout topic says: which task index means what, and of which
 * topics and stores the program consists that wrote it.
 *
 *   incarnation HEX
 *   task IDENTITY PARTITION         one a task, in the order of the indexes
 *   topic IDENTITY NAME             what the sub-topology of that identity reads
 *   store IDENTITY KIND NAME        what it keeps; KIND: key-value, window, session, versioned
 *
 * Tasks of sub-topologies that are gone stay, their topics and stores do not. One thread.
 */
#ifndef SF_RUNTIME_LAYOUT_RECORD_H
#define SF_RUNTIME_LAYOUT_RECORD_H

#include <stateful/error.h>
#include <stateful/topology.h>

#include "base/buffer.h"

#define SF_NO_SUBTOPOLOGY ((size_t)-1)

typedef struct sf_layout_task {
    char *identity;     /* of the sub-topology */
    size_t subtopology; /* SF_NO_SUBTOPOLOGY: the program has none of that identity any more */
    int32_t partition;
} sf_layout_task;

/* A topic that is read, or a store that is kept. */
typedef struct sf_layout_part {
    char *identity;
    char *kind; /* NULL: a topic */
    char *name;
} sf_layout_part;

typedef struct sf_layout_record {
    uint64_t incarnation; /* 0: there is no record */
    sf_layout_task *tasks;
    size_t task_count;
    sf_layout_part *parts;
    size_t part_count;
} sf_layout_record;

void sf_layout_record_done(sf_layout_record *record); /* zero is fine */

/* In place of what it has, which is gone if the value makes no sense: SF_CORRUPT. */
sf_status sf_layout_record_read(sf_layout_record *record, sf_bytes value, sf_error *err);
void sf_layout_record_print(const sf_layout_record *record, sf_buffer *text);

/* Whether the program that wrote it has a sub-topology of that identity. */
bool sf_layout_record_has(const sf_layout_record *record, const char *identity);

/* Finds out which sub-topology of the topology each task belongs to. SF_INVALID if what the program
 * reads has another number of partitions than when the record was written, or a store is of another
 * kind: the sentence names both. counts: partitions of the topology's topics. */
sf_status sf_layout_record_match(sf_layout_record *record, const sf_topology *topology,
                                 const int32_t *counts, sf_error *err);

/* Whether the topology has other sub-topologies than the program that wrote it; *what (may be NULL) says
 * in words what is new and what is gone. */
bool sf_layout_record_differs(const sf_layout_record *record, const sf_topology *topology,
                              sf_buffer *what);

/* Makes a record that was matched with it the topology's: tasks that are missing are appended, topics and stores replaced. */
void sf_layout_record_adopt(sf_layout_record *record, const sf_topology *topology,
                            const int32_t *counts);

#endif
