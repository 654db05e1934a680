#include "write_model.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include <stateful/log.h>

#include "base/hash.h"
#include "statements.h"

const char *write_model_number(const struct write_command *command, int64_t number)
{
    return sf_arena_printf(command->arena, "%lld", (long long)number);
}

const char *write_model_money(const struct write_model *model, const struct write_command *command,
                              sf_money money)
{
    char text[SF_MONEY_TEXT_SIZE];

    sf_money_format(money, model->currency_exponent, text);
    return sf_arena_text(command->arena, text);
}

const char *write_model_expected_version(const struct write_command *command)
{
    return command->expected_version ? write_model_number(command, command->expected_version)
                                     : NULL;
}

int64_t write_result_number(const write_result *result, size_t column)
{
    return result->columns[column] ? strtoll(result->columns[column], NULL, 10) : 0;
}

write_verdict write_model_decode_update(const struct write_command *command,
                                        const write_result *result, int64_t *version)
{
    if (!result->is_there)
        return WRITE_NOT_FOUND;
    *version = write_result_number(result, 0);
    if (command->expected_version && command->expected_version != *version)
        return WRITE_OTHER_VERSION;
    if (!result->columns[1])
        return WRITE_UNCHANGED;
    *version = write_result_number(result, 1);
    return WRITE_DONE;
}

/* ---- idempotency keys ---- */

static void write_digest(sf_bytes bytes, char text[WRITE_FINGERPRINT_SIZE])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];

    SHA256(bytes.data, bytes.size, digest);
    for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++)
        snprintf(&text[2 * i], 3, "%02x", digest[i]);
}

/* Over the statement and its values, each with its size before it, so that no two commands look alike. */
static void take_fingerprint(struct write_command *command, const write_statement *statement)
{
    sf_buffer text = SF_BUFFER_EMPTY;

    sf_buffer_add_text(&text, command_statements[statement->statement].name);
    for (size_t i = 0; i < statement->asked_count; i++) {
        const char *value = command->values[i];

        sf_buffer_printf(&text, "|%lld|", value ? (long long)strlen(value) : -1LL);
        sf_buffer_add_text(&text, value ? value : "");
    }
    write_digest(sf_buffer_bytes(&text), command->fingerprint);
    sf_buffer_done(&text);
}

/* The key as it is kept: of this caller only, so that nobody gets another one's answers. */
static const char *key_of(const struct write_command *command)
{
    const char *key = command->idempotency_key;
    char subject[WRITE_FINGERPRINT_SIZE];

    if (!key || !*command->subject)
        return key;
    write_digest(sf_bytes_text(command->subject), subject);
    return sf_arena_printf(command->arena, "%s %s", subject, key);
}

/* The array of texts that the statement kept. */
static write_result decode_kept(struct write_command *command, const char *text)
{
    sf_json_reader json;
    sf_json_array array;
    write_result result = {.is_there = true};
    size_t count = 0;

    sf_json_reader_init(&json, sf_arena_copy(command->arena, sf_bytes_text(text)), command->arena);
    sf_json_read_array(&json, &array);
    while (sf_json_next_item(&json, &array)) {
        sf_bytes value;

        if (!sf_json_read_null(&json) &&
            sf_json_read_text(&json, (sf_json_bounds){0, INT32_MAX}, &value) &&
            count < WRITE_COLUMNS_MAX)
            result.columns[count] =
                sf_arena_printf(command->arena, "%.*s", (int)value.size, (const char *)value.data);
        count++;
    }
    return result;
}

/* ---- answers ---- */

static void finish(struct write_command *command, write_verdict verdict)
{
    command->verdict = verdict;
    command->done(command);
}

/* The outcomes that have no rows. */
static write_verdict verdict_of_failure(postgres_outcome outcome, const sf_error *err)
{
    switch (outcome) {
    case POSTGRES_BUSY:
        return WRITE_BUSY;
    case POSTGRES_AWAY:
        return WRITE_AWAY;
    default:
        sf_log(SF_LOG_ERROR, "command failed reason=\"%s\"", err->text);
        return WRITE_FAILED;
    }
}

