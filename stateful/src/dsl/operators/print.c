#include "dsl/operators/print.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "record/windowed_implementation.h"

static bool is_text(sf_bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++)
        if (iscntrl(bytes.data[i]))
            return false;
    return true;
}

/* Text if it may be one, else hexadecimal. */
static void print_bytes(sf_bytes bytes)
{
    if (is_text(bytes)) {
        (void)fwrite(bytes.data, 1, bytes.size, stdout); /* as printf: nobody asks */
        return;
    }
    printf("0x");
    for (size_t i = 0; i < bytes.size; i++)
        printf("%02x", bytes.data[i]);
}

static void print_int32(sf_bytes bytes)
{
    int32_t number;

    memcpy(&number, bytes.data, sizeof(number));
    printf("%" PRId32, number);
}

static void print_double(sf_bytes bytes)
{
    double number;

    memcpy(&number, bytes.data, sizeof(number));
    printf("%.15g", number);
}

/* What no serde of ours writes is shown as it is on the wire. */
static sf_status print_plain(const sf_serde *serde, sf_bytes item, sf_arena *arena, sf_error *err)
{
    sf_bytes wire;
    sf_status status;

    if (sf_bytes_is_null(item))
        printf("null");
    else if (serde == &sf_int64_serde)
        printf("%" PRId64, sf_bytes_to_int64(item));
    else if (serde == &sf_int32_serde)
        print_int32(item);
    else if (serde == &sf_double_serde)
        print_double(item);
    else if ((status = sf_serde_encode(serde, item, arena, &wire, err)))
        return status;
    else
        print_bytes(wire);
    return SF_OK;
}

static sf_status print_item(const sf_serde *serde, sf_bytes item, sf_arena *arena, sf_error *err)
{
    const sf_windowed_format *format = sf_serde_windowed_format(serde);
    const sf_windowed *windowed;
    sf_status status;

    if (!format || sf_bytes_is_null(item))
        return print_plain(serde, item, arena, err);
    windowed = sf_windowed_of(item);
    putchar('[');
    status = print_plain(format->key, windowed->key, arena, err);
    printf("@%" PRId64 "/%" PRId64 "]", windowed->start_ms, windowed->end_ms);
    return status;
}

/* Lines of several threads do not mix. */
static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const sf_print_step *step = state;
    sf_arena *arena = sf_context_arena(context);
    sf_status status;

    flockfile(stdout);
    printf("[%s]: ", step->label);
    status = print_item(step->key, record->key, arena, err);
    printf(", ");
    if (!status)
        status = print_item(step->value, record->value, arena, err);
    putchar('\n');
    funlockfile(stdout);
    return status;
}

sf_processor sf_print_processor(sf_print_step *step)
{
    return (sf_processor){.process = process, .user = step};
}
