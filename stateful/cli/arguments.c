#include "arguments.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/nearest_word.h"

typedef struct given {
    const option *option;
    const char *value; /* NULL for flags */
} given;

struct arguments {
    given *options;
    size_t option_count;
    const char **operands;
    size_t operand_count;
};

/* ---- tables ---- */

static const option *find_in(const option *table, const char *name, size_t size)
{
    for (; table && table->name; table++)
        if (strlen(table->name) == size && !memcmp(table->name, name, size))
            return table;
    return NULL;
}

static const option *find_letter_in(const option *table, char letter)
{
    for (; table && table->name; table++)
        if (table->letter == letter)
            return table;
    return NULL;
}

static size_t gather_names(const option *table, const char **names)
{
    size_t count = 0;

    for (; table && table->name; table++)
        names[count++] = table->name;
    return count;
}

static sf_status fail_unknown(const option_tables *tables, const char *word, sf_error *err)
{
    const char *names[64];
    size_t count = gather_names(tables->own, names);
    const char *bare = word + strspn(word, "-");
    char *name = sf_memory_copy(bare, strlen(bare) + 1);
    const char *nearest;

    name[strcspn(name, "=")] = '\0';
    count += gather_names(tables->common, names + count);
    nearest = sf_nearest_word(name, names, count);
    free(name);
    if (nearest)
        return sf_fail_with(err, SF_REJECT, SF_INVALID, "there is no option %s; did you mean --%s?",
                            word, nearest);
    return sf_fail_with(err, SF_REJECT, SF_INVALID, "there is no option %s", word);
}

/* ---- reading ---- */

static sf_status keep(arguments *read, const option *found, const char *value, sf_error *err)
{
    if (!found->may_repeat && arguments_has(read, found->name))
        return sf_fail_with(err, SF_REJECT, SF_INVALID, "option --%s stands there twice",
                            found->name);
    read->options = sf_realloc_array(read->options, read->option_count + 1, sizeof(given));
    read->options[read->option_count++] = (given){found, value};
    return SF_OK;
}

/* inside: a value that stands in the same word, NULL if none does. *at moves past a value that is a word
 * of its own. */
static sf_status take(arguments *read, const option *found, const char *inside, int *at, int count,
                      char *const *words, sf_error *err)
{
    if (!found->value && inside)
        return sf_fail_with(err, SF_REJECT, SF_INVALID, "option --%s takes no value", found->name);
    if (found->value && !inside) {
        if (*at + 1 >= count)
            return sf_fail_with(err, SF_REJECT, SF_INVALID, "option --%s needs a value: --%s %s",
                                found->name, found->name, found->value);
        inside = words[++*at];
    }
    return keep(read, found, inside, err);
}

static sf_status take_long(arguments *read, const option_tables *tables, int *at, int count,
                           char *const *words, sf_error *err)
{
    const char *name = words[*at] + 2;
    const char *sign = strchr(name, '=');
    size_t size = sign ? (size_t)(sign - name) : strlen(name);
    const option *found = find_in(tables->own, name, size);

    if (!found)
        found = find_in(tables->common, name, size);
    if (!found)
        return fail_unknown(tables, words[*at], err);
    return take(read, found, sign ? sign + 1 : NULL, at, count, words, err);
}

static sf_status take_letter(arguments *read, const option_tables *tables, int *at, int count,
                             char *const *words, sf_error *err)
{
    const char *word = words[*at];
    const option *found = find_letter_in(tables->own, word[1]);

    if (!found)
        found = find_letter_in(tables->common, word[1]);
    if (!found)
        return fail_unknown(tables, word, err);
    return take(read, found, word[2] ? word + 2 : NULL, at, count, words, err);
}

static void take_operand(arguments *read, const char *word)
{
    read->operands = sf_realloc_array(read->operands, read->operand_count + 1, sizeof(word));
    read->operands[read->operand_count++] = word;
}

