#include "kafka/kafka_offsets.h"

#include "check.h"

static bool names_member(int32_t generation, const char *member, const char *instance)
{
    rd_kafka_consumer_group_metadata_t *metadata =
        rd_kafka_consumer_group_metadata_new_with_genid("orders", generation, member, instance);
    bool names = sf_kafka_names_member(metadata);

    rd_kafka_consumer_group_metadata_destroy(metadata);
    return names;
}

static void a_member_of_a_generation_is_named(void **state)
{
    (void)state;
    assert_true(names_member(0, "m", NULL));
    assert_true(names_member(7, "member-1", "instance-1"));
}

/* A broker would take its positions though other members work. */
static void without_generation_or_member_nobody_is_named(void **state)
{
    (void)state;
    assert_false(names_member(-1, "", NULL));
    assert_false(names_member(-1, "member-1", NULL));
    assert_false(names_member(7, "", NULL));
    assert_false(names_member(-1, "", "instance-1"));
    assert_false(names_member(7, "", "instance-1"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_of_a_generation_is_named),
        cmocka_unit_test(without_generation_or_member_nobody_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
