#include "store/buffer_view.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"

struct sf_buffer_view {
    sf_buffer_views *views; /* NULL: frozen */
    sf_buffer_view *next_view;
    sf_buffer_view *previous_view;
    sf_buffer_entry *at; /* the next live entry, NULL: the end */
    bool backwards;
    sf_buffer bound; /* the walk ends there: the upper bound, backwards the lower one */
    sf_buffer shown; /* the live entry shown last; its bytes are still the caller's */
    sf_buffer left;  /* frozen: all that is left */
    size_t position; /* in left */
};

typedef struct copied_head {
    size_t key_size;
    size_t value_size;
    bool is_there;
} copied_head;

static void unlink_view(sf_buffer_view *view)
{
    if (view->previous_view)
        view->previous_view->next_view = view->next_view;
    else
        view->views->first = view->next_view;
    if (view->next_view)
        view->next_view->previous_view = view->previous_view;
    view->views = NULL;
}

sf_buffer_view *sf_buffer_view_open(sf_buffer_views *views, const sf_entry_index *index,
                                    sf_bytes lower, sf_bytes upper, bool backwards)
{
    sf_buffer_view *view = sf_zalloc(sizeof(*view));

    view->views = views;
    view->next_view = views->first;
    if (views->first)
        views->first->previous_view = view;
    views->first = view;
    view->backwards = backwards;
    view->at =
        backwards ? sf_entry_index_seek_below(index, upper) : sf_entry_index_seek(index, lower);
    sf_buffer_add_bytes(&view->bound, backwards ? lower : upper);
    return view;
}

void sf_buffer_view_free(sf_buffer_view *view)
{
    if (!view)
        return;
    if (view->views)
        unlink_view(view);
    sf_buffer_done(&view->bound);
    sf_buffer_done(&view->shown);
    sf_buffer_done(&view->left);
    free(view);
}

static bool is_within(const sf_buffer_view *view)
{
    int order;

    if (!view->at)
        return false;
    order = sf_bytes_compare(sf_entry_full_key(view->at), sf_buffer_bytes(&view->bound));
    return view->backwards ? order >= 0 : order < 0;
}

static void copy_and_step(sf_buffer_view *view, sf_buffer *to)
{
    sf_bytes key = sf_entry_full_key(view->at);
    sf_bytes value = sf_entry_full_value(view->at);
    copied_head head = {
        .key_size = key.size, .value_size = value.size, .is_there = !sf_bytes_is_null(value)};

    sf_buffer_add(to, &head, sizeof(head));
    sf_buffer_add_bytes(to, key);
    sf_buffer_add_bytes(to, value);
    view->at = view->backwards ? sf_entry_index_previous(view->at) : sf_entry_index_next(view->at);
}

/* Reads a copy; returns its size in bytes. */
static size_t read_copy(const uint8_t *at, sf_bytes *full_key, sf_bytes *full_value)
{
    copied_head head;

    memcpy(&head, at, sizeof(head));
    at += sizeof(head);
    *full_key = sf_bytes_of(at, head.key_size);
    *full_value = head.is_there ? sf_bytes_of(at + head.key_size, head.value_size) : SF_NULL;
    return sizeof(head) + head.key_size + head.value_size;
}

bool sf_buffer_view_next(sf_buffer_view *view, sf_bytes *full_key, sf_bytes *full_value)
{
    bool is_live = view->views;

    if (is_live ? !is_within(view) : view->position == view->left.size)
        return false;
    if (!is_live) {
        view->position += read_copy(view->left.data + view->position, full_key, full_value);
        return true;
    }
    sf_buffer_clear(&view->shown);
    copy_and_step(view, &view->shown);
    (void)read_copy(view->shown.data, full_key, full_value); /* there is only one */
    return true;
}

void sf_buffer_views_freeze(sf_buffer_views *views)
{
    while (views->first) {
        sf_buffer_view *view = views->first;

        while (is_within(view))
            copy_and_step(view, &view->left);
        unlink_view(view);
    }
}
