#include "command_batch.h"

#include <stdlib.h>

#include "base/memory.h"

void command_batch_init(command_batch *batch, size_t commands_max)
{
    *batch = (command_batch){
        .commands = sf_alloc(commands_max * sizeof(*batch->commands)),
        .calls = sf_alloc(POOLED_CALLS_MAX * commands_max * sizeof(*batch->calls)),
    };
}

void command_batch_done(command_batch *batch)
{
    free(batch->commands);
    free(batch->calls);
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
    batch->call_count = 0;
    for (size_t i = 0; i < batch->count; i++)
        for (size_t k = 0; k < batch->commands[i]->call_count; k++)
            batch->calls[batch->call_count++] = batch->commands[i]->calls[k];
    return postgres_run(connection, batch->calls, batch->call_count, err);
}

void command_batch_finish(command_batch *batch, postgres_outcome outcome, const sf_error *err)
{
    size_t call = 0;

    for (size_t i = 0; i < batch->count; i++) {
        pooled_command *command = batch->commands[i];

        for (size_t k = 0; k < command->call_count; k++, call++)
            command->calls[k].rows = outcome == POSTGRES_DONE ? batch->calls[call].rows : NULL;
        pooled_command_finish(command, outcome, err);
    }
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
