/* What the test driver tells besides records; its running of topologies is tested by tests/topology. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "support/driven_topology.h"

static void note(void *user, const char *topic)
{
    char *topics = user;

    (void)snprintf(topics + strlen(topics), 256 - strlen(topics), "%s ", topic);
}

static void topics_that_were_sent_to_are_listed_by_their_full_names(void **state)
{
    driven_topology *driven = driven_new();
    sf_consumed consumed = {.on_error = SF_ON_ERROR_DEAD_LETTER};
    sf_stream *in = sf_builder_stream(driven->builder, "in", &consumed);
    sf_stream *again = sf_stream_repartition(in, "again", 0);
    char topics[256] = "";

    (void)state;
    sf_stream_to_table(again, &(sf_materialized){.name = "rows"});
    sf_stream_to(again, "out");
    driven_start(driven, &(sf_test_driver_options){.application_id = "shop"});

    sf_test_driver_topics(driven->driver, note, topics);
    assert_string_equal(topics, "");

    driven_pipe(driven, "in", "k", "v", 1);
    sf_test_driver_topics(driven->driver, note, topics);
    assert_non_null(strstr(topics, "shop-again-repartition "));
    assert_non_null(strstr(topics, "shop-rows-changelog "));
    assert_non_null(strstr(topics, "out "));
    assert_null(strstr(topics, "shop-dlq"));
    assert_true(strncmp(topics, "in ", 3) != 0 && !strstr(topics, " in "));
    driven_free(driven);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(topics_that_were_sent_to_are_listed_by_their_full_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
