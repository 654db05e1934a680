#include "kafka/kafka_admin.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kafka/kafka_awaited.h"
#include "kafka/kafka_error.h"
#include "kafka/kafka_metadata.h"
#include "kafka/kafka_order.h"

/* ---- one topic that is waited for ---- */

static sf_status await_one(rd_kafka_t *client, sf_clock *clock, const char *topic, int32_t least,
                           sf_error *err)
{
    sf_kafka_awaited awaited = {.topic = topic, .least = least};

    sf_kafka_await(client, clock, &awaited, 1);
    if (awaited.error.status && err)
        *err = awaited.error;
    return awaited.error.status;
}

/* ---- making ---- */

static sf_status new_topic(const sf_topic_spec *spec, rd_kafka_NewTopic_t **topic, sf_error *err)
{
    char why[256];
    rd_kafka_NewTopic_t *made =
        rd_kafka_NewTopic_new(spec->name, spec->partitions, -1, why, sizeof(why));

    if (!made)
        return sf_fail(err, SF_INVALID, "topic %s with %d partitions cannot be made: %s",
                       spec->name, spec->partitions, why);
    for (size_t i = 0; i < spec->config_count; i++) {
        rd_kafka_resp_err_t code =
            rd_kafka_NewTopic_set_config(made, spec->configs[i].name, spec->configs[i].value);

        if (code) {
            rd_kafka_NewTopic_destroy(made);
            return sf_kafka_fail(err, code, "topic %s does not take %s=%s", spec->name,
                                 spec->configs[i].name, spec->configs[i].value);
        }
    }
    *topic = made;
    return SF_OK;
}

/* What is asked for in one request. */
typedef struct creation {
    const sf_topic_spec *specs;
    sf_topic_outcome *outcomes;
    size_t count;
    rd_kafka_NewTopic_t **topics; /* of those without an error */
    size_t topic_count;
} creation;

static void creation_init(creation *wanted, const sf_topic_spec *specs, sf_topic_outcome *outcomes,
                          size_t count)
{
    *wanted = (creation){.specs = specs, .outcomes = outcomes, .count = count};
    wanted->topics = sf_realloc_array(NULL, count, sizeof(*wanted->topics));
    for (size_t i = 0; i < count; i++)
        if (!new_topic(&specs[i], &wanted->topics[wanted->topic_count], &outcomes[i].error))
            wanted->topic_count++;
}

static void creation_done(creation *wanted)
{
    rd_kafka_NewTopic_destroy_array(wanted->topics, wanted->topic_count);
    free(wanted->topics);
}

static void note_answer(const sf_topic_spec *spec, sf_topic_outcome *outcome,
                        rd_kafka_resp_err_t code, const char *why)
{
    outcome->created = !code;
    if (code && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        (void)sf_kafka_fail(&outcome->error, code, "topic %s cannot be made%s%s", spec->name,
                            why ? ": " : "", why ? why : "");
}

static const rd_kafka_topic_result_t *result_for(const rd_kafka_event_t *answer, const char *name)
{
    size_t count;
    const rd_kafka_topic_result_t **results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result((rd_kafka_event_t *)answer), &count);

    for (size_t i = 0; i < count; i++)
        if (!strcmp(rd_kafka_topic_result_name(results[i]), name))
            return results[i];
    return NULL;
}

/* code: why there is no answer at all. */
static void note_answers(creation *wanted, const rd_kafka_event_t *answer, rd_kafka_resp_err_t code)
{
    for (size_t i = 0; i < wanted->count; i++) {
        const sf_topic_spec *spec = &wanted->specs[i];
        sf_topic_outcome *outcome = &wanted->outcomes[i];
        const rd_kafka_topic_result_t *result = code ? NULL : result_for(answer, spec->name);

        if (outcome->error.status)
            continue;
        if (result)
            note_answer(spec, outcome, rd_kafka_topic_result_error(result),
                        rd_kafka_topic_result_error_string(result));
        else
            note_answer(spec, outcome, code ? code : RD_KAFKA_RESP_ERR_UNKNOWN, NULL);
    }
}

