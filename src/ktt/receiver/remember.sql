-- What may come only once, a group at a time: each use that is new is noted and named in the answer; one that is known
-- is left as it is and not named. The access list's version of the same moment stands in every row.
WITH burnt AS (
    INSERT INTO receiver_jti (hash, expires_at)
    SELECT * FROM unnest(%(proofs)b::bytea[], %(expires)b::bigint[])
        ON CONFLICT DO NOTHING
    RETURNING hash
), recorded AS (
    INSERT INTO receiver_wrapped_key (hash, jkt, msg_hash, body_hash, key_id)
    SELECT * FROM unnest(
        %(wrapped)b::bytea[], %(jkts)b::text[], %(messages)b::bytea[], %(bodies)b::bytea[], %(keys)b::text[])
        ON CONFLICT DO NOTHING
    RETURNING hash
)
SELECT version, ARRAY(SELECT hash FROM burnt UNION ALL SELECT hash FROM recorded)
  FROM receiver_access_version
