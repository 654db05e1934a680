#include "simulation/feeder.h"

#include <stdlib.h>

#include <stateful/broker.h>

#include "base/memory.h"
#include "simulation/simulation_subject_implementation.h"

enum {
    AT_ONCE = 4,
    OPEN_MAX = 3,
};

/* A transaction of somebody else's on one partition. */
typedef struct foreign {
    sf_simulated_log *log; /* NULL: none */
    sf_simulated_piece *piece;
} foreign;

struct sf_feeder {
    const sf_simulation_subject *subject;
    sf_simulated_cluster *cluster;
    sf_simulation_random random;
    sf_arena *arena;
    size_t left;
    foreign open[OPEN_MAX];
};

sf_feeder *sf_feeder_new(const sf_simulation_subject *subject, sf_simulated_cluster *cluster,
                         uint64_t seed, size_t records)
{
    sf_feeder *feeder = sf_zalloc(sizeof(*feeder));

    feeder->subject = subject;
    feeder->cluster = cluster;
    feeder->arena = sf_arena_new();
    feeder->left = records;
    sf_random_init(&feeder->random.random, seed);
    if (subject->begin)
        subject->begin(subject->user, &feeder->random);
    return feeder;
}

void sf_feeder_free(sf_feeder *feeder)
{
    sf_arena_free(feeder->arena);
    free(feeder);
}

bool sf_feeder_has_more(const sf_feeder *feeder)
{
    return feeder->left > 0;
}

static void end(sf_feeder *feeder, foreign *one)
{
    bool commit = sf_random_below(&feeder->random.random, 4) > 0;

    sf_simulated_piece_decide(one->piece, commit);
    sf_simulated_log_end_piece(one->log, one->piece, commit);
    sf_trace_add(&feeder->cluster->trace, "a foreign transaction ends with %s",
                 commit ? "commit" : "abort");
    one->log = NULL;
}

/* The piece of an open transaction that the record is to be part of; mostly none. */
static sf_simulated_piece *choose_piece(sf_feeder *feeder, sf_simulated_log *log)
{
    foreign *one = &feeder->open[sf_random_below(&feeder->random.random, OPEN_MAX)];

    if (one->log == log)
        return one->piece;
    if (one->log || sf_random_below(&feeder->random.random, 12) > 0)
        return NULL;
    *one = (foreign){log, sf_simulated_log_open_piece(log)};
    return one->piece;
}

static sf_simulated_log *choose_log(sf_feeder *feeder, const sf_simulation_input *input)
{
    sf_simulated_topic *topic =
        input->topic ? sf_simulated_cluster_topic(feeder->cluster, input->topic) : NULL;
    int32_t partition = input->partition;

    if (!topic || !sf_simulation_subject_has_input(feeder->subject, input->topic))
        return NULL;
    if (partition == SF_PARTITION_BY_KEY)
        partition =
            sf_bytes_is_null(input->record.key)
                ? (int32_t)sf_random_below(&feeder->random.random, (uint64_t)topic->partitions)
                : sf_partition_of_key(input->record.key, topic->partitions);
    return partition >= 0 && partition < topic->partitions ? topic->logs[partition] : NULL;
}

static void write_one(sf_feeder *feeder)
{
    sf_simulation_input input = {
        .partition = SF_PARTITION_BY_KEY,
        .record.timestamp = sf_simulated_cluster_now_ms(feeder->cluster),
    };
    sf_simulated_log *log;
    int64_t offset;

    feeder->subject->generate(feeder->subject->user, &feeder->random, feeder->arena, &input);
    log = choose_log(feeder, &input);
    if (!log) {
        sf_simulated_cluster_complain(feeder->cluster,
                                      "the generator wrote to partition %d of %s, which is no "
                                      "input or has no such partition",
                                      (int)input.partition, input.topic ? input.topic : "no topic");
        return;
    }
    offset = sf_simulated_log_append(log, &input.record, choose_piece(feeder, log));
    sf_trace_add(&feeder->cluster->trace, "%s is fed, offset %lld", input.topic, (long long)offset);
    sf_trace_add_bytes(&feeder->cluster->trace, input.record.key);
    sf_trace_add_bytes(&feeder->cluster->trace, input.record.value);
}

void sf_feeder_write(sf_feeder *feeder)
{
    size_t count = 1 + (size_t)sf_random_below(&feeder->random.random, AT_ONCE);

    for (; count > 0 && feeder->left > 0; count--, feeder->left--)
        write_one(feeder);
    sf_arena_reset(feeder->arena);
    for (size_t i = 0; i < OPEN_MAX; i++) {
        if (feeder->open[i].log && sf_random_below(&feeder->random.random, 3) == 0)
            end(feeder, &feeder->open[i]);
    }
}

void sf_feeder_stop(sf_feeder *feeder)
{
    feeder->left = 0;
}

void sf_feeder_finish(sf_feeder *feeder)
{
    for (size_t i = 0; i < OPEN_MAX; i++) {
        if (feeder->open[i].log)
            end(feeder, &feeder->open[i]);
    }
}
