#include "simulation/simulated_positions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void sf_simulated_positions_init(sf_simulated_positions *positions)
{
    *positions = (sf_simulated_positions){0};
}

static void position_done(sf_simulated_position *position)
{
    free((char *)position->offset.topic);
    free((char *)position->offset.metadata);
    free(position->author);
}

void sf_simulated_positions_done(sf_simulated_positions *positions)
{
    for (size_t i = 0; i < positions->count; i++)
        position_done(&positions->items[i]);
    for (size_t i = 0; i < positions->held_count; i++)
        position_done(&positions->held[i]);
    free(positions->items);
    free(positions->held);
    free(positions->complaint);
}

static bool is_of(const sf_simulated_position *position, const sf_offset *offset)
{
    return position->offset.partition == offset->partition &&
           !strcmp(position->offset.topic, offset->topic);
}

static sf_simulated_position *find(const sf_simulated_positions *positions, const sf_offset *offset)
{
    for (size_t i = 0; i < positions->count; i++) {
        if (is_of(&positions->items[i], offset))
            return &positions->items[i];
    }
    return NULL;
}

/* A static member is the same one when it comes again. */
static char *author_of(const sf_group_identity *who)
{
    if (!who)
        return NULL;
    return who->instance ? sf_text_copy(who->instance)
                         : sf_text_printf("member %" PRIu64, who->member);
}

static sf_simulated_position copy_of(const sf_group_identity *who, uint64_t transaction,
                                     const sf_offset *offset)
{
    return (sf_simulated_position){
        .offset = {.topic = sf_text_copy(offset->topic),
                   .partition = offset->partition,
                   .offset = offset->offset,
                   .metadata = sf_text_copy(offset->metadata)},
        .transaction = transaction,
        .generation = who ? who->generation : -1,
        .author = author_of(who),
    };
}

static void judge(sf_simulated_positions *positions, const sf_simulated_position *before,
                  const sf_simulated_position *now)
{
    if (positions->complaint || !now->author || !before->author)
        return;
    if (now->offset.offset < before->offset.offset)
        positions->complaint = sf_text_printf(
            "the group's position of %s/%" PRId32 " went back from %" PRId64 " to %" PRId64,
            now->offset.topic, now->offset.partition, before->offset.offset, now->offset.offset);
    else if (now->generation == before->generation && strcmp(now->author, before->author) != 0)
        positions->complaint = sf_text_printf(
            "%s and %s both committed positions of %s/%" PRId32 " in generation %" PRId32,
            before->author, now->author, now->offset.topic, now->offset.partition, now->generation);
}

/* Takes position's memory. */
static void settle(sf_simulated_positions *positions, sf_simulated_position position)
{
    sf_simulated_position *place = find(positions, &position.offset);

    position.transaction = 0;
    if (place) {
        judge(positions, place, &position);
        position_done(place);
        *place = position;
        return;
    }
    positions->items =
        sf_realloc_array(positions->items, positions->count + 1, sizeof(positions->items[0]));
    positions->items[positions->count++] = position;
}

void sf_simulated_positions_put(sf_simulated_positions *positions, const sf_group_identity *who,
                                const sf_offset *offset)
{
    settle(positions, copy_of(who, 0, offset));
}

void sf_simulated_positions_hold(sf_simulated_positions *positions, const sf_group_identity *who,
                                 uint64_t transaction, const sf_offset *offset)
{
    sf_simulated_position position = copy_of(who, transaction, offset);

    for (size_t i = 0; i < positions->held_count; i++) {
        if (positions->held[i].transaction == transaction && is_of(&positions->held[i], offset)) {
            position_done(&positions->held[i]);
            positions->held[i] = position;
            return;
        }
    }
    positions->held =
        sf_realloc_array(positions->held, positions->held_count + 1, sizeof(positions->held[0]));
    positions->held[positions->held_count++] = position;
}

void sf_simulated_positions_end(sf_simulated_positions *positions, uint64_t transaction,
                                bool committed)
{
    size_t left = 0;

    for (size_t i = 0; i < positions->held_count; i++) {
        sf_simulated_position held = positions->held[i];

        if (held.transaction != transaction)
            positions->held[left++] = held;
        else if (committed)
            settle(positions, held);
        else
            position_done(&held);
    }
    positions->held_count = left;
}

bool sf_simulated_positions_get(const sf_simulated_positions *positions, sf_offset *offset)
{
    const sf_simulated_position *found = find(positions, offset);

    for (size_t i = 0; i < positions->held_count; i++) {
        if (is_of(&positions->held[i], offset))
            return false;
    }
    offset->offset = found ? found->offset.offset : SF_OFFSET_NONE;
    offset->metadata = found ? found->offset.metadata : NULL;
    return true;
}
