#include "shared_calls.h"

#include "check.h"

enum { CLAIM, ORDER, PRODUCT, COMMANDS_MAX = 8 };

static const postgres_statement statements[] = {
    [CLAIM] = {.name = "claim", .takes_many = true},
    [ORDER] = {.name = "order", .takes_many = true},
    [PRODUCT] = {.name = "product"},
};

/* Commands with one value each, and the calls that are made of them. */
typedef struct batch {
    pooled_command commands[COMMANDS_MAX];
    pooled_command *order[COMMANDS_MAX];
    const char *values[COMMANDS_MAX][1];
    size_t count;
    shared_calls calls;
} batch;

static batch *new_batch(void)
{
    static batch of;

    of = (batch){0};
    shared_calls_init(&of.calls, statements, COMMANDS_MAX);
    return &of;
}

static void add(batch *to, size_t statement, const char *value)
{
    pooled_command *command = &to->commands[to->count];

    to->values[to->count][0] = value;
    command->calls[command->call_count++] =
        (postgres_call){.statement = statement, .values = to->values[to->count], .value_count = 1};
    to->order[to->count++] = command;
}

static void add_with_key(batch *to, const char *key, int64_t lock_order)
{
    pooled_command *command = &to->commands[to->count];

    add(to, CLAIM, key);
    command->calls[command->call_count++] =
        (postgres_call){.statement = ORDER, .values = command->calls[0].values, .value_count = 1};
    command->lock_order = lock_order;
}

static void gather(batch *of)
{
    shared_calls_gather(&of->calls, of->order, of->count);
}

static void check_call(const batch *of, size_t call, size_t statement, const char *value)
{
    assert_in_range(call, 0, of->calls.count - 1);
    assert_int_equal(of->calls.calls[call].statement, statement);
    assert_string_equal(of->calls.calls[call].values[0], value);
}

static void commands_of_a_kind_share_a_call_and_keep_their_order(void **state)
{
    batch *of = new_batch();

    (void)state;
    add(of, ORDER, "first");
    add(of, ORDER, NULL);
    add(of, ORDER, "third");
    gather(of);

    assert_int_equal(of->calls.count, 1);
    check_call(of, 0, ORDER, "{\"first\",NULL,\"third\"}");
    assert_int_equal(of->commands[2].results[0].call, 0);
    assert_int_equal(of->commands[2].results[0].first, 2);
    shared_calls_done(&of->calls);
}

static void command_alone_is_an_array_of_one(void **state)
{
    batch *of = new_batch();

    (void)state;
    add(of, ORDER, "only");
    gather(of);

    assert_int_equal(of->calls.count, 1);
    check_call(of, 0, ORDER, "{\"only\"}");
    shared_calls_done(&of->calls);
}

static void statement_that_takes_one_is_called_once_a_command(void **state)
{
    batch *of = new_batch();

    (void)state;
    add(of, PRODUCT, "first");
    add(of, PRODUCT, "second");
    gather(of);

    assert_int_equal(of->calls.count, 2);
    check_call(of, 0, PRODUCT, "first");
    check_call(of, 1, PRODUCT, "second");
    assert_int_equal(of->commands[1].results[0].call, 1);
    assert_int_equal(of->commands[1].results[0].first, 0);
    shared_calls_done(&of->calls);
}

static void all_claims_come_before_the_commands_behind_them(void **state)
{
    batch *of = new_batch();

    (void)state;
    add_with_key(of, "a", 1);
    add_with_key(of, "b", 2);
    gather(of);

    assert_int_equal(of->calls.count, 2);
    check_call(of, 0, CLAIM, "{\"a\",\"b\"}");
    check_call(of, 1, ORDER, "{\"a\",\"b\"}");
    shared_calls_done(&of->calls);
}

static void commands_of_one_key_run_one_behind_the_other(void **state)
{
    batch *of = new_batch();

    (void)state;
    add_with_key(of, "a", 1);
    add_with_key(of, "a", 1);
    add_with_key(of, "b", 2);
    gather(of);

    assert_int_equal(of->calls.count, 4);
    check_call(of, 1, ORDER, "{\"a\"}");
    check_call(of, 2, CLAIM, "{\"a\",\"b\"}");
    assert_int_equal(of->commands[2].results[1].call, 3);
    assert_int_equal(of->commands[2].results[1].first, 1);
    shared_calls_done(&of->calls);
}

static void commands_with_a_key_do_not_mix_with_those_without(void **state)
{
    batch *of = new_batch();

    (void)state;
    add(of, ORDER, "plain");
    add_with_key(of, "a", 1);
    gather(of);

    assert_int_equal(of->calls.count, 3);
    check_call(of, 0, ORDER, "{\"plain\"}");
    check_call(of, 1, CLAIM, "{\"a\"}");
    shared_calls_done(&of->calls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_of_a_kind_share_a_call_and_keep_their_order),
        cmocka_unit_test(command_alone_is_an_array_of_one),
        cmocka_unit_test(statement_that_takes_one_is_called_once_a_command),
        cmocka_unit_test(all_claims_come_before_the_commands_behind_them),
        cmocka_unit_test(commands_of_one_key_run_one_behind_the_other),
        cmocka_unit_test(commands_with_a_key_do_not_mix_with_those_without),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
