#include "store/publications.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct sf_publications {
    pthread_mutex_t lock;
    sf_published **items; /* ordered by name, then partition */
    size_t count;
    size_t capacity;
    uint64_t added; /* so far */
    void (*ended)(void *user);
    void *user;
};

sf_publications *sf_publications_new(void (*ended)(void *user), void *user)
{
    sf_publications *publications = sf_zalloc(sizeof(*publications));

    (void)pthread_mutex_init(&publications->lock, NULL); /* cannot fail with default attributes */
    publications->ended = ended;
    publications->user = user;
    return publications;
}

void sf_publications_free(sf_publications *publications)
{
    if (!publications)
        return;
    (void)pthread_mutex_destroy(&publications->lock); /* nobody is left */
    free(publications->items);
    free(publications);
}

static bool comes_before(const sf_published *a, const sf_published *b)
{
    int order = strcmp(a->name, b->name);

    return order ? order < 0 : a->partition < b->partition;
}

static void insert(sf_publications *publications, sf_published *published)
{
    size_t at = publications->count;

    if (publications->count == publications->capacity) {
        publications->capacity = publications->capacity ? publications->capacity * 2 : 16;
        publications->items = sf_realloc_array(publications->items, publications->capacity,
                                               sizeof(*publications->items));
    }
    while (at > 0 && comes_before(published, publications->items[at - 1])) {
        publications->items[at] = publications->items[at - 1];
        at--;
    }
    publications->items[at] = published;
    publications->count++;
}

sf_published *sf_publications_add(sf_publications *publications, const sf_published *published)
{
    sf_published *copy = sf_memory_copy(published, sizeof(*published));

    copy->name = sf_text_copy(published->name);
    copy->publications = publications;
    copy->references = 1;
    pthread_mutex_lock(&publications->lock);
    copy->number = ++publications->added;
    insert(publications, copy);
    pthread_mutex_unlock(&publications->lock);
    return copy;
}

void sf_published_withdraw(sf_published *published)
{
    sf_publications *publications = published->publications;
    size_t at = 0;

    pthread_mutex_lock(&publications->lock);
    while (publications->items[at] != published)
        at++;
    publications->count--;
    memmove(&publications->items[at], &publications->items[at + 1],
            (publications->count - at) * sizeof(*publications->items));
    pthread_mutex_unlock(&publications->lock);
    sf_published_unref(published);
}

sf_published **sf_publications_find(sf_publications *publications, const char *name, size_t *count)
{
    sf_published **found;
    size_t size = 0;

    pthread_mutex_lock(&publications->lock);
    found = sf_alloc((publications->count + 1) * sizeof(*found));
    for (size_t i = 0; i < publications->count; i++) {
        if (!strcmp(publications->items[i]->name, name)) {
            publications->items[i]->references++;
            found[size++] = publications->items[i];
        }
    }
    pthread_mutex_unlock(&publications->lock);
    *count = size;
    return found;
}

void sf_published_unref(sf_published *published)
{
    sf_publications *publications = published->publications;
    bool is_last;

    pthread_mutex_lock(&publications->lock);
    is_last = --published->references == 0;
    pthread_mutex_unlock(&publications->lock);
    if (!is_last)
        return;
    free(published->name);
    free(published);
    publications->ended(publications->user);
}

sf_status sf_published_check_kind(const sf_published *published, sf_store_kind kind, sf_error *err)
{
    static const char *const names[] = {"key-value", "window", "session", "versioned"};

    if (published->kind == kind)
        return SF_OK;
    return sf_fail(err, SF_INVALID, "store %s is no %s store", published->name, names[kind]);
}
