#include "topology/operator_times.h"

#include "topology/fingerprint.h"

int64_t *sf_operator_times_slot(sf_operator_times *times, uint32_t id)
{
    for (size_t i = 0; i < times->count; i++)
        if (times->slots[i].id == id)
            return &times->slots[i].value;
    if (times->count == SF_OPERATOR_TIMES_MAX)
        return NULL;
    times->slots[times->count] = (sf_operator_time){id, -1, -1};
    return &times->slots[times->count++].value;
}

uint32_t sf_operator_times_id(const char *kind, const char *name)
{
    sf_fingerprint fingerprint = SF_FINGERPRINT_EMPTY;

    sf_fingerprint_add(&fingerprint, kind);
    sf_fingerprint_add(&fingerprint, name);
    return (uint32_t)(fingerprint ^ fingerprint >> 32);
}

void sf_operator_times_mark(sf_operator_times *times)
{
    for (size_t i = 0; i < times->count; i++)
        times->slots[i].marked = times->slots[i].value;
}

void sf_operator_times_undo(sf_operator_times *times)
{
    for (size_t i = 0; i < times->count; i++)
        times->slots[i].value = times->slots[i].marked;
}
