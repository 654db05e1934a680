/* main.c - the command line of query-service. */
#include <stdio.h>
#include <string.h>

#include "query_service.h"
#include "service/lifecycle.h"

enum { WELL = 0, FAILED = 1, MISUSED = 2 };

static int print(sf_buffer *text)
{
    fputs(sf_buffer_text(text), stdout);
    sf_buffer_done(text);
    return WELL;
}

static int print_help(void)
{
    sf_buffer text = SF_BUFFER_EMPTY;

    sf_buffer_add_text(&text,
                       "query-service - reads product and order events, keeps sales sums in state "
                       "stores,\nand answers questions about them by REST.\n\n"
                       "  query-service                 serves\n"
                       "  query-service --check-config  reads the settings and says what is wrong "
                       "with them\n"
                       "  query-service --print-config  prints the settings\n"
                       "  query-service --version\n\n"
                       "It is set by the environment:\n\n");
    sf_settings_help(query_settings_table, query_settings_count, &text);
    return print(&text);
}

static int print_settings(const sf_settings *settings)
{
    sf_buffer text = SF_BUFFER_EMPTY;

    sf_settings_print(settings, &text);
    return print(&text);
}

static int serve(const sf_settings *settings, int64_t began_us)
{
    sf_error err = {0};

    sf_json_log_start("query-service", query_settings_log_level(settings),
                      query_settings_log_form(settings));
    if (sf_lifecycle_begin(&err) || query_service_run(settings, began_us, &err)) {
        fprintf(stderr, "query-service: %s\n", err.text);
        return FAILED;
    }
    return WELL;
}

static int act(const char *word, const sf_settings *settings, int64_t began_us)
{
    if (!*word)
        return serve(settings, began_us);
    if (!strcmp(word, "--print-config"))
        return print_settings(settings);
    return WELL; /* --check-config: they could be read */
}

static bool is_known(const char *word)
{
    return !*word || !strcmp(word, "--print-config") || !strcmp(word, "--check-config");
}

int main(int argc, char **argv)
{
    int64_t began_us = sf_clock_monotonic_us(sf_clock_system());
    const char *word = argc > 1 ? argv[1] : "";
    sf_settings *settings;
    sf_error err = {0};
    int code;

    if (!strcmp(word, "--help") || !strcmp(word, "-h"))
        return print_help();
    if (!strcmp(word, "--version")) {
        puts("query-service " QUERY_SERVICE_VERSION);
        return WELL;
    }
    if (argc > 2 || !is_known(word)) {
        fprintf(stderr, "query-service: '%s' is not known, see query-service --help\n",
                argv[argc - 1]);
        return MISUSED;
    }
    if (query_settings_read(&settings, &err)) {
        fprintf(stderr, "query-service: %s\n", err.text);
        return MISUSED;
    }
    code = act(word, settings, began_us);
    sf_settings_free(settings);
    return code;
}
