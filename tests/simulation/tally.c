#include "simulation/tally.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

int64_t *tally_of(tally *tallied, const char *key)
{
    tally_entry *entry;

    for (size_t i = 0; i < tallied->count; i++) {
        if (!strcmp(tallied->entries[i].key, key))
            return &tallied->entries[i].number;
    }
    assert(tallied->count < sizeof(tallied->entries) / sizeof(tallied->entries[0]));
    entry = &tallied->entries[tallied->count++];
    snprintf(entry->key, sizeof(entry->key), "%s", key);
    entry->number = 0;
    return &entry->number;
}