static void ask_for_topics(rd_kafka_t *client, creation *wanted)
{
    sf_kafka_order order;
    rd_kafka_resp_err_t code;

    if (!wanted->topic_count)
        return;
    sf_kafka_order_init(&order, client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_CreateTopics(client, wanted->topics, wanted->topic_count, order.options, order.queue);
    code = sf_kafka_order_wait(&order);
    note_answers(wanted, order.answer, code);
    sf_kafka_order_done(&order);
}

static void await_made(rd_kafka_t *client, sf_clock *clock, const creation *made)
{
    sf_kafka_awaited *topics = sf_zalloc(made->count * sizeof(*topics));

    for (size_t i = 0; i < made->count; i++)
        topics[i] = (sf_kafka_awaited){
            .topic = made->specs[i].name,
            .least = 1,
            .error = made->outcomes[i].error,
        };
    sf_kafka_await(client, clock, topics, made->count);
    for (size_t i = 0; i < made->count; i++) {
        made->outcomes[i].error = topics[i].error;
        made->outcomes[i].partitions = topics[i].partitions;
    }
    free(topics);
}

void sf_kafka_topics_create(rd_kafka_t *client, sf_clock *clock, const sf_topic_spec *specs,
                            size_t count, sf_topic_outcome *outcomes)
{
    creation wanted;

    creation_init(&wanted, specs, outcomes, count);
    ask_for_topics(client, &wanted);
    await_made(client, clock, &wanted);
    creation_done(&wanted);
}

/* ---- changing ---- */

static rd_kafka_resp_err_t first_error(const rd_kafka_topic_result_t **results, size_t count,
                                       const char **why)
{
    rd_kafka_resp_err_t code =
        count ? rd_kafka_topic_result_error(results[0]) : RD_KAFKA_RESP_ERR_UNKNOWN;

    *why = count ? rd_kafka_topic_result_error_string(results[0]) : NULL;
    return code;
}

sf_status sf_kafka_topic_delete(rd_kafka_t *client, sf_clock *clock, const char *topic,
                                sf_error *err)
{
    rd_kafka_DeleteTopic_t *request = rd_kafka_DeleteTopic_new(topic);
    sf_kafka_order order;
    rd_kafka_resp_err_t code;
    const char *why;

    sf_kafka_order_init(&order, client, RD_KAFKA_ADMIN_OP_DELETETOPICS);
    rd_kafka_DeleteTopics(client, &request, 1, order.options, order.queue);
    code = sf_kafka_order_wait(&order);
    if (!code) {
        const rd_kafka_DeleteTopics_result_t *result =
            rd_kafka_event_DeleteTopics_result(order.answer);
        size_t count;
        const rd_kafka_topic_result_t **results =
            rd_kafka_DeleteTopics_result_topics(result, &count);

        code = first_error(results, count, &why);
    }
    sf_kafka_order_done(&order);
    rd_kafka_DeleteTopic_destroy(request);
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        return SF_OK;
    if (code)
        return sf_kafka_fail(err, code, "topic %s cannot be deleted", topic);
    return await_one(client, clock, topic, 0, err);
}

static sf_status ask_for_partitions(rd_kafka_t *client, const char *topic, int32_t partitions,
                                    sf_error *err)
{
    char reason[256];
    const char *why = NULL;
    rd_kafka_NewPartitions_t *request =
        rd_kafka_NewPartitions_new(topic, (size_t)partitions, reason, sizeof(reason));
    sf_kafka_order order;
    rd_kafka_resp_err_t code;
    sf_status status = SF_OK;

    if (!request)
        return sf_fail(err, SF_INVALID, "topic %s cannot have %d partitions: %s", topic,
                       (int)partitions, reason);
    sf_kafka_order_init(&order, client, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS);
    rd_kafka_CreatePartitions(client, &request, 1, order.options, order.queue);
    code = sf_kafka_order_wait(&order);
    if (!code) {
        size_t count;
        const rd_kafka_topic_result_t **results = rd_kafka_CreatePartitions_result_topics(
            rd_kafka_event_CreatePartitions_result(order.answer), &count);

        code = first_error(results, count, &why);
    }
    if (code)
        status = sf_kafka_fail(err, code, "topic %s cannot be given %d partitions%s%s", topic,
                               (int)partitions, why ? ": " : "", why ? why : "");
    sf_kafka_order_done(&order);
    rd_kafka_NewPartitions_destroy(request);
    return status;
}

sf_status sf_kafka_topic_grow(rd_kafka_t *client, sf_clock *clock, const char *topic,
                              int32_t partitions, sf_error *err)
{
    int32_t count = 0;
    sf_status status = sf_kafka_topic_partitions(client, topic, &count, err);

    if (status || count >= partitions)
        return status;
    status = ask_for_partitions(client, topic, partitions, err);
    return status ? status : await_one(client, clock, topic, partitions, err);
}

/* ---- records ---- */

sf_status sf_kafka_records_delete(rd_kafka_t *client, const char *topic, int32_t partition,
                                  int64_t below_offset, sf_error *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_DeleteRecords_t *request;
    sf_kafka_order order;
    rd_kafka_resp_err_t code;

    rd_kafka_topic_partition_list_add(list, topic, partition)->offset = below_offset;
    request = rd_kafka_DeleteRecords_new(list);
    rd_kafka_topic_partition_list_destroy(list);
    sf_kafka_order_init(&order, client, RD_KAFKA_ADMIN_OP_DELETERECORDS);
    rd_kafka_DeleteRecords(client, &request, 1, order.options, order.queue);
    code = sf_kafka_order_wait(&order);
    if (!code) {
        const rd_kafka_topic_partition_list_t *result = rd_kafka_DeleteRecords_result_offsets(
            rd_kafka_event_DeleteRecords_result(order.answer));

        code = result->cnt ? result->elems[0].err : RD_KAFKA_RESP_ERR_UNKNOWN;
    }
    sf_kafka_order_done(&order);
    rd_kafka_DeleteRecords_destroy(request);
    if (code)
        return sf_kafka_fail(err, code, "records of %s-%d below %lld cannot be deleted", topic,
                             partition, (long long)below_offset);
    return SF_OK;
}

/* ---- settings ---- */

/* The settings of the one topic asked for; NULL with the error that the broker gave for it. */
static const rd_kafka_ConfigEntry_t **config_entries(const rd_kafka_event_t *answer, size_t *count,
                                                     rd_kafka_resp_err_t *code)
{
    size_t resources;
    const rd_kafka_ConfigResource_t **found = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result((rd_kafka_event_t *)answer), &resources);

    *code = resources ? rd_kafka_ConfigResource_error(found[0]) : RD_KAFKA_RESP_ERR_UNKNOWN;
    return *code ? NULL : rd_kafka_ConfigResource_configs(found[0], count);
}

