/* reset.c - stateful reset: an application begins anew.
 *
 * Steps, in this order; after a crash between two, the same command again goes on:
 *   1 positions  inputs to where they are to begin, repartition topics to 0 (they are made anew)
 *   2 topics     changelog, repartition and tasks topics go
 *   3 layout     the layout topic goes, the last one: the next start draws a new incarnation, and state of the
 *                old one, wherever it lies, is cleared
 *   4 state      the database in --state-dir goes
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "application.h"
#include "base/file.h"
#include "base/memory.h"
#include "command.h"
#include "runtime/retry.h"
#include "scan.h"

typedef struct plan {
    const char *application_id;
    topic_list topics;
    sf_arena *arena;
    sf_offset *positions; /* to be committed */
    size_t position_count;
    const char **doomed; /* topics to be deleted, the layout last */
    size_t doomed_count;
    char *database; /* directory to be removed; NULL: none */
} plan;

static void plan_done(plan *what)
{
    topic_list_done(&what->topics);
    sf_arena_free(what->arena);
    free(what->positions);
    free(what->doomed);
    free(what->database);
}

/* ---- planning ---- */

static sf_status plan_position(const command_call *call, plan *what, const sf_offset *committed,
                               sf_error *err)
{
    const char *to = arguments_text(call->arguments, "to");
    sf_offset *position = &what->positions[what->position_count];
    topic_role role = application_topic_role(&what->topics, what->application_id, committed->topic);
    sf_status status = SF_OK;

    *position = (sf_offset){.topic = committed->topic, .partition = committed->partition};
    if (!topic_list_find(&what->topics, committed->topic))
        return SF_OK; /* the topic is gone, and with it its positions */
    if (role != TOPIC_REPARTITION)
        status = scan_find_offset(call, committed->topic, committed->partition,
                                  to ? to : "beginning", &position->offset, err);
    what->position_count += !status;
    return status;
}

static sf_status plan_positions(const command_call *call, plan *what, sf_error *err)
{
    const sf_offset *committed = NULL;
    size_t count = 0;
    sf_status status =
        application_offsets(call, what->application_id, what->arena, &committed, &count, err);

    what->positions = sf_zalloc((count + 1) * sizeof(*what->positions));
    for (size_t i = 0; !status && i < count; i++)
        status = plan_position(call, what, &committed[i], err);
    return status;
}

static bool is_doomed(const plan *what, const char *topic, bool letters_too, bool is_layout)
{
    topic_role role = application_topic_role(&what->topics, what->application_id, topic);

    if (role == TOPIC_DEAD_LETTERS)
        return letters_too && !is_layout;
    return is_layout ? role == TOPIC_LAYOUT : role != TOPIC_OF_OTHERS && role != TOPIC_LAYOUT;
}

static void plan_topics(const command_call *call, plan *what)
{
    bool letters_too = arguments_has(call->arguments, "dead-letters");

    what->doomed = sf_zalloc((what->topics.count + 1) * sizeof(*what->doomed));
    for (int layouts = 0; layouts < 2; layouts++) {
        for (size_t i = 0; i < what->topics.count; i++) {
            if (is_doomed(what, what->topics.entries[i].name, letters_too, layouts == 1))
                what->doomed[what->doomed_count++] = what->topics.entries[i].name;
        }
    }
}

static sf_status plan_state(const command_call *call, plan *what, sf_error *err)
{
    const char *directory = arguments_text(call->arguments, "state-dir");
    char *path;

    if (!directory)
        return SF_OK;
    path = sf_text_printf("%s/%s", directory, what->application_id);
    if (access(path, F_OK)) {
        sf_status status = sf_fail(err, SF_NOT_FOUND,
                                   "there is no state of application %s in %s: --state-dir is what "
                                   "the application has as state_dir",
                                   what->application_id, directory);

        free(path);
        return status;
    }
    free(path);
    what->database = sf_text_printf("%s/%s/db", directory, what->application_id);
    return SF_OK;
}

static sf_status make_plan(const command_call *call, plan *what, sf_error *err)
{
    sf_status status = plan_positions(call, what, err);

    if (!status)
        status = plan_state(call, what, err);
    if (!status)
        plan_topics(call, what);
    return status;
}

