#include "support/ask.h"

#include <time.h>

#include <stateful/clock.h>

enum { PATIENCE_US = 60 * 1000 * 1000 };

bool ask_is_due_again(sf_status status, int64_t *began_us)
{
    const struct timespec moment = {0, 5 * 1000000};
    int64_t now_us = sf_clock_monotonic_us(sf_clock_system());

    if (!*began_us)
        *began_us = now_us;
    if (status != SF_RETRY || now_us - *began_us > PATIENCE_US)
        return false;
    (void)nanosleep(&moment, NULL);
    return true;
}
