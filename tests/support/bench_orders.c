#include "support/bench_orders.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

/* Zipf with exponent 1, by the inverse of the continuous law 1/x. */
static long zipf(sf_random *random, long count)
{
    double even = (double)(sf_random_next(random) >> 11) * (1.0 / 9007199254740992.0);

    return (long)pow((double)count + 1, even) - 1;
}

void bench_product_id(long number, char *id)
{
    memset(id, 0, BENCH_ID_SIZE);
    (void)snprintf(id, BENCH_ID_SIZE, "p-%06ld", number % 1000000000);
}

const char *bench_product_category(long number)
{
    static const char *const names[] = {"books",  "music",   "garden", "toys",
                                        "sports", "grocery", "beauty", "auto"};

    return names[(size_t)number % SF_ARRAY_LENGTH(names)];
}

size_t bench_orders_next(bench_orders *orders, char *json, char *product)
{
    long number = zipf(&orders->random, orders->products);
    long customer = (long)sf_random_below(&orders->random, (uint64_t)orders->customers);
    int quantity = 1 + (int)sf_random_below(&orders->random, 5);
    int price = 100 + (int)sf_random_below(&orders->random, 9000);
    int64_t time_ms = 1700000000000 + orders->made * 2;

    bench_product_id(number, product);
    return (size_t)snprintf(json, BENCH_EVENT_SIZE,
                            "{\"event_id\":\"%016" PRIx64 "\",\"type\":\"order_placed\","
                            "\"order_id\":\"o-%010ld\",\"customer_id\":\"c-%07ld\","
                            "\"product_id\":\"%s\",\"qty\":%d,\"price_cents\":%d,"
                            "\"currency\":\"EUR\",\"ts\":%" PRId64 "}",
                            sf_random_next(&orders->random), orders->made++, customer, product,
                            quantity, price, time_ms);
}

/* A cursor over text that never leaves it. */
typedef struct text_cursor {
    const char *at;
    const char *end;
} text_cursor;

static bool take(text_cursor *cursor, char wanted)
{
    if (cursor->at == cursor->end || *cursor->at != wanted)
        return false;
    cursor->at++;
    return true;
}

static bool take_text(text_cursor *cursor, const char **text, size_t *size)
{
    const char *quote;

    if (!take(cursor, '"'))
        return false;
    quote = memchr(cursor->at, '"', (size_t)(cursor->end - cursor->at));
    if (!quote)
        return false;
    *text = cursor->at;
    *size = (size_t)(quote - cursor->at);
    cursor->at = quote + 1;
    return true;
}

static bool take_number(text_cursor *cursor, int64_t *number)
{
    const char *began = cursor->at;

    for (*number = 0; cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9';
         cursor->at++)
        *number = *number * 10 + (*cursor->at - '0');
    return cursor->at > began;
}

static bool names(const char *name, size_t size, const char *wanted)
{
    return size == strlen(wanted) && !memcmp(name, wanted, size);
}

static bool keep_id(char *id, const char *text, size_t size)
{
    if (size >= BENCH_ID_SIZE)
        return false;
    memset(id, 0, BENCH_ID_SIZE);
    memcpy(id, text, size);
    return true;
}

static bool take_member(text_cursor *cursor, bench_order *order, int *found)
{
    const char *name, *text;
    size_t name_size, size;
    int64_t number;

    if (!take_text(cursor, &name, &name_size) || !take(cursor, ':'))
        return false;
    if (cursor->at < cursor->end && *cursor->at == '"') {
        if (!take_text(cursor, &text, &size))
            return false;
        if (names(name, name_size, "customer_id"))
            return ++*found, keep_id(order->customer, text, size);
        if (names(name, name_size, "product_id"))
            return ++*found, keep_id(order->product, text, size);
        return true;
    }
    if (!take_number(cursor, &number))
        return false;
    if (names(name, name_size, "qty"))
        return ++*found, order->quantity = number, true;
    if (names(name, name_size, "price_cents"))
        return ++*found, order->price_minor = number, true;
    if (names(name, name_size, "ts"))
        return ++*found, order->time_ms = number, true;
    return true;
}

bool bench_order_scan(const char *json, size_t size, bench_order *order)
{
    text_cursor cursor = {json, json + size};
    int found = 0;

    if (!take(&cursor, '{'))
        return false;
    do {
        if (!take_member(&cursor, order, &found))
            return false;
    } while (take(&cursor, ','));
    return take(&cursor, '}') && found == 5;
}

void bench_sum_add(bench_sum *sum, const bench_order *order)
{
    int64_t revenue = order->quantity * order->price_minor;

    if (sum->count++ == 0)
        sum->least_minor = sum->most_minor = revenue;
    if (revenue < sum->least_minor)
        sum->least_minor = revenue;
    if (revenue > sum->most_minor)
        sum->most_minor = revenue;
    sum->quantity += order->quantity;
    sum->revenue_minor += revenue;
    sum->last_ms = order->time_ms;
}
