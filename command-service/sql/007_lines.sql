-- Lines: what they name is looked up when they are written, in the statement that writes them; a foreign
-- key looked it up once more, locked it against being deleted, and took a quarter of an order's time. What
-- may not be taken away is guarded where it is taken away, which the service never does.
--
-- A hand that deletes a product or an order first keeps everybody from writing lines, waits for those who
-- do, and then looks whether a line is left that names it. A statement that writes lines is planned behind
-- that lock, and sees what is there then.

ALTER TABLE order_items DROP CONSTRAINT order_items_product_id_fkey, DROP CONSTRAINT order_items_order_id_fkey;

CREATE FUNCTION wait_for_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE feature_not_supported USING MESSAGE =
            format('%s are taken away in a transaction that is read committed, which sees all lines', TG_TABLE_NAME);
    END IF;
    LOCK TABLE order_items IN SHARE ROW EXCLUSIVE MODE;
    RETURN NULL;
END $$;

CREATE FUNCTION refuse_gap_in_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    torn bigint;
BEGIN
    IF TG_TABLE_NAME = 'products' THEN
        SELECT order_id INTO torn FROM order_items
         WHERE NOT EXISTS (SELECT FROM products WHERE id = product_id) LIMIT 1;
    ELSE
        SELECT order_id INTO torn FROM order_items
         WHERE NOT EXISTS (SELECT FROM orders WHERE id = order_id) LIMIT 1;
    END IF;
    IF torn IS NOT NULL THEN
        RAISE foreign_key_violation USING MESSAGE =
            format('order %s has a line that needs what would be taken from %s', torn, TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER wait BEFORE DELETE OR TRUNCATE OR UPDATE OF id ON products
    FOR EACH STATEMENT EXECUTE FUNCTION wait_for_lines();
CREATE TRIGGER refuse_gap AFTER DELETE OR TRUNCATE OR UPDATE OF id ON products
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_gap_in_lines();
CREATE TRIGGER wait BEFORE DELETE OR TRUNCATE OR UPDATE OF id ON orders
    FOR EACH STATEMENT EXECUTE FUNCTION wait_for_lines();
CREATE TRIGGER refuse_gap AFTER DELETE OR TRUNCATE OR UPDATE OF id ON orders
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_gap_in_lines();
