#include "application.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "runtime/instance_lock.h"
#include "runtime/retry.h"

/* ---- topics ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t text_size = strlen(text);
    size_t end_size = strlen(end);

    return text_size >= end_size && !strcmp(text + text_size - end_size, end);
}

static topic_role role_of_ending(const char *rest)
{
    if (!strcmp(rest, "layout"))
        return TOPIC_LAYOUT;
    if (!strcmp(rest, "tasks"))
        return TOPIC_TASKS;
    if (!strcmp(rest, "dlq"))
        return TOPIC_DEAD_LETTERS;
    if (ends_with(rest, "-changelog"))
        return TOPIC_CHANGELOG;
    return ends_with(rest, "-repartition") ? TOPIC_REPARTITION : TOPIC_OF_OTHERS;
}

/* Whether an application whose id begins with this one's and a '-' owns the topic. */
static bool has_closer_owner(const topic_list *topics, const char *application_id,
                             const char *topic)
{
    static const char LAYOUT[] = "-layout";
    size_t least = strlen(application_id) + 1;

    for (size_t i = 0; i < topics->count; i++) {
        const char *name = topics->entries[i].name;
        size_t size;

        if (!ends_with(name, LAYOUT))
            continue;
        size = strlen(name) - strlen(LAYOUT);
        if (size > least && !strncmp(name, topic, size) && topic[size] == '-')
            return true;
    }
    return false;
}

topic_role application_topic_role(const topic_list *topics, const char *application_id,
                                  const char *topic)
{
    size_t size = strlen(application_id);

    if (strncmp(topic, application_id, size) != 0 || topic[size] != '-' ||
        has_closer_owner(topics, application_id, topic))
        return TOPIC_OF_OTHERS;
    return role_of_ending(topic + size + 1);
}

/* ---- the group ---- */

sf_status application_offsets(const command_call *call, const char *application_id, sf_arena *arena,
                              const sf_offset **offsets, size_t *count, sf_error *err)
{
    sf_retry retry = command_retry(call);
    sf_status status;

    do
        status = sf_broker_group_offsets(call->broker, application_id, arena, offsets, count, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

sf_status application_check_known(const command_call *call, const topic_list *topics,
                                  const char *application_id, sf_error *err)
{
    char *layout = sf_text_printf("%s-layout", application_id);
    sf_arena *arena = sf_arena_new();
    const sf_offset *offsets;
    size_t count = 0;
    sf_status status = SF_OK;

    if (!topic_list_find(topics, layout)) {
        status = application_offsets(call, application_id, arena, &offsets, &count, err);
        if (!status && !count)
            status = sf_fail(err, SF_NOT_FOUND,
                             "there is no application %s on %s: neither a topic %s nor committed "
                             "offsets",
                             application_id, call->address, layout);
    }
    sf_arena_free(arena);
    free(layout);
    return status;
}

static sf_status check_members(const command_call *call, const char *application_id, sf_error *err)
{
    sf_arena *arena = sf_arena_new();
    sf_retry retry = command_retry(call);
    sf_group_description group;
    sf_status status;

    do
        status = sf_broker_describe_group(call->broker, application_id, arena, &group, err);
    while (sf_retry_again(&retry, &status, err));
    if (!status && group.member_count)
        status = sf_fail(err, SF_BUSY,
                         "application %s has %zu running members, the first on %s: stop them all "
                         "(a killed one leaves after its session timeout)",
                         application_id, group.member_count, group.members[0].host);
    sf_arena_free(arena);
    return status;
}

sf_status application_keep_stopped(const command_call *call, const char *application_id, int *lock,
                                   sf_error *err)
{
    sf_status status = sf_instance_lock_take(call->address, application_id, lock, err);

    if (!status)
        status = check_members(call, application_id, err);
    return status;
}
