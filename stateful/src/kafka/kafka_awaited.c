/* kafka_awaited.c - asks, again and again, for the topics that are not seen yet.
 *
 * A broker names itself as leader a moment before it is. Of two batches on their way then, it may refuse
 * the first and take the second; the first comes too late after that, or counts as one that it has. So a
 * topic is seen when its leaders have answered a question, not when metadata names them. */
#include "kafka/kafka_awaited.h"

#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "kafka/kafka_error.h"
#include "kafka/kafka_metadata.h"

enum {
    SETTLE_MS = 10 * 1000, /* until a change is seen */
    LEAST_PAUSE_MS = 5,
    LONGEST_PAUSE_MS = 200,
    PART =
        8, /* a pause is such a part of what was waited before, and so is what is waited too long */
};

static void pause_after(int64_t waited_ms)
{
    int64_t ms = waited_ms / PART;
    struct timespec time = {0};

    if (ms < LEAST_PAUSE_MS)
        ms = LEAST_PAUSE_MS;
    time.tv_nsec = (ms > LONGEST_PAUSE_MS ? LONGEST_PAUSE_MS : ms) * 1000000;
    (void)nanosleep(&time, NULL); /* shorter is fine */
}

static bool is_awaited(const sf_kafka_awaited *awaited)
{
    return !awaited->is_seen && !awaited->error.status;
}

static size_t count_awaited(const sf_kafka_awaited *topics, size_t count)
{
    size_t left = 0;

    for (size_t i = 0; i < count; i++)
        left += is_awaited(&topics[i]);
    return left;
}

/* ---- leaders ---- */

static sf_status ask_leaders(rd_kafka_t *client, const sf_kafka_awaited *topics, size_t count,
                             sf_error *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    sf_status status = SF_OK;

    for (size_t i = 0; i < count; i++)
        for (int32_t p = 0; p < topics[i].partitions; p++)
            rd_kafka_topic_partition_list_add(list, topics[i].topic, p);
    if (list->cnt)
        status = sf_kafka_offsets_ask(client, list, RD_KAFKA_OFFSET_END, err);
    rd_kafka_topic_partition_list_destroy(list);
    return status;
}

/* Metadata shows the topic, so a leader that does not know it yet will. */
static bool may_still_come(const sf_error *error)
{
    return error->status == SF_RETRY || error->code == SF_NOT_FOUND;
}

/* A question of its own for each shows which it was that could not be answered. */
static void ask_leaders_of_each(rd_kafka_t *client, sf_kafka_awaited *topics, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sf_kafka_awaited *awaited = &topics[i];
        sf_error error = {0};

        if (!is_awaited(awaited) || !awaited->partitions)
            continue;
        if (!ask_leaders(client, awaited, 1, &error))
            awaited->is_seen = true;
        else if (!may_still_come(&error))
            awaited->error = error;
    }
}

/* The others have no partitions now, so they are not asked about. */
static void look_at_leaders(rd_kafka_t *client, sf_kafka_awaited *topics, size_t count)
{
    sf_error error = {0};
    sf_status status = ask_leaders(client, topics, count, &error);

    if (status && !may_still_come(&error))
        ask_leaders_of_each(client, topics, count);
    for (size_t i = 0; !status && i < count; i++)
        if (topics[i].partitions)
            topics[i].is_seen = true;
}

/* ---- rounds ---- */

static void note_found(sf_kafka_awaited *awaited, const sf_kafka_topic_found *found)
{
    sf_error error = {0};

    if (found->code) {
        if (sf_kafka_fail(&error, found->code, "topic %s cannot be looked up", awaited->topic) !=
            SF_RETRY)
            awaited->error = error;
        return;
    }
    if (!awaited->least)
        awaited->is_seen = !found->partitions;
    else if (found->partitions >= awaited->least)
        awaited->partitions = found->partitions;
}

/* Those that are left, side by side. */
static void look(rd_kafka_t *client, sf_kafka_awaited *left, size_t count)
{
    const char **names = sf_realloc_array(NULL, count, sizeof(*names));
    sf_kafka_topic_found *found = sf_realloc_array(NULL, count, sizeof(*found));
    sf_error error = {0};
    sf_status status;

    for (size_t i = 0; i < count; i++) {
        names[i] = left[i].topic;
        left[i].partitions = 0;
    }
    status = sf_kafka_topics_look_up(client, names, count, found, &error);
    for (size_t i = 0; i < count; i++) {
        if (!status)
            note_found(&left[i], &found[i]);
        else if (status != SF_RETRY)
            left[i].error = error;
    }
    free(found);
    free(names);
    look_at_leaders(client, left, count);
}

static void look_once(rd_kafka_t *client, sf_kafka_awaited *topics, size_t count, size_t awaited)
{
    sf_kafka_awaited *left = sf_realloc_array(NULL, awaited, sizeof(*left));
    size_t copied = 0;

    for (size_t i = 0; i < count; i++)
        if (is_awaited(&topics[i]))
            left[copied++] = topics[i];
    look(client, left, awaited);
    while (count-- > 0)
        if (is_awaited(&topics[count]))
            topics[count] = left[--copied];
    free(left);
}

static void give_up(sf_kafka_awaited *topics, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_awaited(&topics[i]))
            (void)sf_fail_with(&topics[i].error, SF_RETRY, SF_TIMED_OUT,
                               "the broker does not yet %s topic %s",
                               topics[i].least ? "show" : "forget", topics[i].topic);
}

void sf_kafka_await(rd_kafka_t *client, sf_clock *clock, sf_kafka_awaited *topics, size_t count)
{
    int64_t began_us = sf_clock_monotonic_us(clock);
    size_t awaited;

    while ((awaited = count_awaited(topics, count)) > 0) {
        int64_t waited_ms;

        look_once(client, topics, count, awaited);
        waited_ms = (sf_clock_monotonic_us(clock) - began_us) / 1000;
        if (waited_ms > SETTLE_MS)
            give_up(topics, count);
        else if (count_awaited(topics, count) > 0)
            pause_after(waited_ms);
    }
}
