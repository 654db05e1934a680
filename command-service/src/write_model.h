/* write_model.h - a command on its way to the database and back; what products, customers and orders
 * have in common. Their own halves are product_model.c, customer_model.c and order_model.c.
 *
 * A command lives in the arena of its request. It is submitted, and its done is called once with the
 * verdict and what came of it: on a thread of the pool, or, when it could not even be queued, inside
 * the submitting call.
 *
 *   1 A command with an idempotency key is run behind the claim of its key, in one transaction. If the
 *     key has a result already, the command does nothing, and is answered from that result.
 *   2 The fingerprint is of the command itself, what the client asks for, so it is the same for the
 *     same command in other words (2 and 2.0, another order of members), or by another route.
 *   3 Only what went well becomes a key's result: a command that was refused is judged anew.
 */
#ifndef COMMAND_SERVICE_WRITE_MODEL_H
#define COMMAND_SERVICE_WRITE_MODEL_H

#include "command_pool.h"
#include "domain/customer.h"
#include "domain/event.h"
#include "domain/order.h"
#include "domain/product.h"

typedef enum write_verdict {
    WRITE_DONE,
    WRITE_UNCHANGED, /* it is so already: no event */
    WRITE_NOT_FOUND,
    WRITE_ID_TAKEN,
    WRITE_OTHER_VERSION,    /* the one expected is not the present one */
    WRITE_UNKNOWN_PRODUCTS, /* in refused_lines */
    WRITE_UNKNOWN_CUSTOMER,
    WRITE_PRICE_CHANGED, /* in the first of refused_lines; list_price says to what */
    WRITE_TOTAL_TOO_LARGE,
    WRITE_ILLEGAL_STEP, /* from order.status to wanted_status */
    WRITE_KEY_REUSED,   /* the idempotency key was another command's */
    WRITE_BUSY,         /* nothing happened: too much to do, or it took too long */
    WRITE_AWAY,         /* the database is away; see is_uncertain */
    WRITE_FAILED,       /* our mistake; in the log */
} write_verdict;

enum { WRITE_VALUES_MAX = 9, WRITE_COLUMNS_MAX = 7, WRITE_FINGERPRINT_SIZE = 65 };

/* What a statement returned: its first row, now or when its key was used first. */
typedef struct write_result {
    bool is_there;                          /* there is a row */
    const char *columns[WRITE_COLUMNS_MAX]; /* NULL for null */
    const postgres_rows *rows;              /* all of them; NULL when it is told again */
} write_result;

struct write_command;

typedef write_verdict (*write_decode_fn)(struct write_command *command, const write_result *result);

struct write_command {
    pooled_command pooled; /* the write model's own */
    sf_arena *arena;       /* borrowed: the request's */
    void (*done)(struct write_command *command);
    const char *event_headers;   /* event_headers_json, or NULL */
    const char *idempotency_key; /* NULL: none */
    int64_t expected_version;    /* 0: any */
    bool must_pay_list_price;    /* whatever the policy says: the caller may not agree prices */
    const char *subject; /* who calls, "": nobody is told apart; keys are the caller's own */

    union {
        struct product product;   /* in: what it shall be; out: with id and version */
        struct customer customer; /* alike */
        struct order order;       /* in: what is ordered, or only the id; out: the whole order */
    };
    order_status wanted_status;

    write_verdict verdict;
    bool is_replayed;  /* the answer of the time when the key was used first */
    bool is_uncertain; /* the connection was lost meanwhile: nobody knows what happened */
    const size_t *refused_lines;
    size_t refused_line_count;
    const char *list_price;
    struct event *events; /* of an order, by version */
    size_t event_count;

    const struct write_model *model; /* the write model's own, as what follows */
    write_decode_fn decode;
    const char *values[WRITE_VALUES_MAX];
    const char *claim[3];
    char fingerprint[WRITE_FINGERPRINT_SIZE];
};

struct write_model {
    struct command_pool *pool;
    int currency_exponent;
    price_policy policy;
    bool customers_must_be_known;
    bool must_match; /* a PUT without If-Match is refused */
    struct publication_watch *publications;
    const char *keys_kept; /* how long idempotency keys are: "48 hours" */
};

/* Which of a model's commands. */
typedef void (*write_fn)(const struct write_model *model, struct write_command *command);

/* Hands on a command whose values are set but for the last two, its headers and its key. The first
 * asked_count values are what the client asks for. */
typedef struct write_statement {
    size_t statement;
    size_t value_count; /* without the last two */
    size_t asked_count;
    write_decode_fn decode;
} write_statement;
void write_model_submit(const struct write_model *model, struct write_command *command,
                        const write_statement *statement);

/* Hands on a statement that only reads: it has its values and no others. */
void write_model_read(const struct write_model *model, struct write_command *command,
                      const write_statement *statement);

/* Numbers, amounts and versions as the texts that the database takes; in the command's arena. */
const char *write_model_number(const struct write_command *command, int64_t number);
const char *write_model_money(const struct write_model *model, const struct write_command *command,
                              sf_money money);
const char *write_model_expected_version(const struct write_command *command);

/* A column as a number; 0 for null. */
int64_t write_result_number(const write_result *result, size_t column);

/* The answer of every update: columns are the version found, and that now or null. */
write_verdict write_model_decode_update(const struct write_command *command,
                                        const write_result *result, int64_t *version);

#endif
