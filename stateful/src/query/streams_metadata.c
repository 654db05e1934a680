#include <stateful/streams_metadata.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "runtime/streams_implementation.h"
#include "store/registry.h"

typedef struct store_place {
    const char *name;
    size_t subtopology;
    int32_t partitions;
} store_place;

static sf_status find(const sf_streams *streams, const char *store, store_place *place,
                      sf_error *err)
{
    if (!sf_streams_find_store(streams, store, &place->subtopology))
        return sf_fail(err, SF_NOT_FOUND, "the topology has no store '%s'", store);
    place->name = store;
    place->partitions = sf_streams_task_count(streams, place->subtopology);
    return SF_OK;
}

static sf_status find_started(const sf_streams *streams, const char *store, store_place *place,
                              sf_error *err)
{
    sf_status status = find(streams, store, place, err);

    if (!status && !place->partitions)
        return sf_fail_with(err, SF_RETRY, SF_CLOSED, "the application has not started yet");
    return status;
}

sf_status sf_streams_store_partitions(sf_streams *streams, const char *store, int32_t *partitions,
                                      sf_error *err)
{
    store_place place;
    sf_status status = find(streams, store, &place, err);

    if (!status)
        *partitions = place.partitions;
    return status;
}

/* ---- who holds it ---- */

static void note_own_address(const sf_streams *streams, sf_partition_metadata *metadata)
{
    const char *own = streams->config.application_server;

    snprintf(metadata->address, sizeof(metadata->address), "%s", own ? own : "");
}

/* What others hold, as the group says. */
static void note_holder(sf_streams *streams, const store_place *place,
                        sf_partition_metadata *metadata)
{
    size_t task = sf_streams_find_task(streams, place->subtopology, metadata->partition);

    if (streams->watch)
        sf_group_watch_address(streams->watch, task, metadata->address);
    else
        note_own_address(streams, metadata);
}

static bool is_published(sf_published **published, size_t count, int32_t partition)
{
    for (size_t i = 0; i < count; i++) {
        if (sf_published_partition(published[i]) == partition)
            return true;
    }
    return false;
}

/* Of count partitions from that one on. */
static void describe(sf_streams *streams, const store_place *place, int32_t first, int32_t count,
                     sf_partition_metadata *metadata)
{
    size_t held = 0;
    sf_published **published =
        sf_registry_acquire(sf_streams_published_state(streams), place->name, &held);

    for (int32_t i = 0; i < count; i++) {
        metadata[i] = (sf_partition_metadata){.partition = first + i};
        metadata[i].is_local = is_published(published, held, first + i);
        if (metadata[i].is_local)
            note_own_address(streams, &metadata[i]);
        else
            note_holder(streams, place, &metadata[i]);
    }
    sf_registry_release(published, held);
}

sf_status sf_streams_key_metadata(sf_streams *streams, const char *store, sf_bytes key,
                                  sf_partition_metadata *metadata, sf_error *err)
{
    store_place place;
    sf_status status = find_started(streams, store, &place, err);

    if (!status)
        describe(streams, &place, sf_partition_of_key(key, place.partitions), 1, metadata);
    return status;
}

sf_status sf_streams_store_metadata(sf_streams *streams, const char *store,
                                    sf_partition_metadata **partitions, int32_t *count,
                                    sf_error *err)
{
    store_place place;
    sf_status status = find_started(streams, store, &place, err);

    if (status)
        return status;
    *partitions = sf_zalloc((size_t)place.partitions * sizeof(**partitions));
    *count = place.partitions;
    describe(streams, &place, 0, place.partitions, *partitions);
    return SF_OK;
}

/* ---- all instances ---- */

static size_t tasks_at(sf_streams *streams, const char *address, size_t from)
{
    char other[SF_GROUP_ADDRESS_SIZE];
    size_t count = 0;

    for (size_t i = from; i < sf_layout_task_count(streams->layout); i++) {
        sf_group_watch_address(streams->watch, i, other);
        count += !strcmp(other, address);
    }
    return count;
}

static bool came_before(sf_streams *streams, const char *address, size_t task)
{
    return tasks_at(streams, address, 0) > tasks_at(streams, address, task);
}

static void tell(const sf_streams *streams, const char *address, size_t tasks, sf_instance_fn fn,
                 void *user)
{
    const char *own = streams->config.application_server;

    fn(user, &(sf_instance_metadata){.address = address,
                                     .is_local = own && !strcmp(own, address),
                                     .task_count = tasks});
}

static void tell_alone(sf_streams *streams, sf_instance_fn fn, void *user)
{
    const char *own = streams->config.application_server;
    sf_streams_counters counters;

    sf_streams_counters_get(streams, &counters);
    if (own)
        tell(streams, own, counters.tasks, fn, user);
}

void sf_streams_all_metadata(sf_streams *streams, sf_instance_fn fn, void *user)
{
    char address[SF_GROUP_ADDRESS_SIZE];

    if (!sf_streams_published_state(streams))
        return;
    if (!streams->watch) {
        tell_alone(streams, fn, user);
        return;
    }
    for (size_t i = 0; i < sf_layout_task_count(streams->layout); i++) {
        sf_group_watch_address(streams->watch, i, address);
        if (address[0] && !came_before(streams, address, i))
            tell(streams, address, tasks_at(streams, address, i), fn, user);
    }
}

void sf_streams_metadata_refresh(sf_streams *streams)
{
    if (sf_streams_published_state(streams))
        sf_group_watch_nudge(streams->watch);
}
