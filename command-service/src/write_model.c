#include "write_model.h"

#include <stdlib.h>
#include <string.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "statements.h"

/* ---- values: everything goes to the database as a text in the request's arena ---- */

static const char *number_text(sf_arena *arena, int64_t number)
{
    return sf_arena_printf(arena, "%lld", (long long)number);
}

static const char *money_text_of(const struct write_command *command, sf_money money)
{
    char text[SF_MONEY_TEXT_SIZE];

    sf_money_format(money, command->currency_exponent, text);
    return sf_arena_text(command->arena, text);
}

static const char *expected_version(const struct write_command *command)
{
    return command->expected_version ? number_text(command->arena, command->expected_version)
                                     : NULL;
}

static const char *line_array(const struct write_command *command,
                              void (*add)(const struct write_command *, const order_line *,
                                          sf_buffer *))
{
    const struct order *order = &command->order;
    sf_buffer array = SF_BUFFER_EMPTY;
    const char *text;

    for (size_t i = 0; i < order->line_count; i++) {
        sf_buffer_add_text(&array, i ? "," : "{");
        add(command, &order->lines[i], &array);
    }
    sf_buffer_add_text(&array, "}");
    text = sf_arena_text(command->arena, sf_buffer_text(&array));
    sf_buffer_done(&array);
    return text;
}

static void add_product_id(const struct write_command *command, const order_line *line,
                           sf_buffer *array)
{
    (void)command;
    sf_buffer_printf(array, "%lld", (long long)line->product_id);
}

static void add_quantity(const struct write_command *command, const order_line *line,
                         sf_buffer *array)
{
    (void)command;
    sf_buffer_printf(array, "%lld", (long long)line->quantity);
}

static void add_price(const struct write_command *command, const order_line *line, sf_buffer *array)
{
    char text[SF_MONEY_TEXT_SIZE] = "NULL";

    if (line->has_price)
        sf_money_format(line->price, command->currency_exponent, text);
    sf_buffer_add_text(array, text);
}

static const char *statuses_before(sf_arena *arena, order_status wanted)
{
    sf_buffer array = SF_BUFFER_EMPTY;
    const char *text, *before = "{";

    for (int from = 0; from < ORDER_STATUS_COUNT; from++) {
        if (order_status_may_become((order_status)from, wanted)) {
            sf_buffer_printf(&array, "%s%s", before, order_status_name((order_status)from));
            before = ",";
        }
    }
    sf_buffer_add_text(&array, array.size ? "}" : "{}");
    text = sf_arena_text(arena, sf_buffer_text(&array));
    sf_buffer_done(&array);
    return text;
}

/* ---- answers ---- */

static void finish(struct write_command *command, write_verdict verdict)
{
    command->verdict = verdict;
    command->done(command);
}

/* The outcomes that have no rows. */
static write_verdict verdict_of_failure(postgres_outcome outcome, const sf_error *err)
{
    switch (outcome) {
    case POSTGRES_BUSY:
        return WRITE_BUSY;
    case POSTGRES_AWAY:
        return WRITE_AWAY;
    default:
        sf_log(SF_LOG_ERROR, "command failed reason=\"%s\"", err->text);
        return WRITE_FAILED;
    }
}

typedef write_verdict (*decode_fn)(struct write_command *command, const postgres_rows *rows);

static void answer(pooled_command *pooled, postgres_outcome outcome, const sf_error *err,
                   decode_fn decode)
{
    struct write_command *command = (struct write_command *)(void *)pooled;

    if (outcome == POSTGRES_DONE) {
        finish(command, decode(command, pooled->call.rows));
        return;
    }
    command->is_uncertain = outcome == POSTGRES_AWAY && err->status != SF_RETRY;
    finish(command, verdict_of_failure(outcome, err));
}

static void submit(const struct write_model *model, struct write_command *command, size_t statement,
                   int value_count)
{
    postgres_outcome outcome;

    command->pooled.call = (postgres_call){
        .statement = statement,
        .values = command->values,
        .value_count = value_count,
    };
    outcome = command_pool_submit(model->pool, &command->pooled);
    if (outcome != POSTGRES_DONE)
        finish(command, outcome == POSTGRES_BUSY ? WRITE_BUSY : WRITE_AWAY);
}

static write_verdict decode_created_product(struct write_command *command,
                                            const postgres_rows *rows)
{
    command->product.id = postgres_int64(rows, 0, 0);
    command->product.version = postgres_int64(rows, 0, 1);
    return WRITE_DONE;
}

static void created_product(pooled_command *pooled, postgres_outcome outcome, const sf_error *err)
{
    answer(pooled, outcome, err, decode_created_product);
}

void write_model_create_product(const struct write_model *model, struct write_command *command)
{
    command->currency_exponent = model->currency_exponent;
    command->pooled.done = created_product;
    command->values[0] = (const char *)command->product.name.data;
    command->values[1] = (const char *)command->product.category.data;
    command->values[2] = money_text_of(command, command->product.price);
    command->values[3] = command->event_headers;
    submit(model, command, STATEMENT_CREATE_PRODUCT, 4);
}

static write_verdict decode_updated_product(struct write_command *command,
                                            const postgres_rows *rows)
{
    if (!postgres_rows_count(rows))
        return WRITE_NOT_FOUND;
    command->product.version = postgres_int64(rows, 0, 0);
    if (command->expected_version && command->expected_version != command->product.version)
        return WRITE_OTHER_VERSION;
    if (postgres_is_null(rows, 0, 1))
        return WRITE_UNCHANGED;
    command->product.version = postgres_int64(rows, 0, 1);
    return WRITE_DONE;
}

static void updated_product(pooled_command *pooled, postgres_outcome outcome, const sf_error *err)
{
    answer(pooled, outcome, err, decode_updated_product);
}

