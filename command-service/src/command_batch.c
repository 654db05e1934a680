#include "command_batch.h"

#include <stdlib.h>

#include "base/memory.h"

void command_batch_init(command_batch *batch, shared_calls *calls, size_t commands_max)
{
    *batch = (command_batch){
        .commands = sf_alloc(commands_max * sizeof(*batch->commands)),
        .calls = calls,
    };
}

void command_batch_done(command_batch *batch)
{
    free(batch->commands);
}

void command_batch_refuse_late(command_batch *batch, int64_t submitted_before_us)
{
    size_t kept = 0;

    for (size_t i = 0; i < batch->count; i++) {
        sf_error err = {.status = SF_RETRY, .code = SF_TIMED_OUT, .text = "waited too long"};
        pooled_command *command = batch->commands[i];

        if (command->submitted_us < submitted_before_us)
            pooled_command_refuse(command, POSTGRES_BUSY, &err);
        else
            batch->commands[kept++] = command;
    }
    batch->count = kept;
}

static size_t statement_of(const pooled_command *command)
{
    return command->calls[command->call_count - 1].statement;
}

static bool goes_before(const pooled_command *one, const pooled_command *other)
{
    return statement_of(one) < statement_of(other) ||
           (statement_of(one) == statement_of(other) && one->lock_order < other->lock_order);
}

void command_batch_sort(command_batch *batch)
{
    pooled_command **commands = batch->commands;

    for (size_t i = 1; i < batch->count; i++) { /* stable; batches are small */
        pooled_command *moved = commands[i];
        size_t to = i;

        while (to > 0 && goes_before(moved, commands[to - 1])) {
            commands[to] = commands[to - 1];
            to--;
        }
        commands[to] = moved;
    }
}

postgres_outcome command_batch_run(command_batch *batch, postgres *connection, sf_error *err)
{
    shared_calls *calls = batch->calls;

    shared_calls_gather(calls, batch->commands, batch->count);
    return postgres_run(connection, calls->calls, calls->count, err);
}

static void answer_all(command_batch *batch)
{
    const sf_error none = {0};

    shared_calls_hand_out(batch->calls, batch->commands, batch->count);
    for (size_t i = 0; i < batch->count; i++)
        batch->commands[i]->done(batch->commands[i], POSTGRES_DONE, &none);
    shared_calls_drop_rows(batch->calls);
}

static void refuse_all(command_batch *batch, postgres_outcome outcome, const sf_error *err)
{
    for (size_t i = 0; i < batch->count; i++)
        pooled_command_refuse(batch->commands[i], outcome, err);
}

void command_batch_finish(command_batch *batch, postgres_outcome outcome, const sf_error *err)
{
    if (outcome == POSTGRES_DONE)
        answer_all(batch);
    else
        refuse_all(batch, outcome, err);
    batch->count = 0;
}

void command_batch_keep_repeatable(command_batch *batch, const sf_error *err)
{
    size_t kept = 0;

    for (size_t i = 0; i < batch->count; i++) {
        pooled_command *command = batch->commands[i];

        if (command->may_repeat)
            batch->commands[kept++] = command;
        else
            pooled_command_refuse(command, POSTGRES_AWAY, err);
    }
    batch->count = kept;
}
