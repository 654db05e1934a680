/* list_page.h - the pages of a list that lies in a store, in the order of its keys: `limit` (1 to 1000,
 * usually 100) and `cursor`, which is opaque to clients: the key of the last row seen, in hexadecimal.
 *
 * {"items":[…],"next":"…"}; next is null behind the last page. Any thread.
 */
#ifndef QUERY_SERVICE_HTTP_LIST_PAGE_H
#define QUERY_SERVICE_HTTP_LIST_PAGE_H

#include "service/request.h"

enum {
    LIST_LIMIT_USUAL = 100,
    LIST_LIMIT_MAX = 1000,
    LIST_SCAN_MAX = 20000, /* rows looked at for one page, whether they are in it or not */
};

typedef struct list_page {
    int64_t limit;
    sf_bytes from; /* the first key of the page; null: from the beginning */
    int64_t scanned;
    int64_t count; /* of items */
    sf_bytes last; /* the key last looked at, in arena */
    sf_arena *arena;
} list_page;

/* Reads limit and cursor. False: a problem was replied. */
bool list_page_read(list_page *page, const sf_request *request, sf_reply *reply);

/* A row is about to be looked at: false when the page is full, and the row belongs to the next one. */
bool list_page_has_room(const list_page *page);

/* It was looked at, and is in the page or not. */
void list_page_pass(list_page *page, sf_bytes key, bool is_in);

/* Writes the member next. */
void list_page_write_next(const list_page *page, bool has_more, sf_json_writer *json);

#endif
