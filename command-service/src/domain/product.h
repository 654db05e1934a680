/* product.h - a product and its bounds. Pure; any thread. */
#ifndef COMMAND_SERVICE_DOMAIN_PRODUCT_H
#define COMMAND_SERVICE_DOMAIN_PRODUCT_H

#include "service/json_reader.h"
#include "service/json_writer.h"
#include "service/money.h"

/* In code points. */
#define PRODUCT_NAME_BOUNDS ((sf_json_bounds){1, 255})
#define PRODUCT_CATEGORY_BOUNDS ((sf_json_bounds){1, 100})

/* In minor units. */
#define PRICE_BOUNDS ((sf_json_bounds){0, INT64_C(1000000000000)})

struct product {
    int64_t id; /* 0 until the database gave one */
    int64_t version;
    sf_bytes name; /* a NUL follows, as with category */
    sf_bytes category;
    sf_money price;
};

/* Reads {"name","category","price"} as the next value of json, within the bounds; errors are noted in
 * json. The texts live in its arena. */
void product_read(sf_json_reader *json, int currency_exponent, struct product *product);

/* Reads {"id","name","category","price"} alike. */
void product_read_with_id(sf_json_reader *json, int currency_exponent, struct product *product);

/* Writes {"id","name","category","price"}. */
void product_write(sf_json_writer *json, int currency_exponent, const struct product *product);

#endif
