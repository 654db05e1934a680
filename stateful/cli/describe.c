/* describe.c - stateful describe: of what an application consists, and who does its work. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/broker_group.h>

#include "application.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "command.h"
#include "lock_holder.h"
#include "runtime/layout_record.h"
#include "runtime/retry.h"
#include "scan.h"
#include "table.h"

typedef struct described {
    const char *application_id;
    char *layout_topic;
    char *tasks_topic;
    sf_layout_record layout;
    sf_arena *arena;
    sf_group_description group;
} described;

/* ---- the layout ---- */

static sf_status take_layout(void *user, int32_t partition, const sf_consumed_record *consumed,
                             bool *enough, sf_error *err)
{
    described *what = user;
    const sf_record *record = &consumed->record;

    (void)partition;
    (void)enough;
    if (!sf_bytes_equal(record->key, sf_bytes_text("layout")) || sf_bytes_is_null(record->value))
        return SF_OK;
    return sf_layout_record_read(&what->layout, record->value, err);
}

static sf_status read_layout(const command_call *call, described *what, sf_error *err)
{
    sf_watermarks marks;
    scan_range range = {0};
    sf_status status = topic_facts_watermarks(call, what->layout_topic, 0, &marks, err);

    if (status)
        return status;
    range.from = marks.low;
    range.end = marks.last_stable;
    status = scan_run(call,
                      &(scan){
                          .topic = what->layout_topic,
                          .ranges = &range,
                          .count = 1,
                          .fn = take_layout,
                          .user = what,
                      },
                      err);
    if (!status && !what->layout.incarnation)
        status = sf_fail(err, SF_NOT_FOUND, "application %s has never been started",
                         what->application_id);
    return status;
}

/* ---- who holds a task ---- */

