#include "command_problems.h"

#include "base/memory.h"

const sf_problem command_problems[] = {
    {"database-away", 503, "The database cannot be reached; nothing was done.",
     "Ask again when Retry-After says so."},
    {"id-taken", 409, "Something of that id exists already.",
     "Choose another id, or leave it out and get one."},
    {"idempotency-key-reused", 422, "The Idempotency-Key was used before with another request.",
     "Use a new key for each command; the same key only to repeat the same one."},
    {"illegal-transition", 409,
     "An order cannot go from its status to the one asked for; the members from, to and allowed "
     "say "
     "what it can.",
     "Choose one of the statuses in allowed."},
    {"invalid-header", 400, "A header of the request breaks a rule.",
     "Correct the header that the detail names."},
    {"outcome-unknown", 503,
     "The database went away while the command was under way; whether it was done is not known.",
     "Repeat it with the same Idempotency-Key, or look whether it was done."},
    {"overloaded", 503, "More commands wait than the service takes; nothing was done.",
     "Ask again after a while, and not all at once."},
    {"precondition-required", 428, "IF_MATCH is required, and the request has no If-Match.",
     "Send the ETag of the version that you mean to change."},
    {"price-changed", 409,
     "A line's price is not the product's, and ORDER_PRICE_POLICY is strict, or the caller "
     "is a customer.",
     "Read the product's price and order again."},
    {"unknown-command", 422,
     "POST /commands does not know the type; the member known lists those that it knows.",
     "Use one of these types."},
    {"unknown-customer", 422, "CUSTOMER_POLICY is known, and there is no such customer.",
     "Create the customer first, or correct customerId."},
    {"unknown-product", 422, "A line names a product that does not exist.",
     "Create the product first, or correct the id that errors points at."},
    {"version-differs", 412, "If-Match names a version that is not the newest.",
     "Read the newest version and decide again."},
};

const size_t command_problem_count = SF_ARRAY_LENGTH(command_problems);
