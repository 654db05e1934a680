/* main.c - the command `stateful`: which sub-command is meant, its help, its exit code. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/connect.h>
#include <stateful/log.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/nearest_word.h"
#include "command.h"
#include "runtime/retry.h"

enum { WELL = 0, FAILED = 1, MISUSED = 2 };

static const command *const commands[] = {
    &topics_list_command, &topics_describe_command, &topics_create_command, &topics_delete_command,
    &groups_list_command, &groups_describe_command, &consume_command,       &produce_command,
    &describe_command,    &stores_command,          &dlq_list_command,      &dlq_replay_command,
    &reset_command,
};

static const option common[] = {
    {"broker", 'b', "ADDRESS",
     "host:port,... or file:DIR; else $STATEFUL_BROKER, else "
     "$KAFKA_BOOTSTRAP_SERVERS",
     false},
    {"set", 'X', "NAME=VALUE", "a setting of librdkafka, such as security.protocol=ssl", true},
    {"timeout", 0, "SECONDS", "how long a broker that does not answer is asked again (10)", false},
    {"json", 0, NULL, "a JSON object a line, for programs", false},
    {"verbose", 'v', NULL, "what the library and librdkafka have to say, on standard error", false},
    {"help", 'h', NULL, "this text", false},
    {NULL, 0, NULL, NULL, false},
};

static const char INTRODUCTION[] =
    "stateful - looks at topics, groups and applications, and mends them\n"
    "\n"
    "  stateful COMMAND [OPERAND...] [OPTION...]\n"
    "\n";

static const char ENDING[] =
    "\n"
    "The broker is a Kafka cluster (--broker host:port,...) or an embedded journal (--broker "
    "file:DIR).\n"
    "`stateful COMMAND --help` says more. Exit codes: 0 well, 1 failed, 2 misused.\n";

/* ---- help ---- */

static void print_options(const option *table, FILE *to)
{
    for (; table && table->name; table++) {
        char *name = sf_text_printf("--%s%s%s", table->name, table->value ? " " : "",
                                    table->value ? table->value : "");
        char letter[] = {'-', table->letter, ',', '\0'};

        fprintf(to, "  %3s %-24s %s%s\n", table->letter ? letter : "", name, table->meaning,
                table->may_repeat ? " (may be repeated)" : "");
        free(name);
    }
}

static void print_command_help(const command *one, FILE *to)
{
    fprintf(to, "stateful %s%s%s - %s\n\n%s", one->words, *one->operands ? " " : "", one->operands,
            one->summary, one->details);
    if (one->options) {
        fputs("\nOptions:\n", to);
        print_options(one->options, to);
    }
    fputs("\nCommon options:\n", to);
    print_options(common, to);
}

/* All commands whose words begin with this one; "": all. */
static void print_overview(const char *family, FILE *to)
{
    size_t size = strlen(family);

    fputs(INTRODUCTION, to);
    for (size_t i = 0; i < SF_ARRAY_LENGTH(commands); i++) {
        const command *one = commands[i];
        char *usage = sf_text_printf("%s %s", one->words, one->operands);

        if (!strncmp(one->words, family, size))
            fprintf(to, "  %-28s %s\n", usage, one->summary);
        free(usage);
    }
    fputs(ENDING, to);
}

/* ---- which command ---- */

/* How many of the words name the command, 0 if they do not. */
static int words_taken(const command *one, int count, char *const *words)
{
    const char *rest = one->words;
    int taken = 0;

    while (taken < count) {
        size_t size = strcspn(rest, " ");

        if (strlen(words[taken]) != size || strncmp(words[taken], rest, size) != 0)
            return 0;
        taken++;
        if (!rest[size])
            return taken;
        rest += size + 1;
    }
    return 0;
}

static bool begins_a_family(const char *word)
{
    size_t size = strlen(word);

    for (size_t i = 0; i < SF_ARRAY_LENGTH(commands); i++)
        if (!strncmp(commands[i]->words, word, size) && commands[i]->words[size] == ' ')
            return true;
    return false;
}

