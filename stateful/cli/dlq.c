/* dlq.c - stateful dlq list | replay: records that could not be processed.
 *
 * How far replay has come is the position of a group of its own, committed in one transaction with what it
 * sends: no letter is sent twice, however often it is called or killed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "command.h"
#include "outbound.h"
#include "runtime/retry.h"
#include "scan.h"
#include "table.h"
#include "topic_facts.h"

#define REASON "__streams.errors."

enum {
    TRANSACTION_LETTERS = 1000, /* so that none outlives its timeout */
};

static char *letters_topic(const char *application_id)
{
    return sf_text_printf("%s-dlq", application_id);
}

/* A header as a text, lying in the arena; NULL if there is none. */
static const char *header_text(const sf_record *record, const char *name, sf_arena *arena)
{
    const sf_header *found = sf_headers_last(record->headers, name);

    return found && !sf_bytes_is_null(found->value)
               ? (const char *)sf_arena_copy(arena, found->value).data
               : NULL;
}

/* *partitions = of the topic of dead letters. */
static sf_status find_letters(const command_call *call, const char *topic, int32_t *partitions,
                              sf_error *err)
{
    sf_retry retry = command_retry(call);
    sf_status status;

    do
        status = sf_broker_partition_count(call->broker, topic, partitions, err);
    while (sf_retry_again(&retry, &status, err));
    if (!status && !*partitions)
        return sf_fail(
            err, SF_NOT_FOUND,
            "there is no topic %s on %s: no source of the application keeps dead letters", topic,
            call->address);
    return status;
}

/* ---- list ---- */

typedef struct listing {
    table *rows;
    sf_arena *arena;
    int64_t left;
} listing;

static void add_number_text(table *rows, const char *text)
{
    int64_t number;

    if (text && text_is_number(text, &number))
        table_add_number(rows, number);
    else
        table_add_unknown(rows);
}

static sf_status list_letter(void *user, int32_t partition, const sf_consumed_record *consumed,
                             bool *enough, sf_error *err)
{
    listing *what = user;
    const sf_record *record = &consumed->record;
    table *rows = what->rows;

    (void)err;
    table_add_number(rows, partition);
    table_add_number(rows, consumed->offset);
    table_add_text(rows, header_text(record, REASON "topic", what->arena));
    add_number_text(rows, header_text(record, REASON "partition", what->arena));
    add_number_text(rows, header_text(record, REASON "offset", what->arena));
    table_add_text(rows, sf_bytes_is_null(record->key)
                             ? NULL
                             : (const char *)sf_arena_copy(what->arena, record->key).data);
    table_add_text(rows, header_text(record, REASON "processor", what->arena));
    table_add_text(rows, header_text(record, REASON "exception", what->arena));
    table_add_text(rows, header_text(record, REASON "message", what->arena));
    sf_arena_reset(what->arena);
    *enough = --what->left <= 0;
    return SF_OK;
}

static sf_status scan_letters(const command_call *call, const char *topic, int32_t partitions,
                              listing *what, sf_error *err)
{
    scan_range *ranges = sf_zalloc((size_t)partitions * sizeof(*ranges));
    sf_status status = SF_OK;

    for (int32_t i = 0; !status && i < partitions; i++) {
        sf_watermarks marks;

        status = topic_facts_watermarks(call, topic, i, &marks, err);
        if (!status)
            ranges[i] = (scan_range){i, marks.low, marks.last_stable};
    }
    if (!status)
        status = scan_run(call,
                          &(scan){
                              .topic = topic,
                              .ranges = ranges,
                              .count = (size_t)partitions,
                              .fn = list_letter,
                              .user = what,
                          },
                          err);
    free(ranges);
    return status;
}

static sf_status list(const command_call *call, sf_error *err)
{
    static const char *const names[] = {"partition",        "offset",        "source_topic",
                                        "source_partition", "source_offset", "key",
                                        "processor",        "kind",          "reason"};
    char *topic = letters_topic(arguments_operand(call->arguments, 0));
    int32_t partitions = 0;
    listing what = {.left = INT64_MAX, .arena = sf_arena_new()};
    sf_status status = arguments_number(call->arguments, "max", 1, INT64_MAX, &what.left, err);

    if (!status)
        status = find_letters(call, topic, &partitions, err);
    if (!status) {
        what.rows = table_new(names, SF_ARRAY_LENGTH(names), call->as_json);
        status = scan_letters(call, topic, partitions, &what, err);
        table_print(what.rows);
    }
    sf_arena_free(what.arena);
    free(topic);
    return status;
}

static const option list_options[] = {
    {"max", 'n', "N", "ends after so many", false},
    {NULL, 0, NULL, NULL, false},
};

const command dlq_list_command = {
    .words = "dlq list",
    .operands = "APPLICATION",
    .least = 1,
    .most = 1,
    .summary = "dead letters: what could not be processed, and why",
    .details =
        "Prints where each letter lies, where it came from, its key, and why it was refused. Its "
        "bytes\n"
        "are those of the record as it came: `stateful consume APPLICATION-dlq` shows them.\n",
    .options = list_options,
    .run = list,
};

/* ---- replay ---- */

typedef struct replaying {
    outbound *out;
    const char *to; /* NULL: where it came from */
    sf_arena *arena;
    int64_t position; /* behind the last letter */
    int64_t left;     /* letters that the transaction still takes */
    uint64_t count;
} replaying;

/* Without the reasons: should it fail again, it gets new ones. */
static sf_headers without_reasons(sf_headers headers, sf_arena *arena)
{
    sf_headers left = {NULL, 0};

    for (size_t i = 0; i < headers.count; i++) {
        if (strncmp(headers.items[i].name, REASON, strlen(REASON)) != 0)
            left = sf_headers_with(left, headers.items[i].name, headers.items[i].value, arena);
    }
    return left;
}