static write_result first_row(const pooled_result *pooled)
{
    const postgres_rows *rows = pooled->rows;
    write_result result = {.is_there = pooled->count > 0, .rows = rows};
    int columns = postgres_columns_count(rows);

    for (int i = 0; result.is_there && i < columns && i < WRITE_COLUMNS_MAX; i++)
        if (!postgres_is_null(rows, pooled->first, i))
            result.columns[i] = postgres_text(rows, pooled->first, i);
    return result;
}

static write_verdict decode(struct write_command *command)
{
    const pooled_command *pooled = &command->pooled;
    const pooled_result *claim = &pooled->results[0];
    write_result result;

    if (command->idempotency_key &&
        strcmp(postgres_text(claim->rows, claim->first, 0), command->fingerprint) != 0)
        return WRITE_KEY_REUSED;
    command->is_replayed =
        command->idempotency_key && !postgres_is_null(claim->rows, claim->first, 1);
    result = command->is_replayed
                 ? decode_kept(command, postgres_text(claim->rows, claim->first, 1))
                 : first_row(&pooled->results[pooled->call_count - 1]);
    return command->decode(command, &result);
}

static void answer(pooled_command *pooled, postgres_outcome outcome, const sf_error *err)
{
    struct write_command *command = (struct write_command *)(void *)pooled;

    if (outcome == POSTGRES_DONE) {
        finish(command, decode(command));
        return;
    }
    command->is_uncertain = outcome == POSTGRES_AWAY && err->status != SF_RETRY;
    finish(command, verdict_of_failure(outcome, err));
}

/* ---- the way there ---- */

static void add_call(struct write_command *command, size_t statement, const char *const *values,
                     size_t value_count)
{
    pooled_command *pooled = &command->pooled;

    assert(pooled->call_count < POOLED_CALLS_MAX);
    pooled->calls[pooled->call_count++] = (postgres_call){
        .statement = statement,
        .values = values,
        .value_count = (int)value_count,
    };
}

static void hand_on(const struct write_model *model, struct write_command *command)
{
    postgres_outcome outcome;

    command->pooled.done = answer;
    outcome = command_pool_submit(model->pool, &command->pooled);
    if (outcome != POSTGRES_DONE)
        finish(command, outcome == POSTGRES_BUSY ? WRITE_BUSY : WRITE_AWAY);
}

void write_model_submit(const struct write_model *model, struct write_command *command,
                        const write_statement *statement)
{
    size_t count = statement->value_count;

    assert(count + 2 <= WRITE_VALUES_MAX);
    command->model = model;
    command->decode = statement->decode;
    command->values[count] = command->event_headers;
    command->values[count + 1] = key_of(command);
    command->pooled.call_count = 0;
    if (command->idempotency_key) {
        take_fingerprint(command, statement);
        command->claim[0] = command->values[count + 1];
        command->claim[1] = command->fingerprint;
        command->claim[2] = model->keys_kept;
        if (!command->pooled.lock_order) /* keys are rows too */
            command->pooled.lock_order = (int64_t)(sf_hash(sf_bytes_text(command->claim[0])) >> 1);
        add_call(command, STATEMENT_CLAIM_KEY, command->claim, 3);
        command->pooled.may_repeat = true; /* the key would have its result already */
    }
    add_call(command, statement->statement, command->values, count + 2);
    hand_on(model, command);
}

void write_model_read(const struct write_model *model, struct write_command *command,
                      const write_statement *statement)
{
    command->model = model;
    command->decode = statement->decode;
    command->idempotency_key = NULL;
    command->pooled.call_count = 0;
    command->pooled.may_repeat = true;
    add_call(command, statement->statement, command->values, statement->value_count);
    hand_on(model, command);
}
