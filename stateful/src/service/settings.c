#include "service/settings.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/memory.h"
#include "service/decimal.h"

extern char **environ;

enum { NAME_SIZE = 128 };

/* What a setting is at last. */
typedef struct value {
    char *text;      /* as given, or the table's; a choice as the table writes it */
    int64_t integer; /* of integers; of booleans 0 or 1 */
    bool is_set;     /* by the environment, not by the table */
} value;

struct sf_settings {
    const sf_setting *table;
    size_t count;
    value *values;
};

static const char *non_empty(const char *name)
{
    const char *text = getenv(name);

    return text && *text ? text : NULL;
}

/* The next word of a list; returns its size, 0 at the end. Moves list to where the word begins. */
static size_t next_word(const char **list)
{
    *list += strspn(*list, " ");
    return strcspn(*list, " ");
}

static sf_status read_secret(const char *variable, const char *path, char **text, sf_error *err)
{
    sf_buffer contents = SF_BUFFER_EMPTY;
    sf_status status = sf_file_read(path, &contents, err);

    if (status) {
        sf_buffer_done(&contents);
        return sf_error_prefix(err, status, "%s", variable);
    }
    while (contents.size && strchr("\r\n", contents.data[contents.size - 1]))
        contents.size--; /* editors end files with one */
    *text = sf_buffer_detach(&contents);
    return SF_OK;
}

/* Looks for one variable, and for its file where it is a secret. Finding neither is fine. */
static sf_status look_for(const sf_setting *setting, const char *name, value *found, sf_error *err)
{
    char file_name[NAME_SIZE];
    const char *text = non_empty(name), *path;

    if (text) {
        found->text = sf_text_copy(text);
        found->is_set = true;
        return SF_OK;
    }
    if (!setting->is_secret)
        return SF_OK;
    (void)snprintf(file_name, sizeof(file_name), "%s_FILE", name); /* names are short */
    path = non_empty(file_name);
    if (!path)
        return SF_OK;
    found->is_set = true;
    return read_secret(file_name, path, &found->text, err);
}

static sf_status look_everywhere(const sf_setting *setting, value *found, sf_error *err)
{
    const char *alias = setting->aliases ? setting->aliases : "";
    sf_status status = look_for(setting, setting->name, found, err);
    size_t size;

    for (; !status && !found->text && (size = next_word(&alias)); alias += size) {
        char name[NAME_SIZE];

        (void)snprintf(name, sizeof(name), "%.*s", (int)size, alias); /* names are short */
        status = look_for(setting, name, found, err);
    }
    return status;
}

static const char *shown(const sf_setting *setting, const value *of)
{
    return setting->is_secret ? "***" : of->text;
}

static sf_status check_integer(const sf_setting *setting, value *of, sf_error *err)
{
    sf_bytes text = sf_bytes_text(of->text);

    if (text.size > 0 && sf_decimal_token_size(text.data, text.size) == text.size &&
        sf_decimal_scale(text, 0, &of->integer) == SF_DECIMAL_EXACT &&
        of->integer >= setting->least && of->integer <= setting->most)
        return SF_OK;
    return sf_fail(err, SF_INVALID,
                   "%s is '%s', must be a whole number from %" PRId64 " to %" PRId64, setting->name,
                   shown(setting, of), setting->least, setting->most);
}

static bool is_one_of(const char *text, const char *words)
{
    size_t size;

    for (; (size = next_word(&words)); words += size)
        if (strlen(text) == size && !strncasecmp(text, words, size))
            return true;
    return false;
}

static sf_status check_boolean(const sf_setting *setting, value *of, sf_error *err)
{
    of->integer = is_one_of(of->text, "true yes on 1");
    if (of->integer || is_one_of(of->text, "false no off 0"))
        return SF_OK;
    return sf_fail(err, SF_INVALID, "%s is '%s', must be true or false", setting->name,
                   shown(setting, of));
}

static sf_status check_choice(const sf_setting *setting, value *of, sf_error *err)
{
    const char *choice = setting->choices;
    size_t size;

    for (; (size = next_word(&choice)); choice += size) {
        if (strlen(of->text) != size || strncasecmp(of->text, choice, size) != 0)
            continue;
        memcpy(of->text, choice, size);
        return SF_OK;
    }
    return sf_fail(err, SF_INVALID, "%s is '%s', must be one of: %s", setting->name,
                   shown(setting, of), setting->choices);
}

static sf_status check(const sf_setting *setting, value *of, sf_error *err)
{
    switch (setting->kind) {
    case SF_SETTING_INTEGER:
        return check_integer(setting, of, err);
    case SF_SETTING_BOOLEAN:
        return check_boolean(setting, of, err);
    case SF_SETTING_CHOICE:
        return check_choice(setting, of, err);
    default:
        return SF_OK;
    }
}

static sf_status read_one(const sf_setting *setting, value *found, sf_error *err)
{
    sf_status status = look_everywhere(setting, found, err);

    if (status)
        return status;
    if (!found->text && !setting->otherwise)
        return sf_fail(err, SF_INVALID, "%s must be set: %s", setting->name, setting->meaning);
    if (!found->text)
        found->text = sf_text_copy(setting->otherwise);
    return check(setting, found, err);
}

