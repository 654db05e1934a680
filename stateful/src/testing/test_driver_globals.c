/* test_driver_globals.c - global tables in a test driver: always as new as what is committed of their
 * topics. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "testing/test_driver_implementation.h"

static sf_status follow_partition(sf_test_driver *driver, sf_global_store *store, size_t topic,
                                  int32_t partition, sf_error *err)
{
    sf_test_log *log = sf_test_topics_log(&driver->topics, topic, partition);
    int64_t position = sf_global_store_position(store, partition);
    size_t from = position < 0 ? 0 : (size_t)position;

    if (from >= log->committed)
        return SF_OK;
    return sf_global_store_take(store, partition, sf_test_log_batch(log, from, log->committed),
                                err);
}

static sf_status follow(sf_test_driver *driver, sf_global_store *store, sf_error *err)
{
    size_t topic = sf_test_topics_find(&driver->topics, sf_global_store_topic(store));
    sf_status status = SF_OK;

    for (int32_t i = 0; i < sf_global_store_partitions(store) && !status; i++)
        status = follow_partition(driver, store, topic, i, err);
    return status;
}

sf_status sf_test_driver_follow(sf_test_driver *driver, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; i < driver->global_count && !status; i++)
        status = follow(driver, driver->globals[i], err);
    return status;
}

static sf_status start_global(sf_test_driver *driver, size_t index, sf_error *err)
{
    const sf_topology_global *global = &driver->topology->globals[index];
    sf_global_store_options options = {
        .topology = driver->topology,
        .global = index,
        .partitions = driver->counts[global->source.topic],
        .state = driver->state,
        .clock = driver->clock,
    };
    sf_global_store *store;
    sf_status status = sf_global_store_open(&options, &store, err);

    if (status)
        return status;
    driver->globals[driver->global_count++] = store;
    if (global->options.in_memory) /* gone with the process */
        status = sf_global_store_clear(store, err);
    if (!status)
        status = follow(driver, store, err);
    if (!status)
        sf_global_store_publish(store);
    return status;
}

sf_status sf_test_driver_start_globals(sf_test_driver *driver, sf_error *err)
{
    sf_status status = SF_OK;

    driver->globals = sf_zalloc((driver->topology->global_count + 1) * sizeof(*driver->globals));
    for (size_t i = 0; i < driver->topology->global_count && !status; i++)
        status = start_global(driver, i, err);
    return status;
}

void sf_test_driver_free_globals(sf_test_driver *driver)
{
    for (size_t i = 0; i < driver->global_count; i++)
        sf_global_store_close(driver->globals[i]);
    free(driver->globals);
    driver->globals = NULL;
    driver->global_count = 0;
}

sf_store *sf_test_driver_global(const sf_test_driver *driver, const char *store)
{
    for (size_t i = 0; i < driver->global_count; i++)
        if (!strcmp(sf_store_name(sf_global_store_rows(driver->globals[i])), store))
            return sf_global_store_rows(driver->globals[i]);
    return NULL;
}
