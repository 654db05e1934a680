/* fuzz_row.c - any bytes as a row of query-service's stores, as its changelogs would bring it, and as the part
 * of an answer that another instance sends. What is taken can be written and read again, what is not is
 * refused with a sentence. */
#include <stdlib.h>

#include "fleet/part.h"
#include "state/customer_state.h"
#include "state/order_state.h"
#include "state/product_sales.h"
#include "state/product_versions.h"
#include "state/sale_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void read_order(sf_bytes bytes, sf_arena *arena)
{
    order_state order = {0};
    sf_error error = {0};

    if (order_state_decode(bytes, arena, &order, &error))
        check(error.text[0]);
    else if (!sf_bytes_is_null(bytes))
        check(sf_bytes_equal(order_state_encode(&order, arena), bytes));
}

static void read_product(sf_bytes bytes, sf_arena *arena)
{
    product_versions versions = {0};
    sf_error error = {0};

    if (product_versions_decode(bytes, arena, &versions, &error))
        check(error.text[0]);
    else
        check(sf_bytes_equal(product_versions_encode(&versions, arena), bytes));
}

static void read_customer(sf_bytes bytes, sf_arena *arena)
{
    customer_state customer = {0};
    sf_error error = {0};

    if (customer_state_decode(bytes, &customer, &error))
        check(error.text[0]);
    else
        check(sf_bytes_equal(customer_state_encode(&customer, arena), bytes));
}

static void read_sums(sf_bytes bytes)
{
    uint8_t again[BOOKED_SALE_SIZE_MAX];
    sf_error error = {0};
    product_sales sales;
    sales_total total;
    booked_sale sale;

    check(!product_sales_decode(bytes, &sales, &error) || error.text[0]);
    check(!sales_total_decode(bytes, &total, &error) || error.text[0]);
    if (!booked_sale_read(bytes, &sale, &error) &&
        sale.category.size <= BOOKED_SALE_SIZE_MAX - sizeof(int64_t))
        check(sf_bytes_equal(booked_sale_write(&sale, again), bytes));
}

static void read_line(sf_bytes bytes, sf_arena *arena)
{
    static const sf_serde *const serdes[] = {&line_change_serde, &sales_total_serde,
                                             &product_sales_serde};
    sf_error error = {0};
    sf_bytes value, again;

    for (size_t i = 0; i < sizeof(serdes) / sizeof(serdes[0]); i++) {
        if (sf_serde_decode(serdes[i], bytes, arena, &value, &error))
            continue;
        check(!sf_serde_encode(serdes[i], value, arena, &again, &error));
        check(sf_bytes_equal(again, bytes));
    }
    (void)sf_serde_decode(&decimal_id_serde, bytes, arena, &value, &error); /* or refused */
}

static void read_part(sf_bytes bytes)
{
    const uint8_t *end = bytes.data + bytes.size;
    part_reader reader;
    sf_error error = {0};
    sf_bytes rank, item;

    if (part_reader_open(&reader, bytes, &error)) {
        check(error.text[0]);
        return;
    }
    while (part_reader_next(&reader, &rank, &item))
        check(rank.data >= bytes.data && item.data + item.size <= end);
    check(reader.left.size == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sf_bytes bytes = sf_bytes_of(data, size);
    sf_arena *arena = sf_arena_new();

    read_order(bytes, arena);
    read_product(bytes, arena);
    read_customer(bytes, arena);
    read_sums(bytes);
    read_line(bytes, arena);
    read_part(bytes);
    sf_arena_free(arena);
    return 0;
}
