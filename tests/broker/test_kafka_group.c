/* Members of a group on a real Kafka: tasks go from one to another, inputs go with them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <stateful/broker_group.h>
#include <stateful/clock.h>

#include "check.h"
#include "kafka/kafka_broker.h"
#include "support/broker_fixture.h"
#include "support/broker_reading.h"

enum {
    TASKS = 4,
    ALL = (1 << TASKS) - 1,
    ROUNDS_OF_TWO =
        4, /* calls to the first of two: all; half of them go; none comes, in two rounds */
};

/* A member with one input partition for each task it holds, as the runtime has it. */
typedef struct member {
    sf_consumer *consumer;
    const char *input; /* its topic, or NULL */
    sf_reader *readers[TASKS];
    unsigned owned; /* a bit for each task */
    int calls;      /* of its listener */
    bool lost;
    sf_producer *producer; /* commits position 7 of what is revoked, in the listener */
    sf_status committed;
} member;

static void assigned(void *user, const int32_t *partitions, size_t count)
{
    member *self = user;

    self->calls++;
    for (size_t i = 0; i < count; i++) {
        self->owned |= 1u << partitions[i];
        if (self->input)
            self->readers[partitions[i]] =
                read_from(self->consumer, self->input, partitions[i], SF_OFFSET_BEGINNING);
    }
}

static sf_status commit_in_listener(member *self, const int32_t *partitions, size_t count)
{
    sf_offset offsets[TASKS];
    sf_group_token *token = sf_consumer_token(self->consumer);
    sf_status status;

    for (size_t i = 0; i < count; i++)
        offsets[i] = (sf_offset){self->input, partitions[i], 7, NULL};
    status = sf_producer_begin(self->producer, NULL);
    if (!status)
        status = sf_producer_send_offsets(self->producer, offsets, count, token, NULL);
    if (!status)
        status = sf_producer_commit(self->producer, 10000, NULL);
    sf_group_token_free(token);
    return status;
}

static void revoked(void *user, const int32_t *partitions, size_t count, bool lost)
{
    member *self = user;

    self->calls++;
    self->lost = lost;
    if (self->producer && count)
        self->committed = commit_in_listener(self, partitions, count);
    for (size_t i = 0; i < count; i++) {
        self->owned &= ~(1u << partitions[i]);
        if (self->input)
            sf_consumer_remove(self->consumer, self->readers[partitions[i]]);
        self->readers[partitions[i]] = NULL;
    }
}

static void join(member *self, sf_broker *broker, const char *tasks, const char *group,
                 const char *instance)
{
    sf_rebalance_listener listener = {assigned, revoked, self};
    sf_consumer_options options = {.group = group, .instance = instance};

    assert_ok(sf_consumer_new(broker, &options, &self->consumer, err));
    assert_ok(sf_consumer_subscribe(self->consumer, tasks, &listener, err));
}

/* Serves both (the second may be NULL) until they own so many tasks. */
static void settle(member *one, int count_one, member *other, int count_other)
{
    int64_t end = sf_clock_monotonic_us(sf_clock_system()) + 30 * 1000 * 1000;

    while (__builtin_popcount(one->owned) != count_one ||
           (other && __builtin_popcount(other->owned) != count_other)) {
        assert_ok(sf_consumer_poll(one->consumer, err));
        if (other)
            assert_ok(sf_consumer_poll(other->consumer, err));
        if (sf_clock_monotonic_us(sf_clock_system()) > end)
            fail_msg("tasks %x and %x", one->owned, other ? other->owned : 0);
        sf_consumer_wait(one->consumer, 20);
    }
}

static void tasks_are_shared_and_come_back_when_a_member_leaves(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *tasks = kafka_fixture_topic(broker, "tasks", TASKS);
    const char *group = kafka_fixture_name("group");
    member one = {0};
    member other = {0};

    (void)state;
    join(&one, broker, tasks, group, NULL);
    settle(&one, TASKS, NULL, 0);
    join(&other, broker, tasks, group, NULL);
    settle(&one, 2, &other, 2);
    assert_int_equal(one.owned | other.owned, ALL);
    assert_false(one.lost);

    sf_consumer_close(other.consumer);
    assert_int_equal(other.owned, 0); /* told within close */
    settle(&one, TASKS, NULL, 0);
    sf_consumer_close(one.consumer);
    sf_broker_close(broker);
}

