#include "http/stored_value.h"

#include "base/encoding.h"
#include "base/memory.h"
#include "http/entity.h"
#include "state/product_sales.h"
#include "state/product_versions.h"
#include "topology/booking_processor.h"
#include "topology/customer_processor.h"
#include "topology/order_processor.h"
#include "topology/query_topology.h"

static void write_total(const analytics_views *views, const sales_total *total,
                        sf_json_writer *json)
{
    sf_json_write_money(json, "amount", total->amount, views->currency_exponent);
    sf_json_write_integer(json, "lines", total->lines);
}

static sf_status write_product_sales(const analytics_views *views, const stored_key *key,
                                     sf_arena *arena, sf_json_writer *json, bool *is_there,
                                     sf_error *err)
{
    product_sales sales;
    sf_stored stored;
    sf_status status =
        sf_view_get_of(views->product_sales, key->record_key, key->key, arena, &stored, err);

    if (!status)
        status = product_sales_decode(stored.value, &sales, err);
    *is_there = !status && !sf_bytes_is_null(stored.value);
    if (!*is_there)
        return status;
    sf_json_write_object(json, "value");
    write_total(views, &sales.total, json);
    sf_json_write_money(json, "gross", sales.gross, views->currency_exponent);
    sf_json_write_integer(json, "units", sales.units);
    sf_json_write_integer(json, "orders", sales.orders);
    sf_json_write_timestamp(json, "lastSaleAt", sales.last_sale_at);
    sf_json_write_end_object(json);
    return SF_OK;
}

static sf_status write_category(const analytics_views *views, const stored_key *key,
                                sf_arena *arena, sf_json_writer *json, bool *is_there,
                                sf_error *err)
{
    sales_total total;
    sf_stored stored;
    sf_status status =
        sf_view_get_of(views->category_revenue, key->record_key, key->key, arena, &stored, err);

    if (!status)
        status = sales_total_decode(stored.value, &total, err);
    *is_there = !status && !sf_bytes_is_null(stored.value);
    if (!*is_there)
        return status;
    sf_json_write_object(json, "value");
    write_total(views, &total, json);
    sf_json_write_end_object(json);
    return SF_OK;
}

static sf_status write_hour(const analytics_views *views, const sf_view_entry *row,
                            sf_json_writer *json, sf_error *err)
{
    sales_total total;
    sf_status status = sales_total_decode(row->stored.value, &total, err);

    if (status)
        return status;
    sf_json_write_object(json, NULL);
    sf_json_write_timestamp(json, "windowStart", row->start_ms);
    write_total(views, &total, json);
    sf_json_write_end_object(json);
    return SF_OK;
}

/* All that are kept: some thousands at most. */
static sf_status write_hours(const analytics_views *views, const stored_key *key, sf_arena *arena,
                             sf_json_writer *json, bool *is_there, sf_error *err)
{
    sf_view_iterator *rows = NULL;
    sf_view_entry row;
    sf_view *view = NULL;
    sf_status status =
        analytics_view_of_key(views, HOURLY_SALES_STORE, key->record_key, &view, err);

    (void)arena;
    if (!status)
        status = sf_view_fetch(view, key->key, 0, INT64_MAX, &rows, err);
    sf_json_write_array(json, "value");
    while (!status && sf_view_iterator_next(rows, &row, &status, err)) {
        *is_there = true;
        status = write_hour(views, &row, json, err);
    }
    sf_view_iterator_free(rows);
    sf_view_free(view);
    sf_json_write_end_array(json);
    return status;
}

static void write_version(const product_version *version, sf_json_writer *json)
{
    sf_json_write_object(json, NULL);
    sf_json_write_timestamp(json, "validFrom", version->valid_from);
    sf_json_write_integer(json, "firstVersion", version->first);
    sf_json_write_integer(json, "lastVersion", version->last);
    sf_json_write_bytes(json, "category", version->category);
    sf_json_write_end_object(json);
}

static sf_status write_versions(const analytics_views *views, const stored_key *key,
                                sf_arena *arena, sf_json_writer *json, bool *is_there,
                                sf_error *err)
{
    product_versions versions;
    sf_stored stored;
    sf_status status =
        sf_view_get_of(views->products, key->record_key, key->key, arena, &stored, err);

    if (!status)
        status = product_versions_decode(stored.value, arena, &versions, err);
    *is_there = !status && versions.count;
    if (!*is_there)
        return status;
    sf_json_write_object(json, "value");
    sf_json_write_bytes(json, "name", versions.name.size ? versions.name : SF_NULL);
    sf_json_write_array(json, "versions");
    for (size_t i = 0; i < versions.count; i++)
        write_version(&versions.items[i], json);
    sf_json_write_end_array(json);
    sf_json_write_end_object(json);
    return SF_OK;
}

static sf_status write_entity(const entity_kind *kind, const analytics_views *views,
                              const stored_key *key, sf_arena *arena, sf_json_writer *json,
                              bool *is_there, sf_error *err)
{
    entity read = {.id = (int64_t)sf_get_be64(key->key.data)};
    sf_stored stored;
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_json_writer value;
    sf_status status =
        sf_view_get_of(kind->view(views), key->record_key, key->key, arena, &stored, err);

    if (!status && !sf_bytes_is_null(stored.value))
        status = kind->decode(stored.value, arena, &read, err);
    *is_there = !status && read.version;
    if (!*is_there)
        return status;
    sf_json_writer_init(&value, &text);
    kind->write(&read, views->currency_exponent, &value);
    sf_json_write_raw(json, "value", sf_buffer_bytes(&text));
    sf_buffer_done(&text);
    return SF_OK;
}

static sf_status write_order(const analytics_views *views, const stored_key *key, sf_arena *arena,
                             sf_json_writer *json, bool *is_there, sf_error *err)
{
    return write_entity(&order_kind, views, key, arena, json, is_there, err);
}

static sf_status write_customer(const analytics_views *views, const stored_key *key,
                                sf_arena *arena, sf_json_writer *json, bool *is_there,
                                sf_error *err)
{
    return write_entity(&customer_kind, views, key, arena, json, is_there, err);
}

const stored_value_kind stored_value_kinds[] = {
    {.store = CATEGORY_REVENUE_STORE, .has_text_key = true, .write = write_category},
    {.store = CUSTOMERS_STORE, .write = write_customer},
    {.store = HOURLY_SALES_STORE, .is_windowed = true, .write = write_hours},
    {.store = ORDERS_STORE, .write = write_order},
    {.store = PRODUCT_SALES_STORE, .write = write_product_sales},
    {.store = PRODUCTS_STORE, .write = write_versions},
};

const size_t stored_value_kind_count = SF_ARRAY_LENGTH(stored_value_kinds);
