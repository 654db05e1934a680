#include "support/query_driver.h"

#include "check.h"

#include <string.h>

#include "base/encoding.h"
#include "topology/customer_processor.h"

enum { PARTITIONS_MAX = 16 };

query_topology *query_driver_topology(sales_counting counting)
{
    query_topology_options options = {
        .product_topic = "product-events",
        .order_topic = "order-events",
        .customer_topic = "customer-events",
        .currency_exponent = 2,
        .counting = counting,
    };
    query_topology *topology = NULL;

    assert_ok(query_topology_new(&options, &topology, err));
    return topology;
}

sf_test_driver *query_driver_new(const query_topology *topology, int32_t partitions,
                                 bool commit_by_hand)
{
    sf_test_driver_options options = {
        .now_ms = HISTORY_BEGIN_MS,
        .partitions = partitions,
        .commit_by_hand = commit_by_hand,
    };
    sf_test_driver *driver = NULL;

    assert_true(partitions <= PARTITIONS_MAX);
    assert_ok(sf_test_driver_new(query_topology_graph(topology), &options, &driver, err));
    return driver;
}

static sales_total total_of(sf_stored stored)
{
    sales_total total = {0};

    assert_ok(sales_total_decode(stored.value, &total, err));
    return total;
}

customer_state query_driver_customer(sf_test_driver *driver, int64_t customer_id)
{
    customer_state customer = {0};
    uint8_t key[8];

    sf_put_be64(key, (uint64_t)customer_id);
    for (int32_t partition = 0; !customer.version && partition < PARTITIONS_MAX; partition++) {
        sf_key_value_store *store =
            sf_test_driver_key_value_store(driver, CUSTOMERS_STORE, partition);
        sf_stored stored;

        if (!store)
            break;
        assert_ok(sf_key_value_store_get(store, sf_bytes_of(key, sizeof key), &stored, err));
        assert_ok(customer_state_decode(stored.value, &customer, err));
    }
    return customer;
}

static sales_total total_in(sf_test_driver *driver, const char *name, sf_bytes key)
{
    sales_total total = {0};

    for (int32_t partition = 0; partition < PARTITIONS_MAX; partition++) {
        sf_key_value_store *store = sf_test_driver_key_value_store(driver, name, partition);
        sf_stored stored;

        if (!store)
            break;
        assert_ok(sf_key_value_store_get(store, key, &stored, err));
        if (!sf_bytes_is_null(stored.value))
            total = total_of(stored);
    }
    return total;
}

product_sales query_driver_sales(sf_test_driver *driver, int64_t product_id)
{
    product_sales sales = {0};
    uint8_t key[8];

    sf_put_be64(key, (uint64_t)product_id);
    for (int32_t partition = 0; partition < PARTITIONS_MAX; partition++) {
        sf_key_value_store *store =
            sf_test_driver_key_value_store(driver, PRODUCT_SALES_STORE, partition);
        sf_stored stored;

        if (!store)
            break;
        assert_ok(sf_key_value_store_get(store, sf_bytes_of(key, sizeof key), &stored, err));
        if (!sf_bytes_is_null(stored.value))
            assert_ok(product_sales_decode(stored.value, &sales, err));
    }
    return sales;
}

sales_total query_driver_product(sf_test_driver *driver, int64_t product_id)
{
    return query_driver_sales(driver, product_id).total;
}

sales_total query_driver_category(sf_test_driver *driver, const char *category)
{
    return total_in(driver, CATEGORY_REVENUE_STORE, sf_bytes_text(category));
}

sales_total query_driver_hour(sf_test_driver *driver, int64_t product_id, int64_t start_ms)
{
    sales_total total = {0};
    uint8_t key[8];

    sf_put_be64(key, (uint64_t)product_id);
    for (int32_t partition = 0; partition < PARTITIONS_MAX; partition++) {
        sf_window_store *store = sf_test_driver_window_store(driver, HOURLY_SALES_STORE, partition);
        sf_stored stored;

        if (!store)
            break;
        assert_ok(sf_window_store_get(store, sf_bytes_of(key, sizeof key), start_ms, &stored, err));
        if (!sf_bytes_is_null(stored.value))
            total = total_of(stored);
    }
    return total;
}

