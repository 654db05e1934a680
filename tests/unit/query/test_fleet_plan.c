#include "fleet/fleet_plan.h"

#include "check.h"

#define OWN "here:1"

static fleet_plan plan_of(const sf_partition_metadata *holders, size_t count, const char *own,
                          sf_arena *arena)
{
    fleet_plan plan;

    fleet_plan_make(&plan, holders, count, own, arena);
    return plan;
}

static void each_instance_is_asked_once_for_all_it_holds(void **state)
{
    static const sf_partition_metadata holders[] = {
        {0, false, "a:1"}, {1, true, OWN}, {2, false, "b:1"}, {3, false, "a:1"}, {4, true, OWN},
    };
    sf_arena *arena = sf_arena_new();
    fleet_plan plan = plan_of(holders, 5, OWN, arena);

    (void)state;
    assert_int_equal(plan.here.partition_count, 2);
    assert_int_equal(plan.here.partitions[0], 1);
    assert_int_equal(plan.here.partitions[1], 4);
    assert_int_equal(plan.there_count, 2);
    assert_string_equal(plan.there[0].address, "a:1");
    assert_int_equal(plan.there[0].partition_count, 2);
    assert_int_equal(plan.there[0].partitions[0], 0);
    assert_int_equal(plan.there[0].partitions[1], 3);
    assert_string_equal(plan.there[1].address, "b:1");
    assert_int_equal(plan.there[1].partition_count, 1);
    assert_int_equal(plan.missing_count, 0);
    sf_arena_free(arena);
}

static void what_nobody_holds_is_missing(void **state)
{
    static const sf_partition_metadata holders[] = {{0, false, ""}, {1, true, OWN}};
    sf_arena *arena = sf_arena_new();
    fleet_plan plan = plan_of(holders, 2, OWN, arena);

    (void)state;
    assert_int_equal(plan.there_count, 0);
    assert_int_equal(plan.missing_count, 1);
    assert_int_equal(plan.missing[0].partition, 0);
    sf_arena_free(arena);
}

static void an_instance_does_not_ask_itself_for_what_it_is_restoring(void **state)
{
    static const sf_partition_metadata holders[] = {{0, false, OWN}, {1, false, "b:1"}};
    sf_arena *arena = sf_arena_new();
    fleet_plan plan = plan_of(holders, 2, OWN, arena);

    (void)state;
    assert_int_equal(plan.missing_count, 1);
    assert_string_equal(plan.missing[0].address, OWN);
    assert_int_equal(plan.there_count, 1);

    plan = plan_of(holders, 2, NULL, arena); /* one without an address of its own */
    assert_int_equal(plan.missing_count, 0);
    assert_int_equal(plan.there_count, 2);
    sf_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_instance_is_asked_once_for_all_it_holds),
        cmocka_unit_test(what_nobody_holds_is_missing),
        cmocka_unit_test(an_instance_does_not_ask_itself_for_what_it_is_restoring),
    };

    return run_tests(tests);
}
