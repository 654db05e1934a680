#include "support/sales_model.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ORDERS = HISTORY_ORDERS_MAX + 1 };

/* What has been heard so far; the sums are worked out from it afresh. */
typedef struct all_heard {
    const sales_event *orders[ORDERS];   /* the creation */
    const sales_event *statuses[ORDERS]; /* the newest change */
    const sales_event *versions[MODEL_PRODUCTS][HISTORY_EVENTS_MAX + 1];
} all_heard;

const char *sales_model_category(int category)
{
    static const char *const names[MODEL_CATEGORIES] = {"A", "B", "C", "UNKNOWN"};

    return names[category];
}

static void hear(all_heard *heard, const sales_event *event)
{
    const sales_event *newest;

    if (event->kind == SALES_PRODUCT) {
        heard->versions[event->id][event->version] = event;
        return;
    }
    if (event->kind == SALES_ORDER) {
        heard->orders[event->id] = event;
        return;
    }
    newest = heard->statuses[event->id];
    if (!newest || event->version > newest->version)
        heard->statuses[event->id] = event;
}

/* Times of a product rise with its versions. */
static int category_at(const all_heard *heard, int product, int time)
{
    int category = MODEL_UNKNOWN;

    for (int version = 1; version <= HISTORY_EVENTS_MAX; version++) {
        const sales_event *event = heard->versions[product][version];

        if (event && (category == MODEL_UNKNOWN || event->time <= time))
            category = event->category;
    }
    return category;
}

static void add(sales_sum *sum, int64_t minor)
{
    sum->minor += minor;
    sum->lines++;
}

static void add_order(const all_heard *heard, const sales_event *order, sales_sums *sums)
{
    for (int i = 0; i < order->line_count; i++) {
        int product = order->lines[i].product;
        int64_t minor = (int64_t)order->lines[i].quantity * order->lines[i].price_minor;

        add(&sums->products[product], minor);
        add(&sums->hours[product][order->time / HISTORY_TIMES_PER_HOUR], minor);
        add(&sums->categories[category_at(heard, product, order->time)], minor);
    }
}

void sales_model_sums(const sales_event *const *arrivals, size_t count, sales_sums *sums)
{
    all_heard heard = {0};

    memset(sums, 0, sizeof *sums);
    for (size_t i = 0; i < count; i++)
        hear(&heard, arrivals[i]);
    for (int id = 1; id < ORDERS; id++) {
        const sales_event *status = heard.statuses[id];

        if (heard.orders[id] && (!status || status->counts))
            add_order(&heard, heard.orders[id], sums);
    }
}

bool sales_sums_agree(const sales_sums *sums)
{
    int64_t categories = 0, products = 0, hours = 0;

    for (int i = 0; i < MODEL_CATEGORIES; i++)
        categories += sums->categories[i].minor;
    for (int i = 0; i < MODEL_PRODUCTS; i++) {
        products += sums->products[i].minor;
        for (int hour = 0; hour < MODEL_HOURS; hour++)
            hours += sums->hours[i][hour].minor;
    }
    return categories == products && products == hours;
}

static void print_pair(const char *what, sales_sum expected, sales_sum found)
{
    if (expected.lines || expected.minor || found.lines || found.minor)
        printf("  %-10s expected %6" PRId64 " of %" PRId64 " lines, found %6" PRId64 " of %" PRId64
               "\n",
               what, expected.minor, expected.lines, found.minor, found.lines);
}

void sales_sums_print(const sales_sums *expected, const sales_sums *found)
{
    char what[32];

    for (int i = 0; i < MODEL_CATEGORIES; i++)
        print_pair(sales_model_category(i), expected->categories[i], found->categories[i]);
    for (int i = 0; i < MODEL_PRODUCTS; i++) {
        (void)snprintf(what, sizeof what, "%d", i); /* fits */
        print_pair(what, expected->products[i], found->products[i]);
        for (int hour = 0; hour < MODEL_HOURS; hour++) {
            (void)snprintf(what, sizeof what, "%d at %d", i, hour); /* fits */
            print_pair(what, expected->hours[i][hour], found->hours[i][hour]);
        }
    }
}
