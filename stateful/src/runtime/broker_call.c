#include "runtime/broker_call.h"

void sf_broker_call_begin(sf_broker_call *call, sf_clock *clock, const char *name)
{
    int64_t now = sf_clock_monotonic_us(clock);

    atomic_store(&call->name, name);
    atomic_store(&call->since_us, now > 0 ? now : 1);
}

void sf_broker_call_end(sf_broker_call *call)
{
    atomic_store(&call->since_us, 0);
}

int64_t sf_broker_call_ms(const sf_broker_call *call, sf_clock *clock, const char **name)
{
    int64_t since = atomic_load(&call->since_us);

    if (!since)
        return -1;
    *name = atomic_load(&call->name);
    return (sf_clock_monotonic_us(clock) - since) / 1000;
}
