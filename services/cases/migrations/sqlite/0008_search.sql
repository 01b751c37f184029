-- Finding cases: an inverted index, written in the same transaction as the case.

-- A term is a word of a case (title, content, address, number) or, with `=` in it, which no word has, a fact by which
-- cases are filtered: `status=closed`, `area=321181001`, `against=people/x`. A filter is then a term like any other,
-- and whichever of all is rarest leads the search.
CREATE TABLE case_terms (
    term TEXT   NOT NULL,
    -- cases.seq. No foreign key: it is written with its case and would be looked up once for each word.
    seq  BIGINT NOT NULL,
    PRIMARY KEY (term, seq)
) WITHOUT ROWID;

-- Periods: cases come in in the order of time, so a period is a range of seq, found here.
CREATE INDEX cases_by_create_time ON cases (create_time);