static void print_plan(const plan *what, const char *will)
{
    for (size_t i = 0; i < what->position_count; i++)
        printf("%s set %s-%" PRId32 " to offset %" PRId64 "\n", will, what->positions[i].topic,
               what->positions[i].partition, what->positions[i].offset);
    for (size_t i = 0; i < what->doomed_count; i++)
        printf("%s delete topic %s\n", will, what->doomed[i]);
    if (what->database)
        printf("%s remove %s\n", will, what->database);
}

/* ---- doing ---- */

static sf_status set_positions(const command_call *call, const plan *what, sf_error *err)
{
    sf_retry retry = command_retry(call);
    sf_status status;

    do
        status = sf_broker_set_group_offsets(call->broker, what->application_id, what->positions,
                                             what->position_count, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

static sf_status delete_topic(const command_call *call, const char *topic, sf_error *err)
{
    sf_retry retry = command_retry(call);
    sf_status status;

    do
        status = sf_broker_delete_topic(call->broker, topic, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

static sf_status remove_state(const plan *what, sf_error *err)
{
    size_t size = strlen(what->database) - strlen("/db");
    char *path = sf_text_printf("%.*s/lock", (int)size, what->database);
    int lock = -1;
    sf_status status = sf_file_lock(path, &lock, err);

    if (!status)
        status = sf_directory_remove(what->database, err);
    if (lock >= 0)
        (void)close(lock); /* only a lock */
    free(path);
    return status;
}

static sf_status carry_out(const command_call *call, const plan *what, sf_error *err)
{
    sf_status status = set_positions(call, what, err);

    for (size_t i = 0; !status && i < what->doomed_count; i++)
        status = delete_topic(call, what->doomed[i], err);
    if (!status && what->database)
        status = remove_state(what, err);
    return status;
}

static sf_status confirm_and_run(const command_call *call, const plan *what, sf_error *err)
{
    sf_status status;

    if (arguments_has(call->arguments, "dry-run")) {
        print_plan(what, "would");
        return SF_OK;
    }
    if (!arguments_has(call->arguments, "yes"))
        return sf_fail_with(err, SF_REJECT, SF_INVALID,
                            "%zu positions would be set and %zu topics deleted: --dry-run shows "
                            "which, --yes does it",
                            what->position_count, what->doomed_count);
    status = carry_out(call, what, err);
    if (!status)
        print_plan(what, "did");
    return status;
}

static sf_status reset(const command_call *call, sf_error *err)
{
    plan what = {
        .application_id = arguments_operand(call->arguments, 0),
        .arena = sf_arena_new(),
    };
    int lock = -1;
    sf_status status = topic_list_read(call, &what.topics, err);

    if (!status)
        status = application_check_known(call, &what.topics, what.application_id, err);
    if (!status)
        status = application_keep_stopped(call, what.application_id, &lock, err);
    if (!status)
        status = make_plan(call, &what, err);
    if (!status)
        status = confirm_and_run(call, &what, err);
    if (lock >= 0)
        (void)close(lock); /* only a lock */
    plan_done(&what);
    return status;
}

static const option options[] = {
    {"to", 0, "WHERE", "where inputs begin: beginning (usual), end, an offset, a time, @ms", false},
    {"state-dir", 0, "DIR", "removes the state there, too (elsewhere the next start does)", false},
    {"dead-letters", 0, NULL, "deletes the topic of dead letters, too", false},
    {"dry-run", 'n', NULL, "only says what would be done", false},
    {"yes", 'y', NULL, "really", false},
    {NULL, 0, NULL, NULL, false},
};

const command reset_command = {
    .words = "reset",
    .operands = "APPLICATION",
    .least = 1,
    .most = 1,
    .summary = "let an application begin anew",
    .details =
        "Sets the positions of its inputs, deletes its changelog, repartition, tasks and layout\n"
        "topics, and so makes its state begin empty on every host. Inputs and outputs stay: what "
        "it\n"
        "sends again comes in addition to what it sent. All instances must be stopped.\n"
        "After an interruption the same command goes on.\n",
    .options = options,
    .run = reset,
};