/* Serves both until the listener of the second was called so many times. */
static void serve_until_called(member *one, member *other, int calls)
{
    int64_t end = sf_clock_monotonic_us(sf_clock_system()) + 30 * 1000 * 1000;

    while (other->calls < calls) {
        assert_ok(sf_consumer_poll(one->consumer, err));
        assert_ok(sf_consumer_poll(other->consumer, err));
        if (sf_clock_monotonic_us(sf_clock_system()) > end)
            fail_msg("the listener was called %d times", other->calls);
        sf_consumer_wait(one->consumer, 20);
    }
}

/* It joins again once, since it could be that others are giving something back. */
static void member_that_is_given_nothing_asks_once_more_and_then_waits(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *tasks = kafka_fixture_topic(broker, "tasks", 1);
    const char *group = kafka_fixture_name("group");
    member one = {0};
    member other = {0};

    (void)state;
    join(&one, broker, tasks, group, NULL);
    settle(&one, 1, NULL, 0);
    join(&other, broker, tasks, group, NULL);
    serve_until_called(&one, &other, 2);
    assert_int_equal(one.owned, 1);
    assert_int_equal(other.owned, 0);

    sf_consumer_close(one.consumer);
    settle(&other, 1, NULL, 0);
    assert_true(other.calls <= 4);
    sf_consumer_close(other.consumer);
    sf_broker_close(broker);
}

static void fill(sf_broker *broker, const char *topic, int first, int last)
{
    sf_producer *producer;
    char value[16];

    assert_ok(sf_producer_new(broker, NULL, &producer, err));
    for (int p = 0; p < TASKS; p++)
        for (int i = first; i <= last; i++) {
            (void)snprintf(value, sizeof(value), "%d", i);
            send_text(producer, open_topic(producer, topic), p, NULL, value);
        }
    assert_ok(sf_producer_flush(producer, 10000, err));
    sf_producer_close(producer);
}

static void inputs_move_with_their_tasks_and_kept_ones_read_on(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *tasks = kafka_fixture_topic(broker, "tasks", TASKS);
    const char *input = kafka_fixture_topic(broker, "input", TASKS);
    const char *group = kafka_fixture_name("group");
    member one = {.input = input};
    member other = {.input = input};

    (void)state;
    fill(broker, input, 1, 3);
    join(&one, broker, tasks, group, NULL);
    settle(&one, TASKS, NULL, 0);
    for (int p = 0; p < TASKS; p++)
        assert_next_values(one.consumer, one.readers[p], "1,2");
    join(&other, broker, tasks, group, NULL);
    settle(&one, 2, &other, 2);
    fill(broker, input, 4, 4);

    for (int p = 0; p < TASKS; p++) {
        if (one.owned & 1u << p)
            assert_next_values(one.consumer, one.readers[p], "3,4");
        else
            assert_next_values(other.consumer, other.readers[p], "1,2,3,4");
    }
    sf_consumer_close(one.consumer);
    sf_consumer_close(other.consumer);
    sf_broker_close(broker);
}

/* How many tasks the broker says the only member has. */
static size_t given_to_the_only_member(sf_broker *broker, const char *group)
{
    sf_arena *arena = sf_arena_new();
    sf_group_description description;
    size_t given = 0;

    assert_ok(sf_broker_describe_group(broker, group, arena, &description, err));
    if (description.member_count == 1)
        given = description.members[0].assigned_count;
    sf_arena_free(arena);
    return given;
}

static void tasks_that_come_while_a_member_leaves_can_be_read_like_others(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *tasks = kafka_fixture_topic(broker, "tasks", TASKS);
    const char *const input = kafka_fixture_topic(broker, "input", TASKS);
    const char *group = kafka_fixture_name("group");
    int64_t end;
    member one = {.input = input};
    member other = {0};

    (void)state;
    join(&one, broker, tasks, group, NULL);
    assert_ok(sf_consumer_expect(one.consumer, &input, 1, err));
    settle(&one, TASKS, NULL, 0);
    join(&other, broker, tasks, group, NULL);
    settle(&one, 2, &other, 2);
    serve_until_called(&other, &one, ROUNDS_OF_TWO);
    sf_consumer_close(other.consumer);
    end = sf_clock_monotonic_us(sf_clock_system()) + 30 * 1000 * 1000;
    while (given_to_the_only_member(broker, group) != TASKS)
        if (sf_clock_monotonic_us(sf_clock_system()) > end)
            fail_msg("the member that is left is not given all tasks");
    assert_int_equal(__builtin_popcount(one.owned), 2); /* it was not told yet */

    sf_consumer_close(one.consumer);
    assert_int_equal(one.owned, 0);
    sf_broker_close(broker);
}

