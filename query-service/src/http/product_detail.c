#include "http/product_detail.h"

#include <inttypes.h>

#include "base/encoding.h"
#include "state/product_sales.h"
#include "state/product_versions.h"

enum { TOP_USUAL = 10, TOP_MAX = 100, KEY_SIZE = 8 };

static sf_status load_versions(const analytics_views *views, int64_t id, sf_arena *arena,
                               product_versions *versions, sf_error *err)
{
    uint8_t key[KEY_SIZE];
    sf_stored stored;
    sf_status status;

    sf_put_be64(key, (uint64_t)id);
    status = sf_view_get(views->products, sf_bytes_of(key, sizeof key), arena, &stored, err);
    return status ? status : product_versions_decode(stored.value, arena, versions, err);
}

static sf_status load_sales(const analytics_views *views, int64_t id, sf_arena *arena,
                            product_sales *sales, sf_error *err)
{
    uint8_t key[KEY_SIZE];
    sf_stored stored;
    sf_status status;

    sf_put_be64(key, (uint64_t)id);
    status = sf_view_get(views->product_sales, sf_bytes_of(key, sizeof key), arena, &stored, err);
    return status ? status : product_sales_decode(stored.value, sales, err);
}

static void write_name(sf_json_writer *json, const product_versions *versions)
{
    sf_json_write_bytes(json, "name", versions->name.size ? versions->name : SF_NULL);
}

static void write_sales(sf_json_writer *json, const analytics_views *views,
                        const product_sales *sales)
{
    sf_money cancelled = {0};

    (void)sf_money_subtract(sales->gross, sales->total.amount,
                            &cancelled); /* gross holds the other */
    sf_json_write_money(json, "totalSales", sales->total.amount, views->currency_exponent);
    sf_json_write_integer(json, "totalSalesMinor", sales->total.amount.minor);
    sf_json_write_money(json, "cancelledAmount", cancelled, views->currency_exponent);
    sf_json_write_text(json, "currency", views->currency);
    sf_json_write_integer(json, "unitsSold", sales->units);
    sf_json_write_integer(json, "orderCount", sales->orders);
    if (sales->last_sale_at)
        sf_json_write_timestamp(json, "lastSaleAt", sales->last_sale_at);
    else
        sf_json_write_null(json, "lastSaleAt");
}

static void reply_detail(const analytics_views *views, sf_reply *reply, int64_t id,
                         const product_versions *versions, const product_sales *sales)
{
    int64_t now_ms = sf_clock_now_ms(views->clock);
    sf_json_writer *json = sf_reply_json(reply, 200);

    sf_json_write_object(json, NULL);
    sf_json_write_integer(json, "productId", id);
    write_name(json, versions);
    sf_json_write_bytes(json, "category", product_versions_category(versions, now_ms));
    write_sales(json, views, sales);
    sf_json_write_timestamp(json, "asOf", now_ms);
    sf_json_write_end_object(json);
}

void product_detail_get(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;
    sf_arena *arena = sf_request_arena(request);
    product_versions versions;
    product_sales sales;
    sf_error err = {0};
    sf_status status;
    int64_t id;

    if (!sf_request_part_as_id(request, reply, "id", &id))
        return;
    status = load_versions(views, id, arena, &versions, &err);
    if (!status)
        status = load_sales(views, id, arena, &sales, &err);
    if (status)
        analytics_reply_failure(views, reply, status, &err);
    else if (!versions.count && !sales.last_sale_at)
        sf_reply_problem(reply, 404, "not-found", "nothing is known of product %" PRId64, id);
    else
        reply_detail(views, reply, id, &versions, &sales);
}

/* ---- the best ---- */

typedef struct ranked {
    int64_t product_id;
    product_sales sales;
} ranked;

/* The best so far, best first. */
typedef struct ranking {
    ranked items[TOP_MAX];
    int64_t count;
    int64_t limit;
} ranking;

static bool is_better(const ranked *a, const ranked *b)
{
    if (a->sales.total.amount.minor != b->sales.total.amount.minor)
        return a->sales.total.amount.minor > b->sales.total.amount.minor;
    return a->product_id < b->product_id;
}

/* Puts it where it belongs, if it belongs among the best. */
static void rank(ranking *best, const ranked *added)
{
    int64_t at = best->count;

    while (at > 0 && is_better(added, &best->items[at - 1]))
        at--;
    if (at == best->limit)
        return;
    if (best->count < best->limit)
        best->count++;
    for (int64_t i = best->count - 1; i > at; i--)
        best->items[i] = best->items[i - 1];
    best->items[at] = *added;
}

static sf_status rank_all(const analytics_views *views, ranking *best, sf_error *err)
{
    sf_view_iterator *rows = NULL;
    sf_view_entry row;
    sf_status status = sf_view_range(views->product_sales, SF_NULL, SF_NULL, false, &rows, err);

    while (!status && sf_view_iterator_next(rows, &row, &status, err)) {
        ranked product;

        status = product_sales_decode(row.stored.value, &product.sales, err);
        if (status || row.key.size != KEY_SIZE || !product.sales.total.lines)
            continue;
        product.product_id = (int64_t)sf_get_be64(row.key.data);
        rank(best, &product);
    }
    sf_view_iterator_free(rows);
    return status;
}

static sf_status write_ranked(const analytics_views *views, const ranking *best, sf_arena *arena,
                              sf_json_writer *json, sf_error *err)
{
    sf_status status = SF_OK;

    for (int64_t i = 0; !status && i < best->count; i++) {
        const ranked *product = &best->items[i];
        product_versions versions;

        status = load_versions(views, product->product_id, arena, &versions, err);
        if (status)
            break;
        sf_json_write_object(json, NULL);
        sf_json_write_integer(json, "productId", product->product_id);
        write_name(json, &versions);
        sf_json_write_money(json, "totalSales", product->sales.total.amount,
                            views->currency_exponent);
        sf_json_write_integer(json, "unitsSold", product->sales.units);
        sf_json_write_end_object(json);
    }
    return status;
}

void top_products_get(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;
    sf_request_bounds limits = {1, TOP_MAX};
    sf_arena *arena = sf_request_arena(request);
    ranking *best = sf_arena_zalloc(arena, sizeof *best);
    sf_json_writer *json;
    sf_error err = {0};
    sf_status status;

    best->limit = TOP_USUAL;
    if (!sf_request_query_as_integer(request, reply, "limit", limits, &best->limit))
        return;
    json = sf_reply_json(reply, 200);
    sf_json_write_object(json, NULL);
    sf_json_write_array(json, "items");
    status = rank_all(views, best, &err);
    if (!status)
        status = write_ranked(views, best, arena, json, &err);
    sf_json_write_end_array(json);
    sf_json_write_end_object(json);
    if (status)
        analytics_reply_failure(views, reply, status, &err);
}
