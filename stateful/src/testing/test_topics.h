/* test_topics.h - the topics of a test driver: logs in memory, with what of them is committed, by the
 * transaction and by the group that reads them. One thread. */
#ifndef SF_TESTING_TEST_TOPICS_H
#define SF_TESTING_TEST_TOPICS_H

#include <stateful/arena.h>

#include "base/buffer.h"
#include "record/record_batch.h"

/* One partition. The offset of a record is its index. */
typedef struct sf_test_log {
    sf_consumed_record *records;
    size_t count;
    size_t capacity;
    size_t committed; /* so many cannot be undone any more */
    size_t read;      /* so many were given to the test */
    int64_t position; /* of the group, -1: nothing committed */
    sf_buffer metadata;
} sf_test_log;

typedef struct sf_test_topic {
    char *name;
    sf_test_log *logs;
    size_t log_count;
    int32_t partitions; /* for records without a given one */
} sf_test_topic;

typedef struct sf_test_topics {
    sf_test_topic *items;
    size_t count;
    sf_arena *memory; /* of the records */
} sf_test_topics;

void sf_test_topics_init(sf_test_topics *topics);
void sf_test_topics_done(sf_test_topics *topics);

/* SIZE_MAX: there is no such topic. */
size_t sf_test_topics_find(const sf_test_topics *topics, const char *name);

/* Makes it if it is not there. */
size_t sf_test_topics_open(sf_test_topics *topics, const char *name, int32_t partitions);

/* The partition's log; made when first asked for. Valid until another is made. */
sf_test_log *sf_test_topics_log(sf_test_topics *topics, size_t topic, int32_t partition);

/* Copies the record; partition -1: where its key belongs, without one the first. */
void sf_test_topics_append(sf_test_topics *topics, size_t topic, int32_t partition,
                           const sf_record *record);

/* Records from offset on, to a limit, as a batch that its holder releases. */
sf_record_batch *sf_test_log_batch(const sf_test_log *log, size_t from, size_t to);

void sf_test_topics_commit(sf_test_topics *topics, size_t topic);
void sf_test_topics_commit_all(sf_test_topics *topics);
bool sf_test_topics_has_uncommitted(const sf_test_topics *topics, size_t topic);

/* What is not committed is gone. */
void sf_test_topics_abort(sf_test_topics *topics);

#endif
