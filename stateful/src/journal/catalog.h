/* catalog.h - what the journal knows besides records: topics, where each partition begins and ends,
 * offsets of groups, epochs of producers. It is what all frames up to a position say.
 *
 * Guarded by the lock of its shared log, but for the fields marked "any thread". Topics are never
 * freed before the catalog, so that pointers to them stay valid; a deleted one is only unlinked.
 */
#ifndef SF_JOURNAL_CATALOG_H
#define SF_JOURNAL_CATALOG_H

#include <stdatomic.h>

#include <stateful/broker.h>

#include "base/buffer.h"
#include "journal/frame.h"

typedef struct sf_journal_partition {
    _Atomic int64_t low;   /* any thread */
    _Atomic int64_t next;  /* any thread; behind all records and gaps */
    int64_t max_timestamp; /* of all records ever written; INT64_MIN: none */
    int64_t written_bytes; /* of all blocks ever written */
} sf_journal_partition;

typedef struct sf_journal_topic {
    uint32_t id;
    int32_t partition_count; /* any thread */
    char *name;              /* any thread */
    uint8_t *configs;        /* name and value, NUL-terminated each, one behind the other */
    size_t configs_size;
    atomic_bool is_deleted; /* any thread */
    bool is_listed;         /* by the snapshot that is being taken in */
    sf_journal_partition *partitions;
} sf_journal_topic;

typedef struct sf_catalog sf_catalog;

sf_catalog *sf_catalog_new(void);
void sf_catalog_free(sf_catalog *catalog);

/* Takes in what a frame says. Code SF_CORRUPT when it says nonsense. */
sf_status sf_catalog_apply(sf_catalog *catalog, const sf_frame *frame, sf_error *err);

/* Takes in a snapshot that stands further on in the log than what is known: what it does not name
 * any more was deleted. */
sf_status sf_catalog_jump(sf_catalog *catalog, const sf_frame *snapshot, sf_error *err);

/* All of it as facts, for the snapshot that begins a segment. */
void sf_catalog_snapshot(const sf_catalog *catalog, sf_buffer *facts);

/* NULL if there is none (any more). */
sf_journal_topic *sf_catalog_topic(const sf_catalog *catalog, const char *name);

/* The same by its number. */
sf_journal_topic *sf_catalog_topic_of_id(const sf_catalog *catalog, uint32_t id);

/* By its name, with a sentence; also for a partition that the topic does not have. */
sf_status sf_catalog_partition(const sf_catalog *catalog, const char *topic, int32_t partition,
                               sf_journal_topic **found, sf_error *err);

/* Visits all topics: start with *index = 0, NULL ends. */
sf_journal_topic *sf_catalog_next_topic(const sf_catalog *catalog, uint32_t *index);

/* The number of a topic to be made. */
uint32_t sf_catalog_free_topic_id(const sf_catalog *catalog);

/* What a group committed, SF_OFFSET_NONE if nothing. *metadata is the catalog's, may be NULL. */
int64_t sf_catalog_group_offset(const sf_catalog *catalog, const char *group,
                                const sf_journal_topic *topic, int32_t partition,
                                const char **metadata);

/* Visits all groups that committed anything: start with *position = 0, false ends; the name is valid
 * until the next change of the catalog. */
bool sf_catalog_next_group(const sf_catalog *catalog, size_t *position, sf_bytes *name);

/* Visits what a group committed for topics that are still there: start with *position = 0, false
 * ends. Texts are the catalog's. */
bool sf_catalog_next_group_offset(const sf_catalog *catalog, const char *group, size_t *position,
                                  sf_offset *offset);

/* The last epoch of a transactional id, 0 if it was never used. */
int64_t sf_catalog_epoch(const sf_catalog *catalog, const char *transactional_id);

#endif