static int misuse_unknown(const char *family, const char *word)
{
    const char *candidates[SF_ARRAY_LENGTH(commands)];
    char *whole = *family ? sf_text_printf("%s %s", family, word) : sf_text_copy(word);
    const char *nearest;
    size_t count = 0;

    for (size_t i = 0; i < SF_ARRAY_LENGTH(commands); i++) {
        const char *words = commands[i]->words;

        if (!*family)
            candidates[count++] = sf_memory_copy(words, strlen(words) + 1);
        else if (!strncmp(words, family, strlen(family)))
            candidates[count++] = sf_text_copy(words);
        if (!*family)
            ((char *)candidates[count - 1])[strcspn(words, " ")] = '\0';
    }
    nearest = sf_nearest_word(whole, candidates, count);
    fprintf(stderr, "stateful: there is no command '%s'", whole);
    fprintf(stderr, nearest ? "; did you mean '%s'?\n" : "; see stateful --help\n", nearest);
    for (size_t i = 0; i < count; i++)
        free((char *)candidates[i]);
    free(whole);
    return MISUSED;
}

static const command *find_command(int count, char *const *words, int *taken)
{
    for (size_t i = 0; i < SF_ARRAY_LENGTH(commands); i++) {
        *taken = words_taken(commands[i], count, words);
        if (*taken)
            return commands[i];
    }
    return NULL;
}

/* ---- running it ---- */

static void say_nothing(void *user, sf_log_level level, const char *line)
{
    (void)user;
    (void)level;
    (void)line;
}

static const char *address_of(const arguments *read)
{
    const char *address = arguments_text(read, "broker");

    if (!address)
        address = getenv("STATEFUL_BROKER");
    if (!address || !*address)
        address = getenv("KAFKA_BOOTSTRAP_SERVERS");
    return address && *address ? address : NULL;
}

static sf_status split_settings(const arguments *read, sf_broker_setting **settings, size_t *count,
                                sf_error *err)
{
    size_t given = arguments_count(read, "set");

    *settings = sf_zalloc((given + 1) * sizeof(**settings));
    *count = 0;
    for (size_t i = 0; i < given; i++) {
        char *name = sf_text_copy(arguments_text_at(read, "set", i));
        char *sign = strchr(name, '=');

        (*settings)[(*count)++].name = name;
        if (!sign || sign == name)
            return sf_fail_with(err, SF_REJECT, SF_INVALID, "--set %s is not NAME=VALUE", name);
        *sign = '\0';
        (*settings)[i].value = sign + 1;
    }
    return SF_OK;
}

static bool has_journal(const char *directory)
{
    char *pattern = sf_text_printf("%s/*.journal", directory);
    glob_t found = {0};
    bool has = !glob(pattern, GLOB_NOSORT, NULL, &found);

    globfree(&found);
    free(pattern);
    return has;
}

/* A directory that nobody made a journal of is a slip of the pen, not a new journal. */
static sf_status check_journal(const char *address, bool may_make_one, sf_error *err)
{
    static const char scheme[] = "file:";
    const char *directory = address + strlen(scheme);

    if (!strncmp(address, scheme, strlen(scheme)) && !may_make_one && !has_journal(directory))
        return sf_fail(err, SF_NOT_FOUND, "there is no journal in directory %s", directory);
    if (!strcmp(address, "memory:"))
        return sf_fail_with(err, SF_REJECT, SF_INVALID,
                            "a journal in memory can only be seen by the process that has it");
    return SF_OK;
}

