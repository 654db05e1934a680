#include "runtime/layout_change.h"

#include <inttypes.h>
#include <stdlib.h>

#include <stateful/broker_group.h>
#include <stateful/log.h>

#include "base/memory.h"
#include "base/random.h"

enum {
    OVERTAKEN_MOST = 100, /* so many instances do not start at the same moment */
    PAUSE_MS = 100,
};

/* ---- the group ---- */

/* How many members it has; *who = one of them, to be freed. */
static sf_status count_members(const sf_layout_change *change, size_t *count, char **who,
                               sf_error *err)
{
    sf_arena *arena = sf_arena_new();
    sf_group_description group;
    sf_retry retry = sf_retry_begin(change->retry);
    sf_status status;

    do
        status = sf_broker_describe_group(change->broker, change->group, arena, &group, err);
    while (sf_retry_again(&retry, &status, err));
    if (!status) {
        *count = group.member_count;
        *who = group.member_count ? sf_text_copy(group.members[0].client_id) : NULL;
    }
    sf_arena_free(arena);
    return status;
}

static bool is_stopping(const sf_layout_change *change)
{
    return change->retry.stopping && atomic_load(change->retry.stopping);
}

static sf_status refuse(size_t members, const char *who, const char *what, sf_error *err)
{
    return sf_fail(
        err, SF_BUSY,
        "the program is not the one that ran before: %s; and %zu %s of its group still "
        "%s the earlier one (%s): all instances must be stopped before one of them starts "
        "with another program",
        what, members, members == 1 ? "member" : "members", members == 1 ? "runs" : "run", who);
}

/* Members that were killed are in the group until their session is over. */
static sf_status wait_until_empty(const sf_layout_change *change, const char *what, sf_error *err)
{
    int64_t waited = 0;
    size_t members = 0;
    char *who = NULL;
    sf_status status = count_members(change, &members, &who, err);

    while (!status && members && waited < change->empty_within_ms && !is_stopping(change)) {
        sf_clock_pause(change->retry.clock, PAUSE_MS);
        waited += PAUSE_MS;
        free(who);
        status = count_members(change, &members, &who, err);
    }
    if (!status && members)
        status = refuse(members, who, what, err);
    free(who);
    return status;
}

/* ---- the record ---- */

static bool fits(const sf_layout_change *change, const sf_layout_record *record)
{
    return record->incarnation && !sf_layout_record_differs(record, change->topology, NULL);
}

static sf_status read_and_match(const sf_layout_change *change, sf_layout_record *record,
                                sf_error *err)
{
    sf_status status = change->read(change->user, record, err);

    return status ? status : sf_layout_record_match(record, change->topology, change->counts, err);
}

static sf_status write(const sf_layout_change *change, sf_layout_writer *writer,
                       const sf_buffer *text, sf_error *err)
{
    const sf_record record = {
        .key = sf_bytes_text(SF_LAYOUT_KEY),
        .value = sf_buffer_bytes(text),
        .timestamp = sf_clock_now_ms(change->retry.clock),
    };

    return sf_layout_writer_write(writer, &record, err);
}

static sf_status write_record(const sf_layout_change *change, sf_layout_writer *writer,
                              const sf_layout_record *record, sf_error *err)
{
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_status status;

    sf_layout_record_print(record, &text);
    status = write(change, writer, &text, err);
    if (!status)
        sf_log(SF_LOG_INFO, "layout written group=%s tasks=%zu incarnation=%016" PRIx64,
               change->group, record->task_count, record->incarnation);
    sf_buffer_done(&text);
    return status;
}

static uint64_t seed_of(const sf_layout_change *change)
{
    return change->seed ? change->seed : sf_random_seed_from_system();
}

static void draw_incarnation(const sf_layout_change *change, sf_layout_record *record)
{
    sf_random random;

    sf_random_init(&random, seed_of(change));
    while (!record->incarnation)
        record->incarnation = sf_random_next(&random);
}

static sf_status write_first(const sf_layout_change *change, sf_layout_writer *writer,
                             sf_layout_record *record, sf_error *err)
{
    draw_incarnation(change, record);
    sf_layout_record_adopt(record, change->topology, change->counts);
    return write_record(change, writer, record, err);
}

/* One that joined while the record was being written has read the old one. */
static sf_status check_still_empty(const sf_layout_change *change, sf_layout_writer *writer,
                                   const sf_buffer *before, const char *what, sf_error *err)
{
    size_t members = 0;
    char *who = NULL;
    sf_status status = count_members(change, &members, &who, err);

    if (status || !members)
        return status;
    status = write(change, writer, before, err);
    if (!status)
        status = refuse(members, who, what, err);
    free(who);
    return status;
}

static sf_status write_anew(const sf_layout_change *change, sf_layout_writer *writer,
                            sf_layout_record *record, sf_error *err)
{
    sf_buffer before = SF_BUFFER_EMPTY;
    sf_buffer what = SF_BUFFER_EMPTY;
    sf_status status;

    (void)sf_layout_record_differs(record, change->topology, &what); /* it does */
    sf_log(SF_LOG_WARN, "the program is not the one that ran before: %s group=%s",
           sf_buffer_text(&what), change->group);
    sf_layout_record_print(record, &before);
    status = wait_until_empty(change, sf_buffer_text(&what), err);
    if (!status) {
        sf_layout_record_adopt(record, change->topology, change->counts);
        status = write_record(change, writer, record, err);
    }
    if (!status)
        status = check_still_empty(change, writer, &before, sf_buffer_text(&what), err);
    sf_buffer_done(&before);
    sf_buffer_done(&what);
    return status;
}

static sf_status change_record(const sf_layout_change *change, sf_layout_record *record,
                               sf_error *err)
{
    sf_layout_writer writer;
    sf_status status = sf_layout_writer_open(&writer, change->topic, change->retry, err);

    if (!status)
        status = read_and_match(change, record, err);
    if (!status && !fits(change, record))
        status = record->incarnation ? write_anew(change, &writer, record, err)
                                     : write_first(change, &writer, record, err);
    sf_layout_writer_close(&writer);
    return status;
}

static bool was_overtaken(sf_status status)
{
    return status == SF_REBUILD_TASK || status == SF_ABORT_COMMIT;
}

/* Longer than another one needs from its opening to its commit, and not the same for all. */
static void let_others_finish(const sf_layout_change *change, sf_random *random)
{
    sf_clock_pause(change->retry.clock, (int64_t)sf_random_below(random, 4 * PAUSE_MS));
}

sf_status sf_layout_settle(const sf_layout_change *change, sf_layout_record *record, sf_error *err)
{
    sf_random random;
    sf_status status = read_and_match(change, record, err);

    sf_random_init(&random, seed_of(change));
    if (!status && !fits(change, record))
        status = change_record(change, record, err);
    for (int i = 0; was_overtaken(status) && i < OVERTAKEN_MOST && !is_stopping(change); i++) {
        let_others_finish(change, &random);
        status = read_and_match(change, record, err);
        if (!status && !fits(change, record))
            status = change_record(change, record, err);
    }
    if (was_overtaken(status)) {
        if (err)
            err->status = SF_STOP;
        return sf_error_prefix(err, SF_STOP, "others keep changing the layout");
    }
    return status;
}
