/* tally.h - numbers by key, in the plainest way. */
#ifndef TESTS_SIMULATION_TALLY_H
#define TESTS_SIMULATION_TALLY_H

#include <stateful/bytes.h>

typedef struct tally_entry {
    char key[48];
    int64_t number;
} tally_entry;

typedef struct tally {
    tally_entry entries[512];
    size_t count;
} tally;

/* The number of a key, 0 to begin with. */
int64_t *tally_of(tally *tallied, const char *key);

#endif