static sf_status connect(const command *one, const arguments *read, command_call *call,
                         sf_error *err)
{
    sf_broker_setting *settings = NULL;
    size_t count = 0;
    sf_status status;

    call->address = address_of(read);
    if (!call->address)
        return sf_fail_with(err, SF_REJECT, SF_INVALID,
                            "no broker is named: give --broker host:port or --broker file:DIR, or "
                            "set STATEFUL_BROKER");
    status = check_journal(call->address, one->may_make_journal, err);
    if (!status)
        status = split_settings(read, &settings, &count, err);
    if (!status)
        status = sf_broker_connect(call->address,
                                   &(sf_broker_options){.client_id = "stateful-cli",
                                                        .settings = settings,
                                                        .setting_count = count},
                                   &call->broker, err);
    for (size_t i = 0; i < count; i++)
        free((char *)settings[i].name);
    free(settings);
    return status;
}

static sf_status check_operands(const command *one, const arguments *read, sf_error *err)
{
    size_t count = arguments_operand_count(read);

    if (count < one->least)
        return sf_fail_with(err, SF_REJECT, SF_INVALID, "%s needs %s", one->words, one->operands);
    if (count > one->most)
        return sf_fail_with(err, SF_REJECT, SF_INVALID, "%s does not take '%s'", one->words,
                            arguments_operand(read, one->most));
    return SF_OK;
}

static sf_status run(const command *one, const arguments *read, sf_error *err)
{
    command_call call = {.arguments = read, .as_json = arguments_has(read, "json")};
    int64_t seconds = 10;
    sf_status status = check_operands(one, read, err);

    if (!status)
        status = arguments_number(read, "timeout", 1, 3600, &seconds, err);
    call.patience_ms = seconds * 1000;
    if (!status && !one->needs_no_broker)
        status = connect(one, read, &call, err);
    if (!status)
        status = one->run(&call, err);
    sf_broker_close(call.broker);
    return status;
}

sf_retry command_retry(const command_call *call)
{
    return sf_retry_begin(
        (sf_retry_policy){.clock = sf_clock_system(), .limit_ms = call->patience_ms});
}

static int report(const command *one, sf_status status, const sf_error *error)
{
    if (!status && (fflush(stdout) || ferror(stdout))) {
        fprintf(stderr, "stateful: standard output cannot be written\n");
        return FAILED;
    }
    if (!status)
        return WELL;
    fprintf(stderr, "stateful: %s\n", error->text);
    if (status != SF_REJECT)
        return FAILED;
    fprintf(stderr, "stateful %s --help says more\n", one->words);
    return MISUSED;
}

static int run_command(const command *one, int count, char *const *words)
{
    const option_tables tables = {.own = one->options, .common = common};
    arguments *read = NULL;
    sf_error error = {0};
    sf_status status = arguments_read(&tables, count, words, &read, &error);
    int code;

    if (!status && arguments_has(read, "help")) {
        print_command_help(one, stdout);
        arguments_free(read);
        return WELL;
    }
    if (status || !arguments_has(read, "verbose"))
        sf_log_set(say_nothing, NULL, SF_LOG_ERROR);
    if (!status)
        status = run(one, read, &error);
    code = report(one, status, &error);
    arguments_free(read);
    return code;
}

static bool is_help(const char *word)
{
    return !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help");
}

int main(int argc, char **argv)
{
    const command *one;
    int taken;

    if (argc < 2) {
        print_overview("", stderr);
        return MISUSED;
    }
    if (is_help(argv[1])) {
        print_overview("", stdout);
        return WELL;
    }
    if (!strcmp(argv[1], "--version")) {
        puts("stateful " STATEFUL_VERSION);
        return WELL;
    }
    one = find_command(argc - 1, argv + 1, &taken);
    if (one)
        return run_command(one, argc - 1 - taken, argv + 1 + taken);
    if (!begins_a_family(argv[1]))
        return misuse_unknown("", argv[1]);
    if (argc > 2 && !is_help(argv[2]))
        return misuse_unknown(argv[1], argv[2]);
    print_overview(argv[1], argc > 2 ? stdout : stderr);
    return argc > 2 ? WELL : MISUSED;
}
