#include "http/list_page.h"

#include <stdio.h>
#include <string.h>

enum { CURSOR_KEY_MAX = 512 }; /* bytes; no key of a list is longer */

static int digit_of(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The key, and a zero byte behind it: the first key that can follow. */
static bool decode_cursor(const char *text, sf_arena *arena, sf_bytes *from)
{
    size_t size = strlen(text) / 2;
    uint8_t *key;

    if (!size || strlen(text) % 2 || size > CURSOR_KEY_MAX)
        return false;
    key = sf_arena_zalloc(arena, size + 1);
    for (size_t i = 0; i < size; i++) {
        int high = digit_of(text[2 * i]), low = digit_of(text[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        key[i] = (uint8_t)(high << 4 | low);
    }
    *from = sf_bytes_of(key, size + 1);
    return true;
}

bool list_page_read(list_page *page, const sf_request *request, sf_reply *reply)
{
    sf_request_bounds limits = {1, LIST_LIMIT_MAX};
    const char *cursor = sf_request_query(request, "cursor");

    *page = (list_page){.limit = LIST_LIMIT_USUAL, .arena = sf_request_arena(request)};
    if (!sf_request_query_as_integer(request, reply, "limit", limits, &page->limit))
        return false;
    if (!cursor || decode_cursor(cursor, page->arena, &page->from))
        return true;
    sf_reply_problem(reply, 400, "invalid-parameter", "cursor must be taken from next");
    sf_reply_problem_parameter(reply, "cursor", "must be taken from next");
    return false;
}

bool list_page_has_room(const list_page *page)
{
    return page->count < page->limit && page->scanned < LIST_SCAN_MAX;
}

void list_page_pass(list_page *page, sf_bytes key, bool is_in)
{
    page->scanned++;
    page->count += is_in;
    if (!list_page_has_room(page))
        page->last = sf_arena_copy(page->arena, key);
}

void list_page_write_next(const list_page *page, bool has_more, sf_json_writer *json)
{
    char *cursor;

    if (!has_more) {
        sf_json_write_null(json, "next");
        return;
    }
    cursor = sf_arena_zalloc(page->arena, 2 * page->last.size + 1);
    for (size_t i = 0; i < page->last.size; i++)
        (void)snprintf(cursor + 2 * i, 3, "%02x", page->last.data[i]); /* always fits */
    sf_json_write_text(json, "next", cursor);
}