static void work_can_be_committed_while_tasks_are_revoked(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *tasks = kafka_fixture_topic(broker, "tasks", TASKS);
    const char *input = kafka_fixture_topic(broker, "input", TASKS);
    sf_producer_options transactional = {.transactional_id = kafka_fixture_name("id")};
    const char *group = kafka_fixture_name("group");
    member one = {.input = input, .committed = SF_STOP};
    member other = {0};
    sf_offset committed[TASKS];
    int seven = 0;

    (void)state;
    assert_ok(sf_producer_new(broker, &transactional, &one.producer, err));
    join(&one, broker, tasks, group, NULL);
    settle(&one, TASKS, NULL, 0);
    join(&other, broker, tasks, group, NULL);
    settle(&one, 2, &other, 2);
    assert_int_equal(one.committed, SF_OK);

    for (int p = 0; p < TASKS; p++)
        committed[p] = (sf_offset){input, p, 0, NULL};
    assert_ok(sf_consumer_committed(other.consumer, committed, TASKS, 10000, err));
    for (int p = 0; p < TASKS; p++)
        seven += committed[p].offset == 7;
    assert_int_equal(seven, 2);
    sf_consumer_close(other.consumer);
    sf_consumer_close(one.consumer);
    sf_producer_close(one.producer);
    sf_broker_close(broker);
}

