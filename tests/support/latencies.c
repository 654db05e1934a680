#include "support/latencies.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

void latencies_add(latencies *of, int64_t us)
{
    if (of->count == of->room) {
        of->room = of->room ? 2 * of->room : 1024;
        of->us = sf_realloc_array(of->us, of->room, sizeof(*of->us));
    }
    of->us[of->count++] = us;
}

void latencies_done(latencies *of)
{
    free(of->us);
    *of = LATENCIES_EMPTY;
}

static int by_size(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

    return (a > b) - (a < b);
}

double latencies_ms(latencies *of, double part)
{
    size_t place;

    if (!of->count)
        return 0;
    qsort(of->us, of->count, sizeof(*of->us), by_size);
    place = (size_t)ceil(part * (double)of->count);
    return (double)of->us[place ? place - 1 : 0] / 1000;
}
