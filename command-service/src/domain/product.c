#include "domain/product.h"

#include "base/memory.h"

enum { NAME, CATEGORY, PRICE, ID, MEMBERS };

static const sf_json_member members[MEMBERS] = {
    [NAME] = SF_JSON_REQUIRED("name"),
    [CATEGORY] = SF_JSON_REQUIRED("category"),
    [PRICE] = SF_JSON_REQUIRED("price"),
    [ID] = SF_JSON_REQUIRED("id"),
};

static void read_members(sf_json_reader *json, size_t member_count, int currency_exponent,
                         struct product *product)
{
    sf_json_object object;
    int member;

    sf_json_read_object(json, &object, members, member_count);
    while ((member = sf_json_next_member(json, &object)) >= 0) {
        if (member == NAME)
            sf_json_read_line(json, PRODUCT_NAME_BOUNDS, &product->name);
        else if (member == CATEGORY)
            sf_json_read_line(json, PRODUCT_CATEGORY_BOUNDS, &product->category);
        else if (member == PRICE)
            sf_json_read_money(json, currency_exponent, PRICE_BOUNDS, &product->price);
        else
            sf_json_read_id(json, &product->id);
    }
}

void product_read(sf_json_reader *json, int currency_exponent, struct product *product)
{
    read_members(json, ID, currency_exponent, product);
}

void product_read_with_id(sf_json_reader *json, int currency_exponent, struct product *product)
{
    read_members(json, MEMBERS, currency_exponent, product);
}

void product_write(sf_json_writer *json, int currency_exponent, const struct product *product)
{
    sf_json_write_object(json, NULL);
    sf_json_write_integer(json, "id", product->id);
    sf_json_write_bytes(json, "name", product->name);
    sf_json_write_bytes(json, "category", product->category);
    sf_json_write_money(json, "price", product->price, currency_exponent);
    sf_json_write_end_object(json);
}
