#include "journal/journal_groups.h"

#include <stdlib.h>

#include "base/memory.h"
#include "journal/group_offsets.h"

static const char EMPTY[] = "Empty"; /* known, without a member */

/* ---- names ---- */

static void free_names(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

sf_status sf_journal_list_groups(sf_shared_log *log, sf_group_fn fn, void *user, sf_error *err)
{
    sf_catalog *catalog;
    sf_status status = sf_shared_log_lock_fresh(log, &catalog, err);
    char **names = NULL;
    size_t count = 0;
    size_t position = 0;
    sf_bytes name;

    if (status)
        return status;
    while (sf_catalog_next_group(catalog, &position, &name)) {
        names = sf_realloc_array(names, count + 1, sizeof(*names));
        names[count++] = sf_text_printf("%.*s", (int)name.size, (const char *)name.data);
    }
    sf_shared_log_unlock(log); /* fn may ask the broker more */
    for (size_t i = 0; i < count; i++)
        fn(user, names[i], EMPTY);
    free_names(names, count);
    return SF_OK;
}

sf_status sf_journal_describe_group(sf_shared_log *log, const char *group,
                                    sf_group_description *description, sf_error *err)
{
    sf_catalog *catalog;
    sf_status status = sf_shared_log_lock_fresh(log, &catalog, err);
    sf_offset any;
    size_t position = 0;
    bool is_known;

    if (status)
        return status;
    is_known = sf_catalog_next_group_offset(catalog, group, &position, &any);
    sf_shared_log_unlock(log);
    *description = (sf_group_description){.state = is_known ? EMPTY : "Dead", .assignor = ""};
    return SF_OK;
}

/* ---- offsets ---- */

static size_t count_offsets(const sf_catalog *catalog, const char *group)
{
    sf_offset offset;
    size_t position = 0;
    size_t count = 0;

    while (sf_catalog_next_group_offset(catalog, group, &position, &offset))
        count++;
    return count;
}

sf_status sf_journal_group_offsets(sf_shared_log *log, const char *group, sf_arena *arena,
                                   const sf_offset **offsets, size_t *count, sf_error *err)
{
    sf_catalog *catalog;
    sf_status status = sf_shared_log_lock_fresh(log, &catalog, err);
    size_t position = 0;
    size_t found = 0;
    sf_offset *list;
    sf_offset offset;

    if (status)
        return status;
    list = sf_arena_alloc(arena, (count_offsets(catalog, group) + 1) * sizeof(*list));
    while (sf_catalog_next_group_offset(catalog, group, &position, &offset)) {
        offset.topic = sf_arena_text(arena, offset.topic);
        offset.metadata = offset.metadata ? sf_arena_text(arena, offset.metadata) : NULL;
        list[found++] = offset;
    }
    sf_shared_log_unlock(log);
    *offsets = list;
    *count = found;
    return SF_OK;
}

sf_status sf_journal_set_group_offsets(sf_shared_log *log, const char *group,
                                       const sf_offset *offsets, size_t count, sf_error *err)
{
    sf_buffer facts = SF_BUFFER_EMPTY;
    sf_catalog *catalog;
    sf_status status = sf_shared_log_begin_append(log, &catalog, err);
    int64_t end;

    if (status)
        return status;
    status = sf_group_offsets_add(catalog, group, offsets, count, &facts, err);
    if (!status && facts.size)
        status = sf_shared_log_append_facts(log, &facts, err);
    end = sf_shared_log_end_append(log);
    sf_buffer_done(&facts);
    return status ? status : sf_shared_log_sync(log, end, err);
}