static void tell_config(const rd_kafka_ConfigEntry_t *entry, sf_topic_config_fn fn, void *user)
{
    const char *value = rd_kafka_ConfigEntry_value(entry); /* NULL: the broker keeps it secret */
    bool is_default =
        rd_kafka_ConfigEntry_source(entry) != RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG;

    fn(user, &(sf_topic_config){rd_kafka_ConfigEntry_name(entry), value ? value : ""}, is_default);
}

sf_status sf_kafka_topic_configs(rd_kafka_t *client, const char *topic, sf_topic_config_fn fn,
                                 void *user, sf_error *err)
{
    rd_kafka_ConfigResource_t *resource =
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
    const rd_kafka_ConfigEntry_t **entries = NULL;
    size_t count = 0;
    sf_kafka_order order;
    rd_kafka_resp_err_t code;

    if (!resource)
        return sf_fail(err, SF_INVALID, "'%s' is no name for a topic", topic);
    sf_kafka_order_init(&order, client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_DescribeConfigs(client, &resource, 1, order.options, order.queue);
    code = sf_kafka_order_wait(&order);
    if (!code)
        entries = config_entries(order.answer, &count, &code);
    for (size_t i = 0; entries && i < count; i++)
        tell_config(entries[i], fn, user);
    sf_kafka_order_done(&order);
    rd_kafka_ConfigResource_destroy(resource);
    if (code)
        return sf_kafka_fail(err, code, "settings of topic %s cannot be asked for", topic);
    return SF_OK;
}
