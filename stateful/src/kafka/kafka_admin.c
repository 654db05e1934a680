#include "kafka/kafka_admin.h"

#include <time.h>

#include "kafka/kafka_error.h"
#include "kafka/kafka_metadata.h"
#include "kafka/kafka_order.h"

enum {
    SETTLE_MS = 10 * 1000, /* until a change is seen in metadata */
    FIRST_PAUSE_MS = 5,
    LONGEST_PAUSE_MS = 200,
};

static void pause_ms(int32_t ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000L};

    (void)nanosleep(&time, NULL); /* shorter is fine */
}

/* A broker names itself as leader a moment before it is. Of two batches on their way then, it may refuse
 * the first and take the second; the first comes too late after that, or counts as one that it has. */
static sf_status ask_leaders(rd_kafka_t *client, const char *topic, int32_t partitions,
                             sf_error *err)
{
    sf_status status = SF_OK;

    for (int32_t i = 0; !status && i < partitions; i++) {
        int64_t first;
        int64_t end;

        status = sf_kafka_offset_range(client, topic, i, &first, &end, err);
    }
    return status;
}

/* Metadata follows a change a little later: asks until the topic has at least so many partitions, and
 * their leaders answer; 0: until it is gone. */
static sf_status wait_until_seen(rd_kafka_t *client, sf_clock *clock, const char *topic,
                                 int32_t least, sf_error *err)
{
    int64_t end = sf_clock_monotonic_us(clock) + SETTLE_MS * 1000LL;
    int32_t pause = FIRST_PAUSE_MS;

    for (;;) {
        int32_t partitions = 0;
        sf_status status = sf_kafka_topic_partitions(client, topic, &partitions, err);

        if (!status && least && partitions >= least)
            status = ask_leaders(client, topic, partitions, err);
        if (!status && (least ? partitions >= least : !partitions))
            return SF_OK;
        if (status && status != SF_RETRY)
            return status;
        if (sf_clock_monotonic_us(clock) > end)
            return sf_fail_with(err, SF_RETRY, SF_TIMED_OUT, "the broker does not yet %s topic %s",
                                least ? "show" : "forget", topic);
        pause_ms(pause);
        pause = pause * 2 > LONGEST_PAUSE_MS ? LONGEST_PAUSE_MS : pause * 2;
    }
}

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

static rd_kafka_resp_err_t first_error(const rd_kafka_topic_result_t **results, size_t count,
                                       const char **why)
{
    rd_kafka_resp_err_t code =
        count ? rd_kafka_topic_result_error(results[0]) : RD_KAFKA_RESP_ERR_UNKNOWN;

    *why = count ? rd_kafka_topic_result_error_string(results[0]) : NULL;
    return code;
}

static sf_status ask_for_topic(rd_kafka_t *client, const sf_topic_spec *spec, bool *created,
                               sf_error *err)
{
    rd_kafka_NewTopic_t *topic;
    sf_kafka_order order;
    rd_kafka_resp_err_t code;
    const char *why = NULL;
    sf_status status = new_topic(spec, &topic, err);

    if (status)
        return status;
    sf_kafka_order_init(&order, client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_CreateTopics(client, &topic, 1, order.options, order.queue);
    code = sf_kafka_order_wait(&order);
    if (!code) {
        const rd_kafka_CreateTopics_result_t *result =
            rd_kafka_event_CreateTopics_result(order.answer);
        size_t count;
        const rd_kafka_topic_result_t **results =
            rd_kafka_CreateTopics_result_topics(result, &count);

        code = first_error(results, count, &why);
    }
    *created = !code;
    if (code && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        status = sf_kafka_fail(err, code, "topic %s cannot be made%s%s", spec->name,
                               why ? ": " : "", why ? why : "");
    sf_kafka_order_done(&order);
    rd_kafka_NewTopic_destroy(topic);
    return status;
}

sf_status sf_kafka_topic_create(rd_kafka_t *client, sf_clock *clock, const sf_topic_spec *spec,
                                bool *created, sf_error *err)
{
    bool is_new;
    sf_status status = ask_for_topic(client, spec, &is_new, err);

    if (!status)
        status = wait_until_seen(client, clock, spec->name, 1, err);
    if (!status && created)
        *created = is_new;
    return status;
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
    return wait_until_seen(client, clock, topic, 0, err);
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
    return status ? status : wait_until_seen(client, clock, topic, partitions, err);
}

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