static sf_status replay_letter(void *user, int32_t partition, const sf_consumed_record *consumed,
                               bool *enough, sf_error *err)
{
    replaying *what = user;
    sf_record record = consumed->record;
    const char *topic = what->to ? what->to : header_text(&record, REASON "topic", what->arena);
    const char *where = header_text(&record, REASON "partition", what->arena);
    int64_t target = SF_PARTITION_BY_KEY;
    sf_status status;

    if (!topic)
        return sf_fail(err, SF_BAD_DATA,
                       "the letter at %" PRId32 "/%" PRId64
                       " does not say where it came from: name a topic with --to",
                       partition, consumed->offset);
    if (!what->to && where)
        (void)text_is_number(where, &target); /* else by its key */
    record.headers = without_reasons(record.headers, what->arena);
    status = outbound_send(what->out, topic, (int32_t)target, &record, err);
    sf_arena_reset(what->arena);
    what->position = consumed->offset + 1;
    what->count += !status;
    *enough = --what->left <= 0;
    return status;
}

/* Sends the next letters of a range and commits them with the position behind them. */
static sf_status replay_some(const command_call *call, const char *topic, sf_consumer *consumer,
                             replaying *what, scan_range range, sf_error *err)
{
    sf_group_token *token = sf_consumer_token(consumer);
    sf_status status = outbound_begin(what->out, err);
    sf_offset position = {.topic = topic, .partition = range.partition};

    what->position = range.from;
    what->left = TRANSACTION_LETTERS;
    if (!status)
        status = scan_run(call,
                          &(scan){
                              .topic = topic,
                              .ranges = &range,
                              .count = 1,
                              .fn = replay_letter,
                              .user = what,
                          },
                          err);
    position.offset = what->position;
    if (!status)
        status = outbound_commit(what->out, &position, 1, token, err);
    sf_group_token_free(token);
    return status;
}

static sf_status replay_range(const command_call *call, const char *topic, sf_consumer *consumer,
                              replaying *what, scan_range range, sf_error *err)
{
    sf_status status;

    do {
        status = replay_some(call, topic, consumer, what, range, err);
        range.from = what->position;
    } while (!status && what->left <= 0 && range.from < range.end);
    return status;
}

static sf_status find_range(const command_call *call, const char *topic, sf_consumer *consumer,
                            int32_t partition, scan_range *range, sf_error *err)
{
    sf_offset sent = {.topic = topic, .partition = partition};
    sf_retry retry = command_retry(call);
    sf_watermarks marks;
    sf_status status = topic_facts_watermarks(call, topic, partition, &marks, err);

    if (status)
        return status;
    do
        status = sf_consumer_committed(consumer, &sent, 1, 5000, err);
    while (sf_retry_again(&retry, &status, err));
    if (arguments_has(call->arguments, "again") || sent.offset < marks.low)
        sent.offset = marks.low;
    *range = (scan_range){partition, sent.offset, marks.last_stable};
    return status;
}

static sf_status replay_all(const command_call *call, const char *topic, int32_t partitions,
                            sf_consumer *consumer, replaying *what, sf_error *err)
{
    sf_status status = SF_OK;

    for (int32_t i = 0; !status && i < partitions; i++) {
        scan_range range;

        status = find_range(call, topic, consumer, i, &range, err);
        if (!status && range.from < range.end)
            status = replay_range(call, topic, consumer, what, range, err);
    }
    return status;
}

static sf_status replay_topic(const command_call *call, const char *topic, int32_t partitions,
                              sf_error *err)
{
    replaying what = {.to = arguments_text(call->arguments, "to"), .arena = sf_arena_new()};
    char *group = sf_text_printf("%s-replay", topic);
    sf_consumer *consumer = NULL;
    int32_t there;
    sf_status status = SF_OK;

    if (what.to)
        status = topic_facts_partitions(call, what.to, &there, err);
    if (!status)
        status =
            sf_consumer_new(call->broker, &(sf_consumer_options){.group = group}, &consumer, err);
    if (!status)
        status = outbound_open(call, group, &what.out, err);
    if (!status)
        status = replay_all(call, topic, partitions, consumer, &what, err);
    outbound_close(what.out);
    sf_consumer_close(consumer);
    sf_arena_free(what.arena);
    free(group);
    if (!status)
        printf("%" PRIu64 " letters sent again\n", what.count);
    return status;
}

static sf_status replay(const command_call *call, sf_error *err)
{
    char *topic = letters_topic(arguments_operand(call->arguments, 0));
    int32_t partitions = 0;
    sf_status status = find_letters(call, topic, &partitions, err);

    if (!status)
        status = replay_topic(call, topic, partitions, err);
    free(topic);
    return status;
}

static const option replay_options[] = {
    {"to", 0, "TOPIC", "sends all of them there; else each to where it came from", false},
    {"again", 0, NULL, "also those that were sent before and are still there", false},
    {NULL, 0, NULL, NULL, false},
};

const command dlq_replay_command = {
    .words = "dlq replay",
    .operands = "APPLICATION",
    .least = 1,
    .most = 1,
    .summary = "send dead letters again, once the cause is mended",
    .details = "Sends every letter that was not sent again yet to the topic and partition it came "
               "from, with its\n"
               "key, value, time and headers, without the reasons. What was sent is remembered in "
               "the group\n"
               "APPLICATION-dlq-replay, in the same transaction: a call that was killed can be "
               "made again.\n",
    .options = replay_options,
    .run = replay,
};
