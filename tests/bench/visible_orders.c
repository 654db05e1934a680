/* visible_orders.c - how long until an order can be read: it is sent to command-service at a moment that
 * was fixed beforehand, and looked for in query-service from its answer on.
 *
 * visible_orders COMMAND_PORT QUERY_PORT poll|wait ORDERS RATE PRODUCT SEED
 * poll: the product's sales are read every half millisecond until they hold it; wait: the order itself is
 * read once, by a read that waits for it. One order at a time, RATE a second on average, at moments that
 * are drawn so that they fit no timer. Sales must rise by each order, and by nothing else. Prints one
 * JSON line.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/clock.h>

#include "base/random.h"
#include "support/http_clients.h"
#include "support/latencies.h"

enum { PRICE = 10, POLL_US = 500, PATIENCE_US = 30000000, WARM_UP = 5 };

/* A connection to each service, and what came of the last request. */
typedef struct visit {
    http_clients *command;
    http_clients *query;
    bool is_answered;
    int status;
    char body[4096];
} visit;

static int64_t now_us(void)
{
    return sf_clock_monotonic_us(sf_clock_system());
}

static void fail(const char *what, const visit *at)
{
    fprintf(stderr, "visible_orders: %s: %d %s\n", what, at->status, at->body);
    exit(1);
}

static void on_answer(void *user, const http_answer *answer)
{
    visit *at = user;

    at->is_answered = true;
    at->status = answer->status;
    snprintf(at->body, sizeof(at->body), "%.*s", (int)answer->body.size,
             (const char *)answer->body.data);
}

static void ask(visit *at, http_clients *whom, const char *request)
{
    int64_t until_us = now_us() + PATIENCE_US;

    at->is_answered = false;
    http_clients_send(whom, 0, sf_bytes_text(request));
    while (!at->is_answered) {
        if (now_us() > until_us)
            fail("there is no answer; the last one was", at);
        http_clients_serve(whom, 100000);
    }
}

/* The id of the new order. */
static int64_t order(visit *at, int64_t product)
{
    char body[120], request[400];
    const char *id;

    snprintf(body, sizeof(body),
             "{\"customerId\":1,\"items\":[{\"productId\":%" PRId64
             ",\"quantity\":1,\"price\":%d.0}]}",
             product, PRICE);
    snprintf(request, sizeof(request),
             "POST /api/orders HTTP/1.1\r\nHost: localhost\r\n"
             "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
             strlen(body), body);
    ask(at, at->command, request);
    id = strstr(at->body, "\"id\":");
    if (at->status != 201 || !id)
        fail("an order was refused", at);
    return atoll(id + strlen("\"id\":"));
}

static int64_t sales(visit *at, int64_t product)
{
    char request[160];
    const char *total;

    snprintf(request, sizeof(request),
             "GET /api/analytics/products/%" PRId64 "/sales HTTP/1.1\r\nHost: localhost\r\n\r\n",
             product);
    ask(at, at->query, request);
    total = strstr(at->body, "\"totalSales\":");
    if (at->status != 200 || !total)
        fail("sales cannot be read", at);
    return atoll(total + strlen("\"totalSales\":"));
}

static void look_until_sold(visit *at, int64_t product, int64_t expected)
{
    int64_t until_us = now_us() + PATIENCE_US, sold;

    while ((sold = sales(at, product)) < expected) {
        if (now_us() > until_us)
            fail("an order is not to be seen in the sales", at);
        http_clients_serve(at->query, POLL_US);
    }
    if (sold != expected)
        fail("the sales hold more than was sold", at);
}

static void wait_for_order(visit *at, int64_t id)
{
    char request[160];

    snprintf(request, sizeof(request),
             "GET /api/orders/%" PRId64
             "?minVersion=1&wait=20s HTTP/1.1\r\nHost: localhost\r\n\r\n",
             id);
    ask(at, at->query, request);
    if (at->status != 200)
        fail("an order cannot be read", at);
}

static void pause_until(visit *at, int64_t moment_us)
{
    while (now_us() < moment_us)
        http_clients_serve(at->command, moment_us - now_us());
}

int main(int count, char **words)
{
    latencies answered = LATENCIES_EMPTY, visible = LATENCIES_EMPTY;
    visit at = {0};
    sf_random random;
    int64_t orders, product, interval_us, before, began_us;
    bool polls;

    if (count < 8) {
        fprintf(stderr,
                "visible_orders COMMAND_PORT QUERY_PORT poll|wait ORDERS RATE PRODUCT SEED\n");
        return 2;
    }
    polls = !strcmp(words[3], "poll");
    orders = atoll(words[4]);
    interval_us = (int64_t)(1e6 / atof(words[5]));
    product = atoll(words[6]);
    sf_random_init(&random, strtoull(words[7], NULL, 10));
    at.command = http_clients_new((uint16_t)atoi(words[1]), 1, on_answer, &at);
    at.query = http_clients_new((uint16_t)atoi(words[2]), 1, on_answer, &at);
    before = sales(&at, product);
    began_us = now_us();
    for (int64_t i = 1; i <= orders; i++) {
        int64_t moment_us = began_us + i * interval_us +
                            (int64_t)sf_random_below(&random, (uint64_t)interval_us / 2);
        int64_t id, answered_us;

        pause_until(&at, moment_us);
        id = order(&at, product);
        answered_us = now_us();
        if (polls)
            look_until_sold(&at, product, before + i * PRICE);
        else
            wait_for_order(&at, id);
        if (i > WARM_UP) {
            latencies_add(&answered, answered_us - moment_us);
            latencies_add(&visible, now_us() - moment_us);
        }
    }
    look_until_sold(&at, product, before + orders * PRICE);
    printf("{\"bench\":\"visible_orders\",\"how\":\"%s\",\"orders\":%" PRId64 ",\"rate\":%s"
           ",\"answered_p50_ms\":%.2f,\"answered_p99_ms\":%.2f,\"p50_ms\":%.2f,\"p90_ms\":%.2f"
           ",\"p99_ms\":%.2f,\"max_ms\":%.2f}\n",
           words[3], orders, words[5], latencies_ms(&answered, 0.5), latencies_ms(&answered, 0.99),
           latencies_ms(&visible, 0.5), latencies_ms(&visible, 0.9), latencies_ms(&visible, 0.99),
           latencies_ms(&visible, 1));
    http_clients_free(at.command);
    http_clients_free(at.query);
    latencies_done(&answered);
    latencies_done(&visible);
    return 0;
}
