#include "store/version_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static uint8_t *key_of(sf_version_node *node)
{
    return (uint8_t *)&node->next[node->height];
}

sf_bytes sf_version_node_key(const sf_version_node *node)
{
    return sf_bytes_of(&node->next[node->height], node->key_size);
}

void sf_version_ref(sf_version *version)
{
    __atomic_fetch_add(&version->references, 1, __ATOMIC_RELAXED);
}

void sf_version_unref(sf_version *version)
{
    if (__atomic_fetch_sub(&version->references, 1, __ATOMIC_ACQ_REL) == 1)
        free(version);
}

static void unref_all(sf_version *version)
{
    while (version) {
        sf_version *older = version->older;

        sf_version_unref(version);
        version = older;
    }
}

static sf_version_node *node_new(sf_bytes key, uint8_t height)
{
    sf_version_node *node = sf_alloc(sizeof(*node) + height * sizeof(sf_version_node *) + key.size);

    memset(node, 0, sizeof(*node) + height * sizeof(sf_version_node *));
    node->height = height;
    node->key_size = key.size;
    if (key.size > 0)
        memcpy(key_of(node), key.data, key.size);
    return node;
}

void sf_version_list_init(sf_version_list *list)
{
    *list = (sf_version_list){0};
    list->head = node_new(sf_bytes_of("", 0), SF_VERSION_LIST_HEIGHT);
    sf_random_init(&list->random, 1);
}

void sf_version_list_done(sf_version_list *list)
{
    sf_version_node *node = list->head;

    while (node) {
        sf_version_node *next = node->next[0];

        unref_all(node->newest);
        free(node);
        node = next;
    }
    *list = (sf_version_list){0};
}

/* Fills before[level] with the last node of each level whose key is below the given. */
static void find_before(const sf_version_list *list, sf_bytes key,
                        sf_version_node *before[SF_VERSION_LIST_HEIGHT])
{
    sf_version_node *node = list->head;

    for (int level = SF_VERSION_LIST_HEIGHT - 1; level >= 0; level--) {
        while (node->next[level] &&
               sf_bytes_compare(sf_version_node_key(node->next[level]), key) < 0)
            node = node->next[level];
        before[level] = node;
    }
}

sf_version_node *sf_version_list_seek(const sf_version_list *list, sf_bytes key)
{
    sf_version_node *before[SF_VERSION_LIST_HEIGHT];

    find_before(list, key, before);
    return before[0]->next[0];
}

sf_version_node *sf_version_list_seek_below(const sf_version_list *list, sf_bytes key)
{
    sf_version_node *before[SF_VERSION_LIST_HEIGHT];

    if (sf_bytes_is_null(key))
        return list->last;
    find_before(list, key, before);
    return before[0] == list->head ? NULL : before[0];
}

/* Each level holds about a quarter of the one below. */
static uint8_t draw_height(sf_version_list *list)
{
    uint64_t bits = sf_random_next(&list->random);
    uint8_t height = 1;

    while (height < SF_VERSION_LIST_HEIGHT && (bits & 3) == 0) {
        height++;
        bits >>= 2;
    }
    return height;
}

static sf_version_node *insert(sf_version_list *list, sf_bytes key,
                               sf_version_node *before[SF_VERSION_LIST_HEIGHT])
{
    sf_version_node *node = node_new(key, draw_height(list));

    for (uint8_t level = 0; level < node->height; level++) {
        node->next[level] = before[level]->next[level];
        before[level]->next[level] = node;
    }
    node->previous = before[0] == list->head ? NULL : before[0];
    if (node->next[0])
        node->next[0]->previous = node;
    else
        list->last = node;
    list->count++;
    return node;
}

static sf_version *version_new(sf_bytes value, uint64_t sequence)
{
    sf_version *version = sf_alloc(sizeof(*version) + value.size);

    *version = (sf_version){.sequence = sequence,
                            .references = 1,
                            .is_deleted = sf_bytes_is_null(value),
                            .size = value.size};
    if (value.size > 0)
        memcpy(version->data, value.data, value.size);
    return version;
}

sf_version_node *sf_version_list_put(sf_version_list *list, sf_bytes key, sf_bytes value,
                                     uint64_t sequence)
{
    sf_version_node *before[SF_VERSION_LIST_HEIGHT];
    sf_version_node *node;
    sf_version *version;

    find_before(list, key, before);
    node = before[0]->next[0];
    if (!node || !sf_bytes_equal(sf_version_node_key(node), key))
        node = insert(list, key, before);
    version = version_new(value, sequence);
    version->older = node->newest;
    node->newest = version;
    return node;
}

void sf_version_list_remove(sf_version_list *list, sf_version_node *node)
{
    sf_version_node *before[SF_VERSION_LIST_HEIGHT];

    find_before(list, sf_version_node_key(node), before);
    for (uint8_t level = 0; level < node->height; level++)
        before[level]->next[level] = node->next[level];
    if (node->next[0])
        node->next[0]->previous = node->previous;
    else
        list->last = node->previous;
    list->count--;
    unref_all(node->newest);
    free(node);
}

sf_version *sf_version_node_at(const sf_version_node *node, uint64_t sequence)
{
    sf_version *version = node->newest;

    while (version && version->sequence > sequence)
        version = version->older;
    return version && !version->is_deleted ? version : NULL;
}

bool sf_version_node_prune(sf_version_node *node, uint64_t oldest)
{
    sf_version *seen_by_oldest = node->newest;

    while (seen_by_oldest && seen_by_oldest->sequence > oldest)
        seen_by_oldest = seen_by_oldest->older;
    if (seen_by_oldest) {
        unref_all(seen_by_oldest->older);
        seen_by_oldest->older = NULL;
    }
    return !node->newest->older && !node->newest->is_deleted;
}