void write_model_update_product(const struct write_model *model, struct write_command *command)
{
    command->currency_exponent = model->currency_exponent;
    command->pooled.done = updated_product;
    command->pooled.lock_order = command->product.id;
    command->values[0] = number_text(command->arena, command->product.id);
    command->values[1] = (const char *)command->product.name.data;
    command->values[2] = (const char *)command->product.category.data;
    command->values[3] = money_text_of(command, command->product.price);
    command->values[4] = expected_version(command);
    command->values[5] = command->event_headers;
    submit(model, command, STATEMENT_UPDATE_PRODUCT, 6);
}

/* "0,3" */
static void decode_refused_lines(struct write_command *command, const char *text)
{
    size_t *lines = sf_arena_alloc(command->arena, command->order.line_count * sizeof(*lines));
    char *end;

    do {
        lines[command->refused_line_count++] = strtoul(text, &end, 10);
        text = end + 1;
    } while (*end == ',');
    command->refused_lines = lines;
}

/* Reads a price up to the next separator; the database has checked that it fits. */
static sf_money decode_price(const struct write_command *command, const char **text)
{
    size_t size = strcspn(*text, ", ");
    sf_money price = {0};

    (void)sf_money_parse(sf_bytes_of(*text, size), command->currency_exponent, &price, NULL);
    *text += size;
    *text += **text != '\0';
    return price;
}

static write_verdict decode_created_order(struct write_command *command, const postgres_rows *rows)
{
    struct order *order = &command->order;
    const char *prices = postgres_text(rows, 0, 5);

    if (!postgres_is_null(rows, 0, 2)) {
        decode_refused_lines(command, postgres_text(rows, 0, 2));
        return WRITE_UNKNOWN_PRODUCTS;
    }
    if (!postgres_is_null(rows, 0, 3)) {
        decode_refused_lines(command, postgres_text(rows, 0, 3));
        command->list_price = sf_arena_text(command->arena, postgres_text(rows, 0, 4));
        return WRITE_PRICE_CHANGED;
    }
    if (postgres_is_null(rows, 0, 0))
        return WRITE_TOTAL_TOO_LARGE;
    order->id = postgres_int64(rows, 0, 0);
    order->version = postgres_int64(rows, 0, 1);
    order->status = ORDER_CREATED;
    for (size_t i = 0; i < order->line_count; i++)
        order->lines[i].price = decode_price(command, &prices);
    return WRITE_DONE;
}

static void created_order(pooled_command *pooled, postgres_outcome outcome, const sf_error *err)
{
    answer(pooled, outcome, err, decode_created_order);
}

void write_model_create_order(const struct write_model *model, struct write_command *command)
{
    command->currency_exponent = model->currency_exponent;
    command->pooled.done = created_order;
    command->values[0] = number_text(command->arena, command->order.customer_id);
    command->values[1] = line_array(command, add_product_id);
    command->values[2] = line_array(command, add_quantity);
    command->values[3] = line_array(command, add_price);
    command->values[4] = price_policy_name(model->policy);
    command->values[5] = money_text_of(command, (sf_money){ORDER_TOTAL_MAX});
    command->values[6] = command->event_headers;
    submit(model, command, STATEMENT_CREATE_ORDER, 7);
}

/* "1 2 500.0,2 1 19.99" */
static void decode_lines(struct write_command *command, const char *text)
{
    struct order *order = &command->order;
    size_t count = 1;

    for (const char *at = text; *at; at++)
        count += *at == ',';
    order->lines = sf_arena_alloc(command->arena, count * sizeof(*order->lines));
    order->line_count = count;
    for (size_t i = 0; i < count; i++) {
        order_line *line = &order->lines[i];
        char *end;

        line->product_id = strtoll(text, &end, 10);
        line->quantity = strtoll(end, &end, 10);
        text = end + 1;
        line->has_price = true;
        line->price = decode_price(command, &text);
    }
}

static write_verdict decode_changed_status(struct write_command *command, const postgres_rows *rows)
{
    struct order *order = &command->order;

    if (!postgres_rows_count(rows))
        return WRITE_NOT_FOUND;
    order->customer_id = postgres_int64(rows, 0, 0);
    order->version = postgres_int64(rows, 0, 2);
    decode_lines(command, postgres_text(rows, 0, 4));
    if (!order_status_parse(sf_bytes_text(postgres_text(rows, 0, 1)), &order->status)) {
        sf_log(SF_LOG_ERROR, "order has a status that does not exist order=%lld status=%s",
               (long long)order->id, postgres_text(rows, 0, 1));
        return WRITE_FAILED;
    }
    if (command->expected_version && command->expected_version != order->version)
        return WRITE_OTHER_VERSION;
    if (order->status == command->wanted_status)
        return WRITE_UNCHANGED;
    if (postgres_is_null(rows, 0, 3))
        return WRITE_ILLEGAL_STEP;
    order->version = postgres_int64(rows, 0, 3);
    order->status = command->wanted_status;
    return WRITE_DONE;
}

static void changed_status(pooled_command *pooled, postgres_outcome outcome, const sf_error *err)
{
    answer(pooled, outcome, err, decode_changed_status);
}

void write_model_change_status(const struct write_model *model, struct write_command *command)
{
    command->currency_exponent = model->currency_exponent;
    command->pooled.done = changed_status;
    command->pooled.lock_order = command->order.id;
    command->values[0] = number_text(command->arena, command->order.id);
    command->values[1] = order_status_name(command->wanted_status);
    command->values[2] = statuses_before(command->arena, command->wanted_status);
    command->values[3] = expected_version(command);
    command->values[4] = command->event_headers;
    submit(model, command, STATEMENT_CHANGE_STATUS, 5);
}
