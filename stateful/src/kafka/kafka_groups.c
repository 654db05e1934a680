/* kafka_groups.c - administrative requests about groups.
 *
 * 1 What goes to a group's coordinator is asked for only while some broker answers. librdkafka 2.0.2 has ended
 *   the process ("eonce->refcnt > 0", seen once) seconds after such a request had been given up because the
 *   broker was away.
 */
#include "kafka/kafka_groups.h"

#include "kafka/kafka_error.h"
#include "kafka/kafka_offsets.h"
#include "kafka/kafka_order.h"

enum { BROKER_MS = 5000 };

/* Note 1. */
static rd_kafka_resp_err_t ask_for_a_broker(rd_kafka_t *client)
{
    const struct rd_kafka_metadata *brokers;
    rd_kafka_resp_err_t code = rd_kafka_metadata(client, 0, NULL, &brokers, BROKER_MS);

    if (!code)
        rd_kafka_metadata_destroy(brokers);
    return code;
}

/* ---- list ---- */

static void tell_groups(const rd_kafka_ListConsumerGroups_result_t *result, sf_group_fn fn,
                        void *user)
{
    size_t count;
    const rd_kafka_ConsumerGroupListing_t **groups =
        rd_kafka_ListConsumerGroups_result_valid(result, &count);

    for (size_t i = 0; i < count; i++)
        fn(user, rd_kafka_ConsumerGroupListing_group_id(groups[i]),
           rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupListing_state(groups[i])));
}

/* A list without what one broker has is not the list. */
static rd_kafka_resp_err_t first_list_error(const rd_kafka_ListConsumerGroups_result_t *result)
{
    size_t count;
    const rd_kafka_error_t **errors = rd_kafka_ListConsumerGroups_result_errors(result, &count);

    return count ? rd_kafka_error_code(errors[0]) : RD_KAFKA_RESP_ERR_NO_ERROR;
}

sf_status sf_kafka_groups_list(rd_kafka_t *client, sf_group_fn fn, void *user, sf_error *err)
{
    sf_kafka_order order;
    rd_kafka_resp_err_t code;

    sf_kafka_order_init(&order, client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS);
    rd_kafka_ListConsumerGroups(client, order.options, order.queue);
    code = sf_kafka_order_wait(&order);
    if (!code)
        code = first_list_error(rd_kafka_event_ListConsumerGroups_result(order.answer));
    if (!code)
        tell_groups(rd_kafka_event_ListConsumerGroups_result(order.answer), fn, user);
    sf_kafka_order_done(&order);
    if (code)
        return sf_kafka_fail(err, code, "groups cannot be listed");
    return SF_OK;
}

/* ---- describe ---- */

static const char *text_or_null(sf_arena *arena, const char *text)
{
    return text ? sf_arena_text(arena, text) : NULL;
}

static void copy_assignment(const rd_kafka_MemberDescription_t *member, sf_arena *arena,
                            sf_group_member *copy)
{
    const rd_kafka_topic_partition_list_t *list =
        rd_kafka_MemberAssignment_partitions(rd_kafka_MemberDescription_assignment(member));
    size_t count = list ? (size_t)list->cnt : 0;
    sf_assigned_partition *assigned = sf_arena_alloc(arena, (count + 1) * sizeof(*assigned));

    for (size_t i = 0; i < count; i++)
        assigned[i] = (sf_assigned_partition){
            .topic = sf_arena_text(arena, list->elems[i].topic),
            .partition = list->elems[i].partition,
        };
    copy->assigned = assigned;
    copy->assigned_count = count;
}

static void copy_group(const rd_kafka_ConsumerGroupDescription_t *group, sf_arena *arena,
                       sf_group_description *copy)
{
    size_t count = rd_kafka_ConsumerGroupDescription_member_count(group);
    sf_group_member *members = sf_arena_zalloc(arena, (count + 1) * sizeof(*members));
    const char *assignor = rd_kafka_ConsumerGroupDescription_partition_assignor(group);

    for (size_t i = 0; i < count; i++) {
        const rd_kafka_MemberDescription_t *member =
            rd_kafka_ConsumerGroupDescription_member(group, i);

        members[i].id = text_or_null(arena, rd_kafka_MemberDescription_consumer_id(member));
        members[i].instance =
            text_or_null(arena, rd_kafka_MemberDescription_group_instance_id(member));
        members[i].client_id = text_or_null(arena, rd_kafka_MemberDescription_client_id(member));
        members[i].host = text_or_null(arena, rd_kafka_MemberDescription_host(member));
        copy_assignment(member, arena, &members[i]);
    }
    *copy = (sf_group_description){
        .state = rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(group)),
        .assignor = sf_arena_text(arena, assignor ? assignor : ""),
        .members = members,
        .member_count = count,
    };
}

