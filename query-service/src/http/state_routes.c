#include "http/state_routes.h"

#include <stdlib.h>
#include <string.h>

#include <stateful/streams_metadata.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "fleet/gather.h"
#include "http/entity.h"
#include "http/stored_value.h"

/* ---- instances ---- */

static sf_status write_own(void *asked, sf_view *view, part_writer *part, sf_error *err)
{
    const analytics_views *views = asked;
    const char *id = sf_streams_instance_id(views->streams);
    sf_json_writer *json = part_writer_begin(part, sf_bytes_text(id));
    sf_streams_counters counters;

    (void)view, (void)err;
    sf_streams_counters_get(views->streams, &counters);
    sf_json_write_object(json, NULL);
    sf_json_write_text(json, "instanceId", id);
    sf_json_write_text(json, "address", fleet_address(views->fleet));
    sf_json_write_text(json, "state", sf_run_state_name(sf_streams_state(views->streams)));
    sf_json_write_integer(json, "tasks", counters.tasks);
    sf_json_write_integer(json, "tasksRunning", counters.tasks_running);
    sf_json_write_integer(json, "restoreRemaining", (int64_t)counters.restore_remaining);
    sf_json_write_end_object(json);
    part_writer_end(part);
    part_writer_close(part, false, SF_NULL);
    return SF_OK;
}

/* One that the group knows and that does not answer. */
static void write_silent(const gap *silent, sf_json_writer *json)
{
    sf_json_write_object(json, NULL);
    sf_json_write_null(json, "instanceId");
    sf_json_write_text(json, "address", silent->instance);
    sf_json_write_text(json, "state", "UNREACHABLE");
    sf_json_write_text(json, "reason", silent->reason);
    sf_json_write_end_object(json);
}

static sf_status write_all(void *asked, sf_reply *reply, part_merge *parts, const gaps *missing,
                           sf_error *err)
{
    sf_json_writer *json = sf_reply_json(reply, 200);
    sf_bytes rank, item;

    (void)asked, (void)err;
    sf_json_write_object(json, NULL);
    sf_json_write_array(json, "items");
    while (part_merge_next(parts, &rank, &item))
        sf_json_write_raw(json, NULL, item);
    for (size_t i = 0; i < missing->count; i++)
        write_silent(&missing->items[i], json);
    sf_json_write_end_array(json);
    sf_json_write_end_object(json);
    return SF_OK;
}

static void get_instances(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;

    fleet_gather(views->fleet, request, reply,
                 &(gathering){
                     .asked = user,
                     .collect = write_own,
                     .answer = write_all,
                     .is_always_partial = true,
                 });
}

/* ---- stores ---- */

static void get_stores(const sf_request *request, sf_reply *reply, void *user)
{
    sf_json_writer *json = sf_reply_json(reply, 200);

    (void)request;
    (void)user;
    sf_json_write_object(json, NULL);
    sf_json_write_array(json, "items");
    for (size_t i = 0; i < stored_value_kind_count; i++) {
        const stored_value_kind *kind = &stored_value_kinds[i];

        sf_json_write_object(json, NULL);
        sf_json_write_text(json, "store", kind->store);
        sf_json_write_text(json, "key", kind->has_text_key ? "text" : "id");
        sf_json_write_boolean(json, "isWindowed", kind->is_windowed);
        sf_json_write_end_object(json);
    }
    sf_json_write_end_array(json);
    sf_json_write_end_object(json);
}

static const stored_value_kind *find(const char *store)
{
    for (size_t i = 0; i < stored_value_kind_count; i++)
        if (!strcmp(stored_value_kinds[i].store, store))
            return &stored_value_kinds[i];
    return NULL;
}

static const stored_value_kind *find_or_refuse(const sf_request *request, sf_reply *reply)
{
    const stored_value_kind *kind = find(sf_request_part(request, "store"));

    if (!kind)
        sf_reply_problem(reply, 404, "not-found", "there is no store of that name");
    return kind;
}

/* ---- where a store is ---- */

static void write_holder(const sf_partition_metadata *holder, sf_json_writer *json)
{
    sf_json_write_object(json, NULL);
    sf_json_write_integer(json, "partition", holder->partition);
    sf_json_write_text(json, "instance", holder->address[0] ? holder->address : NULL);
    sf_json_write_boolean(json, "isLocal", holder->is_local);
    sf_json_write_end_object(json);
}

static void get_store(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;
    const stored_value_kind *kind = find_or_refuse(request, reply);
    sf_partition_metadata *holders = NULL;
    sf_json_writer *json;
    int32_t count = 0;
    sf_error err = {0};
    sf_status status;

    if (!kind)
        return;
    status = sf_streams_store_metadata(views->streams, kind->store, &holders, &count, &err);
    if (status) {
        analytics_reply_failure(views, reply, status, &err);
        return;
    }
    json = sf_reply_json(reply, 200);
    sf_json_write_object(json, NULL);
    sf_json_write_text(json, "store", kind->store);
    sf_json_write_array(json, "partitions");
    for (int32_t i = 0; i < count; i++)
        write_holder(&holders[i], json);
    sf_json_write_end_array(json);
    sf_json_write_end_object(json);
    free(holders);
}

/* ---- a value ---- */

/* False: a problem was replied. */
static bool read_key(const stored_value_kind *kind, const sf_request *request, sf_reply *reply,
                     stored_key *key)
{
    uint8_t *bytes = sf_arena_alloc(sf_request_arena(request), 8);
    int64_t id;

    *key = (stored_key){.record_key = sf_bytes_text(sf_request_part(request, "key"))};
    if (kind->has_text_key) {
        key->key = key->record_key;
        return true;
    }
    if (!sf_request_part_as_id(request, reply, "key", &id))
        return false;
    sf_put_be64(bytes, (uint64_t)id);
    key->key = sf_bytes_of(bytes, 8);
    return true;
}

static void get_value(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;
    const stored_value_kind *kind = find_or_refuse(request, reply);
    sf_json_writer *json;
    bool is_there = false;
    stored_key key;
    sf_error err = {0};
    sf_status status;

    if (!kind || !read_key(kind, request, reply, &key))
        return;
    json = sf_reply_json(reply, 200);
    sf_json_write_object(json, NULL);
    sf_json_write_text(json, "store", kind->store);
    sf_json_write_text(json, "key", sf_request_part(request, "key"));
    status = kind->write(views, &key, sf_request_arena(request), json, &is_there, &err);
    sf_json_write_end_object(json);
    if (status)
        analytics_reply_key_failure(
            views, request, reply,
            &(forwarding){.store = kind->store, .record_key = key.record_key}, status, &err);
    else if (!is_there)
        sf_reply_problem(reply, 404, "not-found", "%s holds nothing under that key", kind->store);
}

static const sf_route routes[] = {
    {"GET", "/api/state/instances", get_instances},
    {"GET", "/api/state/stores", get_stores},
    {"GET", "/api/state/stores/{store}", get_store},
    {"GET", "/api/state/stores/{store}/{key}", get_value},
};

void state_routes_add(sf_router *router, const analytics_views *views)
{
    sf_router_add_for(router, SF_ROLE_ADMIN, routes, SF_ARRAY_LENGTH(routes), (void *)views);
}
