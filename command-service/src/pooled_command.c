#include "pooled_command.h"

void pooled_command_finish(pooled_command *command, postgres_outcome outcome, const sf_error *err)
{
    postgres_rows *rows[POOLED_CALLS_MAX];
    size_t count = command->call_count;

    for (size_t i = 0; i < count; i++)
        rows[i] = command->calls[i].rows;
    command->done(command, outcome, err);
    for (size_t i = 0; i < count; i++)
        postgres_rows_free(rows[i]);
}

void pooled_command_refuse(pooled_command *command, postgres_outcome outcome, const sf_error *err)
{
    for (size_t i = 0; i < command->call_count; i++)
        command->calls[i].rows = NULL;
    pooled_command_finish(command, outcome, err);
}
