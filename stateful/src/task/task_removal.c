#include "task/task_removal.h"

#include <stdlib.h>

#include "base/memory.h"
#include "store/meta.h"
#include "store/task_stores.h"
#include "topology/topology_implementation.h"

static const sf_subtopology *part_of(const sf_task_removal *removal)
{
    return &removal->topology->subtopologies[removal->subtopology];
}

static sf_status open_stores(const sf_task_removal *removal, sf_task_stores **stores, sf_error *err)
{
    const sf_subtopology *part = part_of(removal);
    sf_store_options *options = sf_realloc_array(NULL, part->store_count + 1, sizeof(*options));
    sf_status status;

    for (size_t i = 0; i < part->store_count; i++)
        options[i] = removal->topology->stores[part->stores[i]].options;
    status = sf_task_stores_open(removal->state, removal->partition, options, part->store_count,
                                 NULL, NULL, stores, err);
    free(options);
    return status;
}

static sf_status remove_rows(const sf_task_removal *removal, sf_state_commit *commit,
                             sf_task_stores **stores, sf_error *err)
{
    sf_status status = open_stores(removal, stores, err);

    for (size_t i = 0; !status && i < sf_task_stores_count(*stores); i++)
        status = sf_task_stores_clear(*stores, i, commit, err);
    return status;
}

static sf_status remove_positions(const sf_task_removal *removal, sf_state_batch *batch,
                                  sf_error *err)
{
    const sf_subtopology *part = part_of(removal);
    sf_state_db *disk = sf_state_database(removal->state, false);
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < part->input_count; i++) {
        char *topic = sf_topology_topic_name(&removal->topology->topics[part->inputs[i]],
                                             removal->application_id);

        status = sf_meta_delete(disk, batch, SF_META_INPUT, topic, removal->partition, err);
        free(topic);
    }
    return status;
}

static sf_status remove_times(const sf_task_removal *removal, sf_state_batch *batch, sf_error *err)
{
    const char *identity = part_of(removal)->identity;
    sf_state_db *disk = sf_state_database(removal->state, false);
    sf_status status = sf_meta_put_times(disk, batch, identity, removal->partition, "", err);

    if (!status)
        status = sf_meta_delete(disk, batch, SF_META_WRITTEN, identity, removal->partition, err);
    return status;
}

sf_status sf_task_remove(const sf_task_removal *removal, sf_error *err)
{
    sf_state_commit *commit = sf_state_commit_new(removal->state);
    sf_state_batch *batch = sf_state_commit_batch(commit, false);
    sf_task_stores *stores = NULL;
    sf_status status = remove_rows(removal, commit, &stores, err);

    if (!status)
        status = remove_positions(removal, batch, err);
    if (!status)
        status = remove_times(removal, batch, err);
    if (!status)
        status = sf_state_commit_write(commit, err);
    sf_task_stores_close(stores);
    sf_state_commit_free(commit);
    return status;
}
