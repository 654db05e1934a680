#include "task/task_times.h"

#include <stdlib.h>
#include <string.h>

void sf_task_times_write(const sf_operator_times *times, sf_buffer *text)
{
    sf_buffer_add_text(text, "1;");
    for (size_t i = 0; i < times->count; i++)
        if (times->slots[i].value >= 0)
            sf_buffer_printf(text, "%08x:%llx;", times->slots[i].id,
                             (unsigned long long)times->slots[i].value);
}

/* One "id:ms;"; the text behind it, NULL at the end or if it makes no sense. */
static const char *read_one(const char *text, uint32_t *id, int64_t *value)
{
    char *end;

    *id = (uint32_t)strtoul(text, &end, 16);
    if (end == text || *end != ':')
        return NULL;
    text = end + 1;
    *value = strtoll(text, &end, 16);
    return end == text || *end != ';' ? NULL : end + 1;
}

void sf_task_times_merge(sf_operator_times *times, const char *text)
{
    uint32_t id;
    int64_t value;

    if (!text || strncmp(text, "1;", 2))
        return;
    text += 2;
    while ((text = read_one(text, &id, &value))) {
        int64_t *slot = sf_operator_times_slot(times, id);

        if (slot && value > *slot)
            *slot = value;
    }
}
