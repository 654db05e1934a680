/* What every broker promises, on a real Kafka. */
#include "check.h"
#include "support/broker_fixture.h"
#include "support/broker_group_suite.h"

int main(void)
{
    int failed = broker_suite_run("kafka", kafka_fixture_open);

    failed += broker_group_suite_run("kafka", kafka_fixture_open);
    return failed + broker_member_suite_run("kafka", kafka_fixture_open);
}
