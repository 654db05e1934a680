/* What every broker promises, on a real Kafka. */
#include "check.h"
#include "support/broker_fixture.h"
#include "support/broker_suite.h"

int main(void)
{
    return broker_suite_run("kafka", kafka_fixture_open);
}
