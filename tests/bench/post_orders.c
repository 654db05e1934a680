/* post_orders.c - orders by REST from a few connections, as fast as they are answered or at a fixed rate.
 *
 * post_orders PORT CLIENTS SECONDS RATE PRODUCTS FIRST_CUSTOMER SEED
 * Each order has one line, of one of the products 1 to PRODUCTS, and a customer of its own, from
 * FIRST_CUSTOMER on: so each can be found again. RATE: orders a second, whose moments are fixed
 * beforehand, so that a wait for a connection counts as well; 0: the next when one was answered.
 * Whatever is not answered with 201 ends the program. Prints one JSON line.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/clock.h>

#include "base/memory.h"
#include "base/random.h"
#include "support/http_clients.h"
#include "support/latencies.h"
#include "support/stopwatch.h"

enum { WARM_UP_PART = 10 }; /* latencies of a tenth of the time do not count */

typedef struct load {
    http_clients *clients;
    unsigned client_count;
    unsigned *idle; /* clients that may send */
    unsigned idle_count;
    int64_t *intended_us; /* of the order that a client has under way */
    int64_t began_us;
    int64_t seconds;
    double rate;
    uint64_t products;
    uint64_t first_customer;
    sf_random random;
    uint64_t sent;
    uint64_t answered;
    latencies latencies;
} load;

static int64_t now_us(void)
{
    return sf_clock_monotonic_us(sf_clock_system());
}

static void on_answer(void *user, const http_answer *answer)
{
    load *of = user;
    int64_t now = now_us();

    if (answer->status != 201) {
        fprintf(stderr, "post_orders: an order was answered with %d: %.*s\n", answer->status,
                (int)answer->body.size, (const char *)answer->body.data);
        exit(1);
    }
    of->answered++;
    of->idle[of->idle_count++] = answer->client;
    if (now - of->began_us > of->seconds * 1000000 / WARM_UP_PART)
        latencies_add(&of->latencies, now - of->intended_us[answer->client]);
}

static void send_order(load *of, int64_t intended_us)
{
    unsigned client = of->idle[--of->idle_count];
    char body[160], request[400];
    int body_size =
        snprintf(body, sizeof(body),
                 "{\"customerId\":%" PRIu64 ",\"items\":[{\"productId\":%" PRIu64
                 ",\"quantity\":2,\"price\":500.0}]}",
                 of->first_customer + of->sent, sf_random_below(&of->random, of->products) + 1);
    int size = snprintf(request, sizeof(request),
                        "POST /api/orders HTTP/1.1\r\nHost: localhost\r\n"
                        "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                        body_size, body);

    of->sent++;
    of->intended_us[client] = intended_us;
    http_clients_send(of->clients, client, sf_bytes_of(request, (size_t)size));
}

/* When the next order is due. */
static int64_t due_us(const load *of)
{
    return of->rate > 0 ? of->began_us + (int64_t)((double)of->sent * 1e6 / of->rate) : now_us();
}

static void send_what_is_due(load *of)
{
    while (of->idle_count) {
        int64_t due = due_us(of);

        if (due > now_us())
            return;
        send_order(of, due);
    }
}

/* With a rate all orders that were due are sent, even those that had no connection in time. */
static bool is_over(const load *of, int64_t end_us)
{
    return of->rate > 0 ? due_us(of) >= end_us : now_us() >= end_us;
}

static void run(load *of)
{
    int64_t end_us;

    of->began_us = now_us();
    end_us = of->began_us + of->seconds * 1000000;
    while (!is_over(of, end_us)) {
        int64_t wait_us;

        send_what_is_due(of);
        wait_us = of->idle_count ? due_us(of) - now_us() : 1000000;
        http_clients_serve(of->clients, wait_us);
    }
    while (of->answered < of->sent)
        http_clients_serve(of->clients, 1000000);
}

static void print(load *of, stopwatch took)
{
    printf(
        "{\"bench\":\"post_orders\",\"clients\":%u,\"rate\":%.0f,\"orders\":%" PRIu64
        ",\"first_customer\":%" PRIu64 ",\"seconds\":%.3f,\"orders_per_second\":%.0f"
        ",\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f,\"max_ms\":%.3f,\"load_cpu_s\":%.3f}\n",
        of->client_count, of->rate, of->answered, of->first_customer, took.wall_s,
        (double)of->answered / took.wall_s, latencies_ms(&of->latencies, 0.5),
        latencies_ms(&of->latencies, 0.99), latencies_ms(&of->latencies, 0.999),
        latencies_ms(&of->latencies, 1), took.process_s);
}

int main(int count, char **words)
{
    load all = {0};
    stopwatch began;

    if (count < 8) {
        fprintf(stderr, "post_orders PORT CLIENTS SECONDS RATE PRODUCTS FIRST_CUSTOMER SEED\n");
        return 2;
    }
    all.client_count = (unsigned)atoi(words[2]);
    all.seconds = atoll(words[3]);
    all.rate = atof(words[4]);
    all.products = strtoull(words[5], NULL, 10);
    all.first_customer = strtoull(words[6], NULL, 10);
    sf_random_init(&all.random, strtoull(words[7], NULL, 10));
    all.idle = sf_alloc(all.client_count * sizeof(*all.idle));
    all.intended_us = sf_zalloc(all.client_count * sizeof(*all.intended_us));
    all.clients = http_clients_new((uint16_t)atoi(words[1]), all.client_count, on_answer, &all);
    while (all.idle_count < all.client_count) {
        all.idle[all.idle_count] = all.idle_count;
        all.idle_count++;
    }
    began = stopwatch_now();
    run(&all);
    print(&all, stopwatch_since(began));
    http_clients_free(all.clients);
    latencies_done(&all.latencies);
    free(all.intended_us);
    free(all.idle);
    return 0;
}
