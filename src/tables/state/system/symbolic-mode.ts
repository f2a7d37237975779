/** The nine bits of rights as ls shows them, without what kind of file it is. */
export function symbolicMode(mode: number): string {
  return Array.from('rwxrwxrwx', (letter, i) => ((mode >> (8 - i)) & 1 ? letter : '-')).join('');
}
