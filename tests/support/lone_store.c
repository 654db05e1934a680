#include "support/lone_store.h"

#include "check.h"

void lone_store_open(lone_store *lone)
{
    sf_state_options options = {.application_id = "test", .directory = lone->directory};

    assert_ok(sf_state_open(&options, &lone->state, err));
    lone->commit = sf_state_commit_new(lone->state);
    assert_ok(sf_task_stores_open(lone->state, 1, &lone->options, 1, lone->changed, lone->user,
                                  &lone->stores, err));
    sf_task_stores_set_cache_bytes(lone->stores, lone->cache_bytes);
}

void lone_store_close(lone_store *lone)
{
    sf_task_stores_close(lone->stores);
    sf_state_commit_free(lone->commit);
    sf_state_close(lone->state);
}

sf_store *lone_store_of(const lone_store *lone)
{
    return sf_task_stores_at(lone->stores, 0);
}

bool lone_store_is_on_disk(const lone_store *lone)
{
    return lone->directory && !lone->options.in_memory;
}

void lone_store_write(lone_store *lone)
{
    assert_ok(sf_state_commit_write(lone->commit, err));
    sf_state_commit_clear(lone->commit);
}

void lone_store_commit(lone_store *lone)
{
    assert_ok(sf_task_stores_flush(lone->stores, lone->commit, err));
    lone_store_write(lone);
    sf_task_stores_committed(lone->stores);
}
