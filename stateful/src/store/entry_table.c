#include "store/entry_table.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/memory.h"

#define FIRST_CAPACITY 64
#define HUGE_PAGE ((size_t)2 << 20)

/* Large ones in huge pages: a probe then rarely misses the address cache too. */
static sf_entry_slot *slots_new(size_t count)
{
    size_t size = count * sizeof(sf_entry_slot);
    void *slots;

    if (size < 2 * HUGE_PAGE)
        return sf_zalloc(size);
    slots = aligned_alloc(HUGE_PAGE, size);
    if (!slots)
        return sf_zalloc(size);
    (void)madvise(slots, size, MADV_HUGEPAGE); /* a wish */
    memset(slots, 0, size);
    return slots;
}

void sf_entry_table_init(sf_entry_table *table)
{
    *table = (sf_entry_table){.mask = FIRST_CAPACITY - 1};
    table->slots = slots_new(FIRST_CAPACITY);
}

void sf_entry_table_done(sf_entry_table *table)
{
    free(table->slots);
    *table = (sf_entry_table){0};
}

static void place(sf_entry_table *table, sf_buffer_entry *entry, uint64_t hash)
{
    size_t at = hash & table->mask;

    while (table->slots[at].entry)
        at = (at + 1) & table->mask;
    table->slots[at] = (sf_entry_slot){hash, entry};
}

static void grow(sf_entry_table *table)
{
    sf_entry_slot *old = table->slots;
    size_t old_capacity = table->mask + 1;

    table->mask = old_capacity * 2 - 1;
    table->slots = slots_new(table->mask + 1);
    for (size_t i = 0; i < old_capacity; i++)
        if (old[i].entry)
            place(table, old[i].entry, old[i].hash);
    free(old);
}

void sf_entry_table_add(sf_entry_table *table, sf_buffer_entry *entry)
{
    if ((table->count + 1) * 10 > (table->mask + 1) * 7)
        grow(table);
    place(table, entry, entry->hash);
    table->count++;
}

static size_t slot_of(const sf_entry_table *table, const sf_buffer_entry *entry)
{
    size_t at = entry->hash & table->mask;

    while (table->slots[at].entry != entry)
        at = (at + 1) & table->mask;
    return at;
}

/* Shifts what follows back, so that there are no graves. */
void sf_entry_table_remove(sf_entry_table *table, const sf_buffer_entry *entry)
{
    size_t hole = slot_of(table, entry);

    for (size_t at = (hole + 1) & table->mask; table->slots[at].entry;
         at = (at + 1) & table->mask) {
        size_t home = table->slots[at].hash & table->mask;

        if (((at - home) & table->mask) >= ((at - hole) & table->mask)) {
            table->slots[hole] = table->slots[at];
            hole = at;
        }
    }
    table->slots[hole] = (sf_entry_slot){0};
    table->count--;
}

sf_buffer_entry *sf_entry_table_choose(sf_entry_table *table, size_t slots)
{
    for (size_t i = 0; i < slots; i++) {
        sf_buffer_entry *entry = table->slots[table->hand & table->mask].entry;

        if (entry && entry->state == SF_ENTRY_CLEAN) {
            if (!entry->is_recent)
                return entry;
            entry->is_recent = false;
        }
        table->hand = (table->hand + 1) & table->mask;
    }
    return NULL;
}

size_t sf_entry_table_memory(const sf_entry_table *table)
{
    return (table->mask + 1) * sizeof(sf_entry_slot);
}