static sf_status read_group(const command_call *call, described *what, sf_error *err)
{
    sf_retry retry = command_retry(call);
    sf_status status;

    do
        status = sf_broker_describe_group(call->broker, what->application_id, what->arena,
                                          &what->group, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

static const sf_group_member *member_of(const described *what, size_t task)
{
    for (size_t i = 0; i < what->group.member_count; i++) {
        const sf_group_member *member = &what->group.members[i];

        for (size_t k = 0; k < member->assigned_count; k++) {
            if ((size_t)member->assigned[k].partition == task &&
                !strcmp(member->assigned[k].topic, what->tasks_topic))
                return member;
        }
    }
    return NULL;
}

/* On a journal all tasks are those of the one process that has the lock; 0: none runs. */
static pid_t journal_holder(const command_call *call, const char *application_id)
{
    static const char scheme[] = "file:";
    char *path;
    pid_t holder;

    if (strncmp(call->address, scheme, strlen(scheme)) != 0)
        return 0;
    path = sf_text_printf("%s/%s.instance", call->address + strlen(scheme), application_id);
    holder = lock_holder(path);
    free(path);
    return holder;
}

/* ---- printing ---- */

/* The number of an identity: in the order of the first tasks. */
static size_t number_of(const sf_layout_record *layout, size_t task)
{
    size_t number = 0;

    for (size_t i = 0; i < task; i++) {
        bool is_first = true;

        if (!strcmp(layout->tasks[i].identity, layout->tasks[task].identity))
            return number_of(layout, i);
        for (size_t k = 0; k < i && is_first; k++)
            is_first = strcmp(layout->tasks[k].identity, layout->tasks[i].identity) != 0;
        number += is_first;
    }
    return number;
}

static bool is_first_of_its_kind(const sf_layout_record *layout, size_t task)
{
    for (size_t i = 0; i < task; i++)
        if (!strcmp(layout->tasks[i].identity, layout->tasks[task].identity))
            return false;
    return true;
}

static void add_parts(table *rows, const sf_layout_record *layout, const char *identity,
                      bool are_stores)
{
    sf_buffer text = SF_BUFFER_EMPTY;

    for (size_t i = 0; i < layout->part_count; i++) {
        const sf_layout_part *part = &layout->parts[i];

        if (strcmp(part->identity, identity) != 0 || (part->kind != NULL) != are_stores)
            continue;
        sf_buffer_printf(&text, "%s%s", text.size ? " " : "", part->name);
        if (part->kind)
            sf_buffer_printf(&text, " (%s)", part->kind);
    }
    table_add_text(rows, text.size ? sf_buffer_text(&text) : NULL);
    sf_buffer_done(&text);
}

static int32_t task_count(const sf_layout_record *layout, const char *identity)
{
    int32_t count = 0;

    for (size_t i = 0; i < layout->task_count; i++)
        count += !strcmp(layout->tasks[i].identity, identity);
    return count;
}

static void print_subtopologies(const command_call *call, const sf_layout_record *layout)
{
    static const char *const names[] = {"sub_topology", "identity", "tasks", "reads", "keeps"};
    table *rows = table_new(names, SF_ARRAY_LENGTH(names), call->as_json);

    for (size_t i = 0; i < layout->task_count; i++) {
        const char *identity = layout->tasks[i].identity;

        if (!is_first_of_its_kind(layout, i))
            continue;
        table_add_number(rows, (int64_t)number_of(layout, i));
        table_add_text(rows, identity);
        table_add_number(rows, task_count(layout, identity));
        add_parts(rows, layout, identity, false);
        add_parts(rows, layout, identity, true);
    }
    table_print(rows);
}

static void add_holder(table *rows, const described *what, size_t task, pid_t on_journal)
{
    const sf_group_member *member = member_of(what, task);
    char *process = on_journal ? sf_text_printf("process %ld", (long)on_journal) : NULL;

    if (member) {
        table_add_text(rows, member->instance ? member->instance : member->id);
        table_add_text(rows, member->host);
        table_add_text(rows, member->client_id);
    } else {
        table_add_text(rows, process);
        table_add_unknown(rows);
        table_add_unknown(rows);
    }
    free(process);
}

static void print_tasks(const command_call *call, const described *what)
{
    static const char *const names[] = {"task",   "sub_topology", "partition",
                                        "holder", "host",         "client"};
    table *rows = table_new(names, SF_ARRAY_LENGTH(names), call->as_json);
    pid_t on_journal = journal_holder(call, what->application_id);

    for (size_t i = 0; i < what->layout.task_count; i++) {
        const sf_layout_task *task = &what->layout.tasks[i];

        table_add_number(rows, (int64_t)i);
        table_add_number(rows, (int64_t)number_of(&what->layout, i));
        table_add_number(rows, task->partition);
        add_holder(rows, what, i, on_journal);
    }
    table_print(rows);
}

static void print_all(const command_call *call, const described *what)
{
    if (!call->as_json)
        printf("application %s, incarnation %016" PRIx64
               ", %zu tasks, group %s with %zu members\n\n",
               what->application_id, what->layout.incarnation, what->layout.task_count,
               what->group.state, what->group.member_count);
    print_subtopologies(call, &what->layout);
    if (!call->as_json)
        puts("");
    print_tasks(call, what);
}

static sf_status describe(const command_call *call, sf_error *err)
{
    described what = {
        .application_id = arguments_operand(call->arguments, 0),
        .arena = sf_arena_new(),
    };
    topic_list topics;
    sf_status status = topic_list_read(call, &topics, err);

    what.layout_topic = sf_text_printf("%s-layout", what.application_id);
    what.tasks_topic = sf_text_printf("%s-tasks", what.application_id);
    if (!status)
        status = application_check_known(call, &topics, what.application_id, err);
    if (!status)
        status = read_layout(call, &what, err);
    if (!status)
        status = read_group(call, &what, err);
    if (!status)
        print_all(call, &what);
    sf_layout_record_done(&what.layout);
    sf_arena_free(what.arena);
    topic_list_done(&topics);
    free(what.layout_topic);
    free(what.tasks_topic);
    return status;
}

const command describe_command = {
    .words = "describe",
    .operands = "APPLICATION",
    .least = 1,
    .most = 1,
    .summary = "an application: its sub-topologies, its tasks, who holds them",
    .details = "Reads the application's layout topic: what each sub-topology reads and keeps, and "
               "which task\n"
               "index means which of its partitions. The holder is the member of the group (on a "
               "journal the\n"
               "process) that has the task now.\n",
    .run = describe,
};
