/* record_list.h - records read from what a fuzzer draws: size of the key (255: none), size of the value
 * (255: none), 1 byte for the time, their bytes; one behind the other. They point into the bytes read. */
#ifndef TESTS_FUZZ_RECORD_LIST_H
#define TESTS_FUZZ_RECORD_LIST_H

#include "record/record_batch.h"

enum { RECORD_LIST_MAX = 32 };

static inline bool record_list_take(sf_bytes *left, uint8_t size, sf_bytes *bytes)
{
    *bytes = SF_NULL;
    if (size == 255)
        return true;
    if (size > left->size)
        return false;
    *bytes = sf_bytes_of(left->data, size);
    *left = sf_bytes_of(left->data + size, left->size - size);
    return true;
}

/* How many there are; offsets count from 0. */
static inline size_t record_list_parse(sf_bytes left, sf_consumed_record records[RECORD_LIST_MAX])
{
    size_t count = 0;

    while (count < RECORD_LIST_MAX && left.size >= 3) {
        const uint8_t *head = left.data;
        sf_record record = {.timestamp = head[2]};

        left = sf_bytes_of(head + 3, left.size - 3);
        if (!record_list_take(&left, head[0], &record.key) ||
            !record_list_take(&left, head[1], &record.value))
            break;
        records[count] = (sf_consumed_record){.record = record, .offset = (int64_t)count};
        count++;
    }
    return count;
}

#endif
