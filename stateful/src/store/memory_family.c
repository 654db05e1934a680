#include "store/memory_family.h"

#include <stdlib.h>

#include "base/memory.h"

sf_state_family *sf_memory_family_new(const char *name)
{
    sf_state_family *family = sf_zalloc(sizeof(*family));

    family->name = sf_text_copy(name);
    sf_version_list_init(&family->list);
    return family;
}

void sf_memory_family_free(sf_state_family *family)
{
    sf_version_list_done(&family->list);
    sf_buffer_done(&family->sweep_position);
    free(family->aged);
    free(family->name);
    free(family);
}

void sf_memory_family_empty(sf_state_family *family)
{
    sf_version_list_done(&family->list);
    sf_version_list_init(&family->list);
    sf_buffer_clear(&family->sweep_position);
}

/* ---- writing ---- */

static void age(sf_state_family *family, sf_version_node *node)
{
    if (family->aged_count == family->aged_capacity) {
        family->aged_capacity = family->aged_capacity ? family->aged_capacity * 2 : 16;
        family->aged = sf_realloc_array(family->aged, family->aged_capacity, sizeof(*family->aged));
    }
    node->is_aged = true;
    family->aged[family->aged_count++] = node;
}

static void settle(sf_state_family *family, sf_memory_moment moment, sf_version_node *node)
{
    if (sf_version_node_prune(node, moment.oldest) || node->is_aged)
        return;
    if (node->newest->is_deleted && !node->newest->older && node->newest->sequence <= moment.oldest)
        sf_version_list_remove(&family->list, node);
    else
        age(family, node);
}

void sf_memory_family_put(sf_state_family *family, sf_memory_moment moment, sf_bytes key,
                          sf_bytes value)
{
    settle(family, moment, sf_version_list_put(&family->list, key, value, moment.sequence));
}

void sf_memory_family_delete(sf_state_family *family, sf_memory_moment moment, sf_bytes key)
{
    sf_version_node *node = sf_version_list_seek(&family->list, key);

    if (node && sf_bytes_equal(sf_version_node_key(node), key))
        settle(family, moment, sf_version_list_put(&family->list, key, SF_NULL, moment.sequence));
}

void sf_memory_family_delete_range(sf_state_family *family, sf_memory_moment moment, sf_bytes lower,
                                   sf_bytes upper)
{
    sf_version_node *node = sf_version_list_seek(&family->list, lower);

    while (node && sf_bytes_compare(sf_version_node_key(node), upper) < 0) {
        sf_version_node *next = node->next[0];

        if (!node->newest->is_deleted)
            settle(family, moment,
                   sf_version_list_put(&family->list, sf_version_node_key(node), SF_NULL,
                                       moment.sequence));
        node = next;
    }
}

/* ---- cleaning ---- */

void sf_memory_family_prune(sf_state_family *family, uint64_t oldest)
{
    size_t kept = 0;

    for (size_t i = 0; i < family->aged_count; i++) {
        sf_version_node *node = family->aged[i];

        node->is_aged = false;
        if (sf_version_node_prune(node, oldest))
            continue;
        if (node->newest->is_deleted && !node->newest->older && node->newest->sequence <= oldest) {
            sf_version_list_remove(&family->list, node);
            continue;
        }
        node->is_aged = true;
        family->aged[kept++] = node;
    }
    family->aged_count = kept;
}

void sf_memory_family_sweep(sf_state_family *family)
{
    sf_version_node *node =
        sf_version_list_seek(&family->list, sf_buffer_bytes(&family->sweep_position));

    for (int looked_at = 0; node && looked_at < 2; looked_at++) {
        sf_version_node *next = node->next[0];

        if (!node->is_aged && family->expired(family->expired_user, sf_version_node_key(node)))
            sf_version_list_remove(&family->list, node);
        node = next;
    }
    sf_buffer_clear(&family->sweep_position);
    if (node)
        sf_buffer_add_bytes(&family->sweep_position, sf_version_node_key(node));
}
