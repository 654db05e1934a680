/* main.c - the command line of command-service. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "command_service.h"
#include "command_settings.h"
#include "service/json_log.h"
#include "service/lifecycle.h"

enum { WELL = 0, FAILED = 1, MISUSED = 2 };

static int print_help(void)
{
    sf_buffer text = SF_BUFFER_EMPTY;

    sf_buffer_add_text(
        &text, "command-service - takes commands by REST, writes state and events to "
               "PostgreSQL,\nand publishes the events.\n\n"
               "  command-service                 serves\n"
               "  command-service migrate         brings the schema up to date\n"
               "  command-service retry-failed    lets the relay try again the events that it "
               "gave up\n"
               "  command-service --check-config  reads the settings and says what is "
               "wrong with them\n"
               "  command-service --print-config  prints the settings, secrets masked\n"
               "  command-service --version\n\n"
               "It is set by the environment:\n\n");
    sf_settings_help(command_settings, command_setting_count, &text);
    fputs(sf_buffer_text(&text), stdout);
    sf_buffer_done(&text);
    return WELL;
}

static int print_settings(const sf_settings *settings)
{
    sf_buffer text = SF_BUFFER_EMPTY;

    sf_settings_print(settings, &text);
    fputs(sf_buffer_text(&text), stdout);
    sf_buffer_done(&text);
    return WELL;
}

static void start_log(const sf_settings *settings)
{
    const char *format = sf_settings_text(settings, "LOG_FORMAT");
    sf_log_form form = SF_LOG_FORM_BY_TERMINAL;

    if (!strcmp(format, "json"))
        form = SF_LOG_FORM_JSON;
    else if (!strcmp(format, "text"))
        form = SF_LOG_FORM_TEXT;
    sf_json_log_start("command-service", sf_json_log_level(sf_settings_text(settings, "LOG_LEVEL")),
                      form);
}

static int run(const sf_settings *settings,
               sf_status (*what)(const sf_settings *settings, sf_error *err))
{
    sf_error err = {0};

    start_log(settings);
    if (sf_lifecycle_begin(&err) || what(settings, &err)) {
        fprintf(stderr, "command-service: %s\n", err.text);
        return FAILED;
    }
    return WELL;
}

static int act(const char *word, const sf_settings *settings)
{
    if (!*word)
        return run(settings, command_service_run);
    if (!strcmp(word, "migrate"))
        return run(settings, command_service_migrate);
    if (!strcmp(word, "retry-failed"))
        return run(settings, command_service_retry_failed);
    if (!strcmp(word, "--print-config"))
        return print_settings(settings);
    return WELL; /* --check-config: they could be read */
}

static bool is_known(const char *word)
{
    static const char *const words[] = {"", "migrate", "retry-failed", "--print-config",
                                        "--check-config"};

    for (size_t i = 0; i < SF_ARRAY_LENGTH(words); i++)
        if (!strcmp(words[i], word))
            return true;
    return false;
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    sf_settings *settings;
    sf_error err = {0};
    int code;

    if (!strcmp(word, "--help") || !strcmp(word, "-h"))
        return print_help();
    if (!strcmp(word, "--version")) {
        puts("command-service " COMMAND_SERVICE_VERSION);
        return WELL;
    }
    if (argc > 2 || !is_known(word)) {
        fprintf(stderr, "command-service: '%s' is not known, see command-service --help\n",
                argv[argc - 1]);
        return MISUSED;
    }
    if (command_settings_read(&settings, &err)) {
        fprintf(stderr, "command-service: %s\n", err.text);
        return MISUSED;
    }
    code = act(word, settings);
    sf_settings_free(settings);
    return code;
}
