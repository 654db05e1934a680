/* main.c - the command line of command-service. */
#include "base/memory.h"
#include "command_service.h"
#include "command_settings.h"
#include "service/program.h"

static const sf_program_word words[] = {
    {.meaning = "serves", .run = command_service_run},
    {.word = "migrate", .meaning = "brings the schema up to date", .run = command_service_migrate},
    {.word = "retry-failed",
     .meaning = "lets the relay try again the events that it gave up",
     .run = command_service_retry_failed},
};

int main(int argc, char **argv)
{
    const sf_program program = {
        .name = "command-service",
        .version = COMMAND_SERVICE_VERSION,
        .about = "takes commands by REST, writes state and events to PostgreSQL,\n"
                 "and publishes the events.",
        .settings = command_settings,
        .setting_count = command_setting_count,
        .check = command_settings_check,
        .words = words,
        .word_count = SF_ARRAY_LENGTH(words),
        .address_setting = "SERVER_ADDRESS",
        .port_setting = "SERVER_PORT",
    };

    return sf_program_main(&program, argc, argv);
}
