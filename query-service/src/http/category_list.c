#include "http/category_list.h"

#include "http/list_page.h"

static void write_category(const analytics_views *views, sf_bytes category,
                           const sales_total *total, sf_json_writer *json)
{
    sf_json_write_object(json, NULL);
    sf_json_write_bytes(json, "category", category);
    sf_json_write_money(json, "totalRevenue", total->amount, views->currency_exponent);
    sf_json_write_integer(json, "linesSold", total->lines);
    sf_json_write_end_object(json);
}

static sf_status write_page(const analytics_views *views, sf_view_iterator *rows, list_page *page,
                            bool *has_more, sf_json_writer *json, sf_error *err)
{
    sf_status status = SF_OK;
    sf_view_entry row;

    *has_more = false;
    while (!status && !*has_more && sf_view_iterator_next(rows, &row, &status, err)) {
        sales_total total;

        *has_more = !list_page_has_room(page);
        if (*has_more)
            break;
        status = sales_total_decode(row.stored.value, &total, err);
        if (!status)
            write_category(views, row.key, &total, json);
        list_page_pass(page, row.key, true);
    }
    return status;
}

void category_list_get(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;
    sf_view_iterator *rows = NULL;
    sf_json_writer *json;
    list_page page;
    bool has_more = false;
    sf_error err = {0};
    sf_status status;

    if (!list_page_read(&page, request, reply))
        return;
    json = sf_reply_json(reply, 200);
    sf_json_write_object(json, NULL);
    sf_json_write_array(json, "items");
    status = sf_view_range(views->category_revenue, page.from, SF_NULL, false, &rows, &err);
    if (!status)
        status = write_page(views, rows, &page, &has_more, json, &err);
    sf_view_iterator_free(rows);
    sf_json_write_end_array(json);
    list_page_write_next(&page, has_more, json);
    sf_json_write_end_object(json);
    if (status)
        analytics_reply_failure(views, reply, status, &err);
}

/* ---- all together ---- */

typedef struct summary {
    sales_total all;
    int64_t categories;
} summary;

static sf_status sum_up(const analytics_views *views, summary *sum, sf_error *err)
{
    sf_view_iterator *rows = NULL;
    sf_view_entry row;
    sf_status status = sf_view_range(views->category_revenue, SF_NULL, SF_NULL, false, &rows, err);

    while (!status && sf_view_iterator_next(rows, &row, &status, err)) {
        sales_total total;

        status = sales_total_decode(row.stored.value, &total, err);
        if (!status && !sales_total_add(&sum->all, total))
            status =
                sf_fail(err, SF_BAD_DATA, "all categories together are more than 64 bits hold");
        sum->categories++;
    }
    sf_view_iterator_free(rows);
    return status;
}

void summary_get(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;
    sf_json_writer *json;
    summary sum = {0};
    sf_error err = {0};
    sf_status status = sum_up(views, &sum, &err);

    (void)request;
    if (status) {
        analytics_reply_failure(views, reply, status, &err);
        return;
    }
    json = sf_reply_json(reply, 200);
    sf_json_write_object(json, NULL);
    sf_json_write_money(json, "totalRevenue", sum.all.amount, views->currency_exponent);
    sf_json_write_integer(json, "totalRevenueMinor", sum.all.amount.minor);
    sf_json_write_text(json, "currency", views->currency);
    sf_json_write_integer(json, "linesSold", sum.all.lines);
    sf_json_write_integer(json, "categories", sum.categories);
    sf_json_write_timestamp(json, "asOf", sf_clock_now_ms(views->clock));
    sf_json_write_end_object(json);
}
