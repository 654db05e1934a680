/* query_house.h - query-service's reads over the whole runtime on a journal in memory, for tests of handlers: no
 * sockets, else everything. One for a program; its tests do not change what it holds: products 1 and 2 and 10,
 * eight orders of a day, in three partitions.
 */
#ifndef TESTS_SUPPORT_QUERY_HOUSE_H
#define TESTS_SUPPORT_QUERY_HOUSE_H

#include <string.h>

#include "check.h"
#include "http/analytics_routes.h"
#include "service/exchange.h"

#define QUERY_HOUSE_DAY INT64_C(1772150400000) /* 2026-02-27T00:00:00Z */
#define HOURLY "/api/analytics/hourly-sales"
#define ALL_DAY "?start=2026-02-27T00:00:00Z&end=2026-02-28T00:00:00Z"

enum { QUERY_HOUSE_PARTITIONS = 3 };

/* Group set-up and tear-down; the former also checks what is replied before anything runs. */
int query_house_open(void **state);
int query_house_close(void **state);

/* Its routes. */
const sf_router *query_house_router(void);

/* GET: the status; the body, cut if it is too long for size. */
int query_house_get(const char *target, char *body, size_t size);

#define assert_get(target, expected)                                           \
    do {                                                                       \
        char got_body[8192];                                                   \
        int got_status = query_house_get((target), got_body, sizeof got_body); \
        if (got_status != 200 || strcmp(got_body, (expected)) != 0)            \
            fail_msg("%s: %d %s", (target), got_status, got_body);             \
    } while (0)

#define assert_problem(target, status, word)                                   \
    do {                                                                       \
        char got_body[8192];                                                   \
        int got_status = query_house_get((target), got_body, sizeof got_body); \
        if (got_status != (status) || !strstr(got_body, (word)))               \
            fail_msg("%s: %d %s", (target), got_status, got_body);             \
    } while (0)

#endif
