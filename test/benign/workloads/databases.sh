# SQLite: written, indexed, vacuumed, backed up.
mkdir -p "$S/db" && cd "$S/db"
sqlite3 x.db 'CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT);
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO t SELECT i, hex(randomblob(20)) FROM n;
  CREATE INDEX tb ON t(b);'
sqlite3 x.db 'PRAGMA journal_mode = WAL; UPDATE t SET b = lower(b) WHERE a % 3 = 0; DELETE FROM t WHERE a % 2 = 0;' > /dev/null
sqlite3 x.db 'VACUUM; ANALYZE; PRAGMA integrity_check' > /dev/null
sqlite3 x.db .dump > dump.sql && sqlite3 y.db < dump.sql
sqlite3 x.db ".backup '$S/db/z.db'"
