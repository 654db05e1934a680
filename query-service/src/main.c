/* main.c - the command line of query-service. */
#include "base/memory.h"
#include "query_service.h"
#include "service/program.h"

static const sf_program_word words[] = {
    {.meaning = "serves", .run = query_service_run},
};

int main(int argc, char **argv)
{
    const sf_program program = {
        .name = "query-service",
        .version = QUERY_SERVICE_VERSION,
        .about = "reads product and order events, keeps sales sums in state stores,\n"
                 "and answers questions about them by REST.",
        .settings = query_settings_table,
        .setting_count = query_settings_count,
        .check = query_settings_check,
        .words = words,
        .word_count = SF_ARRAY_LENGTH(words),
        .address_setting = "QUERY_SERVER_ADDRESS",
        .port_setting = "QUERY_SERVER_PORT",
    };

    return sf_program_main(&program, argc, argv);
}
