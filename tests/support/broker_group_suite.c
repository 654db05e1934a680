#include "support/broker_group_suite.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/broker_group.h>

#include "base/memory.h"
#include "base/random.h"
#include "check.h"
#include "support/broker_reading.h"

static broker_suite_open open_it;

static char *draw(const char *word)
{
    return sf_text_printf("%s-%012" PRIx64, word, sf_random_seed_from_system() >> 16);
}

static char *new_topic(sf_broker *broker, int32_t partitions)
{
    char *name = draw("suite");

    assert_ok(sf_broker_create_topic(
        broker, &(sf_topic_spec){.name = name, .partitions = partitions}, NULL, err));
    return name;
}

static void drop(sf_broker *broker, char *topic)
{
    assert_ok(sf_broker_delete_topic(broker, topic, err));
    free(topic);
}

static void commit(sf_broker *broker, const char *group, const sf_offset *offsets, size_t count)
{
    sf_consumer *consumer;

    assert_ok(sf_consumer_new(broker, &(sf_consumer_options){.group = group}, &consumer, err));
    assert_ok(sf_consumer_commit(consumer, offsets, count, err));
    sf_consumer_close(consumer);
}

static const sf_offset *find(const sf_offset *offsets, size_t count, const char *topic,
                             int32_t partition)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(offsets[i].topic, topic) && offsets[i].partition == partition)
            return &offsets[i];
    fail_msg("no offset of %s-%d among %zu", topic, (int)partition, count);
    return NULL;
}

/* ---- settings of topics ---- */

typedef struct wanted_config {
    const char *name;
    char *value;
    bool is_default;
} wanted_config;

static void look_for_config(void *user, const sf_topic_config *config, bool is_default)
{
    wanted_config *wanted = user;

    if (strcmp(config->name, wanted->name) != 0)
        return;
    wanted->value = sf_text_copy(config->value);
    wanted->is_default = is_default;
}

static void topic_tells_the_settings_it_was_made_with(void **state)
{
    static const sf_topic_config configs[] = {{"cleanup.policy", "compact"},
                                              {"delete.retention.ms", "1234567"}};
    sf_broker *broker = open_it();
    char *topic = draw("suite");
    wanted_config found = {.name = "delete.retention.ms", .is_default = true};

    (void)state;
    assert_ok(sf_broker_create_topic(broker, &(sf_topic_spec){topic, 1, configs, 2}, NULL, err));

    assert_ok(sf_broker_topic_configs(broker, topic, look_for_config, &found, err));
    assert_non_null(found.value);
    assert_string_equal(found.value, "1234567");
    assert_false(found.is_default);
    free(found.value);
    drop(broker, topic);
    sf_broker_close(broker);
}

static void settings_of_no_topic_are_not_found(void **state)
{
    sf_broker *broker = open_it();
    char *topic = draw("nowhere");
    wanted_config found = {.name = "cleanup.policy"};
    sf_error error = {0};

    (void)state;
    assert_int_equal(sf_broker_topic_configs(broker, topic, look_for_config, &found, &error),
                     SF_STOP);
    assert_int_equal(error.code, SF_NOT_FOUND);
    assert_null(found.value);
    free(topic);
    sf_broker_close(broker);
}

/* ---- groups ---- */

typedef struct wanted_group {
    const char *name;
    char state[32];
} wanted_group;

static void look_for_group(void *user, const char *group, const char *state)
{
    wanted_group *wanted = user;

    if (!strcmp(group, wanted->name))
        (void)snprintf(wanted->state, sizeof(wanted->state), "%s", state);
}

static void group_is_listed_once_it_has_committed(void **state)
{
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 1);
    char *group = draw("group");
    wanted_group found = {.name = group};

    (void)state;
    assert_ok(sf_broker_list_groups(broker, look_for_group, &found, err));
    assert_string_equal(found.state, "");
    commit(broker, group, &(sf_offset){topic, 0, 3, NULL}, 1);
    assert_ok(sf_broker_list_groups(broker, look_for_group, &found, err));

    assert_string_equal(found.state, "Empty");
    free(group);
    drop(broker, topic);
    sf_broker_close(broker);
}

static void group_without_members_is_empty_and_an_unknown_one_dead(void **state)
{
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 1);
    char *group = draw("group");
    sf_arena *arena = sf_arena_new();
    sf_group_description description;

    (void)state;
    assert_ok(sf_broker_describe_group(broker, group, arena, &description, err));
    assert_string_equal(description.state, "Dead");
    assert_int_equal(description.member_count, 0);
    commit(broker, group, &(sf_offset){topic, 0, 3, NULL}, 1);
    assert_ok(sf_broker_describe_group(broker, group, arena, &description, err));

    assert_string_equal(description.state, "Empty");
    assert_int_equal(description.member_count, 0);
    sf_arena_free(arena);
    free(group);
    drop(broker, topic);
    sf_broker_close(broker);
}

static void all_committed_positions_are_listed(void **state)
{
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 3);
    char *group = draw("group");
    sf_arena *arena = sf_arena_new();
    const sf_offset *offsets;
    size_t count = 99;

    (void)state;
    assert_ok(sf_broker_group_offsets(broker, group, arena, &offsets, &count, err));
    assert_int_equal(count, 0);
    commit(broker, group, (sf_offset[]){{topic, 0, 3, "time=7"}, {topic, 2, 0, NULL}}, 2);
    assert_ok(sf_broker_group_offsets(broker, group, arena, &offsets, &count, err));

    assert_int_equal(count, 2);
    assert_int_equal(find(offsets, count, topic, 0)->offset, 3);
    assert_string_equal(find(offsets, count, topic, 0)->metadata, "time=7");
    assert_int_equal(find(offsets, count, topic, 2)->offset, 0);
    sf_arena_free(arena);
    free(group);
    drop(broker, topic);
    sf_broker_close(broker);
}

