#include "http/list_answer.h"

static sf_json_writer *begin(sf_reply *reply)
{
    sf_json_writer *json = sf_reply_json(reply, 200);

    sf_json_write_object(json, NULL);
    sf_json_write_array(json, "items");
    return json;
}

static sf_status add_row(const list_question *of, const sf_view_entry *row, list_page *page,
                         part_writer *out, sf_error *err)
{
    bool is_in = false;
    sf_status status = of->row(of->asked, row, page->arena, out, &is_in, err);

    if (!status)
        list_page_pass(page, row->key, is_in);
    return status;
}

static sf_status collect_rows(const list_question *of, sf_view *view, list_page *page,
                              part_writer *out, bool *has_more, sf_error *err)
{
    sf_view_iterator *rows = NULL;
    sf_view_entry row;
    sf_status status = sf_view_range(view, page->from, SF_NULL, false, &rows, err);

    while (!status && !*has_more && sf_view_iterator_next(rows, &row, &status, err)) {
        *has_more = !list_page_has_room(page);
        if (!*has_more)
            status = add_row(of, &row, page, out, err);
    }
    sf_view_iterator_free(rows);
    return status;
}

static sf_status collect_items(const list_question *of, sf_view *view, list_page *page,
                               part_writer *out, bool *has_more, sf_error *err)
{
    return of->row ? collect_rows(of, view, page, out, has_more, err)
                   : of->collect(of->asked, view, page, out, has_more, err);
}

static sf_status answer_here(void *asked, sf_reply *reply, sf_error *err)
{
    const list_question *of = asked;
    list_page page = of->page;
    sf_json_writer *json = begin(reply);
    part_writer out;
    bool has_more = false;
    sf_status status;

    part_writer_init_reply(&out, json);
    status = collect_items(of, of->all, &page, &out, &has_more, err);
    sf_json_write_end_array(json);
    if (!of->is_whole)
        list_page_write_next(&page, has_more && !status, json);
    sf_json_write_end_object(json);
    return status;
}

static sf_status collect(void *asked, sf_view *view, part_writer *part, sf_error *err)
{
    const list_question *of = asked;
    list_page page = of->page;
    bool has_more = false;
    sf_status status = collect_items(of, view, &page, part, &has_more, err);

    part_writer_close(part, has_more && !of->is_whole, page.last);
    return status;
}

static sf_status answer(void *asked, sf_reply *reply, part_merge *parts, const gaps *missing,
                        sf_error *err)
{
    const list_question *of = asked;
    list_page page = of->page;
    sf_json_writer *json = begin(reply);
    sf_bytes rank, item;
    bool has_more;

    (void)err;
    for (int64_t i = 0; i < page.limit && part_merge_next(parts, &rank, &item); i++)
        sf_json_write_raw(json, NULL, item);
    sf_json_write_end_array(json);
    has_more = part_merge_has_more(parts, &page.last);
    if (!of->is_whole)
        list_page_write_next(&page, has_more, json);
    gaps_write(missing, json);
    sf_json_write_end_object(json);
    return SF_OK;
}

void list_answer(const analytics_views *views, const sf_request *request, sf_reply *reply,
                 const list_question *question)
{
    list_question *of = sf_arena_alloc(sf_request_arena(request), sizeof(*of));

    *of = *question;
    fleet_gather(views->fleet, request, reply,
                 &(gathering){
                     .store = of->store,
                     .asked = of,
                     .answer_here = answer_here,
                     .collect = collect,
                     .answer = answer,
                 });
}