/* Kafka 4 says of an unknown group that it is not found, older brokers that it is dead. */
static rd_kafka_resp_err_t take_group(const rd_kafka_event_t *answer, sf_arena *arena,
                                      sf_group_description *description)
{
    size_t count;
    const rd_kafka_ConsumerGroupDescription_t **groups =
        rd_kafka_DescribeConsumerGroups_result_groups(
            rd_kafka_event_DescribeConsumerGroups_result((rd_kafka_event_t *)answer), &count);
    const rd_kafka_error_t *error;

    if (!count)
        return RD_KAFKA_RESP_ERR_UNKNOWN;
    error = rd_kafka_ConsumerGroupDescription_error(groups[0]);
    if (error && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
        return rd_kafka_error_code(error);
    if (error)
        *description = (sf_group_description){.state = "Dead", .assignor = ""};
    else
        copy_group(groups[0], arena, description);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

sf_status sf_kafka_group_describe(rd_kafka_t *client, const char *group, sf_arena *arena,
                                  sf_group_description *description, sf_error *err)
{
    const char *names[] = {group};
    sf_kafka_order order;
    rd_kafka_resp_err_t code;

    sf_kafka_order_init(&order, client, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS);
    code = ask_for_a_broker(client);
    if (!code) {
        rd_kafka_DescribeConsumerGroups(client, names, 1, order.options, order.queue);
        code = sf_kafka_order_wait(&order);
    }
    if (!code)
        code = take_group(order.answer, arena, description);
    sf_kafka_order_done(&order);
    if (code)
        return sf_kafka_fail(err, code, "group %s cannot be described", group);
    return SF_OK;
}

/* ---- offsets ---- */

static void copy_offsets(const rd_kafka_topic_partition_list_t *list, sf_arena *arena,
                         const sf_offset **offsets, size_t *count)
{
    sf_offset *copy = sf_arena_zalloc(arena, ((size_t)list->cnt + 1) * sizeof(*copy));
    size_t found = 0;

    for (int i = 0; i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *entry = &list->elems[i];
        sf_bytes metadata = sf_bytes_of(entry->metadata, entry->metadata_size);

        if (entry->err || entry->offset < 0)
            continue;
        copy[found++] = (sf_offset){
            .topic = sf_arena_text(arena, entry->topic),
            .partition = entry->partition,
            .offset = entry->offset,
            .metadata = metadata.size ? (const char *)sf_arena_copy(arena, metadata).data : NULL,
        };
    }
    *offsets = copy;
    *count = found;
}

static rd_kafka_resp_err_t group_error(const rd_kafka_group_result_t **groups, size_t count)
{
    const rd_kafka_error_t *error = count ? rd_kafka_group_result_error(groups[0]) : NULL;

    if (!count)
        return RD_KAFKA_RESP_ERR_UNKNOWN;
    return error ? rd_kafka_error_code(error) : RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t take_offsets(const rd_kafka_event_t *answer, sf_arena *arena,
                                        const sf_offset **offsets, size_t *count)
{
    size_t groups;
    const rd_kafka_group_result_t **results = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result((rd_kafka_event_t *)answer), &groups);
    rd_kafka_resp_err_t code = group_error(results, groups);

    if (code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) {
        *offsets = sf_arena_alloc(arena, sizeof(**offsets));
        *count = 0;
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    if (!code)
        copy_offsets(rd_kafka_group_result_partitions(results[0]), arena, offsets, count);
    return code;
}

sf_status sf_kafka_group_offsets(rd_kafka_t *client, const char *group, sf_arena *arena,
                                 const sf_offset **offsets, size_t *count, sf_error *err)
{
    rd_kafka_ListConsumerGroupOffsets_t *request =
        rd_kafka_ListConsumerGroupOffsets_new(group, NULL);
    sf_kafka_order order;
    rd_kafka_resp_err_t code;

    sf_kafka_order_init(&order, client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
    code = ask_for_a_broker(client);
    if (!code) {
        rd_kafka_ListConsumerGroupOffsets(client, &request, 1, order.options, order.queue);
        code = sf_kafka_order_wait(&order);
    }
    if (!code)
        code = take_offsets(order.answer, arena, offsets, count);
    sf_kafka_order_done(&order);
    rd_kafka_ListConsumerGroupOffsets_destroy(request);
    if (code)
        return sf_kafka_fail(err, code, "offsets of group %s cannot be asked for", group);
    return SF_OK;
}

static rd_kafka_resp_err_t altered_error(const rd_kafka_event_t *answer)
{
    size_t count;
    const rd_kafka_group_result_t **groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
        rd_kafka_event_AlterConsumerGroupOffsets_result((rd_kafka_event_t *)answer), &count);
    rd_kafka_resp_err_t code = group_error(groups, count);
    const rd_kafka_topic_partition_list_t *list;

    if (code)
        return code;
    list = rd_kafka_group_result_partitions(groups[0]);
    for (int i = 0; i < list->cnt && !code; i++)
        code = list->elems[i].err;
    return code;
}

static sf_status alter(rd_kafka_t *client, const char *group,
                       const rd_kafka_topic_partition_list_t *list, sf_error *err)
{
    rd_kafka_AlterConsumerGroupOffsets_t *request =
        rd_kafka_AlterConsumerGroupOffsets_new(group, list);
    sf_kafka_order order;
    rd_kafka_resp_err_t code;

    sf_kafka_order_init(&order, client, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS);
    code = ask_for_a_broker(client);
    if (!code) {
        rd_kafka_AlterConsumerGroupOffsets(client, &request, 1, order.options, order.queue);
        code = sf_kafka_order_wait(&order);
    }
    if (!code)
        code = altered_error(order.answer);
    sf_kafka_order_done(&order);
    rd_kafka_AlterConsumerGroupOffsets_destroy(request);
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID || code == RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP)
        return sf_fail(err, SF_BUSY, "offsets of group %s cannot be set while it has members",
                       group);
    if (code)
        return sf_kafka_fail(err, code, "offsets of group %s cannot be set", group);
    return SF_OK;
}

sf_status sf_kafka_group_set_offsets(rd_kafka_t *client, const char *group,
                                     const sf_offset *offsets, size_t count, sf_error *err)
{
    rd_kafka_topic_partition_list_t *list;
    sf_status status;

    for (size_t i = 0; i < count; i++)
        if (offsets[i].offset < 0)
            return sf_fail(err, SF_INVALID, "%lld is no offset to commit for %s-%d",
                           (long long)offsets[i].offset, offsets[i].topic,
                           (int)offsets[i].partition);
    if (!count)
        return SF_OK;
    list = sf_kafka_offset_list(offsets, count);
    status = alter(client, group, list, err);
    rd_kafka_topic_partition_list_destroy(list);
    return status;
}
