/* money.h - exact amounts: an integer of minor units (cents), never a double.
 *
 * How many decimals a minor unit has is the currency's exponent: 2 for most, 0 for JPY, 3 for KWD.
 * There is one currency a deployment, so the exponent is handed in and not stored. Any thread.
 */
#ifndef SF_SERVICE_MONEY_H
#define SF_SERVICE_MONEY_H

#include <stateful/bytes.h>
#include <stateful/error.h>

typedef struct sf_money {
    int64_t minor; /* cents, where the exponent is 2 */
} sf_money;

/* Room for any amount as text, with its NUL. */
#define SF_MONEY_TEXT_SIZE 32

/* The largest exponent of any currency. */
#define SF_CURRENCY_EXPONENT_MAX 4

/* The ISO 4217 exponent of a currency; -1 if code is not three upper-case letters. Codes that are
 * not known to have another one have 2. */
int sf_currency_exponent(const char *code);

/* Reads a JSON number token or the inside of a decimal string: "19.99", "-5", "1e3", "2.50". Zeros
 * beyond the exponent are fine ("19.9900"), other digits there are refused and never rounded.
 * SF_REJECT with a sentence that begins with "must": not a number, too many decimals, too large. */
sf_status sf_money_parse(sf_bytes text, int exponent, sf_money *money, sf_error *err);

/* The shortest decimal with at least one digit behind the point: 1000.0, 19.99, 0.05, -3.5. Puts a
 * NUL behind it and returns the size in bytes without that. */
size_t sf_money_format(sf_money money, int exponent, char text[SF_MONEY_TEXT_SIZE]);

/* False, and nothing is written, when the result does not fit. */
bool sf_money_add(sf_money a, sf_money b, sf_money *sum);
bool sf_money_subtract(sf_money a, sf_money b, sf_money *difference);
bool sf_money_multiply(sf_money price, int64_t count, sf_money *product);

#endif