sf_status sf_settings_read(const sf_setting *table, size_t count, sf_settings **settings,
                           sf_error *err)
{
    sf_settings *made = sf_zalloc(sizeof(*made));
    sf_buffer wrong = SF_BUFFER_EMPTY;
    sf_status status = SF_OK;

    made->table = table;
    made->count = count;
    made->values = sf_zalloc(count * sizeof(*made->values));
    for (size_t i = 0; i < count; i++) {
        sf_error one;

        if (read_one(&table[i], &made->values[i], &one))
            sf_buffer_printf(&wrong, "%s%s", wrong.size ? "; " : "", one.text);
    }
    if (wrong.size) {
        status = sf_fail(err, SF_INVALID, "%s", sf_buffer_text(&wrong));
        sf_settings_free(made);
    } else {
        *settings = made;
    }
    sf_buffer_done(&wrong);
    return status;
}

void sf_settings_free(sf_settings *settings)
{
    if (!settings)
        return;
    for (size_t i = 0; i < settings->count; i++)
        free(settings->values[i].text);
    free(settings->values);
    free(settings);
}

static size_t index_of(const sf_settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->count; i++)
        if (!strcmp(settings->table[i].name, name))
            return i;
    assert(!"no such setting in the table");
    return 0;
}

const char *sf_settings_text(const sf_settings *settings, const char *name)
{
    return settings->values[index_of(settings, name)].text;
}

int64_t sf_settings_integer(const sf_settings *settings, const char *name)
{
    size_t index = index_of(settings, name);

    assert(settings->table[index].kind == SF_SETTING_INTEGER);
    return settings->values[index].integer;
}

bool sf_settings_boolean(const sf_settings *settings, const char *name)
{
    size_t index = index_of(settings, name);

    assert(settings->table[index].kind == SF_SETTING_BOOLEAN);
    return settings->values[index].integer;
}

bool sf_settings_is_set(const sf_settings *settings, const char *name)
{
    return settings->values[index_of(settings, name)].is_set;
}

/* Whether a variable is the one called name, or its file. */
static bool is_variable_of(const sf_setting *setting, const char *variable, const char *name,
                           size_t size)
{
    if (strncmp(variable, name, size) != 0)
        return false;
    return !variable[size] || (setting->is_secret && !strcmp(variable + size, "_FILE"));
}

static bool is_known(const sf_settings *settings, const char *variable)
{
    for (size_t i = 0; i < settings->count; i++) {
        const sf_setting *setting = &settings->table[i];
        const char *alias = setting->aliases ? setting->aliases : "";
        size_t size;

        if (is_variable_of(setting, variable, setting->name, strlen(setting->name)))
            return true;
        for (; (size = next_word(&alias)); alias += size)
            if (is_variable_of(setting, variable, alias, size))
                return true;
    }
    return false;
}

void sf_settings_visit_others(const sf_settings *settings, const char *prefix,
                              sf_settings_visit_fn visit, void *user)
{
    for (char **at = environ; *at; at++) {
        const char *equals = strchr(*at, '=');
        char name[NAME_SIZE];

        if (!equals || strncmp(*at, prefix, strlen(prefix)) != 0 || equals - *at >= NAME_SIZE)
            continue;
        memcpy(name, *at, (size_t)(equals - *at));
        name[equals - *at] = 0;
        if (equals[1] && !is_known(settings, name))
            visit(user, name, equals + 1);
    }
}

static void describe_kind(const sf_setting *setting, sf_buffer *text)
{
    switch (setting->kind) {
    case SF_SETTING_INTEGER:
        sf_buffer_printf(text, " (%" PRId64 " to %" PRId64 ")", setting->least, setting->most);
        break;
    case SF_SETTING_BOOLEAN:
        sf_buffer_add_text(text, " (true or false)");
        break;
    case SF_SETTING_CHOICE:
        sf_buffer_printf(text, " (one of: %s)", setting->choices);
        break;
    default:
        break;
    }
    if (!setting->otherwise)
        sf_buffer_add_text(text, "; must be set");
    else if (*setting->otherwise && !setting->is_secret)
        sf_buffer_printf(text, "; default %s", setting->otherwise);
    if (setting->aliases)
        sf_buffer_printf(text, "; also as %s", setting->aliases);
    if (setting->is_secret)
        sf_buffer_printf(text, "; or in the file named by %s_FILE", setting->name);
}

void sf_settings_help(const sf_setting *table, size_t count, sf_buffer *text)
{
    for (size_t i = 0; i < count; i++) {
        sf_buffer_printf(text, "  %-28s %s", table[i].name, table[i].meaning);
        describe_kind(&table[i], text);
        sf_buffer_add_text(text, "\n");
    }
}

void sf_settings_print(const sf_settings *settings, sf_buffer *text)
{
    for (size_t i = 0; i < settings->count; i++) {
        const sf_setting *setting = &settings->table[i];
        const value *of = &settings->values[i];

        sf_buffer_printf(text, "%s=%s", setting->name, *of->text ? shown(setting, of) : "");
        sf_buffer_add_text(text, of->is_set ? "  # from the environment\n" : "  # default\n");
    }
}
