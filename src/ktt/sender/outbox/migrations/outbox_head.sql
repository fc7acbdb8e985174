-- The law of the line: a unit's head is its first undelivered message, and only the head may be sent.
-- A rejected or uncertain head stays the head, so nothing behind it can overtake; other units have heads of their own.
CREATE VIEW outbox_head AS
SELECT * FROM outbox AS head
 WHERE state IN ('waiting', 'uncertain', 'rejected')
   AND NOT EXISTS (SELECT 1 FROM outbox AS earlier
                    WHERE earlier.unit = head.unit AND earlier.sequence < head.sequence
                      AND earlier.state IN ('waiting', 'uncertain', 'rejected'))
