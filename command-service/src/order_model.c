#include "order_model.h"

#include <stdlib.h>
#include <string.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "statements.h"

typedef void (*add_line_fn)(const struct write_model *model, const order_line *line,
                            sf_buffer *array);

/* One value of each line, as an array that the database takes. */
static const char *line_array(const struct write_model *model, const struct write_command *command,
                              add_line_fn add)
{
    const struct order *order = &command->order;
    sf_buffer array = SF_BUFFER_EMPTY;
    const char *text;

    for (size_t i = 0; i < order->line_count; i++) {
        sf_buffer_add_text(&array, i ? "," : "{");
        add(model, &order->lines[i], &array);
    }
    sf_buffer_add_text(&array, "}");
    text = sf_arena_text(command->arena, sf_buffer_text(&array));
    sf_buffer_done(&array);
    return text;
}

static void add_product_id(const struct write_model *model, const order_line *line,
                           sf_buffer *array)
{
    (void)model;
    sf_buffer_printf(array, "%lld", (long long)line->product_id);
}

static void add_quantity(const struct write_model *model, const order_line *line, sf_buffer *array)
{
    (void)model;
    sf_buffer_printf(array, "%lld", (long long)line->quantity);
}

static void add_price(const struct write_model *model, const order_line *line, sf_buffer *array)
{
    char text[SF_MONEY_TEXT_SIZE] = "NULL";

    if (line->has_price)
        sf_money_format(line->price, model->currency_exponent, text);
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

    (void)sf_money_parse(sf_bytes_of(*text, size), command->model->currency_exponent, &price, NULL);
    *text += size;
    *text += **text != '\0';
    return price;
}

static write_verdict decode_created(struct write_command *command, const write_result *result)
{
    struct order *order = &command->order;
    const char *prices = result->columns[5];

    if (result->columns[2]) {
        decode_refused_lines(command, result->columns[2]);
        return WRITE_UNKNOWN_PRODUCTS;
    }
    if (result->columns[6][0] != 't')
        return WRITE_UNKNOWN_CUSTOMER;
    if (result->columns[3]) {
        decode_refused_lines(command, result->columns[3]);
        command->list_price = sf_arena_text(command->arena, result->columns[4]);
        return WRITE_PRICE_CHANGED;
    }
    if (!result->columns[0])
        return WRITE_TOTAL_TOO_LARGE;
    order->id = write_result_number(result, 0);
    order->version = write_result_number(result, 1);
    order->status = ORDER_CREATED;
    for (size_t i = 0; i < order->line_count; i++)
        order->lines[i].price = decode_price(command, &prices);
    return WRITE_DONE;
}

void order_model_create(const struct write_model *model, struct write_command *command)
{
    static const write_statement statement = {STATEMENT_CREATE_ORDER, 7, 4, decode_created};

    command->values[0] = write_model_number(command, command->order.customer_id);
    command->values[1] = line_array(model, command, add_product_id);
    command->values[2] = line_array(model, command, add_quantity);
    command->values[3] = line_array(model, command, add_price);
    command->values[4] =
        price_policy_name(command->must_pay_list_price ? PRICE_STRICT : model->policy);
    command->values[5] = write_model_money(model, command, (sf_money){ORDER_TOTAL_MAX});
    command->values[6] = model->customers_must_be_known ? "known" : "open";
    write_model_submit(model, command, &statement);
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

static write_verdict decode_changed_status(struct write_command *command,
                                           const write_result *result)
{
    struct order *order = &command->order;

    if (!result->is_there)
        return WRITE_NOT_FOUND;
    order->customer_id = write_result_number(result, 0);
    order->version = write_result_number(result, 2);
    decode_lines(command, result->columns[4]);
    if (!order_status_parse(sf_bytes_text(result->columns[1]), &order->status)) {
        sf_log(SF_LOG_ERROR, "order has a status that does not exist order=%lld status=%s",
               (long long)order->id, result->columns[1]);
        return WRITE_FAILED;
    }
    if (command->expected_version && command->expected_version != order->version)
        return WRITE_OTHER_VERSION;
    if (order->status == command->wanted_status)
        return WRITE_UNCHANGED;
    if (!result->columns[3])
        return WRITE_ILLEGAL_STEP;
    order->version = write_result_number(result, 3);
    order->status = command->wanted_status;
    return WRITE_DONE;
}

void order_model_change_status(const struct write_model *model, struct write_command *command)
{
    static const write_statement statement = {STATEMENT_CHANGE_STATUS, 4, 3, decode_changed_status};

    command->pooled.lock_order = command->order.id;
    command->values[0] = write_model_number(command, command->order.id);
    command->values[1] = order_status_name(command->wanted_status);
    command->values[2] = write_model_expected_version(command);
    command->values[3] = statuses_before(command->arena, command->wanted_status);
    write_model_submit(model, command, &statement);
}

/* ---- history ---- */

static const char *kept_text(const struct write_command *command, const postgres_rows *rows,
                             int row, int column)
{
    return sf_arena_text(command->arena, postgres_text(rows, row, column));
}

static struct event decode_event(const struct write_command *command, const postgres_rows *rows,
                                 int row)
{
    return (struct event){
        .event_id = kept_text(command, rows, row, 0),
        .event_type = kept_text(command, rows, row, 1),
        .aggregate_type = "order",
        .aggregate_id = command->order.id,
        .version = postgres_int64(rows, row, 2),
        .schema = postgres_int64(rows, row, 3),
        .occurred_at_ms = postgres_int64(rows, row, 4),
        .payload = sf_bytes_text(kept_text(command, rows, row, 5)),
        .is_published = postgres_text(rows, row, 6)[0] == 't',
    };
}

static write_verdict decode_events(struct write_command *command, const write_result *result)
{
    if (!result->is_there)
        return WRITE_NOT_FOUND;
    command->event_count = (size_t)postgres_rows_count(result->rows);
    command->events =
        sf_arena_alloc(command->arena, command->event_count * sizeof(*command->events));
    for (size_t i = 0; i < command->event_count; i++)
        command->events[i] = decode_event(command, result->rows, (int)i);
    return WRITE_DONE;
}

void order_model_read_events(const struct write_model *model, struct write_command *command)
{
    static const write_statement statement = {STATEMENT_READ_ORDER_EVENTS, 1, 0, decode_events};

    command->values[0] = write_model_number(command, command->order.id);
    write_model_read(model, command, &statement);
}
