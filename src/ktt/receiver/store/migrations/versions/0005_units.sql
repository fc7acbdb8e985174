-- Accepts each message of a group once (transport § 10.2). The messages of a group are of different units. A message that
-- equals the last accepted message of every unit it names is a resend and gets the first receipt again; every other one is
-- stored under the next position. The row of receiver_position stays locked until the commit, which comes at once, so
-- positions have no holes and each becomes visible only after every lower one. Each statement below sees what the
-- transaction that held the lock before has committed.
CREATE OR REPLACE FUNCTION receiver_accept(messages json, payloads bytea[])
RETURNS TABLE (nth int, at bigint, correlation text, resent boolean)
LANGUAGE plpgsql AS $$
DECLARE
    last_position bigint;
BEGIN
    SELECT last INTO STRICT last_position FROM receiver_position FOR UPDATE;
    RETURN QUERY
    WITH asked AS (
        SELECT message.*, decode(message.hash, 'hex') AS msg_hash, payloads[message.n] AS payload
          FROM json_to_recordset(messages) AS message (
            n int, correlation_id text, units json, message_type text, version text, hash text, received_at timestamptz,
            client_id text, supplier text, software text, extracted_on date)
    ), named AS (
        SELECT asked.n, unit FROM asked, json_array_elements_text(asked.units) AS unit
    ), stands AS (
        SELECT named.n, min(line.position) AS position
          FROM named LEFT JOIN receiver_line AS line ON line.unit = named.unit
         GROUP BY named.n
        HAVING count(*) = count(line.position) AND min(line.position) = max(line.position)
    ), again AS (
        SELECT asked.n, receipt.position, receipt.correlation_id
          FROM asked
          JOIN stands ON stands.n = asked.n
          JOIN receiver_receipt AS receipt
            ON receipt.position = stands.position AND receipt.message_type = asked.message_type
           AND receipt.version = asked.version AND receipt.msg_hash = asked.msg_hash
    ), fresh AS (
        SELECT asked.*, last_position + row_number() OVER (ORDER BY asked.n) AS position
          FROM asked WHERE NOT EXISTS (SELECT FROM again WHERE again.n = asked.n)
    ), receipts AS (
        INSERT INTO receiver_receipt
               (position, correlation_id, unit, message_type, version, msg_hash, received_at, client_id, supplier,
                software, extracted_on, units)
        SELECT fresh.position, fresh.correlation_id, fresh.units ->> 0,
               fresh.message_type, fresh.version, fresh.msg_hash, fresh.received_at, fresh.client_id, fresh.supplier,
               fresh.software, fresh.extracted_on, array_to_string(ARRAY(SELECT json_array_elements_text(fresh.units)), ',')
          FROM fresh
    ), contents AS (
        INSERT INTO receiver_inbox (position, payload) SELECT fresh.position, fresh.payload FROM fresh
    ), lines AS (
        INSERT INTO receiver_line (unit, position)
        SELECT named.unit, fresh.position FROM fresh JOIN named ON named.n = fresh.n
            ON CONFLICT (unit) DO UPDATE SET position = excluded.position
    ), moved AS (
        UPDATE receiver_position SET last = last + (SELECT count(*) FROM fresh)
    )
    SELECT again.n, again.position, again.correlation_id, TRUE FROM again
    UNION ALL
    SELECT fresh.n, fresh.position, fresh.correlation_id, FALSE FROM fresh;
END
$$;
