#include "store/rocksdb_settings.h"

#define MEGABYTE (1024 * 1024)
#define WAL_BYTES (32 * MEGABYTE)
#define CACHE_SHARD_BITS 2
#define LOG_LEVEL_WARN 2
#define INSERT_HINTS "memtable_insert_with_hint_prefix_extractor=rocksdb.FixedPrefix.5"

/* Few shards: what is larger than its shard would be read from the file each time. Two threads hardly
 * meet at a lock. */
rocksdb_cache_t *sf_rocksdb_block_cache(size_t bytes)
{
    rocksdb_lru_cache_options_t *options = rocksdb_lru_cache_options_create();
    rocksdb_cache_t *cache;

    rocksdb_lru_cache_options_set_capacity(options, bytes);
    rocksdb_lru_cache_options_set_num_shard_bits(options, CACHE_SHARD_BITS);
    cache = rocksdb_cache_create_lru_opts(options);
    rocksdb_lru_cache_options_destroy(options);
    return cache;
}

/* Filters and indexes in parts of a block's size: a file's whole filter has a megabyte or more, and a cache
 * that is short of it would read and check it again for every key. */
static void part_indexes(rocksdb_block_based_table_options_t *table)
{
    rocksdb_block_based_options_set_index_type(
        table, rocksdb_block_based_table_index_type_two_level_index_search);
    rocksdb_block_based_options_set_partition_filters(table, 1);
    rocksdb_block_based_options_set_pin_top_level_index_and_filter(table, 1);
}

rocksdb_block_based_table_options_t *sf_rocksdb_table_options(rocksdb_cache_t *cache)
{
    rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();

    rocksdb_block_based_options_set_block_cache(table, cache);
    rocksdb_block_based_options_set_filter_policy(table,
                                                  rocksdb_filterpolicy_create_bloom_full(10));
    rocksdb_block_based_options_set_format_version(table, 5);
    rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1);
    rocksdb_block_based_options_set_cache_index_and_filter_blocks_with_high_priority(table, 1);
    rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(table, 1);
    part_indexes(table);
    return table;
}

/* The memtable begins its search for a key's place where it put the last one with the same first bytes: a
 * commit comes in order, so that it is near. RocksDB's C functions have no other way to say so; a release
 * that does not know it goes without. */
static rocksdb_options_t *with_insert_hints(rocksdb_options_t *options)
{
    rocksdb_options_t *hinted = rocksdb_options_create();
    char *text = NULL;

    rocksdb_get_options_from_string(options, INSERT_HINTS, hinted, &text);
    rocksdb_options_destroy(text ? hinted : options);
    rocksdb_free(text);
    return text ? options : hinted;
}

rocksdb_options_t *sf_rocksdb_database_options(rocksdb_block_based_table_options_t *table,
                                               size_t memtable_bytes)
{
    rocksdb_options_t *options = rocksdb_options_create();

    rocksdb_options_set_create_if_missing(options, 1);
    rocksdb_options_set_create_missing_column_families(options, 1);
    rocksdb_options_set_block_based_table_factory(options, table);
    rocksdb_options_set_compression(options, rocksdb_lz4_compression);
    rocksdb_options_set_db_write_buffer_size(options, memtable_bytes);
    rocksdb_options_set_write_buffer_size(options, memtable_bytes / 2);
    rocksdb_options_set_max_write_buffer_number(options, 3);
    rocksdb_options_set_memtable_prefix_bloom_size_ratio(options, 0.05);
    rocksdb_options_set_memtable_whole_key_filtering(options, 1);
    rocksdb_options_set_max_total_wal_size(options, WAL_BYTES);
    rocksdb_options_set_max_background_jobs(options, 2);
    rocksdb_options_set_max_open_files(options, 256);
    rocksdb_options_set_skip_stats_update_on_db_open(options, 1);
    rocksdb_options_set_max_manifest_file_size(options, 16 * MEGABYTE);
    rocksdb_options_set_info_log_level(options, LOG_LEVEL_WARN);
    rocksdb_options_set_max_log_file_size(options, MEGABYTE);
    rocksdb_options_set_keep_log_file_num(options, 2);
    rocksdb_options_set_stats_dump_period_sec(options, 0);
    rocksdb_options_set_stats_persist_period_sec(options, 0);
    return with_insert_hints(options);
}
