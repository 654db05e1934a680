#include "conformance/spec_compare.h"

#include <stateful/windowed.h>

#include <string.h>

#include "conformance/spec_json.h"

static const char mode_words[] =
    "exact prefix set sorted sorted_key_ts map last final_only dropped_only store";

sf_status spec_compare_read(const cJSON *compare, const char *topic, int *mode, sf_error *err)
{
    const cJSON *of_topic;

    *mode = COMPARE_EXACT;
    if (!compare)
        return SF_OK;
    if (cJSON_IsString(compare))
        return spec_word(compare->valuestring, "compare", mode_words, mode, err);
    if (!cJSON_IsObject(compare))
        return sf_fail(err, SF_INVALID, "'compare' is neither a word nor an object");
    cJSON_ArrayForEach(of_topic, compare)
    {
        int other = COMPARE_EXACT;
        sf_status status = spec_read_word(compare, of_topic->string, mode_words, &other, err);

        if (status)
            return status;
        if (!strcmp(of_topic->string, topic))
            *mode = other;
    }
    return SF_OK;
}

/* ---- order ---- */

static int order_of_numbers(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int order_of_values(sf_bytes a, sf_bytes b, spec_type type)
{
    if (type == SPEC_STRING || sf_bytes_is_null(a) || sf_bytes_is_null(b))
        return sf_bytes_compare(a, b);
    if (type == SPEC_DOUBLE) {
        double left = spec_value_real(a, type);
        double right = spec_value_real(b, type);

        return left < right ? -1 : left > right;
    }
    return order_of_numbers(spec_value_whole(a, type), spec_value_whole(b, type));
}

static int order_of_keys(sf_bytes a, sf_bytes b, spec_key_type type)
{
    int order;

    if (!type.is_windowed || sf_bytes_is_null(a) || sf_bytes_is_null(b))
        return order_of_values(a, b, type.type);
    order = order_of_values(sf_windowed_of(a)->key, sf_windowed_of(b)->key, type.type);
    return order ? order
                 : order_of_numbers(sf_windowed_of(a)->start_ms, sf_windowed_of(b)->start_ms);
}

/* Stable, by insertion: cases are short. */
static void sort_rows(spec_rows *rows, const spec_topic *topic, bool by_time)
{
    for (size_t i = 1; i < rows->count; i++) {
        spec_row row = rows->items[i];
        size_t at = i;

        for (; at; at--) {
            const spec_row *before = &rows->items[at - 1];
            int order = order_of_keys(before->key, row.key, topic->key);

            if (!order && by_time)
                order = order_of_numbers(before->timestamp, row.timestamp);
            if (order <= 0)
                break;
            rows->items[at] = *before;
        }
        rows->items[at] = row;
    }
}

/* ---- what of the rows counts ---- */

static spec_rows copy_rows(const spec_rows *rows, sf_arena *arena)
{
    spec_rows copy = {0};

    for (size_t i = 0; i < rows->count; i++)
        spec_rows_add(&copy, &rows->items[i], arena);
    return copy;
}

/* Of each key only the last row, in the order of the keys. */
static spec_rows last_by_key(const spec_rows *rows, const spec_topic *topic, sf_arena *arena)
{
    spec_rows sorted = copy_rows(rows, arena);
    spec_rows last = {0};

    sort_rows(&sorted, topic, false);
    for (size_t i = 0; i < sorted.count; i++)
        if (i + 1 == sorted.count ||
            strcmp(sorted.items[i].key_shown, sorted.items[i + 1].key_shown) != 0)
            spec_rows_add(&last, &sorted.items[i], arena);
    return last;
}

static spec_rows last_row(const spec_rows *rows, sf_arena *arena)
{
    spec_rows last = {0};

    if (rows->count)
        spec_rows_add(&last, &rows->items[rows->count - 1], arena);
    return last;
}

static spec_rows first_rows(const spec_rows *rows, size_t count)
{
    return (spec_rows){.items = rows->items, .count = rows->count < count ? rows->count : count};
}

/* ---- comparing ---- */

static bool same_rows(const spec_rows *expected, const spec_rows *actual)
{
    if (expected->count != actual->count)
        return false;
    for (size_t i = 0; i < expected->count; i++)
        if (!spec_row_fits(&expected->items[i], &actual->items[i]))
            return false;
    return true;
}

static bool has_fitting(const spec_rows *rows, const spec_row *row, bool row_is_expected)
{
    for (size_t i = 0; i < rows->count; i++)
        if (row_is_expected ? spec_row_fits(row, &rows->items[i])
                            : spec_row_fits(&rows->items[i], row))
            return true;
    return false;
}

static bool same_sets(const spec_rows *expected, const spec_rows *actual)
{
    for (size_t i = 0; i < expected->count; i++)
        if (!has_fitting(actual, &expected->items[i], true))
            return false;
    for (size_t i = 0; i < actual->count; i++)
        if (!has_fitting(expected, &actual->items[i], false))
            return false;
    return true;
}

static void show(const spec_rows *expected, const spec_rows *actual, sf_arena *arena, FILE *report)
{
    size_t count = expected->count > actual->count ? expected->count : actual->count;

    for (size_t i = 0; i < count; i++) {
        const spec_row *wanted = i < expected->count ? &expected->items[i] : NULL;
        const spec_row *came = i < actual->count ? &actual->items[i] : NULL;
        bool fits = wanted && came && spec_row_fits(wanted, came);

        fprintf(report, "  %c %-46s | %s\n", fits ? ' ' : '!',
                wanted ? spec_row_shown(wanted, arena) : "(nothing)",
                came ? spec_row_shown(came, arena) : "(nothing)");
    }
}

bool spec_compare_rows(spec_compare mode, const spec_topic *topic, const spec_rows *expected,
                       const spec_rows *actual, size_t *taken, sf_arena *arena, FILE *report)
{
    spec_rows wanted = *expected;
    spec_rows came = *actual;
    bool fits;

    *taken = actual->count;
    if (mode == COMPARE_PREFIX) {
        came = first_rows(actual, expected->count);
        *taken = came.count;
    } else if (mode == COMPARE_SORTED || mode == COMPARE_SORTED_KEY_TS) {
        came = copy_rows(actual, arena);
        sort_rows(&came, topic, mode == COMPARE_SORTED_KEY_TS);
    } else if (mode == COMPARE_MAP) {
        wanted = last_by_key(expected, topic, arena);
        came = last_by_key(actual, topic, arena);
    } else if (mode == COMPARE_LAST) {
        wanted = last_row(expected, arena);
        came = last_row(actual, arena);
    } else if (mode >= COMPARE_FINAL_ONLY) {
        return true;
    }
    fits = mode == COMPARE_SET ? same_sets(&wanted, &came) : same_rows(&wanted, &came);
    if (!fits)
        show(&wanted, &came, arena, report);
    return fits;
}