static void positions_can_be_set_from_outside_and_others_stay(void **state)
{
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 2);
    char *group = draw("group");
    sf_consumer *consumer;
    sf_offset committed[] = {{topic, 0, 0, NULL}, {topic, 1, 0, NULL}};

    (void)state;
    commit(broker, group, (sf_offset[]){{topic, 0, 3, "time=7"}, {topic, 1, 5, "time=8"}}, 2);

    assert_ok(sf_broker_set_group_offsets(broker, group, &(sf_offset){topic, 0, 1, NULL}, 1, err));

    assert_ok(sf_consumer_new(broker, &(sf_consumer_options){.group = group}, &consumer, err));
    assert_ok(sf_consumer_committed(consumer, committed, 2, 10000, err));
    assert_int_equal(committed[0].offset, 1);
    assert_null(committed[0].metadata); /* the times of what is done again are gone too */
    assert_int_equal(committed[1].offset, 5);
    assert_string_equal(committed[1].metadata, "time=8");
    sf_consumer_close(consumer);
    free(group);
    drop(broker, topic);
    sf_broker_close(broker);
}

static void positions_of_a_group_that_was_never_seen_can_be_set(void **state)
{
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 1);
    char *group = draw("group");
    sf_arena *arena = sf_arena_new();
    const sf_offset *offsets;
    size_t count;
    sf_error error = {0};

    (void)state;
    assert_int_equal(sf_broker_set_group_offsets(broker, group,
                                                 &(sf_offset){topic, 0, SF_OFFSET_BEGINNING, NULL},
                                                 1, &error),
                     SF_STOP);
    assert_int_equal(error.code, SF_INVALID);
    assert_ok(sf_broker_set_group_offsets(broker, group, &(sf_offset){topic, 0, 2, NULL}, 1, err));

    assert_ok(sf_broker_group_offsets(broker, group, arena, &offsets, &count, err));
    assert_int_equal(count, 1);
    assert_int_equal(offsets[0].offset, 2);
    sf_arena_free(arena);
    free(group);
    drop(broker, topic);
    sf_broker_close(broker);
}

/* ---- members; only where there can be some ---- */

static void take(void *user, const int32_t *partitions, size_t count)
{
    (void)partitions;
    *(size_t *)user += count;
}

static void give(void *user, const int32_t *partitions, size_t count, bool lost)
{
    (void)partitions;
    (void)lost;
    *(size_t *)user -= count;
}

static sf_consumer *join(sf_broker *broker, const char *group, const char *topic, size_t *owned)
{
    sf_consumer_options options = {.group = group, .instance = "node-7"};
    sf_rebalance_listener listener = {take, give, owned};
    sf_consumer *consumer;

    assert_ok(sf_consumer_new(broker, &options, &consumer, err));
    assert_ok(sf_consumer_subscribe(consumer, topic, &listener, err));
    for (int i = 0; i < 60 && *owned < 3; i++) {
        assert_ok(sf_consumer_poll(consumer, err));
        if (*owned < 3)
            sf_consumer_wait(consumer, 500);
    }
    assert_int_equal(*owned, 3);
    return consumer;
}

static void member_is_described_and_keeps_its_positions(void **state)
{
    sf_broker *broker = open_it();
    char *topic = new_topic(broker, 3);
    char *group = draw("group");
    sf_arena *arena = sf_arena_new();
    size_t owned = 0;
    sf_group_description description;
    sf_consumer *consumer;
    sf_error error = {0};

    (void)state;
    consumer = join(broker, group, topic, &owned);
    assert_ok(sf_broker_describe_group(broker, group, arena, &description, err));

    assert_string_equal(description.state, "Stable");
    assert_string_equal(description.assignor, "cooperative-sticky");
    assert_int_equal(description.member_count, 1);
    assert_string_equal(description.members[0].instance, "node-7");
    assert_string_equal(description.members[0].client_id, "stateful");
    assert_non_null(description.members[0].host);
    assert_int_equal(description.members[0].assigned_count, 3);
    assert_string_equal(description.members[0].assigned[2].topic, topic);
    assert_int_equal(
        sf_broker_set_group_offsets(broker, group, &(sf_offset){topic, 0, 0, NULL}, 1, &error),
        SF_STOP);
    assert_int_equal(error.code, SF_BUSY);
    sf_consumer_close(consumer);
    sf_arena_free(arena);
    free(group);
    drop(broker, topic);
    sf_broker_close(broker);
}

int broker_group_suite_run(const char *name, broker_suite_open open)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(topic_tells_the_settings_it_was_made_with),
        cmocka_unit_test(settings_of_no_topic_are_not_found),
        cmocka_unit_test(group_is_listed_once_it_has_committed),
        cmocka_unit_test(group_without_members_is_empty_and_an_unknown_one_dead),
        cmocka_unit_test(all_committed_positions_are_listed),
        cmocka_unit_test(positions_can_be_set_from_outside_and_others_stay),
        cmocka_unit_test(positions_of_a_group_that_was_never_seen_can_be_set),
    };
    char *whole = sf_text_printf("%s, groups", name);
    int failed;

    open_it = open;
    failed = cmocka_run_group_tests_name(whole, tests, NULL, NULL);
    free(whole);
    return failed;
}

int broker_member_suite_run(const char *name, broker_suite_open open)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(member_is_described_and_keeps_its_positions),
    };
    char *whole = sf_text_printf("%s, members", name);
    int failed;

    open_it = open;
    failed = cmocka_run_group_tests_name(whole, tests, NULL, NULL);
    free(whole);
    return failed;
}
