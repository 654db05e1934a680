/* zipf.h - numbers by Zipf's law with any exponent: number n is drawn in proportion to 1 / (n + 1)^s; s = 0 is
 * evenly. By inversion of the continuous law and rejection (Hoermann and Derflinger 1996). One thread. */
#ifndef TESTS_SUPPORT_ZIPF_H
#define TESTS_SUPPORT_ZIPF_H

#include "base/random.h"

typedef struct zipf {
    uint64_t count;
    double exponent;
    double area_from; /* of the law's integral: where the draws lie */
    double area_to;
    double accepted; /* so far below its number a draw is surely within its bar */
} zipf;

/* count from 1 on, exponent from 0 on. */
void zipf_init(zipf *law, uint64_t count, double exponent);

/* 0 ... count - 1, 0 the most frequent. */
uint64_t zipf_next(const zipf *law, sf_random *random);

/* The same, the frequent ones anywhere in the range: the order of keys says nothing then. For counts
 * that 2654435761 does not divide. */
uint64_t zipf_next_scattered(const zipf *law, sf_random *random);

#endif
