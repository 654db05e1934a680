/* write_model.h - the commands on products and orders: from domain objects to the database and back.
 *
 * A command lives in the arena of its request. It is submitted, and its done is called once with the
 * verdict and what came of it: on a thread of the pool, or, when it could not even be queued, inside
 * the submitting call.
 */
#ifndef COMMAND_SERVICE_WRITE_MODEL_H
#define COMMAND_SERVICE_WRITE_MODEL_H

#include "command_pool.h"
#include "domain/order.h"
#include "domain/product.h"

typedef enum write_verdict {
    WRITE_DONE,
    WRITE_UNCHANGED, /* it is so already: no event */
    WRITE_NOT_FOUND,
    WRITE_OTHER_VERSION,    /* the one expected is not the present one */
    WRITE_UNKNOWN_PRODUCTS, /* in refused_lines */
    WRITE_PRICE_CHANGED,    /* in the first of refused_lines; list_price says to what */
    WRITE_TOTAL_TOO_LARGE,
    WRITE_ILLEGAL_STEP, /* from order.status to wanted_status */
    WRITE_BUSY,         /* nothing happened: too much to do, or it took too long */
    WRITE_AWAY,         /* the database is away; see is_uncertain */
    WRITE_FAILED,       /* our mistake; in the log */
} write_verdict;

struct write_command {
    pooled_command pooled; /* the write model's own */
    sf_arena *arena;       /* borrowed: the request's */
    void (*done)(struct write_command *command);
    const char *event_headers; /* event_headers_json, or NULL */
    int64_t expected_version;  /* 0: any */

    union {
        struct product product; /* in: what it shall be; out: with id and version */
        struct order order;     /* in: what is ordered, or only the id; out: the whole order */
    };
    order_status wanted_status;

    write_verdict verdict;
    bool is_uncertain; /* the connection was lost meanwhile: nobody knows what happened */
    const size_t *refused_lines;
    size_t refused_line_count;
    const char *list_price;

    int currency_exponent; /* the write model's own, as what follows */
    const char *values[8];
};

struct write_model {
    struct command_pool *pool;
    int currency_exponent;
    price_policy policy;
};

void write_model_create_product(const struct write_model *model, struct write_command *command);
void write_model_update_product(const struct write_model *model, struct write_command *command);
void write_model_create_order(const struct write_model *model, struct write_command *command);
void write_model_change_status(const struct write_model *model, struct write_command *command);

#endif
