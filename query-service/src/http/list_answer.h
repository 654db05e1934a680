/* list_answer.h - lists that lie in a store, {"items":[…],"next":"…"}: straight from here if all of the store
 * is here, else from the parts of all instances, with "partial" and "missing" where some may be left out.
 * Any thread.
 */
#ifndef QUERY_SERVICE_HTTP_LIST_ANSWER_H
#define QUERY_SERVICE_HTTP_LIST_ANSWER_H

#include "fleet/gather.h"
#include "http/analytics.h"
#include "http/list_page.h"

/* Writes the items of a page that are in a view, in the order of their ranks, which is that of the whole list;
 * *has_more = whether others follow. A rank that leads to the next page is a key of the store. */
typedef sf_status (*list_collect_fn)(void *asked, sf_view *view, list_page *page, part_writer *out,
                                     bool *has_more, sf_error *err);

/* Writes one row of the store, ranked by its key, unless it does not belong to the list; *is_in = which of the two. */
typedef sf_status (*list_row_fn)(void *asked, const sf_view_entry *row, sf_arena *arena,
                                 part_writer *out, bool *is_in, sf_error *err);

typedef struct list_question {
    const char *store;
    sf_view *all;            /* of the store */
    list_row_fn row;         /* the list is rows of the store; or: */
    list_collect_fn collect; /* it is made of them */
    void *asked;             /* in the request's arena */
    list_page page;          /* as it was read */
    bool is_whole;           /* a list without further pages: there is no member next */
} list_question;

/* In a handler: replies, or hands request and reply over. */
void list_answer(const analytics_views *views, const sf_request *request, sf_reply *reply,
                 const list_question *question);

#endif
