-- Every finding with the days and instants of the runs that opened, last saw and closed it.
-- What is still open: SELECT * FROM finding_story WHERE unit = ? AND closed_run IS NULL.
CREATE VIEW finding_story AS
SELECT finding.*,
       opened.extracted_on AS opened_on, opened.at AS opened_at,
       seen.extracted_on AS seen_on, seen.at AS seen_at,
       closed.extracted_on AS closed_on, closed.at AS closed_at
  FROM finding
  JOIN findings_run AS opened ON opened.unit = finding.unit AND opened.number = finding.opened_run
  JOIN findings_run AS seen ON seen.unit = finding.unit AND seen.number = finding.seen_run
  LEFT JOIN findings_run AS closed ON closed.unit = finding.unit AND closed.number = finding.closed_run
