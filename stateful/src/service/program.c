#include "service/program.h"

#include <stdio.h>
#include <string.h>

#include <stateful/clock.h>

#include "base/memory.h"
#include "service/healthcheck.h"
#include "service/json_log.h"
#include "service/lifecycle.h"

enum { WELL = 0, FAILED = 1, MISUSED = 2, SENTENCE_COLUMN = 34 };

static int64_t began_us;

int64_t sf_program_began_us(void)
{
    return began_us;
}

static int say(const sf_program *program, int code, const char *sentence)
{
    fprintf(stderr, "%s: %s\n", program->name, sentence);
    return code;
}

static int print(sf_buffer *text)
{
    fputs(sf_buffer_text(text), stdout);
    sf_buffer_done(text);
    return WELL;
}

/* ---- the help ---- */

static void add_usage(sf_buffer *text, const sf_program *program, const sf_program_word *word)
{
    size_t begin = text->size;

    sf_buffer_printf(text, "  %s", program->name);
    if (word->word)
        sf_buffer_printf(text, " %s", word->word);
    if (word->usage)
        sf_buffer_printf(text, " %s", word->usage);
    sf_buffer_printf(
        text, "%*s %s\n",
        text->size - begin < SENTENCE_COLUMN ? (int)(SENTENCE_COLUMN - (text->size - begin)) : 1,
        "", word->meaning);
}

static int print_help(const sf_program *program)
{
    static const sf_program_word shared[] = {
        {.word = "--check-config", .meaning = "says what is wrong with the settings"},
        {.word = "--print-config", .meaning = "prints the settings, secrets masked"},
        {.word = "--healthcheck", .meaning = "asks the running instance whether it is ready"},
        {.word = "--version", .meaning = "prints the version"},
    };
    sf_buffer text = SF_BUFFER_EMPTY;

    sf_buffer_printf(&text, "%s - %s\n\n", program->name, program->about);
    for (size_t i = 0; i < program->word_count; i++)
        add_usage(&text, program, &program->words[i]);
    for (size_t i = 0; i < SF_ARRAY_LENGTH(shared); i++)
        add_usage(&text, program, &shared[i]);
    sf_buffer_add_text(&text, "\nIt is set by the environment:\n\n");
    sf_settings_help(program->settings, program->setting_count, &text);
    return print(&text);
}

/* ---- the words ---- */

static int print_settings(const sf_settings *settings)
{
    sf_buffer text = SF_BUFFER_EMPTY;

    sf_settings_print(settings, &text);
    return print(&text);
}

static int check_health(const sf_program *program, const sf_settings *settings)
{
    int64_t port = sf_settings_integer(settings, program->port_setting);
    sf_error err = {0};

    if (!port)
        return say(program, MISUSED, "with port 0 nobody knows where to ask");
    if (!sf_healthcheck(sf_settings_text(settings, program->address_setting), (uint16_t)port, &err))
        return WELL;
    return say(program, FAILED, err.text);
}

static void start_log(const sf_program *program, const sf_settings *settings)
{
    const char *format = sf_settings_text(settings, "LOG_FORMAT");
    sf_log_form form = SF_LOG_FORM_BY_TERMINAL;

    if (!strcmp(format, "json"))
        form = SF_LOG_FORM_JSON;
    else if (!strcmp(format, "text"))
        form = SF_LOG_FORM_TEXT;
    sf_json_log_start(program->name, sf_json_log_level(sf_settings_text(settings, "LOG_LEVEL")),
                      form);
}

static int run(const sf_program *program, const sf_program_word *word, const sf_settings *settings,
               char **words)
{
    sf_error err = {0};
    sf_status status = SF_OK;

    if (!word->is_quiet) {
        start_log(program, settings);
        status = sf_lifecycle_begin(&err);
    }
    if (!status)
        status = word->run(settings, words, &err);
    return status ? say(program, FAILED, err.text) : WELL;
}

static const sf_program_word *find(const sf_program *program, const char *word)
{
    for (size_t i = 0; i < program->word_count; i++) {
        const char *known = program->words[i].word;

        if (known && word ? !strcmp(known, word) : known == word)
            return &program->words[i];
    }
    return NULL;
}

/* What is printed without looking at the settings' values; -1: nothing of that. */
static int act_without_settings(const sf_program *program, const char *word)
{
    if (!strcmp(word, "--help") || !strcmp(word, "-h"))
        return print_help(program);
    if (strcmp(word, "--version") != 0)
        return -1;
    printf("%s %s\n", program->name, program->version);
    return WELL;
}

static bool is_shared(const char *word)
{
    return word && (!strcmp(word, "--print-config") || !strcmp(word, "--check-config") ||
                    !strcmp(word, "--healthcheck"));
}

static int act_with_settings(const sf_program *program, const sf_settings *settings, char **argv)
{
    const char *word = argv[1];

    if (!is_shared(word))
        return run(program, find(program, word), settings, argv + (word ? 2 : 1));
    if (!strcmp(word, "--print-config"))
        return print_settings(settings);
    if (!strcmp(word, "--healthcheck"))
        return check_health(program, settings);
    return WELL; /* --check-config: they were read and checked */
}

static bool is_understood(const sf_program *program, int argc, char **argv)
{
    const sf_program_word *word = find(program, argv[1]);
    size_t behind = argc > 2 ? (size_t)argc - 2 : 0;

    return is_shared(argv[1]) ? !behind : word && behind <= word->words_max;
}

static int refuse_words(const sf_program *program, int argc, char **argv)
{
    bool is_known = is_shared(argv[1]) || find(program, argv[1]);
    sf_buffer sentence = SF_BUFFER_EMPTY;

    sf_buffer_printf(&sentence, "'%s' is not known%s, see %s --help",
                     is_known ? argv[argc - 1] : argv[1], is_known ? " there" : "", program->name);
    (void)say(program, MISUSED, sf_buffer_text(&sentence));
    sf_buffer_done(&sentence);
    return MISUSED;
}

int sf_program_main(const sf_program *program, int argc, char **argv)
{
    sf_settings *settings = NULL;
    sf_error err = {0};
    int code = argc > 1 ? act_without_settings(program, argv[1]) : -1;

    began_us = sf_clock_monotonic_us(sf_clock_system());
    if (code >= 0)
        return code;
    if (!is_understood(program, argc, argv))
        return refuse_words(program, argc, argv);
    if (sf_settings_read(program->settings, program->setting_count, &settings, &err))
        return say(program, MISUSED, err.text);
    if (program->check && program->check(settings, &err))
        code = say(program, MISUSED, err.text);
    else
        code = act_with_settings(program, settings, argv);
    sf_settings_free(settings);
    return code;
}
