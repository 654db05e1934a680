/* value_pair.h - a row's new and old value as one value: what regrouped changes look like in their
 * repartition topic.
 *
 *   1 byte: 1 there is a new value, 2 there is an old one;  4 bytes: size of the new value, big-endian;
 *   the new value;  the old value
 */
#ifndef SF_DSL_OPERATORS_VALUE_PAIR_H
#define SF_DSL_OPERATORS_VALUE_PAIR_H

#include <stateful/serde.h>

/* In flight. */
typedef struct sf_value_pair {
    sf_bytes now;
    sf_bytes before;
} sf_value_pair;

sf_bytes sf_value_pair_bytes(sf_value_pair pair, sf_arena *arena);
const sf_value_pair *sf_value_pair_of(sf_bytes bytes);

/* value: the serde of both, borrowed; NULL: bytes as they are. */
sf_serde sf_value_pair_serde(const sf_serde *value);

#endif