/* "-" alone and negative numbers are operands. */
static bool is_letter_option(const char *word)
{
    return word[0] == '-' && word[1] && (word[1] < '0' || word[1] > '9');
}

sf_status arguments_read(const option_tables *tables, int count, char *const *words,
                         arguments **result, sf_error *err)
{
    arguments *read = sf_zalloc(sizeof(*read));
    bool options_are_over = false;
    sf_status status = SF_OK;

    for (int at = 0; !status && at < count; at++) {
        if (options_are_over || !is_letter_option(words[at]))
            take_operand(read, words[at]);
        else if (!strcmp(words[at], "--"))
            options_are_over = true;
        else if (words[at][1] == '-')
            status = take_long(read, tables, &at, count, words, err);
        else
            status = take_letter(read, tables, &at, count, words, err);
    }
    if (status)
        arguments_free(read);
    else
        *result = read;
    return status;
}

void arguments_free(arguments *read)
{
    if (!read)
        return;
    free(read->options);
    free(read->operands);
    free(read);
}

/* ---- what was read ---- */

size_t arguments_operand_count(const arguments *read)
{
    return read->operand_count;
}

const char *arguments_operand(const arguments *read, size_t index)
{
    return index < read->operand_count ? read->operands[index] : NULL;
}

bool arguments_has(const arguments *read, const char *name)
{
    return arguments_count(read, name) > 0;
}

size_t arguments_count(const arguments *read, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < read->option_count; i++)
        count += !strcmp(read->options[i].option->name, name);
    return count;
}

const char *arguments_text_at(const arguments *read, const char *name, size_t index)
{
    for (size_t i = 0; i < read->option_count; i++)
        if (!strcmp(read->options[i].option->name, name) && index-- == 0)
            return read->options[i].value;
    return NULL;
}

const char *arguments_text(const arguments *read, const char *name)
{
    size_t count = arguments_count(read, name);

    return count ? arguments_text_at(read, name, count - 1) : NULL;
}

bool text_is_number(const char *text, int64_t *number)
{
    char *end;
    long long value;

    if (!*text || strspn(text, "-0123456789") != strlen(text))
        return false;
    errno = 0;
    value = strtoll(text, &end, 10);
    if (errno || *end)
        return false;
    *number = value;
    return true;
}

sf_status arguments_number(const arguments *read, const char *name, int64_t least, int64_t most,
                           int64_t *number, sf_error *err)
{
    const char *text = arguments_text(read, name);
    int64_t value;

    if (!text)
        return SF_OK;
    if (!text_is_number(text, &value) || value < least || value > most)
        return sf_fail_with(err, SF_REJECT, SF_INVALID,
                            "--%s is '%s', not a whole number from %" PRId64 " to %" PRId64, name,
                            text, least, most);
    *number = value;
    return SF_OK;
}

static sf_status fail_choice(const char *name, const char *text, const char *const *words,
                             size_t count, sf_error *err)
{
    const char *nearest = sf_nearest_word(text, words, count);
    sf_buffer list = SF_BUFFER_EMPTY;
    sf_status status;

    for (size_t i = 0; i < count; i++)
        sf_buffer_printf(&list, "%s%s", i ? ", " : "", words[i]);
    if (nearest)
        status = sf_fail_with(err, SF_REJECT, SF_INVALID, "--%s is '%s'; did you mean %s?", name,
                              text, nearest);
    else
        status = sf_fail_with(err, SF_REJECT, SF_INVALID, "--%s is '%s', not one of %s", name, text,
                              sf_buffer_text(&list));
    sf_buffer_done(&list);
    return status;
}

sf_status arguments_choice(const arguments *read, const char *name, const char *const *words,
                           size_t *index, sf_error *err)
{
    const char *text = arguments_text(read, name);
    size_t count = 0;

    while (words[count])
        count++;
    for (size_t i = 0; text && i < count; i++) {
        if (!strcmp(words[i], text)) {
            *index = i;
            return SF_OK;
        }
    }
    return text ? fail_choice(name, text, words, count, err) : SF_OK;
}
