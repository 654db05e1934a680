#include "scan.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "runtime/retry.h"
#include "service/timestamp.h"
#include "topic_facts.h"

enum {
    READ_RECORDS = 1000,
    WAIT_MS = 200, /* between looks at whether somebody interrupted */
};

static volatile sig_atomic_t is_interrupted;

static void on_signal(int signal_number)
{
    (void)signal_number;
    is_interrupted = 1;
}

static void watch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    (void)sigaction(SIGINT, &action, NULL); /* with valid numbers it cannot fail */
    (void)sigaction(SIGTERM, &action, NULL);
}

/* ---- reading ---- */

typedef struct reading {
    sf_reader *reader;
    scan_range range;
    int64_t seen; /* behind the last record */
    bool is_done;
} reading;

static sf_status tell_batch(const scan *what, reading *one, const sf_record_batch *batch,
                            bool *enough, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && !*enough && i < batch->count; i++) {
        if (batch->records[i].offset >= one->range.end) {
            one->is_done = true;
            break;
        }
        status = what->fn(what->user, one->range.partition, &batch->records[i], enough, err);
        one->seen = batch->records[i].offset + 1;
    }
    return status;
}

static sf_status read_once(const scan *what, reading *one, bool *came, bool *enough, sf_error *err)
{
    sf_record_batch *batch = NULL;
    sf_status status = sf_reader_read(one->reader, READ_RECORDS, &batch, err);

    if (status == SF_RETRY)
        return SF_OK; /* the broker is away for a moment; whoever watches may interrupt */
    if (status)
        return status;
    if (batch) {
        *came = true;
        status = tell_batch(what, one, batch, enough, err);
        batch->release(batch);
    }
    if (one->seen >= one->range.end || sf_reader_position(one->reader) >= one->range.end)
        one->is_done = true;
    return status;
}

static sf_status read_all(const scan *what, sf_consumer *consumer, reading *list, size_t count,
                          bool *enough, sf_error *err)
{
    size_t left = count;
    sf_status status = SF_OK;

    while (!status && left && !*enough && !is_interrupted) {
        bool came = false;

        left = 0;
        for (size_t i = 0; !status && !*enough && i < count; i++) {
            if (!list[i].is_done)
                status = read_once(what, &list[i], &came, enough, err);
            left += !list[i].is_done;
        }
        if (!status && left && !came)
            sf_consumer_wait(consumer, WAIT_MS);
        if (!status)
            status = sf_consumer_poll(consumer, err);
        if (status == SF_RETRY)
            status = SF_OK;
    }
    return status;
}

static sf_status scan_together(const command_call *call, const scan *what, const scan_range *ranges,
                               size_t count, bool *enough, sf_error *err)
{
    const sf_consumer_options options = {.read_uncommitted = what->read_uncommitted};
    reading *list = sf_zalloc((count + 1) * sizeof(*list));
    sf_consumer *consumer = NULL;
    sf_status status = sf_consumer_new(call->broker, &options, &consumer, err);

    for (size_t i = 0; !status && i < count; i++) {
        sf_retry retry = command_retry(call);

        list[i].range = ranges[i];
        do
            status = sf_consumer_add(consumer, what->topic, ranges[i].partition, ranges[i].from,
                                     &list[i].reader, err);
        while (sf_retry_again(&retry, &status, err));
    }
    if (!status)
        status = read_all(what, consumer, list, count, enough, err);
    sf_consumer_close(consumer);
    free(list);
    return status;
}

sf_status scan_run(const command_call *call, const scan *what, sf_error *err)
{
    bool enough = false;
    bool follows = what->count && what->ranges[0].end == INT64_MAX;
    sf_status status = SF_OK;

    watch_signals();
    if (follows)
        return scan_together(call, what, what->ranges, what->count, &enough, err);
    for (size_t i = 0; !status && !enough && !is_interrupted && i < what->count; i++) {
        if (what->ranges[i].from < what->ranges[i].end)
            status = scan_together(call, what, &what->ranges[i], 1, &enough, err);
    }
    return status;
}

/* ---- where ---- */

static sf_status offset_of_time(const command_call *call, const char *topic, int32_t partition,
                                int64_t time_ms, const sf_watermarks *marks, int64_t *offset,
                                sf_error *err)
{
    sf_retry retry = command_retry(call);
    int64_t found = SF_OFFSET_END;
    sf_status status;

    do
        status = sf_broker_offset_for_time(call->broker, topic, partition, time_ms, &found, err);
    while (sf_retry_again(&retry, &status, err));
    if (!status)
        *offset = found == SF_OFFSET_END ? marks->last_stable : found;
    return status;
}

static bool parse_time(const char *where, int64_t *time_ms)
{
    if (where[0] == '@')
        return text_is_number(where + 1, time_ms) && *time_ms >= 0;
    return !sf_timestamp_parse(sf_bytes_text(where), time_ms, NULL);
}

static int64_t within(const sf_watermarks *marks, int64_t offset)
{
    if (offset < marks->low)
        return marks->low;
    return offset > marks->high ? marks->high : offset;
}

sf_status scan_find_offset(const command_call *call, const char *topic, int32_t partition,
                           const char *where, int64_t *offset, sf_error *err)
{
    sf_watermarks marks;
    int64_t time_ms;
    sf_status status = topic_facts_watermarks(call, topic, partition, &marks, err);

    if (status)
        return status;
    if (!strcmp(where, "beginning") || !strcmp(where, "earliest"))
        *offset = marks.low;
    else if (!strcmp(where, "end") || !strcmp(where, "latest"))
        *offset = marks.last_stable;
    else if (text_is_number(where, offset))
        *offset = within(&marks, *offset);
    else if (parse_time(where, &time_ms))
        return offset_of_time(call, topic, partition, time_ms, &marks, offset, err);
    else
        return sf_fail_with(err, SF_REJECT, SF_INVALID,
                            "'%s' is neither beginning nor end, nor an offset, nor a time such as "
                            "2026-02-27T09:00:00Z or @1772182800000",
                            where);
    return SF_OK;
}