/* ---- all at once ---- */

static void put_total(sales_sum *sum, sales_total total)
{
    assert_int_equal(sum->lines, 0);
    *sum = (sales_sum){total.amount.minor, total.lines};
}

static void put(sales_sum *sum, sf_stored stored)
{
    sales_total total = total_of(stored);

    assert_true(total.lines != 0); /* what has no line has no entry */
    put_total(sum, total);
}

/* A product keeps its entry when nothing of it counts any more. */
static void put_sales(sales_sum *sum, sf_stored stored)
{
    product_sales sales = {0};

    assert_ok(product_sales_decode(stored.value, &sales, err));
    if (sales.total.lines)
        put_total(sum, sales.total);
    else
        assert_int_equal(sales.total.amount.minor, 0);
    assert_true(sales.gross.minor >= sales.total.amount.minor);
    assert_true(sales.orders >= 0 && sales.orders <= sales.total.lines);
    assert_true(sales.units >= sales.total.lines);
}

static int product_index(sf_bytes key)
{
    uint64_t id;

    assert_int_equal(key.size, 8);
    id = sf_get_be64(key.data);
    assert_in_range(id, 1, MODEL_PRODUCTS - 1);
    return (int)id;
}

static int category_index(sf_bytes key)
{
    for (int i = 0; i < MODEL_CATEGORIES; i++)
        if (sf_bytes_equal(key, sf_bytes_text(sales_model_category(i))))
            return i;
    fail_msg("a category '%.*s'", (int)key.size, (const char *)key.data);
    return 0;
}

static void put_all(sf_key_value_store *store, sales_sum *sums, int (*index)(sf_bytes key),
                    void (*put_one)(sales_sum *sum, sf_stored stored))
{
    sf_key_value_iterator *entries = NULL;
    sf_bytes key;
    sf_stored stored;
    sf_status status = SF_OK;

    assert_ok(sf_key_value_store_range(store, SF_NULL, SF_NULL, false, &entries, err));
    while (sf_key_value_iterator_next(entries, &key, &stored, &status, NULL))
        put_one(&sums[index(key)], stored);
    assert_int_equal(status, SF_OK);
    sf_key_value_iterator_free(entries);
}

static void put_hours(sf_window_store *store, sales_sums *sums)
{
    sf_window_iterator *entries = NULL;
    sf_bytes key;
    int64_t start_ms;
    sf_stored stored;
    sf_status status = SF_OK;

    assert_ok(sf_window_store_fetch_all(store, 0, INT64_MAX, &entries, err));
    while (sf_window_iterator_next(entries, &key, &start_ms, &stored, &status, NULL)) {
        int64_t hour = (start_ms - HISTORY_BEGIN_MS) / HOUR_MS;

        assert_int_equal((start_ms - HISTORY_BEGIN_MS) % HOUR_MS, 0);
        assert_in_range(hour, 0, MODEL_HOURS - 1);
        put(&sums->hours[product_index(key)][hour], stored);
    }
    assert_int_equal(status, SF_OK);
    sf_window_iterator_free(entries);
}

void query_driver_sums(sf_test_driver *driver, sales_sums *sums)
{
    memset(sums, 0, sizeof *sums);
    for (int32_t partition = 0; partition < PARTITIONS_MAX; partition++) {
        sf_key_value_store *products =
            sf_test_driver_key_value_store(driver, PRODUCT_SALES_STORE, partition);
        sf_key_value_store *categories =
            sf_test_driver_key_value_store(driver, CATEGORY_REVENUE_STORE, partition);
        sf_window_store *hours = sf_test_driver_window_store(driver, HOURLY_SALES_STORE, partition);

        if (products)
            put_all(products, sums->products, product_index, put_sales);
        if (categories)
            put_all(categories, sums->categories, category_index, put);
        if (hours)
            put_hours(hours, sums);
    }
}
