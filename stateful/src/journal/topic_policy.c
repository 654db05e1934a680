#include "journal/topic_policy.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_MS = 24 * 3600 * 1000 };

/* Kafka's, but for one: what nobody asked to be deleted stays. */
static const sf_topic_policy usual = {
    .retention_ms = -1,
    .retention_bytes = -1,
    .delete_retention_ms = DAY_MS,
};

static const struct {
    const char *name;
    size_t at;
} numbers[] = {
    {"retention.ms", offsetof(sf_topic_policy, retention_ms)},
    {"retention.bytes", offsetof(sf_topic_policy, retention_bytes)},
    {"delete.retention.ms", offsetof(sf_topic_policy, delete_retention_ms)},
    {"min.compaction.lag.ms", offsetof(sf_topic_policy, compaction_lag_ms)},
};

static bool read_number(const char *text, int64_t *number)
{
    char *end;

    errno = 0;
    *number = strtoll(text, &end, 10);
    return end != text && !*end && !errno && *number >= -1;
}

/* A list of "compact" and "delete" in any order. */
static bool read_cleanup(const char *text, bool *compacts, bool *deletes)
{
    *compacts = *deletes = false;
    while (*text) {
        size_t size = strcspn(text, ", ");

        if (size == strlen("compact") && !strncmp(text, "compact", size))
            *compacts = true;
        else if (size == strlen("delete") && !strncmp(text, "delete", size))
            *deletes = true;
        else
            return false;
        text += size;
        text += strspn(text, ", ");
    }
    return *compacts || *deletes;
}

static sf_status check_config(const char *topic, const sf_topic_config *config, sf_error *err)
{
    bool compacts, deletes;
    int64_t number;

    if (!strcmp(config->name, "cleanup.policy") &&
        !read_cleanup(config->value, &compacts, &deletes))
        return sf_fail(err, SF_INVALID,
                       "topic %s: cleanup.policy '%s' is none of compact, delete and "
                       "compact,delete",
                       topic, config->value);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (!strcmp(config->name, numbers[i].name) && !read_number(config->value, &number))
            return sf_fail(err, SF_INVALID, "topic %s: %s '%s' is no number from -1 on", topic,
                           config->name, config->value);
    return SF_OK;
}

sf_status sf_topic_policy_check(const sf_topic_spec *spec, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < spec->config_count; i++)
        status = check_config(spec->name, &spec->configs[i], err);
    return status;
}

static void take_in(sf_topic_policy *policy, bool *deletes, const char *name, const char *value)
{
    if (!strcmp(name, "cleanup.policy"))
        (void)read_cleanup(value, &policy->is_compacted, deletes); /* checked */
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (!strcmp(name, numbers[i].name))
            (void)read_number(value, (int64_t *)((char *)policy + numbers[i].at)); /* checked */
}

sf_topic_policy sf_topic_policy_of(const sf_journal_topic *topic)
{
    sf_topic_policy policy = usual;
    const char *at = (const char *)topic->configs;
    const char *end = at + topic->configs_size;
    bool deletes = true;

    while (at < end) {
        const char *value = at + strlen(at) + 1;

        take_in(&policy, &deletes, at, value);
        at = value + strlen(value) + 1;
    }
    if (!deletes)
        policy.retention_ms = policy.retention_bytes = -1;
    return policy;
}
