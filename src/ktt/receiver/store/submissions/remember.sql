-- What may come only once, a group at a time: each use that is new is noted and named in the answer; one that is known
-- is left as it is and not named. The access list's version of the same moment stands in the one row that comes back, and
-- the instant up to which proofs are forgotten, which is the row of receiver_jti with an empty key.
WITH asked AS MATERIALIZED (
    SELECT decode(digest, 'hex') AS hash, expires_at, jkt, decode(message, 'hex') AS msg_hash,
           decode(body, 'hex') AS body_hash, key_id
      FROM json_to_recordset(%s::json)
        AS use (digest text, expires_at bigint, jkt text, message text, body text, key_id text)
), burnt AS (
    INSERT INTO receiver_jti (hash, expires_at)
    SELECT hash, expires_at FROM asked WHERE expires_at IS NOT NULL
        ON CONFLICT DO NOTHING
    RETURNING hash
), recorded AS (
    INSERT INTO receiver_wrapped_key (hash, jkt, msg_hash, body_hash, key_id)
    SELECT hash, jkt, msg_hash, body_hash, key_id FROM asked WHERE expires_at IS NULL
        ON CONFLICT DO NOTHING
    RETURNING hash
)
SELECT version, coalesce((SELECT expires_at FROM receiver_jti WHERE hash = ''), 0),
       ARRAY(SELECT hash FROM (TABLE burnt UNION ALL TABLE recorded) AS new)
  FROM receiver_access_version