static void token_of_an_old_generation_aborts_and_a_new_one_commits(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *tasks = kafka_fixture_topic(broker, "tasks", TASKS);
    sf_producer_options transactional = {.transactional_id = kafka_fixture_name("id")};
    const char *group = kafka_fixture_name("group");
    sf_offset position = {tasks, 0, 1, NULL};
    member one = {0};
    member other = {0};
    sf_producer *producer;
    sf_group_token *old;
    sf_group_token *live;

    (void)state;
    assert_ok(sf_producer_new(broker, &transactional, &producer, err));
    join(&one, broker, tasks, group, NULL);
    settle(&one, TASKS, NULL, 0);
    old = sf_consumer_token(one.consumer);
    join(&other, broker, tasks, group, NULL);
    settle(&one, 2, &other, 2);
    serve_until_called(&other, &one, ROUNDS_OF_TWO);

    assert_ok(sf_producer_begin(producer, err));
    assert_int_equal(sf_producer_send_offsets(producer, &position, 1, old, NULL), SF_ABORT_COMMIT);
    assert_ok(sf_producer_abort(producer, 10000, err));
    live = sf_consumer_token(one.consumer);
    assert_ok(sf_producer_begin(producer, err));
    assert_ok(sf_producer_send_offsets(producer, &position, 1, live, err));
    assert_ok(sf_producer_commit(producer, 10000, err));
    sf_group_token_free(live);
    sf_group_token_free(old);
    sf_consumer_close(other.consumer);
    sf_consumer_close(one.consumer);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

static void static_member_that_comes_back_finds_its_tasks_unmoved(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *tasks = kafka_fixture_topic(broker, "tasks", TASKS);
    const char *group = kafka_fixture_name("group");
    member one = {0};
    member other = {0};
    unsigned owned;
    int calls;

    (void)state;
    join(&one, broker, tasks, group, "one");
    settle(&one, TASKS, NULL, 0);
    join(&other, broker, tasks, group, "other");
    settle(&one, 2, &other, 2);
    serve_until_called(&other, &one, ROUNDS_OF_TWO);
    owned = other.owned;
    calls = one.calls;
    sf_consumer_close(other.consumer);
    other = (member){0};
    join(&other, broker, tasks, group, "other");
    settle(&one, 2, &other, 2);

    assert_int_equal(other.owned, owned);
    assert_int_equal(one.calls, calls);
    sf_consumer_close(other.consumer);
    sf_consumer_close(one.consumer);
    sf_broker_close(broker);
}

static void second_process_with_the_same_instance_id_stops_the_first(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *tasks = kafka_fixture_topic(broker, "tasks", TASKS);
    const char *group = kafka_fixture_name("group");
    member first = {0};
    member second = {0};
    sf_error error = {0};
    sf_status status = SF_OK;

    (void)state;
    join(&first, broker, tasks, group, "same");
    settle(&first, TASKS, NULL, 0);
    join(&second, broker, tasks, group, "same");
    settle(&second, TASKS, NULL, 0);
    for (int i = 0; i < 30 && !status; i++) {
        sf_consumer_wait(first.consumer, 1000);
        status = sf_consumer_poll(first.consumer, &error);
    }

    assert_int_equal(status, SF_STOP);
    assert_int_equal(error.code, SF_FENCED);
    assert_int_equal(sf_consumer_poll(first.consumer, NULL), SF_STOP); /* it stays so */
    sf_consumer_close(first.consumer);                                 /* and does not hang */
    sf_consumer_close(second.consumer);
    sf_broker_close(broker);
}

static void member_that_does_not_poll_loses_its_tasks_and_gets_them_again(void **state)
{
    const sf_broker_setting impatient = {"max.poll.interval.ms", "6000"};
    sf_broker_options options = {.settings = &impatient, .setting_count = 1};
    sf_producer_options transactional = {.transactional_id = kafka_fixture_name("id")};
    sf_offset position = {"any", 0, 1, NULL};
    const char *tasks;
    sf_broker *broker;
    sf_producer *producer;
    sf_group_token *token;
    member one = {0};

    (void)state;
    if (!getenv("TEST_LONG")) {
        printf("skip: takes a session timeout (make test-long)\n");
        skip();
    }
    assert_ok(sf_kafka_open(kafka_fixture_servers(), &options, &broker, err));
    tasks = kafka_fixture_topic(broker, "tasks", TASKS);
    position.topic = tasks;
    assert_ok(sf_producer_new(broker, &transactional, &producer, err));
    join(&one, broker, tasks, kafka_fixture_name("group"), NULL);
    settle(&one, TASKS, NULL, 0);
    token = sf_consumer_token(one.consumer);
    sleep(9); /* the broker's and the client's own time-outs, which no clock of ours moves */

    assert_ok(sf_producer_begin(producer, err));
    assert_int_equal(sf_producer_send_offsets(producer, &position, 1, token, NULL),
                     SF_ABORT_COMMIT);
    assert_ok(sf_producer_abort(producer, 10000, err));
    settle(&one, 0, NULL, 0);
    assert_true(one.lost);
    settle(&one, TASKS, NULL, 0);
    sf_group_token_free(token);
    sf_consumer_close(one.consumer);
    sf_producer_close(producer);
    sf_broker_close(broker);
}

/* The tasks of the member whose client id is that. */
static unsigned tasks_of(const sf_group_description *group, const char *client_id)
{
    unsigned owned = 0;

    for (size_t i = 0; i < group->member_count; i++)
        for (size_t k = 0; k < group->members[i].assigned_count; k++)
            if (!strcmp(group->members[i].client_id, client_id))
                owned |= 1u << group->members[i].assigned[k].partition;
    return owned;
}

static void join_as(member *self, sf_broker *broker, const char *tasks,
                    const sf_consumer_options *options)
{
    sf_rebalance_listener listener = {assigned, revoked, self};

    assert_ok(sf_consumer_new(broker, options, &self->consumer, err));
    assert_ok(sf_consumer_subscribe(self->consumer, tasks, &listener, err));
}

static void members_are_known_by_their_client_ids(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *tasks = kafka_fixture_topic(broker, "tasks", TASKS);
    const char *group = kafka_fixture_name("group");
    sf_arena *arena = sf_arena_new();
    sf_group_description described;
    member one = {0};
    member other = {0};

    (void)state;
    join_as(&one, broker, tasks,
            &(sf_consumer_options){.group = group, .client_id = "a@host:1", .instance = "a"});
    settle(&one, TASKS, NULL, 0);
    join_as(&other, broker, tasks, &(sf_consumer_options){.group = group, .client_id = "@host:2"});
    settle(&one, 2, &other, 2);
    do { /* the last round of the rebalance may still be under way */
        assert_ok(sf_consumer_poll(one.consumer, err));
        assert_ok(sf_consumer_poll(other.consumer, err));
        assert_ok(sf_broker_describe_group(broker, group, arena, &described, err));
    } while (strcmp(described.state, "Stable") != 0);

    assert_int_equal(described.member_count, 2);
    assert_int_equal(tasks_of(&described, "a@host:1"), one.owned);
    assert_int_equal(tasks_of(&described, "@host:2"), other.owned);
    sf_arena_free(arena);
    sf_consumer_close(other.consumer);
    sf_consumer_close(one.consumer);
    sf_broker_close(broker);
}

static void topic_grows_and_never_shrinks(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *topic = kafka_fixture_topic(broker, "grows", 2);
    int32_t partitions;
    sf_error error;

    (void)state;
    assert_ok(sf_broker_grow_topic(broker, topic, 5, err));
    assert_ok(sf_broker_partition_count(broker, topic, &partitions, err));
    assert_int_equal(partitions, 5);
    assert_ok(sf_broker_grow_topic(broker, topic, 3, err));
    assert_ok(sf_broker_partition_count(broker, topic, &partitions, err));
    assert_int_equal(partitions, 5);
    assert_int_equal(sf_broker_grow_topic(broker, kafka_fixture_name("none"), 3, &error), SF_STOP);
    sf_broker_close(broker);
}

/* librdkafka before 2.3 ends the process when a member goes between its join and its first assignment:
 * the waits here are spread over that time. */
static void member_that_leaves_before_it_has_tasks_does_no_harm(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *tasks = kafka_fixture_topic(broker, "tasks", TASKS);
    const char *group = kafka_fixture_name("group");

    (void)state;
    for (int i = 0; i < 30; i++) {
        member leaves = {0};

        join(&leaves, broker, tasks, group, NULL);
        (void)nanosleep(&(struct timespec){.tv_nsec = i * 600 * 1000}, NULL);
        sf_consumer_close(leaves.consumer);
    }
    sf_broker_close(broker);
}

static void subscribing_to_a_missing_topic_is_not_found(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    sf_consumer_options options = {.group = kafka_fixture_name("group")};
    sf_rebalance_listener listener = {0};
    sf_consumer *consumer;
    sf_error error;

    (void)state;
    assert_ok(sf_consumer_new(broker, &options, &consumer, err));
    assert_int_equal(sf_consumer_subscribe(consumer, "nowhere", &listener, &error), SF_STOP);
    assert_int_equal(error.code, SF_NOT_FOUND);
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static void reader_that_failed_goes_on_after_a_seek(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *input = kafka_fixture_topic(broker, "input", TASKS);
    sf_consumer *consumer;
    sf_reader *reader;
    sf_record_batch *batch = NULL;
    sf_error error;
    sf_status status = SF_OK;

    (void)state;
    fill(broker, input, 1, 2);
    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    reader = read_from(consumer, input, 0, 99); /* not yet there */
    for (int i = 0; i < 30 && !status; i++) {
        status = sf_reader_read(reader, 10, &batch, &error);
        assert_ok(sf_consumer_poll(consumer, err));
        if (!status)
            sf_consumer_wait(consumer, 1000);
    }
    assert_int_equal(status, SF_STOP);
    assert_int_equal(error.code, SF_NOT_FOUND);
    assert_int_equal(sf_reader_read(reader, 10, &batch, &error), SF_STOP); /* until a seek */
    assert_ok(sf_reader_seek(reader, 1, err));
    assert_next_values(consumer, reader, "2");
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static void partition_is_read_by_one_reader_at_a_time(void **state)
{
    sf_broker *broker = kafka_fixture_open();
    const char *input = kafka_fixture_topic(broker, "input", TASKS);
    sf_consumer *consumer;
    sf_reader *reader;
    sf_error error;

    (void)state;
    fill(broker, input, 1, 2);
    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    for (int i = 0; i < 50; i++) { /* added and removed in a row, nothing is lost or stale */
        reader = read_from(consumer, input, 0, i % 2);
        assert_int_equal(sf_consumer_add(consumer, input, 0, 0, &reader, &error), SF_STOP);
        assert_int_equal(error.code, SF_EXISTS);
        assert_next_values(consumer, reader, i % 2 ? "2" : "1,2");
        sf_consumer_remove(consumer, reader);
    }
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tasks_are_shared_and_come_back_when_a_member_leaves),
        cmocka_unit_test(member_that_is_given_nothing_asks_once_more_and_then_waits),
        cmocka_unit_test(inputs_move_with_their_tasks_and_kept_ones_read_on),
        cmocka_unit_test(tasks_that_come_while_a_member_leaves_can_be_read_like_others),
        cmocka_unit_test(work_can_be_committed_while_tasks_are_revoked),
        cmocka_unit_test(token_of_an_old_generation_aborts_and_a_new_one_commits),
        cmocka_unit_test(static_member_that_comes_back_finds_its_tasks_unmoved),
        cmocka_unit_test(second_process_with_the_same_instance_id_stops_the_first),
        cmocka_unit_test(member_that_does_not_poll_loses_its_tasks_and_gets_them_again),
        cmocka_unit_test(members_are_known_by_their_client_ids),
        cmocka_unit_test(topic_grows_and_never_shrinks),
        cmocka_unit_test(member_that_leaves_before_it_has_tasks_does_no_harm),
        cmocka_unit_test(subscribing_to_a_missing_topic_is_not_found),
        cmocka_unit_test(reader_that_failed_goes_on_after_a_seek),
        cmocka_unit_test(partition_is_read_by_one_reader_at_a_time),
    };

    return run_tests(tests);
}
