#include "shared_calls.h"

#include <stdlib.h>

#include "base/memory.h"
#include "text_array.h"

void shared_calls_init(shared_calls *calls, const postgres_statement *statements,
                       size_t commands_max)
{
    *calls = (shared_calls){
        .statements = statements,
        .arena = sf_arena_new(),
        .calls = sf_alloc(POOLED_CALLS_MAX * commands_max * sizeof(*calls->calls)),
    };
}

void shared_calls_done(shared_calls *calls)
{
    free(calls->calls);
    sf_arena_free(calls->arena);
}

/* ---- who shares ---- */

static bool all_take_many(const shared_calls *calls, const pooled_command *command)
{
    for (size_t i = 0; i < command->call_count; i++)
        if (!calls->statements[command->calls[i].statement].takes_many)
            return false;
    return true;
}

static bool make_the_same(const pooled_command *one, const pooled_command *other)
{
    if (one->call_count != other->call_count)
        return false;
    for (size_t i = 0; i < one->call_count; i++)
        if (one->calls[i].statement != other->calls[i].statement)
            return false;
    return true;
}

static bool may_share(const shared_calls *calls, const pooled_command *earlier,
                      const pooled_command *later)
{
    bool is_same_row = earlier->lock_order && earlier->lock_order == later->lock_order;

    return !is_same_row && make_the_same(earlier, later) && all_take_many(calls, later);
}

/* How many of the first commands go together. */
static size_t share_size(const shared_calls *calls, pooled_command *const *commands, size_t count)
{
    size_t size = 1;

    while (size < count && may_share(calls, commands[size - 1], commands[size]))
        size++;
    return size;
}

/* ---- their calls ---- */

/* Value number so-and-so of all commands. */
static const char *gather_value(const shared_calls *calls, pooled_command *const *commands,
                                size_t count, size_t call, int value)
{
    sf_buffer array = SF_BUFFER_EMPTY;
    const char *text;

    for (size_t i = 0; i < count; i++)
        text_array_add(&array, commands[i]->calls[call].values[value]);
    text = sf_arena_text(calls->arena, text_array_end(&array));
    sf_buffer_done(&array);
    return text;
}

static postgres_call gather_call(const shared_calls *calls, pooled_command *const *commands,
                                 size_t count, size_t call)
{
    postgres_call shared = commands[0]->calls[call];
    const char **values;

    if (!calls->statements[shared.statement].takes_many)
        return shared;
    values = sf_arena_alloc(calls->arena, (size_t)shared.value_count * sizeof(*values));
    for (int i = 0; i < shared.value_count; i++)
        values[i] = gather_value(calls, commands, count, call, i);
    shared.values = values;
    return shared;
}

static void add_share(shared_calls *calls, pooled_command *const *commands, size_t count)
{
    for (size_t call = 0; call < commands[0]->call_count; call++) {
        for (size_t i = 0; i < count; i++)
            commands[i]->results[call] = (pooled_result){.call = calls->count, .first = (int)i};
        calls->calls[calls->count++] = gather_call(calls, commands, count, call);
    }
}

void shared_calls_gather(shared_calls *calls, pooled_command *const *commands, size_t count)
{
    size_t size;

    calls->count = 0;
    sf_arena_reset(calls->arena);
    for (size_t i = 0; i < count; i += size) {
        size = share_size(calls, commands + i, count - i);
        add_share(calls, commands + i, size);
    }
}

/* ---- their rows ---- */

static void hand_out_result(const shared_calls *calls, pooled_result *result)
{
    const postgres_call *call = &calls->calls[result->call];
    int left = postgres_rows_count(call->rows) - result->first;

    result->rows = call->rows;
    result->count = calls->statements[call->statement].takes_many && left > 1 ? 1 : left;
}

void shared_calls_hand_out(const shared_calls *calls, pooled_command *const *commands, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t call = 0; call < commands[i]->call_count; call++)
            hand_out_result(calls, &commands[i]->results[call]);
}

void shared_calls_drop_rows(shared_calls *calls)
{
    for (size_t i = 0; i < calls->count; i++) {
        postgres_rows_free(calls->calls[i].rows);
        calls->calls[i].rows = NULL;
    }
}
