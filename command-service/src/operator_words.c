#include "operator_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outbox_upkeep.h"
#include "rebuild.h"

postgres_address operator_words_address(const sf_settings *settings)
{
    return (postgres_address){
        .host = sf_settings_text(settings, "DB_HOST"),
        .port = sf_settings_text(settings, "DB_PORT"),
        .database = sf_settings_text(settings, "POSTGRES_DB"),
        .user = sf_settings_text(settings, "POSTGRES_USER"),
        .password = sf_settings_text(settings, "POSTGRES_PASSWORD"),
    };
}

typedef sf_status (*work_fn)(postgres *connection, char **words, sf_error *err);

static sf_status with_database(const sf_settings *settings, char **words, work_fn work,
                               sf_error *err)
{
    postgres_options options = {.address = operator_words_address(settings)};
    postgres *connection = postgres_new(&options, NULL, 0);
    sf_status status = postgres_connect(connection, err);

    if (!status)
        status = work(connection, words, err);
    postgres_free(connection);
    return status;
}

/* ---- outbox ---- */

/* NULL is 0: all of them. */
static sf_status read_event(const char *word, int64_t *event, sf_error *err)
{
    char *end;

    *event = 0;
    if (!word)
        return SF_OK;
    *event = strtoll(word, &end, 10);
    if (*word < '1' || *word > '9' || *end)
        return sf_fail(err, SF_INVALID, "'%s' is no event's number, see 'outbox failed'", word);
    return SF_OK;
}

static sf_status retry(postgres *connection, const char *word, sf_error *err)
{
    int64_t event, count = 0;
    sf_status status = read_event(word, &event, err);

    if (!status)
        status = outbox_upkeep_retry(connection, event, &count, err);
    if (!status)
        printf("%lld events are pending again\n", (long long)count);
    return status;
}

static sf_status outbox_word(postgres *connection, char **words, sf_error *err)
{
    if (!words[0])
        return outbox_upkeep_print(connection, stdout, err);
    if (!strcmp(words[0], "failed") && !words[1])
        return outbox_upkeep_print_failed(connection, stdout, err);
    if (!strcmp(words[0], "retry"))
        return retry(connection, words[1], err);
    return sf_fail(err, SF_INVALID, "outbox knows 'failed' and 'retry [EVENT]', not '%s'",
                   strcmp(words[0], "failed") ? words[0] : words[1]);
}

sf_status operator_words_outbox(const sf_settings *settings, char **words, sf_error *err)
{
    return with_database(settings, words, outbox_word, err);
}

/* ---- republish ---- */

static sf_status republish_word(postgres *connection, char **words, sf_error *err)
{
    int64_t count = 0;
    sf_status status = outbox_upkeep_republish(connection, words[0], &count, err);

    if (!status)
        printf("%lld events are pending again; the relay of a running service publishes them\n",
               (long long)count);
    return status;
}

sf_status operator_words_republish(const sf_settings *settings, char **words, sf_error *err)
{
    if (words[0] && !outbox_upkeep_knows(words[0]))
        return sf_fail(err, SF_INVALID,
                       "there are events of product, customer and order, not of '%s'", words[0]);
    return with_database(settings, words, republish_word, err);
}

/* ---- rebuild ---- */

static sf_status rebuild_word(postgres *connection, char **words, sf_error *err)
{
    bool is_trial = words[0] != NULL;
    rebuild_report report;
    sf_status status = rebuild(connection, is_trial, &report, err);

    if (!status)
        printf("%lld events make %lld rows; %lld rows %s\n", (long long)report.events,
               (long long)report.rows, (long long)report.differing,
               is_trial ? "would change" : "have changed");
    return status;
}

sf_status operator_words_rebuild(const sf_settings *settings, char **words, sf_error *err)
{
    if (words[0] && strcmp(words[0], "--dry-run") != 0)
        return sf_fail(err, SF_INVALID, "rebuild knows --dry-run, not '%s'", words[0]);
    return with_database(settings, words, rebuild_word, err);
}
