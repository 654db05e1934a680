#include "http/state_routes.h"

#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "http/entity.h"
#include "http/stored_value.h"

/* ---- instances ---- */

static void get_instances(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;
    sf_json_writer *json = sf_reply_json(reply, 200);
    sf_streams_counters counters;

    (void)request;
    sf_streams_counters_get(views->streams, &counters);
    sf_json_write_object(json, NULL);
    sf_json_write_array(json, "items");
    sf_json_write_object(json, NULL);
    sf_json_write_text(json, "instanceId", sf_streams_instance_id(views->streams));
    sf_json_write_text(json, "state", sf_run_state_name(sf_streams_state(views->streams)));
    sf_json_write_integer(json, "tasks", counters.tasks);
    sf_json_write_integer(json, "tasksRunning", counters.tasks_running);
    sf_json_write_integer(json, "restoreRemaining", (int64_t)counters.restore_remaining);
    sf_json_write_end_object(json);
    sf_json_write_end_array(json);
    sf_json_write_end_object(json);
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

/* The key in the store's own form. False: a problem was replied. */
static bool read_key(const stored_value_kind *kind, const sf_request *request, sf_reply *reply,
                     sf_bytes *key)
{
    uint8_t *bytes = sf_arena_alloc(sf_request_arena(request), 8);
    int64_t id;

    if (kind->has_text_key) {
        *key = sf_bytes_text(sf_request_part(request, "key"));
        return true;
    }
    if (!sf_request_part_as_id(request, reply, "key", &id))
        return false;
    sf_put_be64(bytes, (uint64_t)id);
    *key = sf_bytes_of(bytes, 8);
    return true;
}

static void get_value(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;
    const stored_value_kind *kind = find(sf_request_part(request, "store"));
    sf_json_writer *json;
    bool is_there = false;
    sf_bytes key;
    sf_error err = {0};
    sf_status status;

    if (!kind) {
        sf_reply_problem(reply, 404, "not-found", "there is no store of that name");
        return;
    }
    if (!read_key(kind, request, reply, &key))
        return;
    json = sf_reply_json(reply, 200);
    sf_json_write_object(json, NULL);
    sf_json_write_text(json, "store", kind->store);
    sf_json_write_text(json, "key", sf_request_part(request, "key"));
    status = kind->write(views, key, sf_request_arena(request), json, &is_there, &err);
    sf_json_write_end_object(json);
    if (status)
        analytics_reply_failure(views, reply, status, &err);
    else if (!is_there)
        sf_reply_problem(reply, 404, "not-found", "%s holds nothing under that key", kind->store);
}

static const sf_route routes[] = {
    {"GET", "/api/state/instances", get_instances},
    {"GET", "/api/state/stores", get_stores},
    {"GET", "/api/state/stores/{store}/{key}", get_value},
};

void state_routes_add(sf_router *router, const analytics_views *views)
{
    sf_router_add_for(router, SF_ROLE_ADMIN, routes, SF_ARRAY_LENGTH(routes), (void *)views);
}
