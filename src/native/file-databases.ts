/** SQLite databases of others, read for a table (addon/tables/file_database.h). */

declare const FILE_DATABASE: unique symbol;
export interface FileDatabase {
  readonly [FILE_DATABASE]: true;
}

export interface NativeFileDatabases {
  /**
   * Begins to read a query's rows in an open file; only what a reader may do is done there.
   *
   * @param connection of the query that wants the rows: its interrupts and limits hold here too
   * @param log descriptor of the database's -wal file; -1: none. Both may be closed afterwards.
   * @throws Error with SQLite's message
   */
  open(connection: number, file: number, log: number, sql: string): FileDatabase;
  /** Names of the query's columns. */
  columns(database: FileDatabase): string[];
  /** Some rows more: values one behind the other, as text or a blob's bytes; their lengths, row by
   * row, -1 for NULL. No lengths: that was all. Throws Error; `interrupted`: the query is to stop. */
  read(database: FileDatabase): { readonly bytes: Buffer; readonly lengths: Int32Array };
  close(database: FileDatabase): void;
}
