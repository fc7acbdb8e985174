"""Which rows of a table count, and how many do not, by reason: nothing vanishes between the table and the totals."""
