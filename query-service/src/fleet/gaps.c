#include "fleet/gaps.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void gaps_add(gaps *self, sf_arena *arena, const gap *added)
{
    gap *items = self->items;

    if (self->count == self->capacity) {
        self->capacity = 2 * self->capacity + 4;
        items = sf_arena_zalloc(arena, self->capacity * sizeof(items[0]));
        if (self->count)
            memcpy(items, self->items, self->count * sizeof(items[0]));
        self->items = items;
    }
    items[self->count++] = (gap){
        .partition = added->partition,
        .instance = sf_arena_text(arena, added->instance),
        .reason = sf_arena_text(arena, added->reason),
        .restore_remaining = added->restore_remaining,
    };
}

static void write_missing(const gaps *self, sf_json_writer *json)
{
    sf_json_write_array(json, "missing");
    for (size_t i = 0; i < self->count; i++) {
        const gap *item = &self->items[i];

        sf_json_write_object(json, NULL);
        if (self->store && item->partition >= 0) {
            sf_json_write_text(json, "store", self->store);
            sf_json_write_integer(json, "partition", item->partition);
        }
        sf_json_write_text(json, "instance", item->instance[0] ? item->instance : NULL);
        sf_json_write_text(json, "reason", item->reason);
        if (item->restore_remaining >= 0)
            sf_json_write_integer(json, "restoreRemaining", item->restore_remaining);
        sf_json_write_end_object(json);
    }
    sf_json_write_end_array(json);
}

void gaps_write(const gaps *self, sf_json_writer *json)
{
    if (!self->count)
        return;
    sf_json_write_boolean(json, "partial", true);
    write_missing(self, json);
}

static bool was_named(const gaps *self, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (!strcmp(self->items[i].instance, self->items[index].instance))
            return true;
    }
    return !self->items[index].instance[0];
}

void gaps_tell(const gaps *self, sf_reply *reply)
{
    sf_buffer partitions = SF_BUFFER_EMPTY, instances = SF_BUFFER_EMPTY;

    for (size_t i = 0; i < self->count; i++) {
        const gap *item = &self->items[i];

        if (item->partition >= 0)
            sf_buffer_printf(&partitions, "%s%" PRId32, partitions.size ? "," : "",
                             item->partition);
        if (!was_named(self, i))
            sf_buffer_printf(&instances, "%s%s", instances.size ? "," : "", item->instance);
    }
    if (partitions.size)
        sf_reply_header(reply, "Missing-Partitions", sf_buffer_text(&partitions));
    if (instances.size)
        sf_reply_header(reply, "Missing-Instances", sf_buffer_text(&instances));
    sf_buffer_done(&partitions);
    sf_buffer_done(&instances);
}

static void begin_problem(const gaps *self, sf_reply *reply)
{
    const gap *first = self->count ? self->items : NULL;

    if (!first || first->partition < 0 || !self->store)
        sf_reply_problem(reply, 503, "state-store-restoring",
                         "the state stores cannot be read now, ask again");
    else if (first->instance[0])
        sf_reply_problem(reply, 503, "state-store-restoring",
                         "partition %" PRId32 " of %s cannot be read now: instance %s %s",
                         first->partition, self->store, first->instance, first->reason);
    else
        sf_reply_problem(reply, 503, "state-store-restoring",
                         "partition %" PRId32 " of %s cannot be read now: %s", first->partition,
                         self->store, first->reason);
}

void gaps_refuse(const gaps *self, sf_streams *streams, sf_reply *reply)
{
    sf_streams_counters counters;
    sf_json_writer *json;

    sf_streams_counters_get(streams, &counters);
    begin_problem(self, reply);
    sf_reply_header(reply, "Retry-After", "1");
    json = sf_reply_problem_members(reply);
    sf_json_write_text(json, "state", sf_run_state_name(sf_streams_state(streams)));
    sf_json_write_integer(json, "tasks", counters.tasks);
    sf_json_write_integer(json, "tasksRunning", counters.tasks_running);
    sf_json_write_integer(json, "restoreRemaining", (int64_t)counters.restore_remaining);
    write_missing(self, json);
}
