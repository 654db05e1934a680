#include "runtime/commit_pace.h"

enum {
    PRICE = 4,          /* times what it took is the time that a commit uses up */
    CREDIT_US = 150000, /* may be owed: three commits in a row on Kafka, many on the journal */
    MOST_MS = 10,       /* between commits of an idle thread, however slow they are */
};

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void sf_commit_pace_add(sf_commit_pace *pace, int64_t began_us, int64_t ended_us)
{
    pace->ended_us = ended_us;
    pace->paid_us = larger(pace->paid_us, began_us) + PRICE * (ended_us - began_us);
    pace->paid_us = smaller(pace->paid_us, ended_us + CREDIT_US + 1000 * MOST_MS);
}

int64_t sf_commit_pace_idle_wait_us(const sf_commit_pace *pace, const sf_config *config,
                                    int64_t now_us)
{
    int64_t most_us = 1000 * smaller(config->commit_interval_ms, MOST_MS);
    int64_t at_us = smaller(pace->paid_us - CREDIT_US, pace->ended_us + most_us);

    if (config->commit_min_interval_ms)
        at_us = pace->ended_us + 1000 * config->commit_min_interval_ms;
    return larger(at_us - now_us, 0);
}
