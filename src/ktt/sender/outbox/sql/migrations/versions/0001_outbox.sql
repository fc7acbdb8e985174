-- The first undelivered message of each unit: the only one of that unit that may be sent.
-- A message that was rejected, or whose outcome is uncertain, stays the first, so nothing of the same unit overtakes it.
CREATE VIEW outbox_head AS
SELECT * FROM outbox AS head
 WHERE state IN ('waiting', 'uncertain', 'rejected')
   AND NOT EXISTS (SELECT 1 FROM outbox AS earlier
                    WHERE earlier.unit = head.unit AND earlier.sequence < head.sequence
                      AND earlier.state IN ('waiting', 'uncertain', 'rejected'))
