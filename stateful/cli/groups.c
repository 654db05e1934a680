/* groups.c - stateful groups list | describe */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/broker_group.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/nearest_word.h"
#include "command.h"
#include "runtime/retry.h"
#include "table.h"
#include "topic_facts.h"

/* ---- list ---- */

static const char *const list_names[] = {"group", "state"};

static void show_group(void *user, const char *group, const char *state)
{
    table_add_text(user, group);
    table_add_text(user, state);
}

static sf_status list(const command_call *call, sf_error *err)
{
    table *rows = table_new(list_names, SF_ARRAY_LENGTH(list_names), call->as_json);
    sf_retry retry = command_retry(call);
    sf_status status;

    do
        status = sf_broker_list_groups(call->broker, show_group, rows, err);
    while (sf_retry_again(&retry, &status, err));
    table_sort(rows);
    table_print(rows);
    return status;
}

const command groups_list_command = {
    .words = "groups list",
    .operands = "",
    .summary = "the consumer groups there are",
    .details = "An application is a group: its application id is the group's name.\n",
    .run = list,
};

/* ---- describe ---- */

static void show_members(const command_call *call, const sf_group_description *group)
{
    static const char *const names[] = {"member", "instance", "client", "host", "assigned"};
    table *rows = table_new(names, SF_ARRAY_LENGTH(names), call->as_json);

    for (size_t i = 0; i < group->member_count; i++) {
        const sf_group_member *member = &group->members[i];
        sf_buffer assigned = SF_BUFFER_EMPTY;

        for (size_t k = 0; k < member->assigned_count; k++)
            sf_buffer_printf(&assigned, "%s%s-%" PRId32, k ? " " : "", member->assigned[k].topic,
                             member->assigned[k].partition);
        table_add_text(rows, member->id);
        table_add_text(rows, member->instance);
        table_add_text(rows, member->client_id);
        table_add_text(rows, member->host);
        table_add_text(rows, sf_buffer_text(&assigned));
        sf_buffer_done(&assigned);
    }
    table_print(rows);
}

/* What is still to be read, up to the last record that the group may see. */
static void add_lag(table *rows, const command_call *call, const sf_offset *offset)
{
    sf_watermarks marks;

    if (topic_facts_watermarks(call, offset->topic, offset->partition, &marks, NULL)) {
        table_add_unknown(rows); /* the topic is gone: then so is its end */
        table_add_unknown(rows);
        return;
    }
    table_add_number(rows, marks.last_stable);
    table_add_number(rows,
                     marks.last_stable > offset->offset ? marks.last_stable - offset->offset : 0);
}

static void show_offsets(const command_call *call, const sf_offset *offsets, size_t count)
{
    static const char *const names[] = {"topic", "partition", "committed", "end", "lag"};
    table *rows = table_new(names, SF_ARRAY_LENGTH(names), call->as_json);

    for (size_t i = 0; i < count; i++) {
        table_add_text(rows, offsets[i].topic);
        table_add_number(rows, offsets[i].partition);
        table_add_number(rows, offsets[i].offset);
        add_lag(rows, call, &offsets[i]);
    }
    table_sort(rows);
    table_print(rows);
}

typedef struct name_list {
    char **names;
    size_t count;
} name_list;

static void keep_name(void *user, const char *group, const char *state)
{
    name_list *list = user;

    (void)state;
    list->names = sf_realloc_array(list->names, list->count + 1, sizeof(char *));
    list->names[list->count++] = sf_text_copy(group);
}

static sf_status fail_unknown(const command_call *call, const char *group, sf_error *err)
{
    name_list known = {0};
    const char *nearest = NULL;
    sf_status status;

    if (!sf_broker_list_groups(call->broker, keep_name, &known, NULL))
        nearest = sf_nearest_word(group, (const char *const *)known.names, known.count);
    if (nearest)
        status = sf_fail(err, SF_NOT_FOUND, "there is no group %s on %s; did you mean %s?", group,
                         call->address, nearest);
    else
        status = sf_fail(err, SF_NOT_FOUND, "there is no group %s on %s", group, call->address);
    for (size_t i = 0; i < known.count; i++)
        free(known.names[i]);
    free(known.names);
    return status;
}

static sf_status ask(const command_call *call, const char *group, sf_arena *arena,
                     sf_group_description *description, const sf_offset **offsets, size_t *count,
                     sf_error *err)
{
    sf_retry retry = command_retry(call);
    sf_status status;

    do
        status = sf_broker_describe_group(call->broker, group, arena, description, err);
    while (sf_retry_again(&retry, &status, err));
    if (status)
        return status;
    retry = command_retry(call);
    do
        status = sf_broker_group_offsets(call->broker, group, arena, offsets, count, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

static sf_status describe(const command_call *call, sf_error *err)
{
    const char *group = arguments_operand(call->arguments, 0);
    sf_arena *arena = sf_arena_new();
    sf_group_description description;
    const sf_offset *offsets;
    size_t count;
    sf_status status = ask(call, group, arena, &description, &offsets, &count, err);

    if (!status && !description.member_count && !count)
        status = fail_unknown(call, group, err);
    if (!status) {
        if (!call->as_json)
            printf("group %s is %s%s%s, %zu members\n\n", group, description.state,
                   *description.assignor ? ", assigned by " : "", description.assignor,
                   description.member_count);
        if (description.member_count) {
            show_members(call, &description);
            if (!call->as_json)
                puts("");
        }
        show_offsets(call, offsets, count);
    }
    sf_arena_free(arena);
    return status;
}

const command groups_describe_command = {
    .words = "groups describe",
    .operands = "GROUP",
    .least = 1,
    .most = 1,
    .summary = "members of a group, what it committed, how far it is behind",
    .details =
        "Prints the members with the partitions they were given (of an application: of its tasks\n"
        "topic), then each committed position with the end of its partition and the records in "
        "between\n"
        "(lag; transaction markers count as records).\n",
    .run = describe,
};
