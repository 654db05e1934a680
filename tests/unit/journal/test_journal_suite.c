/* What every broker promises, on both journals: in a directory, with segments so small that they roll
 * all the time, and in memory. */
#include "check.h"
#include "support/broker_group_suite.h"
#include "support/journal_fixture.h"

static sf_broker *open_in_directory(void)
{
    return journal_fixture_open(journal_fixture_directory(), NULL);
}

static sf_broker *open_with_small_segments(void)
{
    return journal_fixture_open(journal_fixture_directory(),
                                &(sf_journal_options){.segment_size_bytes = 512});
}

static sf_broker *open_in_memory(void)
{
    sf_broker *broker;

    assert_ok(sf_journal_open_memory(NULL, &broker, err));
    return broker;
}

int main(void)
{
    int failed = broker_suite_run("journal in a directory", open_in_directory);

    failed += broker_suite_run("journal of small segments", open_with_small_segments);
    failed += broker_suite_run("journal in memory", open_in_memory);
    failed += broker_group_suite_run("journal in a directory", open_in_directory);
    failed += broker_group_suite_run("journal in memory", open_in_memory);
    return failed;
}
