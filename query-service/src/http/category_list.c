#include "http/category_list.h"

#include "base/encoding.h"
#include "http/list_answer.h"

static void write_category(const analytics_views *views, sf_bytes category,
                           const sales_total *total, sf_json_writer *json)
{
    sf_json_write_object(json, NULL);
    sf_json_write_bytes(json, "category", category);
    sf_json_write_money(json, "totalRevenue", total->amount, views->currency_exponent);
    sf_json_write_integer(json, "linesSold", total->lines);
    sf_json_write_end_object(json);
}

static sf_status write_row(void *views, const sf_view_entry *row, sf_arena *arena, part_writer *out,
                           bool *is_in, sf_error *err)
{
    sales_total total;
    sf_status status = sales_total_decode(row->stored.value, &total, err);

    (void)arena;
    if (status)
        return status;
    write_category(views, row->key, &total, part_writer_begin(out, row->key));
    part_writer_end(out);
    *is_in = true;
    return SF_OK;
}

void category_list_get(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;
    list_question question = {
        .store = CATEGORY_REVENUE_STORE,
        .all = views->category_revenue,
        .row = write_row,
        .asked = user,
    };

    if (list_page_read(&question.page, request, reply))
        list_answer(views, request, reply, &question);
}

/* ---- all together ---- */

typedef struct summary {
    sales_total all;
    int64_t categories;
} summary;

/* As it travels: amount, lines and categories. */
enum { SUMMARY_SIZE = 3 * 8 };

static sf_status add(summary *sum, sales_total change, int64_t categories, sf_error *err)
{
    if (!sales_total_add(&sum->all, change))
        return sf_fail(err, SF_BAD_DATA, "all categories together are more than 64 bits hold");
    sum->categories += categories;
    return SF_OK;
}

static sf_status sum_up(sf_view *view, summary *sum, sf_error *err)
{
    sf_view_iterator *rows = NULL;
    sf_view_entry row;
    sf_status status = sf_view_range(view, SF_NULL, SF_NULL, false, &rows, err);

    while (!status && sf_view_iterator_next(rows, &row, &status, err)) {
        sales_total total;

        status = sales_total_decode(row.stored.value, &total, err);
        if (!status)
            status = add(sum, total, 1, err);
    }
    sf_view_iterator_free(rows);
    return status;
}

static void reply_summary(const analytics_views *views, sf_reply *reply, const summary *sum,
                          const gaps *missing)
{
    sf_json_writer *json = sf_reply_json(reply, 200);

    sf_json_write_object(json, NULL);
    sf_json_write_money(json, "totalRevenue", sum->all.amount, views->currency_exponent);
    sf_json_write_integer(json, "totalRevenueMinor", sum->all.amount.minor);
    sf_json_write_text(json, "currency", views->currency);
    sf_json_write_integer(json, "linesSold", sum->all.lines);
    sf_json_write_integer(json, "categories", sum->categories);
    sf_json_write_timestamp(json, "asOf", sf_clock_now_ms(views->clock));
    gaps_write(missing, json);
    sf_json_write_end_object(json);
}

static sf_status summarize_here(void *asked, sf_reply *reply, sf_error *err)
{
    const analytics_views *views = asked;
    summary sum = {0};
    sf_status status = sum_up(views->category_revenue, &sum, err);

    if (!status)
        reply_summary(views, reply, &sum, &(gaps){0});
    return status;
}

static sf_status summarize_part(void *asked, sf_view *view, part_writer *part, sf_error *err)
{
    uint8_t item[SUMMARY_SIZE];
    summary sum = {0};
    sf_status status = sum_up(view, &sum, err);

    (void)asked;
    sf_put_be64(item, (uint64_t)sum.all.amount.minor);
    sf_put_be64(item + 8, (uint64_t)sum.all.lines);
    sf_put_be64(item + 16, (uint64_t)sum.categories);
    part_writer_add(part, sf_bytes_of("", 0), sf_bytes_of(item, sizeof item));
    part_writer_close(part, false, SF_NULL);
    return status;
}

static sf_status summarize_parts(void *asked, sf_reply *reply, part_merge *parts,
                                 const gaps *missing, sf_error *err)
{
    sf_status status = SF_OK;
    sf_bytes rank, item;
    summary sum = {0};

    while (!status && part_merge_next(parts, &rank, &item)) {
        sales_total part;

        if (item.size != SUMMARY_SIZE)
            return sf_fail(err, SF_CORRUPT, "a summary of %zu bytes", item.size);
        part = (sales_total){.amount = {(int64_t)sf_get_be64(item.data)},
                             .lines = (int64_t)sf_get_be64(item.data + 8)};
        status = add(&sum, part, (int64_t)sf_get_be64(item.data + 16), err);
    }
    if (!status)
        reply_summary(asked, reply, &sum, missing);
    return status;
}

void summary_get(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;

    fleet_gather(views->fleet, request, reply,
                 &(gathering){
                     .store = CATEGORY_REVENUE_STORE,
                     .asked = user,
                     .answer_here = summarize_here,
                     .collect = summarize_part,
                     .answer = summarize_parts,
                 });
}
