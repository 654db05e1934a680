/* main.c - the command line of command-service. */
#include "base/memory.h"
#include "command_service.h"
#include "command_settings.h"
#include "operator_words.h"
#include "service/program.h"

static const sf_program_word words[] = {
    {.meaning = "serves", .run = command_service_run},
    {.word = "migrate", .meaning = "brings the schema up to date", .run = command_service_migrate},
    {.word = "outbox",
     .usage = "[failed | retry [EVENT]]",
     .meaning = "how many events wait; those that cannot go out; another try",
     .words_max = 2,
     .is_quiet = true,
     .run = operator_words_outbox},
    {.word = "republish",
     .usage = "[product | customer | order]",
     .meaning = "lets the relay send the events once more",
     .words_max = 1,
     .is_quiet = true,
     .run = operator_words_republish},
    {.word = "rebuild",
     .usage = "[--dry-run]",
     .meaning = "makes the tables of the state anew from the events",
     .words_max = 1,
     .is_quiet = true,
     .run = operator_words_rebuild},
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
