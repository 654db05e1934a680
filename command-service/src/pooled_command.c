#include "pooled_command.h"

void pooled_command_refuse(pooled_command *command, postgres_outcome outcome, const sf_error *err)
{
    for (size_t i = 0; i < POOLED_CALLS_MAX; i++)
        command->results[i] = (pooled_result){0};
    command->done(command, outcome, err);
}
