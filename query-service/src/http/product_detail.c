#include "http/product_detail.h"

#include <inttypes.h>

#include "base/encoding.h"
#include "http/list_answer.h"
#include "state/product_sales.h"
#include "state/product_versions.h"

enum { TOP_USUAL = 10, TOP_MAX = 100, KEY_SIZE = 8 };

/* A product's digits, which are the key of its events, and the stores' key. */
typedef struct product_key {
    sf_bytes digits;
    uint8_t bytes[KEY_SIZE];
} product_key;

static product_key key_of(int64_t id, sf_arena *arena)
{
    product_key key = {.digits = sf_bytes_text(sf_arena_printf(arena, "%" PRId64, id))};

    sf_put_be64(key.bytes, (uint64_t)id);
    return key;
}

static sf_status load_versions(const analytics_views *views, const product_key *key,
                               sf_arena *arena, product_versions *versions, sf_error *err)
{
    sf_stored stored;
    sf_status status = sf_view_get_of(views->products, key->digits,
                                      sf_bytes_of(key->bytes, KEY_SIZE), arena, &stored, err);

    return status ? status : product_versions_decode(stored.value, arena, versions, err);
}

static sf_status load_sales(const analytics_views *views, const product_key *key, sf_arena *arena,
                            product_sales *sales, sf_error *err)
{
    sf_stored stored;
    sf_status status = sf_view_get_of(views->product_sales, key->digits,
                                      sf_bytes_of(key->bytes, KEY_SIZE), arena, &stored, err);

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

/* Both stores are of one sub-topology, so their partitions move together. */
void product_detail_get(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;
    sf_arena *arena = sf_request_arena(request);
    forwarding wanted = {.store = PRODUCT_SALES_STORE};
    product_versions versions;
    product_sales sales;
    product_key key;
    sf_error err = {0};
    sf_status status;
    int64_t id;

    if (!sf_request_part_as_id(request, reply, "id", &id))
        return;
    key = key_of(id, arena);
    wanted.record_key = key.digits;
    status = load_versions(views, &key, arena, &versions, &err);
    if (!status)
        status = load_sales(views, &key, arena, &sales, &err);
    if (status)
        analytics_reply_key_failure(views, request, reply, &wanted, status, &err);
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

static sf_status rank_all(sf_view *view, ranking *best, sf_error *err)
{
    sf_view_iterator *rows = NULL;
    sf_view_entry row;
    sf_status status = sf_view_range(view, SF_NULL, SF_NULL, false, &rows, err);

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

/* What sold more comes first, then what has the smaller id. */
static sf_bytes rank_of(const ranked *product, uint8_t rank[2 * KEY_SIZE])
{
    const uint64_t sign = UINT64_C(1) << 63;
    uint64_t amount = (uint64_t)product->sales.total.amount.minor ^ sign;

    sf_put_be64(rank, ~amount);
    sf_put_be64(rank + KEY_SIZE, (uint64_t)product->product_id);
    return sf_bytes_of(rank, 2 * KEY_SIZE);
}

static void write_ranked(const analytics_views *views, const ranked *product,
                         const product_versions *versions, part_writer *out)
{
    uint8_t rank[2 * KEY_SIZE];
    sf_json_writer *json = part_writer_begin(out, rank_of(product, rank));

    sf_json_write_object(json, NULL);
    sf_json_write_integer(json, "productId", product->product_id);
    write_name(json, versions);
    sf_json_write_money(json, "totalSales", product->sales.total.amount, views->currency_exponent);
    sf_json_write_integer(json, "unitsSold", product->sales.units);
    sf_json_write_end_object(json);
    part_writer_end(out);
}

static sf_status collect_best(void *asked, sf_view *view, list_page *page, part_writer *out,
                              bool *has_more, sf_error *err)
{
    const analytics_views *views = asked;
    ranking *best = sf_arena_zalloc(page->arena, sizeof *best);
    sf_status status;

    *has_more = false;
    best->limit = page->limit;
    status = rank_all(view, best, err);
    for (int64_t i = 0; !status && i < best->count; i++) {
        product_key key = key_of(best->items[i].product_id, page->arena);
        product_versions versions;

        status = load_versions(views, &key, page->arena, &versions, err);
        if (!status)
            write_ranked(views, &best->items[i], &versions, out);
    }
    return status;
}

void top_products_get(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;
    sf_request_bounds limits = {1, TOP_MAX};
    list_question question = {
        .store = PRODUCT_SALES_STORE,
        .all = views->product_sales,
        .collect = collect_best,
        .asked = user,
        .page = {.limit = TOP_USUAL, .arena = sf_request_arena(request)},
        .is_whole = true,
    };

    if (sf_request_query_as_integer(request, reply, "limit", limits, &question.page.limit))
        list_answer(views, request, reply, &question);
}
