/* fuzz_serde.c - any bytes through the serdes, plain and windowed, and as the times of a task: what is taken
 * is the same bytes when it is written again, what is not is refused with a sentence. */
#include <stdlib.h>
#include <string.h>

#include <stateful/windowed.h>

#include "base/memory.h"
#include "task/task_times.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void there_and_back(const sf_serde *serde, sf_bytes wire, sf_arena *arena)
{
    sf_error error = {0};
    sf_bytes value;
    sf_bytes again;

    if (sf_serde_decode(serde, wire, arena, &value, &error)) {
        check(error.text[0]);
        return;
    }
    check(!sf_serde_encode(serde, value, arena, &again, &error));
    check(sf_bytes_equal(again, wire));
}

static void read_times(sf_bytes bytes)
{
    char *text = sf_alloc(bytes.size + 1);
    sf_operator_times times = {0};

    memcpy(text, bytes.data, bytes.size);
    text[bytes.size] = 0;
    sf_task_times_merge(&times, text);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const sf_serde *const plain[] = {&sf_bytes_serde, &sf_string_serde, &sf_int32_serde,
                                            &sf_int64_serde, &sf_double_serde};
    const sf_windowed_format format = {.key = &sf_string_serde, .size_ms = 1000};
    const sf_serde windowed = sf_windowed_serde(&format);
    const sf_serde session = sf_session_windowed_serde(&format);
    const sf_bytes bytes = sf_bytes_of(data, size);
    sf_arena *arena = sf_arena_new();

    for (size_t i = 0; i < SF_ARRAY_LENGTH(plain); i++)
        there_and_back(plain[i], bytes, arena);
    there_and_back(&windowed, bytes, arena);
    there_and_back(&session, bytes, arena);
    read_times(bytes);
    sf_arena_free(arena);
    return 0;
}
