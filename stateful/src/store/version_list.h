/* version_list.h - an ordered map from bytes to versions of a value, newest first: a skip list whose
 * bottom row can be walked both ways. A family of memory_state_db. The caller locks. */
#ifndef SF_STORE_VERSION_LIST_H
#define SF_STORE_VERSION_LIST_H

#include <stateful/bytes.h>

#include "base/random.h"

/* A value as it became at a sequence number; counted, since readers may keep one. */
typedef struct sf_version {
    struct sf_version *older;
    uint64_t sequence;
    unsigned references; /* atomic */
    bool is_deleted;
    size_t size;
    uint8_t data[];
} sf_version;

#define SF_VERSION_LIST_HEIGHT 12

typedef struct sf_version_node sf_version_node;

struct sf_version_node {
    sf_version *newest;
    sf_version_node *previous; /* NULL: the first */
    bool is_aged;              /* holds what only older snapshots need: see _prune */
    uint8_t height;
    size_t key_size;
    sf_version_node *next[]; /* height of them, then the key's bytes */
};

typedef struct sf_version_list {
    sf_version_node *head; /* no key */
    sf_version_node *last; /* NULL: empty */
    size_t count;
    sf_random random;
} sf_version_list;

void sf_version_list_init(sf_version_list *list);
void sf_version_list_done(sf_version_list *list);

sf_bytes sf_version_node_key(const sf_version_node *node);

/* The first node with a key not below the given, or NULL. A null key: the first of all. */
sf_version_node *sf_version_list_seek(const sf_version_list *list, sf_bytes key);

/* The last node with a key below the given, or NULL. A null key: the last of all. */
sf_version_node *sf_version_list_seek_below(const sf_version_list *list, sf_bytes key);

/* Puts a version on top; makes the node if need be. A null value is a deletion. */
sf_version_node *sf_version_list_put(sf_version_list *list, sf_bytes key, sf_bytes value,
                                     uint64_t sequence);

/* Removes the node and its versions. */
void sf_version_list_remove(sf_version_list *list, sf_version_node *node);

/* The value as of the sequence number, or NULL. */
sf_version *sf_version_node_at(const sf_version_node *node, uint64_t sequence);

/* Lets go of the versions that nobody sees who looks at the oldest sequence number or a later one.
 * Returns true if there is nothing more to do here: one version, and that a value. */
bool sf_version_node_prune(sf_version_node *node, uint64_t oldest);

/* A reference more, a reference less. Any thread. */
void sf_version_ref(sf_version *version);
void sf_version_unref(sf_version *version);

#endif
