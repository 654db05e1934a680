/* topics.c - stateful topics list | describe | create | delete */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "command.h"
#include "runtime/retry.h"
#include "table.h"
#include "topic_facts.h"

/* ---- list ---- */

static sf_status list(const command_call *call, sf_error *err)
{
    static const char *const names[] = {"topic", "partitions"};
    topic_list topics;
    sf_status status = topic_list_read(call, &topics, err);
    table *rows;

    if (status)
        return status;
    rows = table_new(names, SF_ARRAY_LENGTH(names), call->as_json);
    for (size_t i = 0; i < topics.count; i++) {
        table_add_text(rows, topics.entries[i].name);
        table_add_number(rows, topics.entries[i].partitions);
    }
    table_print(rows);
    topic_list_done(&topics);
    return SF_OK;
}

const command topics_list_command = {
    .words = "topics list",
    .operands = "",
    .summary = "the topics there are",
    .details = "Prints every topic with the number of its partitions.\n",
    .run = list,
};

/* ---- describe ---- */

static sf_status describe_partitions(const command_call *call, const char *topic,
                                     int32_t partitions, sf_error *err)
{
    static const char *const names[] = {"partition", "low", "high", "last_stable"};
    table *rows = table_new(names, SF_ARRAY_LENGTH(names), call->as_json);
    sf_status status = SF_OK;

    for (int32_t i = 0; !status && i < partitions; i++) {
        sf_watermarks marks = {0};

        status = topic_facts_watermarks(call, topic, i, &marks, err);
        table_add_number(rows, i);
        table_add_number(rows, marks.low);
        table_add_number(rows, marks.high);
        table_add_number(rows, marks.last_stable);
    }
    table_print(rows);
    return status;
}

typedef struct settings_shown {
    table *rows;
    bool all;
} settings_shown;

static void show_setting(void *user, const sf_topic_config *config, bool is_default)
{
    const settings_shown *shown = user;

    if (is_default && !shown->all)
        return;
    table_add_text(shown->rows, config->name);
    table_add_text(shown->rows, config->value);
}

static sf_status describe_settings(const command_call *call, const char *topic, sf_error *err)
{
    static const char *const names[] = {"setting", "value"};
    settings_shown shown = {
        .rows = table_new(names, SF_ARRAY_LENGTH(names), call->as_json),
        .all = arguments_has(call->arguments, "all"),
    };
    sf_status status = sf_broker_topic_configs(call->broker, topic, show_setting, &shown, err);

    table_sort(shown.rows);
    if (!call->as_json)
        puts("");
    table_print(shown.rows);
    return status;
}

static sf_status describe(const command_call *call, sf_error *err)
{
    const char *topic = arguments_operand(call->arguments, 0);
    int32_t partitions = 0;
    sf_status status = topic_facts_partitions(call, topic, &partitions, err);

    if (!status)
        status = describe_partitions(call, topic, partitions, err);
    if (!status)
        status = describe_settings(call, topic, err);
    return status;
}

static const option describe_options[] = {
    {"all", 'a', NULL, "settings that nobody changed, too", false},
    {NULL, 0, NULL, NULL, false},
};

const command topics_describe_command = {
    .words = "topics describe",
    .operands = "TOPIC",
    .least = 1,
    .most = 1,
    .summary = "partitions with their offsets, and settings",
    .details = "Prints for each partition the first offset that may be read (low), the one behind "
               "the last\n"
               "record (high), and the one behind the last record that a reader of committed "
               "records sees\n"
               "(last stable: lower while a transaction is open); then the settings that were "
               "changed for it.\n",
    .options = describe_options,
    .run = describe,
};

/* ---- create ---- */

static sf_status read_configs(const arguments *read, sf_topic_config *configs, size_t *count,
                              sf_error *err)
{
    for (size_t i = 0; i < arguments_count(read, "config"); i++) {
        char *name = sf_text_copy(arguments_text_at(read, "config", i));
        char *sign = strchr(name, '=');

        configs[(*count)++].name = name;
        if (!sign || sign == name)
            return sf_fail_with(err, SF_REJECT, SF_INVALID, "--config %s is not NAME=VALUE", name);
        *sign = '\0';
        configs[i].value = sign + 1;
    }
    return SF_OK;
}

static sf_status create_topic(const command_call *call, const sf_topic_spec *spec, sf_error *err)
{
    sf_retry retry = command_retry(call);
    bool created = false;
    sf_status status;

    do
        status = sf_broker_create_topic(call->broker, spec, &created, err);
    while (sf_retry_again(&retry, &status, err));
    if (!status && !created)
        return sf_fail(err, SF_EXISTS, "topic %s exists already", spec->name);
    return status;
}

static sf_status create(const command_call *call, sf_error *err)
{
    size_t given = arguments_count(call->arguments, "config");
    sf_topic_config *configs = sf_zalloc((given + 1) * sizeof(*configs));
    sf_topic_spec spec = {.name = arguments_operand(call->arguments, 0), .configs = configs};
    int64_t partitions = 1;
    sf_status status = arguments_number(call->arguments, "partitions", 1, 100000, &partitions, err);

    if (!status)
        status = read_configs(call->arguments, configs, &spec.config_count, err);
    spec.partitions = (int32_t)partitions;
    if (!status)
        status = create_topic(call, &spec, err);
    for (size_t i = 0; i < given; i++)
        free((char *)configs[i].name);
    free(configs);
    return status;
}

static const option create_options[] = {
    {"partitions", 'p', "N", "how many (1)", false},
    {"config", 'c', "NAME=VALUE", "a setting, such as cleanup.policy=compact", true},
    {NULL, 0, NULL, NULL, false},
};

const command topics_create_command = {
    .words = "topics create",
    .operands = "TOPIC",
    .least = 1,
    .most = 1,
    .summary = "make a topic",
    .details =
        "Fails if there is one of that name. On Kafka it gets the cluster's usual replication.\n",
    .options = create_options,
    .may_make_journal = true,
    .run = create,
};

/* ---- delete ---- */

static sf_status delete_one(const command_call *call, sf_error *err)
{
    const char *topic = arguments_operand(call->arguments, 0);
    int32_t partitions;
    sf_status status = topic_facts_partitions(call, topic, &partitions, err);

    if (status)
        return status;
    if (!arguments_has(call->arguments, "yes"))
        return sf_fail_with(err, SF_REJECT, SF_INVALID,
                            "topic %s with its %" PRId32
                            " partitions would be gone for good: say --yes to mean it",
                            topic, partitions);
    return sf_broker_delete_topic(call->broker, topic, err);
}

static const option delete_options[] = {
    {"yes", 'y', NULL, "really", false},
    {NULL, 0, NULL, NULL, false},
};

const command topics_delete_command = {
    .words = "topics delete",
    .operands = "TOPIC",
    .least = 1,
    .most = 1,
    .summary = "remove a topic and all its records",
    .details = "Asks for --yes. A running application that uses the topic stops with an error.\n",
    .options = delete_options,
    .run = delete_one,
};
