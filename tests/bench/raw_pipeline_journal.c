/* raw_pipeline_journal.c - the straight-line twin of engine_pipeline.c (B2a) on the embedded log: one thread without the
 * engine reads the order events, keeps the sums (support/straight_sums.h), and every 100 ms writes what changed, with a
 * changelog record each in one transaction (support/straight_log.h).
 *
 * raw_pipeline_journal ADDRESS ORDERS_TOPIC CHANGELOG_TOPIC EVENTS PARTITIONS STATE_DIR
 * Prints one JSON line: events, revenue, processor time an event.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/stopwatch.h"
#include "support/straight_log.h"
#include "support/straight_sums.h"

#define COMMIT_S 0.1

typedef struct pipeline {
    straight_log *log;
    straight_sums *sums;
    int partitions;
    long commits;
} pipeline;

static void add(void *user, const sf_record *record)
{
    pipeline *p = user;

    straight_sums_add(p->sums, (const char *)record->value.data, record->value.size);
}

static void log_change(void *user, sf_bytes key, const bench_sum *sum)
{
    pipeline *p = user;

    straight_log_change(p->log, key, sf_bytes_of(sum, sizeof(*sum)));
}

static void commit(pipeline *p)
{
    straight_sums_changes(p->sums, log_change, p);
    straight_log_commit(p->log);
    straight_sums_write(p->sums, straight_log_positions(p->log), (size_t)p->partitions);
    p->commits++;
}

static void work(pipeline *p, uint64_t events)
{
    stopwatch committed = stopwatch_now();
    uint64_t done = 0;

    while (done < events) {
        done += straight_log_read(p->log, add, p);
        if (stopwatch_since(committed).wall_s < COMMIT_S)
            continue;
        commit(p);
        committed = stopwatch_now();
    }
    commit(p);
}

int main(int count, char **words)
{
    pipeline p = {0};
    stopwatch spent;
    uint64_t events;

    if (count != 7) {
        (void)fprintf(stderr, "raw_pipeline_journal ADDRESS ORDERS_TOPIC CHANGELOG_TOPIC EVENTS "
                              "PARTITIONS STATE_DIR\n");
        return 2;
    }
    events = strtoull(words[4], NULL, 10);
    p.partitions = atoi(words[5]);
    p.sums = straight_sums_open(words[6]);
    p.log = straight_log_open(words[1], words[2], words[3], p.partitions);
    spent = stopwatch_now();
    work(&p, events);
    spent = stopwatch_since(spent);
    (void)printf("{\"bench\":\"raw_pipeline_journal\",\"events\":%" PRIu64 ",\"revenue\":%" PRId64
                 ",\"commits\":%ld,\"wall_s\":%.3f,\"process_ns\":%.0f,\"peak_kib\":%ld}\n",
                 events, straight_sums_revenue(p.sums), p.commits, spent.wall_s,
                 spent.process_s * 1e9 / (double)events, stopwatch_peak_kib());
    (void)fflush(stdout);
    _exit(0); /* the directory goes as a whole */
}
