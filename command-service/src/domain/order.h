/* order.h - an order, its lines and their bounds. Pure; any thread. */
#ifndef COMMAND_SERVICE_DOMAIN_ORDER_H
#define COMMAND_SERVICE_DOMAIN_ORDER_H

#include "domain/order_status.h"
#include "domain/product.h"
#include "service/json_reader.h"
#include "service/json_writer.h"
#include "service/money.h"

#define QUANTITY_BOUNDS ((sf_json_bounds){1, 1000000})

enum { ORDER_LINES_MAX = 1000 };

/* Of one order, in minor units: so the sums of all orders that can ever be fit into 64 bits. */
#define ORDER_TOTAL_MAX INT64_C(1000000000000000)

typedef struct order_line {
    int64_t product_id;
    int64_t quantity;
    bool has_price; /* else the product's own is filled in */
    sf_money price; /* of one piece */
} order_line;

struct order {
    int64_t id; /* 0 until the database gave one */
    int64_t version;
    int64_t customer_id;
    order_status status;
    order_line *lines; /* in the order given; the same product may come twice */
    size_t line_count;
};

/* What the price of a line means that the client sends. */
typedef enum price_policy {
    PRICE_AGREED, /* it counts as it is */
    PRICE_LIST,   /* the product's price counts, whatever was sent */
    PRICE_STRICT, /* it must be the product's price */
} price_policy;

/* "agreed", "list", "strict". */
const char *price_policy_name(price_policy policy);
bool price_policy_parse(const char *name, price_policy *policy);

/* Reads {"customerId","items":[{"productId","quantity","price"}]} as the next value of json, within
 * the bounds; errors are noted in json. The lines live in its arena. */
void order_read(sf_json_reader *json, int currency_exponent, struct order *order);

/* Reads {"status"} alike. */
void order_status_read(sf_json_reader *json, order_status *status);

/* Reads {"orderId","status"} alike. */
void order_status_read_with_id(sf_json_reader *json, int64_t *id, order_status *status);

/* Writes {"id","customerId","status","items"}. */
void order_write(sf_json_writer *json, int currency_exponent, const struct order *order);

/* The sum of quantity times price over the lines that have a price. False: beyond ORDER_TOTAL_MAX. */
bool order_total(const struct order *order, sf_money *total);

#endif
